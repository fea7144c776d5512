#!/usr/bin/env bash
# Runs the tasks that run once at each deployment, one after the other, and waits for each: tasks.sh ENVIRONMENT
set -euo pipefail
shopt -s inherit_errexit

environment=$1
root=infra/terraform/envs/$environment
facts=$(jq -c --arg environment "$environment" \
  '.environments[$environment] // error("there is no environment \($environment)")' infra/pipeline/delivery.json)
outputs=$(terraform -chdir="$root" output -json)

output() {
  jq -er --arg name "$1" '.[$name].value' <<< "$outputs"
}

run() {
  local service=$1 task=$2
  local cluster network arn code
  cluster=$(output "$(jq -r .cluster <<< "$task")")
  network=$(jq -n --argjson outputs "$outputs" --argjson task "$task" '{awsvpcConfiguration: {
    subnets: $outputs[$task.subnets].value,
    securityGroups: [$outputs[$task.security_group].value],
    assignPublicIp: "DISABLED"
  }}')
  arn=$(aws ecs run-task --cluster "$cluster" --launch-type FARGATE --network-configuration "$network" \
    --task-definition "$(output "$(jq -r .task_definition <<< "$task")")" \
    --query 'tasks[0].taskArn' --output text)
  if [ "$arn" = None ]; then
    echo "::error title=$environment::$service could not be started"
    exit 1
  fi
  echo "$service: $arn"
  # The waiter gives up after ten minutes; a task may take an hour.
  for _ in 1 2 3 4 5 6; do
    if aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$arn"; then
      code=$(aws ecs describe-tasks --cluster "$cluster" --tasks "$arn" \
        --query "tasks[0].containers[?name=='$service'].exitCode | [0]" --output text)
      if [ "$code" = 0 ]; then
        return
      fi
      echo "::error title=$environment::$service ended with exit code $code; its log says why"
      exit 1
    fi
  done
  echo "::error title=$environment::$service still runs after an hour"
  exit 1
}

while read -r task; do
  run "$(jq -r .service <<< "$task")" "$task" < /dev/null
done < <(jq -c '.tasks[]' <<< "$facts")
