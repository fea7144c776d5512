#!/usr/bin/env bash
# Lets users have what was applied: release.sh ENVIRONMENT
# Shifts the traffic of canary and blue-green services, waits for rolling ones, uploads the sites.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
root=infra/terraform/envs/$environment
facts=$(jq -c --arg environment "$environment" \
  '.environments[$environment] // error("there is no environment \($environment)")' infra/pipeline/delivery.json)
cluster=$(jq -r '.cluster // empty' <<< "$facts")

# The newest revision of a task definition.
newest() {
  aws ecs describe-task-definition --task-definition "$1" --query taskDefinition.taskDefinitionArn --output text
}

# Starts the shift of one service and prints the deployment; nothing when the newest revision already serves.
shift_traffic() {
  local service=$1 name definition current
  name=$(jq -r .service <<< "$service")
  definition=$(newest "$(jq -r .family <<< "$service")")
  current=$(aws ecs describe-services --cluster "$cluster" --services "$name" \
    --query "services[0].taskSets[?status=='PRIMARY'].taskDefinition | [0]" --output text)
  if [ "$current" = "$definition" ]; then
    return
  fi
  infra/pipeline/shift.sh "$environment" "$name" "$definition"
}

# Waits until tasks of the newest revision serve. The platform takes a failed start back by itself and is then
# stable as well, so what serves is compared with what was meant to.
wait_rolling() {
  local services=$1 service definition current
  local -a names
  mapfile -t names < <(jq -r '.[].service' <<< "$services")
  # The waiter gives up after ten minutes; large services take longer.
  aws ecs wait services-stable --cluster "$cluster" --services "${names[@]}" \
    || aws ecs wait services-stable --cluster "$cluster" --services "${names[@]}"
  while read -r service; do
    definition=$(newest "$(jq -r .family <<< "$service")")
    current=$(aws ecs describe-services --cluster "$cluster" --services "$(jq -r .service <<< "$service")" \
      --query 'services[0].taskDefinition' --output text)
    if [ "$current" != "$definition" ]; then
      echo "::error title=$environment::$(jq -r .service <<< "$service") went back to $current"
      exit 1
    fi
  done < <(jq -c '.[]' <<< "$services")
}

upload() {
  local site=$1 service files bucket distribution invalidation
  service=$(jq -r .service <<< "$site")
  if [ ! -f "release/sites/$service.tar.gz" ]; then
    echo "::notice title=$environment::the release has no files of $service, so they stay as they are"
    return
  fi
  files=$(mktemp -d)
  tar -xzf "release/sites/$service.tar.gz" -C "$files"
  bucket=s3://$(terraform -chdir="$root" output -raw "$(jq -r .bucket <<< "$site")")
  distribution=$(terraform -chdir="$root" output -raw "$(jq -r .distribution <<< "$site")")
  # Pages come after what they load, and nothing that an open page may still load goes before the new pages are there.
  aws s3 sync --no-progress "$files" "$bucket" --exclude '*.html'
  aws s3 sync --no-progress "$files" "$bucket" --exclude '*' --include '*.html' --cache-control no-cache
  aws s3 sync --no-progress "$files" "$bucket" --delete
  invalidation=$(aws cloudfront create-invalidation --distribution-id "$distribution" --paths '/*' \
    --query Invalidation.Id --output text)
  aws cloudfront wait invalidation-completed --distribution-id "$distribution" --id "$invalidation"
}

deployments=()
while read -r service; do
  deployment=$(shift_traffic "$service")
  if [ -n "$deployment" ]; then
    deployments+=("$deployment")
  fi
done < <(jq -c '.shifted[]' <<< "$facts")
while read -r services; do
  wait_rolling "$services"
done < <(jq -c '.rolling | range(0; length; 10) as $i | .[$i:$i + 10]' <<< "$facts")
for deployment in ${deployments[@]+"${deployments[@]}"}; do
  # The waiter gives up after half an hour.
  aws deploy wait deployment-successful --deployment-id "$deployment"
done
while read -r site; do
  upload "$site"
done < <(jq -c '.sites[]' <<< "$facts")
