#!/usr/bin/env bash
# Packs the files of one static site into release/sites: site.sh SERVICE
# Files that are not in the repository are built by the nearest package.json above their folder.
set -euo pipefail
shopt -s inherit_errexit

service=$1
facts=infra/pipeline/delivery.json
folder=$(jq -r --arg service "$service" '.sites[$service]' "$facts")

build() {
  if [ -f pnpm-lock.yaml ]; then
    corepack enable
    pnpm install --frozen-lockfile
    pnpm run build
  elif [ -f yarn.lock ]; then
    corepack enable
    yarn install --frozen-lockfile
    yarn run build
  elif [ -f package-lock.json ]; then
    npm ci
    npm run build
  else
    npm install
    npm run build
  fi
}

if [ ! -d "$folder" ]; then
  source=$(dirname "$folder")
  while [ "$source" != . ] && [ ! -f "$source/package.json" ]; do
    source=$(dirname "$source")
  done
  if [ ! -f "$source/package.json" ]; then
    echo "::error title=$service::$folder is not in the repository and no package.json above it can build it"
    exit 1
  fi
  (cd "$source" && build)
fi
mkdir -p release/sites
tar -czf "release/sites/$service.tar.gz" -C "$folder" .
