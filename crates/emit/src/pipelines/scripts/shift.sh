#!/usr/bin/env bash
# Starts shifting the traffic of one service to tasks of a definition, and prints the deployment's id:
# shift.sh ENVIRONMENT SERVICE DEFINITION [ARGUMENT OF CREATE-DEPLOYMENT]...
set -euo pipefail
shopt -s inherit_errexit

environment=$1
name=$2
definition=$3
shift 3

service=$(jq -ce --arg environment "$environment" --arg name "$name" \
  '.environments[$environment].shifted[] | select(.service == $name)' infra/pipeline/delivery.json)
# The version is text: a JSON tool may print the number 0.0 as 0, which CodeDeploy does not document.
content=$(jq -cn --argjson service "$service" --arg definition "$definition" '
  [{TargetService: {Type: "AWS::ECS::Service", Properties: {
    TaskDefinition: $definition,
    LoadBalancerInfo: {ContainerName: $service.container, ContainerPort: $service.port}
  }}}] | "{\"version\":0.0,\"Resources\":" + tojson + "}" | tojson')
aws deploy create-deployment --application-name "$(jq -r .application <<< "$service")" \
  --deployment-group-name "$(jq -r .group <<< "$service")" \
  --revision "{\"revisionType\":\"AppSpecContent\",\"appSpecContent\":{\"content\":$content}}" \
  --query deploymentId --output text "$@"
