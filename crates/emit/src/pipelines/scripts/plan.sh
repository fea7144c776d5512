#!/usr/bin/env bash
# Plans an environment for the images of release/: plan.sh ENVIRONMENT [ARGUMENT OF TERRAFORM PLAN]...
# Leaves in plan/: plan.txt to read, changes.json (addresses and actions), and digest, which names exactly these
# changes and the values they set; secret ones count as changed or not, whatever they are. Images that were never
# released are planned as `unreleased:none`.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
shift
root=infra/terraform/envs/$environment

facts=$(jq -c --arg environment "$environment" \
  '.environments[$environment] // error("there is no environment \($environment)")' infra/pipeline/delivery.json)

# A plan needs no password's value, so whoever only plans has no right to read it. One that is made up for each plan
# opens nothing should somebody apply it.
while read -r variable; do
  if [ -z "${!variable:-}" ]; then
    export "$variable=$(head -c 32 /dev/urandom | sha256sum | cut -d ' ' -f 1)"
  fi
done < <(jq -r '.passwords[] | "TF_VAR_" + .variable' <<< "$facts")

mkdir -p plan release
[ -f release/images.json ] || echo '{}' > release/images.json
jq --slurpfile release release/images.json \
  '([.images[].variable | {(.): "unreleased:none"}] | add // {}) as $unknown
    | $unknown + ($release[0] | with_entries(select(.key | in($unknown))))' \
  infra/pipeline/delivery.json > "$root/release.auto.tfvars.json"

terraform -chdir="$root" init -input=false -no-color -backend-config="bucket=$TF_STATE_BUCKET" > /dev/null
terraform -chdir="$root" plan -input=false -no-color -lock-timeout=5m -out=saved.tfplan "$@" > /dev/null
terraform -chdir="$root" show -no-color saved.tfplan > plan/plan.txt
values=$(mktemp)
terraform -chdir="$root" show -json saved.tfplan | jq -cS '
  def veiled($marks): reduce ($marks | paths(. == true)) as $place (.; setpath($place; "secret"));
  [.resource_changes[]?
    | select(.change.actions != ["no-op"] and .change.actions != ["read"])
    | .change as $change
    | (($change.before // {}) | veiled($change.before_sensitive)) as $before
    | {
        address,
        actions: $change.actions,
        sets: (($change.after // {}) | veiled($change.after_sensitive) | with_entries(select(.value != $before[.key]))),
        unknown: $change.after_unknown
      }
  ] | sort_by(.address)' > "$values"
jq -c 'map({address, actions})' "$values" > plan/changes.json
sha256sum "$values" | cut -d ' ' -f 1 | tr -d '\n' > plan/digest
rm "$values"
tail -n 3 plan/plan.txt
