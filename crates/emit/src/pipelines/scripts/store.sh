#!/usr/bin/env bash
# Remembers a release that passed: store.sh ENVIRONMENT COMMIT
# The one before it becomes `previous`, which is what a rollback goes to.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
id=$2
store=s3://$TF_STATE_BUCKET/releases/$environment

rm -f release/id
aws s3 cp --quiet --recursive release "$store/$id"
found=$(aws s3api list-objects-v2 --bucket "$TF_STATE_BUCKET" --prefix "releases/$environment/last-good" --max-keys 1 \
  --no-paginate --query KeyCount --output text)
if [ "$found" != 0 ]; then
  before=$(aws s3 cp --quiet "$store/last-good" -)
  if [ "$before" != "$id" ]; then
    aws s3 cp --quiet "$store/last-good" "$store/previous"
  fi
fi
printf '%s' "$id" | aws s3 cp --quiet - "$store/last-good"
