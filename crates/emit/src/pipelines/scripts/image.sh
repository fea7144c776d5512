#!/usr/bin/env bash
# Writes down which image a service runs, by digest: image.sh VARIABLE REPOSITORY DIGEST
# The name is that of the variable of every environment's root.
set -euo pipefail
shopt -s inherit_errexit

mkdir -p release
jq -n --arg variable "$1" --arg image "$2@$3" '{($variable): $image}' > "release/image-$1.json"
