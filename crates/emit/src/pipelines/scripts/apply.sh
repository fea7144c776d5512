#!/usr/bin/env bash
# Applies what was approved: apply.sh ENVIRONMENT [DIGEST OF THE APPROVED PLAN]
# A plan is saved and that file is applied. With a digest, anything else than the approved plan is refused.
# Before the services of a new release change, the tasks that run once at each deployment run; a release that was
# brought back has run its tasks.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
approved=${2:-}
here=infra/pipeline
root=infra/terraform/envs/$environment

apply() {
  touch plan/applied
  terraform -chdir="$root" apply -input=false -no-color saved.tfplan
}

missing=$(jq -r --slurpfile release release/images.json '[.images[].variable] - ($release[0] | keys) | join(" ")' \
  "$here/delivery.json")
if [ -n "$missing" ]; then
  echo "::error title=$environment::the release names no image for $missing"
  exit 1
fi

"$here/plan.sh" "$environment"
if [ -n "$approved" ] && [ "$(cat plan/digest)" != "$approved" ]; then
  echo "::error title=$environment::the plan is no longer the one that was approved; run the deployment again"
  exit 1
fi
mapfile -t targets < <(
  jq -r --arg environment "$environment" '.environments[$environment].tasks[] | "-target=module." + .module' \
    "$here/delivery.json"
)
if [ "${#targets[@]}" -gt 0 ] && [ ! -s release/id ]; then
  cp plan/changes.json plan/approved.json
  "$here/plan.sh" "$environment" "${targets[@]}"
  apply
  "$here/tasks.sh" "$environment"
  "$here/plan.sh" "$environment"
  beyond=$(jq -r --slurpfile approved plan/approved.json '. - $approved[0] | map(.address) | join(" ")' plan/changes.json)
  if [ -n "$beyond" ]; then
    echo "::error title=$environment::the tasks ran, and now more would change than was approved: $beyond"
    exit 1
  fi
fi
apply
