#!/usr/bin/env bash
# Applies the migrations of a service to an empty database on this machine, and again to what came of it:
# migrate.sh SERVICE
# The image is the one that a deployment runs, under the same limits; its second run must find nothing to do.
set -euo pipefail
shopt -s inherit_errexit

service=$1
facts=$(jq -e --arg service "$service" '.migrations[$service]' infra/pipeline/delivery.json)
mapfile -t settings < <(jq -r '.settings | to_entries[] | "--env=\(.key)=\(.value)"' <<< "$facts")

docker build --tag "$service:trial" --file "$(jq -r .dockerfile <<< "$facts")" "$(jq -r .context <<< "$facts")"
for run in first second; do
  echo "$run run"
  docker run --rm --network host --read-only --tmpfs /tmp "${settings[@]}" "$service:trial"
done
