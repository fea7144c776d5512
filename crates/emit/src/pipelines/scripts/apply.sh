#!/usr/bin/env bash
# Applies what was approved: apply.sh ENVIRONMENT [DIGEST OF THE APPROVED PLAN]
# A plan is saved and that file is applied. Where plans are approved, anything else than the one with the digest is
# refused; where nobody approves, what other runs changed since the plan was shown is no reason to stop.
# Before the services of a new release change, the tasks that run once at each deployment run; a release that was
# brought back has run its tasks.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
approved=${2:-}
here=infra/pipeline
root=infra/terraform/envs/$environment
facts=$(jq -c --arg environment "$environment" \
  '.environments[$environment] // error("there is no environment \($environment)")' "$here/delivery.json")
# A saved plan holds what Terraform was given, passwords too.
trap 'rm -f "$root/saved.tfplan"' EXIT

# Hands Terraform the passwords that it makes things with: from the secret store, for this script alone.
read_passwords() {
  local password variable secret value
  while read -r password; do
    variable=$(jq -r .variable <<< "$password")
    secret=$(jq -r .secret <<< "$password")
    value=$(aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text) || {
      echo "::error title=$environment::$secret has no value to be read; docs/deployment.md says how it gets one"
      exit 1
    }
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
      echo "::add-mask::${value//%/%25}"
    fi
    export "TF_VAR_$variable=$value"
  done < <(jq -c '.passwords[]' <<< "$facts")
}

apply() {
  touch plan/applied
  terraform -chdir="$root" apply -input=false -no-color -lock-timeout=5m saved.tfplan
}

missing=$(jq -r --slurpfile release release/images.json '[.images[].variable] - ($release[0] | keys) | join(" ")' \
  "$here/delivery.json")
if [ -n "$missing" ]; then
  echo "::error title=$environment::the release names no image for $missing"
  exit 1
fi

read_passwords
"$here/plan.sh" "$environment"
if [ "$(jq .approved <<< "$facts")" = false ]; then
  approved=
fi
if [ -n "$approved" ] && [ "$(cat plan/digest)" != "$approved" ]; then
  echo "::error title=$environment::the plan is no longer the one that was approved; run the deployment again"
  exit 1
fi
mapfile -t targets < <(jq -r '.tasks[] | "-target=module." + .module' <<< "$facts")
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
