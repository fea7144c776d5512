#!/usr/bin/env bash
# Refuses to put an older commit over a newer one: newer.sh ENVIRONMENT COMMIT
# Of two changes that are merged one after the other, the later may be built first. Needs the history of main.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
id=$2
key=releases/$environment/last-good

found=$(aws s3api list-objects-v2 --bucket "$TF_STATE_BUCKET" --prefix "$key" --max-keys 1 \
  --no-paginate --query KeyCount --output text)
if [ "$found" = 0 ]; then
  exit 0
fi
last=$(aws s3 cp --quiet "s3://$TF_STATE_BUCKET/$key" -)
if ! git cat-file -e "$last^{commit}" 2> /dev/null; then
  echo "::notice title=$environment::$last serves and is not in the history, so nothing says which is newer"
elif [ "$last" != "$id" ] && git merge-base --is-ancestor "$id" "$last"; then
  echo "::error title=$environment::$last serves already and is newer; to go back on purpose, run the rollback"
  exit 1
fi
