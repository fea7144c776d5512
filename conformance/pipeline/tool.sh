#!/usr/bin/env bash
# Stands in for terraform, aws, gh, docker and curl, under whichever of these names it is called, and writes down every call.
#
# State is a folder: $STUB/calls, $STUB/plan.json (what terraform shows), $STUB/outputs.json, $STUB/bucket (what S3
# holds), $STUB/passwords (every password that terraform was given). TASK_EXIT is how a task ends, SERVING the revision
# that rolling services end up with, ANSWER the status of every address, GRPC the status of gRPC beside it, VALUE what
# every secret holds, SCAN and FOUND how every scan ended and what it found. CodeDeploy lists $STUB/running as under way.
# $STUB/version is the version of every secret; ROTATES=0 leaves it as it is. STARTED is the deployment that a restart
# of a rolling service ends up with, NEXT the day that the cloud replaces a password by itself.
set -euo pipefail

tool=$(basename "$0")
printf '%s %s\n' "$tool" "$*" >> "$STUB/calls"

s3_path() {
  case $1 in
    s3://*) printf '%s/bucket/%s' "$STUB" "${1#s3://*/}" ;;
    *) printf '%s' "$1" ;;
  esac
}

s3_copy() {
  local recursive=0 from to
  local -a places=()
  for argument in "$@"; do
    case $argument in
      --quiet) ;;
      --recursive) recursive=1 ;;
      *) places+=("$argument") ;;
    esac
  done
  from=$(s3_path "${places[0]}")
  to=$(s3_path "${places[1]}")
  if [ "$to" = - ]; then
    cat "$from"
    return
  fi
  mkdir -p "$(dirname "$to")"
  if [ "$from" = - ]; then
    cat > "$to"
  elif [ "$recursive" -eq 1 ]; then
    mkdir -p "$to"
    cp -r "${from%/}/." "$to"
  else
    cp "$from" "$to"
  fi
}

after() {
  local option=$1
  shift
  while [ "$1" != "$option" ]; do
    shift
  done
  printf '%s' "$2"
}

if [ "$tool" = terraform ]; then
  env | grep '^TF_VAR_' >> "$STUB/passwords" || true
fi
case "$tool $*" in
  "terraform "*" plan "*) env | grep '^TF_VAR_' > "${1#-chdir=}/saved.tfplan" || true ;;
  "terraform "*" show -json "*) cat "$STUB/plan.json" ;;
  "terraform "*" show "*) echo "Plan: 1 to add" ;;
  "terraform "*" output -json") cat "$STUB/outputs.json" ;;
  "terraform "*" output -raw "*) jq -rj --arg name "${*: -1}" '.[$name].value' "$STUB/outputs.json" ;;
  "aws s3api list-objects-v2 "*)
    prefix=$(after --prefix "$@")
    find "$STUB/bucket" -type f -path "$STUB/bucket/$prefix*" | wc -l
    ;;
  "aws s3 cp "*) s3_copy "${@:3}" ;;
  "aws ecs run-task "*) echo arn:task ;;
  "aws ecs describe-tasks "*) echo "${TASK_EXIT:-0}" ;;
  "aws ecs describe-task-definition "*) echo "$(after --task-definition "$@"):9" ;;
  "aws ecs update-service "*) echo ecs-svc/1 ;;
  "aws ecs describe-services "*deployments*) echo "${STARTED:-ecs-svc/1}" ;;
  "aws ecs describe-services "*taskSets*) echo "$(after --services "$@"):8" ;;
  "aws ecs describe-services "*) echo "$(after --services "$@"):${SERVING:-9}" ;;
  "aws deploy create-deployment "*) echo d-1 ;;
  "aws deploy list-deployments "*) jq -Rs '{deployments: (. / "\n" | map(select(. != "")))}' "$STUB/running" ;;
  "aws deploy stop-deployment "*) : > "$STUB/running" ;;
  "aws secretsmanager rotate-secret "*)
    if [ "${ROTATES:-1}" -eq 1 ]; then
      echo next >> "$STUB/version"
    fi
    ;;
  "aws secretsmanager describe-secret "*NextRotationDate*) echo "${NEXT:-None}" ;;
  "aws secretsmanager describe-secret "*)
    jq -n --rawfile versions "$STUB/version" '{VersionIdsToStages: {former: ["AWSPREVIOUS"], ($versions): ["AWSCURRENT", "AWSPENDING"]}}'
    ;;
  "aws secretsmanager get-secret-value "*)
    [ -n "${VALUE:-}" ] || exit 254
    echo "$VALUE"
    ;;
  "aws ecr batch-get-image "*)
    jq -cn '{manifests: [{digest: "sha256:a", platform: {os: "linux"}}, {digest: "sha256:b", platform: {os: "unknown"}}]}'
    ;;
  "aws ecr describe-images "*) echo "${SCAN:-COMPLETE}" ;;
  "aws ecr describe-image-scan-findings "*)
    jq -n --arg found "${FOUND:-}" '{imageScanFindings: {findings: [
      {name: "CVE-2020-0001", severity: "HIGH"}, ($found | select(. != "") | {name: ., severity: "CRITICAL"})]}}'
    ;;
  "aws cloudfront create-invalidation "*) echo I1 ;;
  "curl "*grpc-status*)
    cat > /dev/null
    echo "${ANSWER:-200} ${GRPC:-12}"
    ;;
  "docker run "*) exit "${TASK_EXIT:-0}" ;;
  "curl "*) printf '%s' "${ANSWER:-200}" ;;
  "gh api --paginate "*) cat "$STUB/comments.json" ;;
  "gh issue list "*) cat "$STUB/issues.json" ;;
esac
