#!/usr/bin/env bash
# Installs, lints and tests one service with its own tools: check.sh SERVICE
# A command that the service does not have is said, so that a missing test is seen and not taken for a passed one.
set -euo pipefail
shopt -s inherit_errexit

service=$1
facts=$PWD/infra/pipeline/delivery.json

run() {
  local what=$1
  local -a command
  mapfile -d '' -t command < <(
    jq -j --arg service "$service" --arg what "$what" '.sources[$service][$what][]? | . + "\u0000"' "$facts"
  )
  if [ "${#command[@]}" -eq 0 ]; then
    echo "::notice title=$service::no command to $what it was found"
  elif ! command -v "${command[0]}" > /dev/null; then
    echo "::warning title=$service::${command[0]} is not on this runner, so nothing could $what it"
  else
    echo "$what: ${command[*]}"
    "${command[@]}"
  fi
}

cd "$(jq -r --arg service "$service" '.sources[$service].folder' "$facts")"
for what in install lint test; do
  run "$what"
done
