#!/usr/bin/env bash
# Makes one release of what was built: release/images.json and the files of the sites.
set -euo pipefail
shopt -s inherit_errexit

mkdir -p release/sites
find release -maxdepth 1 -name 'image-*.json' -exec cat {} + | jq -s 'add // {}' > release/images.json
find release -maxdepth 1 -name 'image-*.json' -delete
missing=$(jq -r --slurpfile built release/images.json '[.images[].variable] - ($built[0] | keys) | join(" ")' \
  infra/pipeline/delivery.json)
if [ -n "$missing" ]; then
  echo "::error title=Release::nothing was built for $missing"
  exit 1
fi
cat release/images.json
