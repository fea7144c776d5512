#!/usr/bin/env bash
# Puts the last good release of an environment back: rollback.sh ENVIRONMENT
# What the failed release brought beside images (new resources, rows) stays; nothing is destroyed on the way back.
# A shift of traffic that is still under way is stopped first: CodeDeploy takes one deployment of a service at a time.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
here=infra/pipeline

running() {
  aws deploy list-deployments --application-name "$1" --deployment-group-name "$2" \
    --include-only-statuses Created Queued InProgress Baking Ready --output json | jq -r '.deployments[]?'
}

stop_shift() {
  local application=$1 group=$2 deployment
  for deployment in $(running "$application" "$group"); do
    aws deploy stop-deployment --deployment-id "$deployment" --auto-rollback-enabled --output text
  done
  for _ in $(seq 1 60); do
    if [ -z "$(running "$application" "$group")" ]; then
      return
    fi
    sleep "${STOP_PAUSE:-10}"
  done
  echo "::error title=$environment::a deployment of $group does not stop"
  exit 1
}

if [ ! -f plan/applied ]; then
  echo "nothing was applied, so there is nothing to take back"
  exit 0
fi
"$here/fetch.sh" "$environment" last-good
if [ ! -s release/id ]; then
  echo "::warning title=$environment::there is no good release to go back to"
  exit 0
fi
while read -r service; do
  stop_shift "$(jq -r .application <<< "$service")" "$(jq -r .group <<< "$service")"
done < <(jq -c --arg environment "$environment" '.environments[$environment].shifted[]' "$here/delivery.json")
"$here/apply.sh" "$environment"
"$here/release.sh" "$environment"
"$here/smoke.sh" "$environment"
echo "::notice title=$environment::release $(cat release/id) serves again"
