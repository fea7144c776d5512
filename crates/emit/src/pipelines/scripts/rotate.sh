#!/usr/bin/env bash
# Replaces the passwords that the cloud keeps, and restarts what reads them: rotate.sh ENVIRONMENT
# A task reads a password when it starts. From the moment the new one holds until its tasks are replaced, a service
# opens no new connection; open ones stay. So all readers are restarted at once, and each one once.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
here=infra/pipeline
root=infra/terraform/envs/$environment
facts=$(jq -c --arg environment "$environment" \
  '.environments[$environment] // error("there is no environment \($environment)")' "$here/delivery.json")
cluster=$(jq -r '.cluster // empty' <<< "$facts")

refuse() {
  echo "::error title=$environment::$1; docs/runbooks/password-rotation.md says what to do"
  exit 1
}

# The version of a secret that holds.
current() {
  aws secretsmanager describe-secret --secret-id "$1" --output json \
    | jq -r '.VersionIdsToStages | to_entries[] | select(.value | index("AWSCURRENT")) | .key'
}

# CodeDeploy takes one deployment of a service at a time: better to hear of another one before a password changes.
refuse_under_way() {
  local service running
  while read -r service; do
    running=$(aws deploy list-deployments --application-name "$(jq -r .application <<< "$service")" \
      --deployment-group-name "$(jq -r .group <<< "$service")" \
      --include-only-statuses Created Queued InProgress Baking Ready --output json | jq -r '.deployments[0] // empty')
    if [ -n "$running" ]; then
      refuse "$running of $(jq -r .service <<< "$service") is under way, so nothing was replaced"
    fi
  done < <(jq -c '[.rotated[].readers[]] as $readers | .shifted[] | select(.service | IN($readers[]))' <<< "$facts")
}

# Replaces one password. Without success the former one holds as far as the secret store knows.
replace() {
  local secret=$1 before now
  before=$(current "$secret") || return
  aws secretsmanager rotate-secret --secret-id "$secret" --output text > /dev/null || return
  for _ in $(seq 1 60); do
    now=$(current "$secret") || now=$before
    if [ "$now" != "$before" ]; then
      return 0
    fi
    sleep "${ROTATE_PAUSE:-10}"
  done
  return 1
}

# Whether the platform replaces the tasks of a service, and not CodeDeploy.
rolls() {
  jq -e --arg service "$1" 'any(.rolling[]; .service == $service)' <<< "$facts" > /dev/null
}

# Starts replacing the tasks of a service with new ones of the same definition, and prints what to wait for.
restart() {
  local service=$1 definition
  if rolls "$service"; then
    aws ecs update-service --cluster "$cluster" --service "$service" --force-new-deployment \
      --query "service.deployments[?status=='PRIMARY'].id | [0]" --output text
  else
    definition=$(aws ecs describe-services --cluster "$cluster" --services "$service" \
      --query "services[0].taskSets[?status=='PRIMARY'].taskDefinition | [0]" --output text) || return
    # Nothing new is tried out, so all traffic goes at once. The tasks that lost the password may ring the alarms of
    # a release, and going back to them would mend nothing.
    "$here/shift.sh" "$environment" "$service" "$definition" \
      --deployment-config-name CodeDeployDefault.ECSAllAtOnce --override-alarm-configuration enabled=false
  fi
}

# Waits until new tasks serve. The platform takes a failed start back by itself and is then stable as well, so the
# deployment that serves is compared with the one that was started.
replaced() {
  local service=$1 deployment=$2 serving
  if ! rolls "$service"; then
    # The waiter gives up after half an hour.
    aws deploy wait deployment-successful --deployment-id "$deployment"
    return
  fi
  # The waiter gives up after ten minutes; large services take longer.
  aws ecs wait services-stable --cluster "$cluster" --services "$service" \
    || aws ecs wait services-stable --cluster "$cluster" --services "$service" \
    || return
  serving=$(aws ecs describe-services --cluster "$cluster" --services "$service" \
    --query "services[0].deployments[?status=='PRIMARY'].id | [0]" --output text)
  [ "$serving" = "$deployment" ]
}

terraform -chdir="$root" init -input=false -no-color -backend-config="bucket=$TF_STATE_BUCKET" > /dev/null
outputs=$(terraform -chdir="$root" output -json)
if [ "$outputs" = '{}' ]; then
  echo "$environment is not deployed yet, so there is no password to replace"
  exit 0
fi
missing=$(jq -r --argjson outputs "$outputs" '[.rotated[].secret] - ($outputs | keys) | join(" ")' <<< "$facts")
if [ -n "$missing" ]; then
  refuse "the state has no output $missing, so nothing was replaced"
fi
refuse_under_way

# One failure is no reason to leave the readers of other passwords without them.
failed=
declare -A readers=() started=()
while read -r rotated; do
  component=$(jq -r .component <<< "$rotated")
  if ! replace "$(jq -r --argjson rotated "$rotated" '.[$rotated.secret].value' <<< "$outputs")"; then
    failed+="; the password of $component was not replaced"
    continue
  fi
  echo "the password of $component is replaced"
  while read -r service; do
    readers[$service]=1
  done < <(jq -r '.readers[]' <<< "$rotated")
done < <(jq -c '.rotated[]' <<< "$facts")
for service in "${!readers[@]}"; do
  if deployment=$(restart "$service"); then
    started[$service]=$deployment
  else
    failed+="; $service could not be restarted and has the former password"
  fi
done
for service in "${!started[@]}"; do
  if replaced "$service" "${started[$service]}"; then
    echo "$service has the new password"
  else
    failed+="; the restart of $service did not succeed"
  fi
done
if [ -n "$failed" ]; then
  refuse "${failed#; }"
fi
