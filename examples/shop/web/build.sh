#!/bin/sh
# Copies the sources to dist/: the site has no build step beyond that.
set -eu
cd "$(dirname "$0")"
rm -rf dist
mkdir -p dist/assets
cp src/index.html dist/
cp src/app.js src/style.css dist/assets/
