#!/usr/bin/env bash
# Brings a release that reached an environment back into release/: fetch.sh ENVIRONMENT last-good|previous|COMMIT
# Images that the older release did not know yet stay as they are. Leaves release/ alone and release/id empty
# when there is no such release.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
wanted=$2
prefix=releases/$environment

exists() {
  local count
  count=$(aws s3api list-objects-v2 --bucket "$TF_STATE_BUCKET" --prefix "$1" --max-keys 1 \
    --no-paginate --query KeyCount --output text)
  [ "$count" != 0 ]
}

mkdir -p release/sites
: > release/id
case $wanted in
  last-good | previous)
    if ! exists "$prefix/$wanted"; then
      echo "$environment has no $wanted release"
      exit 0
    fi
    id=$(aws s3 cp --quiet "s3://$TF_STATE_BUCKET/$prefix/$wanted" -)
    ;;
  *)
    id=$wanted
    ;;
esac
if ! [[ $id =~ ^[0-9a-f]{40}$ ]]; then
  echo "::error title=$environment::a release is named by its commit, in full: 40 hexadecimal digits"
  exit 1
fi
if ! exists "$prefix/$id/images.json"; then
  echo "::error title=$environment::no release $id reached $environment"
  exit 1
fi
older=$(mktemp -d)
aws s3 cp --quiet --recursive "s3://$TF_STATE_BUCKET/$prefix/$id/" "$older"
[ -f release/images.json ] || echo '{}' > release/images.json
jq -s '.[0] * .[1]' release/images.json "$older/images.json" > "$older/merged.json"
mv "$older/merged.json" release/images.json
if [ -d "$older/sites" ]; then
  cp "$older"/sites/* release/sites/
fi
printf '%s' "$id" > release/id
echo "$environment: release $id"
