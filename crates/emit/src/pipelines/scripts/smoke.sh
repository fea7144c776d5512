#!/usr/bin/env bash
# Asks every public address of an environment whether it answers: smoke.sh ENVIRONMENT
# Each gets two minutes, because a new name or certificate takes a while to reach everyone.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
root=infra/terraform/envs/$environment
failed=0

while read -r check; do
  service=$(jq -r .service <<< "$check")
  address=$(jq -r '.address // empty' <<< "$check")
  if [ -z "$address" ]; then
    address=$(terraform -chdir="$root" output -raw "$(jq -r .output <<< "$check")")
  fi
  url=$address$(jq -r .path <<< "$check")
  below=$(jq -r .below <<< "$check")
  answer=000
  for _ in $(seq 1 24); do
    answer=$(curl --silent --show-error --location --max-time 10 --output /dev/null --write-out '%{http_code}' "$url") \
      || answer=000
    if [ "$answer" -ge 200 ] && [ "$answer" -lt "$below" ]; then
      break
    fi
    sleep "${SMOKE_PAUSE:-5}"
  done
  if [ "$answer" -ge 200 ] && [ "$answer" -lt "$below" ]; then
    echo "$service: $url answered $answer"
  else
    echo "::error title=$environment::$service: $url answered $answer"
    failed=1
  fi
done < <(jq -c --arg environment "$environment" '.environments[$environment].checks[]' infra/pipeline/delivery.json)
exit "$failed"
