#!/usr/bin/env bash
# Runs the pipeline's own scripts against stand-ins of terraform, aws, gh, docker and curl: run.sh BUNDLE
#
# The bundle must have a one-shot task, a canary, rolling services and a site in `production`. What is proved is order
# and refusal: nothing is applied that was not approved, tasks run before services, a failed release goes back, and
# a release that the platform took back is not taken for a good one.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$1" "$work/bundle"
cd "$work/bundle"

mkdir -p "$work/bin" "$work/stub/bucket" infra/terraform/envs/production web/dist
for tool in terraform aws gh docker curl; do
  cp "$here/tool.sh" "$work/bin/$tool"
done
chmod +x "$work"/bin/*
export PATH=$work/bin:$PATH STUB=$work/stub TF_STATE_BUCKET=state SMOKE_PAUSE=0
export GITHUB_REPOSITORY=owner/name PULL_REQUEST=7 GH_TOKEN=unused
echo page > web/dist/index.html
jq -n '{
  resource_changes: [
    {address: "module.a.x.this", change: {actions: ["update"], before: {p: 1}, after: {p: 2}, after_unknown: {}}},
    {address: "module.b.x.this", change: {actions: ["delete"], before: {z: 1}, after: null, after_unknown: {}}},
    {address: "module.c.x.this", change: {actions: ["no-op"], before: {}, after: {}, after_unknown: {}}}
  ]
}' > "$STUB/plan.json"
jq '[.environments.production | (.tasks[] | .task_definition, .cluster, .subnets, .security_group),
    (.sites[] | .bucket, .distribution), (.checks[].output // empty)]
  | map({(.): {value: (if endswith("subnets") then ["subnet-1"] else "value-of-" + . end)}}) | add' \
  infra/pipeline/delivery.json > "$STUB/outputs.json"
echo '[]' > "$STUB/comments.json"
echo '[]' > "$STUB/issues.json"

problems=0
expect() {
  local what=$1
  shift
  if ! "$@"; then
    problems=$((problems + 1))
    echo "not so: $what"
  fi
}
refuses() {
  ! "$@" > "$work/said" 2>&1
}
accepts() {
  "$@" > "$work/said" 2>&1 || {
    cat "$work/said"
    return 1
  }
}
called() {
  grep -q -- "$1" "$STUB/calls"
}
calls_in_order() {
  local last=0 line
  for pattern in "$@"; do
    line=$(grep -n -- "$pattern" "$STUB/calls" | cut -d : -f 1 | awk -v last="$last" '$1 > last { print; exit }')
    [ -n "$line" ] || return 1
    last=$line
  done
}
fresh() {
  : > "$STUB/calls"
}
is() {
  [ "$1" = "$2" ]
}

while read -r service; do
  fresh
  expect "migrations are tried" accepts infra/pipeline/migrate.sh "$service"
  expect "as they are deployed, and twice" calls_in_order "docker build .*containers/$service/" "docker run .*--read-only" "docker run "
  expect "the first that fails is the last" refuses env TASK_EXIT=1 infra/pipeline/migrate.sh "$service"
  expect "and nothing is tried after it" is "$(grep -c '^docker run ' "$STUB/calls")" 3
done < <(jq -r '.migrations | keys[]' infra/pipeline/delivery.json)
expect "migrations of nobody are refused" refuses infra/pipeline/migrate.sh nobody

fresh
expect "a release without its images is refused" refuses infra/pipeline/collect.sh
while read -r variable; do
  infra/pipeline/image.sh "$variable" registry/app "sha256:$(printf 'a%.0s' {1..64})"
done < <(jq -r '.images[].variable' infra/pipeline/delivery.json)
expect "a site is packed" accepts infra/pipeline/site.sh web
expect "a whole release is made" accepts infra/pipeline/collect.sh
expect "a release names every image" is "$(jq -c 'keys' release/images.json)" "$(jq -c '[.images[].variable] | sort' infra/pipeline/delivery.json)"

expect "a plan is made" accepts infra/pipeline/plan.sh production -lock=false
expect "only what changes is in it" is "$(jq length plan/changes.json)" 2
approved=$(cat plan/digest)
fresh
expect "another plan than the approved one is refused" refuses infra/pipeline/apply.sh production "${approved//[0-9]/0}x"
expect "and nothing is applied" refuses called " apply "
expect "and there is no way back to take" accepts infra/pipeline/rollback.sh production
expect "which applies nothing either" refuses called " apply "

fresh
expect "the approved plan is applied" accepts infra/pipeline/apply.sh production "$approved"
expect "tasks run before the services change" calls_in_order "plan .*-target=module" " apply " "run-task" " plan " " apply "
fresh
expect "a task that fails stops the deployment" env TASK_EXIT=1 bash -c '! infra/pipeline/apply.sh production > /dev/null'
expect "before the services change" is "$(grep -c ' apply ' "$STUB/calls")" 1

fresh
expect "a release reaches its users" accepts infra/pipeline/release.sh production
expect "traffic is shifted and waited for" calls_in_order "create-deployment" "wait deployment-successful"
expect "pages come after what they load, removals last" calls_in_order "sync .*--exclude \*.html" "--include \*.html" "sync .*--delete" "create-invalidation"
expect "a service that went back is not good" env SERVING=8 bash -c '! infra/pipeline/release.sh production > /dev/null'
expect "addresses that answer are good" accepts infra/pipeline/smoke.sh production
expect "addresses that fail are not" env ANSWER=503 bash -c '! infra/pipeline/smoke.sh production > /dev/null'

first=$(printf '1%.0s' {1..40})
second=$(printf '2%.0s' {1..40})
expect "a good release is remembered" accepts infra/pipeline/store.sh production "$first"
expect "and the next one" accepts infra/pipeline/store.sh production "$second"
expect "again, after a run was started twice" accepts infra/pipeline/store.sh production "$second"
expect "the last good one is the second" is "$(cat "$STUB/bucket/releases/production/last-good")" "$second"
expect "the one before is the first" is "$(cat "$STUB/bucket/releases/production/previous")" "$first"
expect "a release that never came here is refused" refuses infra/pipeline/fetch.sh production "$(printf '3%.0s' {1..40})"
expect "a name that is no commit is refused" refuses infra/pipeline/fetch.sh production "$first/../../x"
fresh
expect "a failed release goes back" accepts infra/pipeline/rollback.sh production
expect "without running tasks again" refuses called "run-task"
expect "to the last good one" is "$(cat release/id)" "$second"

expect "a plan is shown" accepts infra/pipeline/comment.sh production
expect "in a new comment" called "--method POST"
printf '[{"id": 5, "user": {"type": "Bot"}, "body": "<!-- plan of production -->\\nold"}]' > "$STUB/comments.json"
expect "and shown again" accepts infra/pipeline/comment.sh production
expect "in the same comment" called "--method PATCH repos/owner/name/issues/comments/5"
expect "deletions are named" grep -q 'module.b.x.this' plan/comment.md
expect "drift opens an issue" accepts infra/pipeline/drift.sh production
expect "once" called "gh issue create"
echo '[{"number": 3, "title": "Drift in production"}]' > "$STUB/issues.json"
echo '[]' > plan/changes.json
expect "no drift closes it" accepts infra/pipeline/drift.sh production
expect "by its number" called "gh issue close 3"

[ "$problems" -eq 0 ]
