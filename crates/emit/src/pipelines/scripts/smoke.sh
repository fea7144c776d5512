#!/usr/bin/env bash
# Asks every public address of an environment whether it answers: smoke.sh ENVIRONMENT
# Each gets two minutes, because a new name or certificate takes a while to reach everyone.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
root=infra/terraform/envs/$environment
facts=$(jq -c --arg environment "$environment" \
  '.environments[$environment] // error("there is no environment \($environment)")' infra/pipeline/delivery.json)
failed=0

# The status of an answer, 000 for none. A gRPC call carries an empty message, and its server answers 200 whatever
# the call; status 14 of gRPC means that nobody was there to take it.
ask() {
  local protocol=$1 url=$2 answer status
  if [ "$protocol" = grpc ]; then
    read -r answer status < <(printf '\0\0\0\0\0' | curl --silent --show-error --http2 --max-time 10 \
      --header 'content-type: application/grpc' --header 'te: trailers' --data-binary @- \
      --output /dev/null --write-out '%{http_code} %header{grpc-status}\n' "$url") || answer=000
    [ "${status:-}" != 14 ] || answer=503
  else
    answer=$(curl --silent --show-error --location --max-time 10 --output /dev/null --write-out '%{http_code}' "$url") \
      || answer=000
  fi
  printf '%s' "$answer"
}

while read -r check; do
  service=$(jq -r .service <<< "$check")
  address=$(jq -r '.address // empty' <<< "$check")
  if [ -z "$address" ]; then
    address=$(terraform -chdir="$root" output -raw "$(jq -r .output <<< "$check")")
  fi
  url=$address$(jq -r .path <<< "$check")
  below=$(jq -r .below <<< "$check")
  protocol=$(jq -r .protocol <<< "$check")
  answer=000
  for _ in $(seq 1 24); do
    answer=$(ask "$protocol" "$url" < /dev/null)
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
done < <(jq -c '.checks[]' <<< "$facts")
exit "$failed"
