#!/usr/bin/env bash
# Runs the pipeline's own scripts against stand-ins of terraform, aws, gh, docker and curl: run.sh BUNDLE
#
# The bundle must have a one-shot task, a canary and rolling services that read a database's password, a site, a broker
# and a gRPC service in `production`. What is proved is order and refusal: nothing is applied that was not approved, tasks run before
# services, a failed release goes back, a release that the platform took back is not taken for a good one, a
# password reaches Terraform's apply and nothing else, and what reads a password is restarted when it was replaced.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$1" "$work/bundle"
cd "$work/bundle"

mkdir -p "$work/bin" "$work/stub/bucket" infra/terraform/envs/{staging,production} web/dist
for tool in terraform aws gh docker curl; do
  cp "$here/tool.sh" "$work/bin/$tool"
done
chmod +x "$work"/bin/*
export PATH=$work/bin:$PATH STUB=$work/stub TF_STATE_BUCKET=state SMOKE_PAUSE=0 SCAN_PAUSE=0 STOP_PAUSE=0 ROTATE_PAUSE=0
export VALUE=value%of-the-store
: > "$STUB/running"
echo first > "$STUB/version"
export GITHUB_REPOSITORY=owner/name PULL_REQUEST=7 GH_TOKEN=unused
echo page > web/dist/index.html
jq -n '{
  resource_changes: [
    {address: "module.a.x.this", change: {actions: ["update"], before: {p: 1}, after: {p: 2}, after_unknown: {}}},
    {address: "module.e.x.this", change: {actions: ["create"], before: null, after_unknown: {id: true},
      after: {user: [{name: "app", password: $ENV.VALUE}]}, after_sensitive: {user: [{password: true}]}}},
    {address: "module.b.x.this", change: {actions: ["delete"], before: {z: 1}, after: null, after_unknown: {}}},
    {address: "module.c.x.this", change: {actions: ["no-op"], before: {}, after: {}, after_unknown: {}}}
  ]
}' > "$STUB/plan.json"
jq '[.environments[] | (.tasks[] | .task_definition, .cluster, .subnets, .security_group),
    (.sites[] | .bucket, .distribution), (.checks[].output // empty), .rotated[].secret]
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
expect "only what changes is in it" is "$(jq length plan/changes.json)" 3
approved=$(cat plan/digest)
expect "a plan reads no password" refuses called "get-secret-value"
expect "and is given one that nobody knows" is "$(grep -c -v -e "=[0-9a-f]\{64\}$" "$STUB/passwords")" 0
jq '.resource_changes[1].change.after.user[0].password = "other"' "$STUB/plan.json" > "$STUB/other"
mv "$STUB/other" "$STUB/plan.json"
expect "a plan with another password is made" accepts infra/pipeline/plan.sh production
expect "and counts as the same" is "$(cat plan/digest)" "$approved"
expect "an environment that is not there is refused" refuses infra/pipeline/smoke.sh nowhere
expect "where nobody approves, the plan of the moment is applied" accepts infra/pipeline/apply.sh staging "${approved//[0-9]/0}x"
rm plan/applied
fresh
expect "another plan than the approved one is refused" refuses infra/pipeline/apply.sh production "${approved//[0-9]/0}x"
expect "and nothing is applied" refuses called " apply "
expect "and there is no way back to take" accepts infra/pipeline/rollback.sh production
expect "which applies nothing either" refuses called " apply "

fresh
read -r variable secret < <(jq -r '.environments.production.passwords[0] | "\(.variable) \(.secret)"' infra/pipeline/delivery.json)
VALUE='' expect "a password that the store does not hold is missed" refuses infra/pipeline/apply.sh production
expect "by name" grep -q "$secret has no value" "$work/said"
expect "before anything is applied" refuses called " apply "
: > "$STUB/passwords"
expect "on GitHub a password is masked before anything else is said" is "$(GITHUB_ACTIONS=true infra/pipeline/apply.sh production | sed -n 1p)" "::add-mask::value%25of-the-store"
expect "and an apply is given it" grep -q "^TF_VAR_$variable=$VALUE$" "$STUB/passwords"
expect "and no other" is "$(grep -c -v "=$VALUE$" "$STUB/passwords")" 0
expect "and keeps it nowhere" refuses grep -r -q -- "$VALUE" infra plan release

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
GRPC=14 expect "nor is a gRPC service that nobody serves" refuses infra/pipeline/smoke.sh production
expect "and only that one" is "$(grep -c '::error' "$work/said")" 1

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
echo d-1 > "$STUB/running"
expect "a failed release goes back" accepts infra/pipeline/rollback.sh production
expect "after the shift that is under way was stopped" calls_in_order "stop-deployment --deployment-id d-1" " apply " "create-deployment"
expect "without running tasks again" refuses called "run-task"
expect "to the last good one" is "$(cat release/id)" "$second"

git init -q
git config user.email owner@app.example
git config user.name owner
git add infra
git commit -q -m older
older=$(git rev-parse HEAD)
echo '# changed' >> infra/terraform/.gitignore
git commit -q -a -m newer
newer=$(git rev-parse HEAD)
expect "a release outside of the history is no obstacle" accepts infra/pipeline/newer.sh production "$older"
expect "a newer release is remembered" accepts infra/pipeline/store.sh production "$newer"
expect "what is older is refused then" refuses infra/pipeline/newer.sh production "$older"
expect "the same commit is not" accepts infra/pipeline/newer.sh production "$newer"

reader() {
  jq -r --arg how "$1" '.environments.production | [.rotated[].readers[]] as $readers
    | [.[$how][].service | select(IN($readers[]))][0]' infra/pipeline/delivery.json
}
rolling=$(reader rolling)
shifted=$(reader shifted)
fresh
expect "passwords are replaced" accepts infra/pipeline/rotate.sh production
expect "each once" is "$(grep -c 'rotate-secret' "$STUB/calls")" "$(jq '.environments.production.rotated | length' infra/pipeline/delivery.json)"
expect "then what reads them is restarted, each reader once" is "$(grep -c -e force-new-deployment -e create-deployment "$STUB/calls")" "$(jq '[.environments.production.rotated[].readers[]] | unique | length' infra/pipeline/delivery.json)"
expect "a rolling service in order" calls_in_order "rotate-secret" "update-service .*--service $rolling --force-new-deployment" "wait services-stable .*$rolling"
expect "a shifted one with the definition that serves, whatever rings" calls_in_order "rotate-secret" "create-deployment .*$shifted:8.*ECSAllAtOnce --override-alarm-configuration enabled=false" "wait deployment-successful"
fresh
ROTATES=0 expect "a password that does not change is missed" refuses infra/pipeline/rotate.sh production
expect "and by name" grep -q '::error.*the password of db was not replaced' "$work/said"
expect "and nothing is restarted" refuses called "force-new-deployment"
STARTED=ecs-svc/0 expect "a restart that the platform took back is missed" refuses infra/pipeline/rotate.sh production
expect "and named" grep -q "::error.*the restart of $rolling did not succeed" "$work/said"
fresh
echo d-1 > "$STUB/running"
expect "nothing is replaced while traffic is shifted" refuses infra/pipeline/rotate.sh production
expect "not even begun" refuses called "rotate-secret"
: > "$STUB/running"
cp "$STUB/outputs.json" "$STUB/kept.json"
jq 'del(.db_master_secret)' "$STUB/kept.json" > "$STUB/outputs.json"
fresh
expect "nothing is replaced when one place is not known" refuses infra/pipeline/rotate.sh production
expect "of any password" refuses called "rotate-secret"
echo '{}' > "$STUB/outputs.json"
expect "an environment without resources has no passwords" accepts infra/pipeline/rotate.sh production
expect "to be replaced" refuses called "rotate-secret"
cp "$STUB/kept.json" "$STUB/outputs.json"

expect "an image without critical findings passes" accepts infra/pipeline/scan.sh app/api sha256:c
expect "by its images, not its index" called "describe-image-scan-findings .*imageDigest=sha256:a"
expect "and not by what says how it was made" refuses called "imageDigest=sha256:b"
FOUND=CVE-2020-0002 expect "one with a critical finding is refused" refuses infra/pipeline/scan.sh app/api sha256:c
echo '[{"id": "CVE-2020-0002", "reason": "not reached", "until": "2999-12-31"}]' > infra/accepted-vulnerabilities.json
FOUND=CVE-2020-0002 expect "unless it is accepted" accepts infra/pipeline/scan.sh app/api sha256:c
echo '[{"id": "CVE-2020-0002", "reason": "not reached", "until": "2020-12-31"}]' > infra/accepted-vulnerabilities.json
FOUND=CVE-2020-0002 expect "and only as long" refuses infra/pipeline/scan.sh app/api sha256:c
echo '[{"id": "CVE-2020-0002"}]' > infra/accepted-vulnerabilities.json
expect "and only with a reason" refuses infra/pipeline/scan.sh app/api sha256:c
rm infra/accepted-vulnerabilities.json
SCAN=UNSUPPORTED_IMAGE expect "an image that cannot be scanned passes" accepts infra/pipeline/scan.sh app/api sha256:c
expect "and is said" grep -q '::warning.*UNSUPPORTED_IMAGE' "$work/said"

expect "the images that run are fetched" accepts infra/pipeline/fetch.sh production last-good
expect "a plan is shown" accepts infra/pipeline/comment.sh production
expect "in a new comment" called "--method POST"
printf '[{"id": 5, "user": {"type": "Bot"}, "body": "<!-- plan of production -->\\nold"}]' > "$STUB/comments.json"
expect "and shown again" accepts infra/pipeline/comment.sh production
expect "in the same comment" called "--method PATCH repos/owner/name/issues/comments/5"
expect "nobody is asked to apply what did not change" refuses grep -q "administrator" plan/comment.md
mkdir -p infra/terraform/shared
touch infra/terraform/shared/main.tf
git add infra
git commit -q -m shared
expect "a change of the pipeline's rights is shown" accepts infra/pipeline/comment.sh production
expect "with who applies it first" grep -q "an administrator applies" plan/comment.md
expect "deletions are named" grep -q 'module.b.x.this' plan/comment.md
fresh
: > release/id
expect "nothing drifts where nothing was released" accepts infra/pipeline/drift.sh production
expect "so no issue is opened" refuses called "gh issue"
echo "$newer" > release/id
expect "drift opens an issue" accepts infra/pipeline/drift.sh production
expect "once" called "gh issue create"
echo '[{"number": 3, "title": "Drift in production"}]' > "$STUB/issues.json"
echo '[]' > plan/changes.json
expect "no drift closes it" accepts infra/pipeline/drift.sh production
expect "by its number" called "gh issue close 3"
echo '[]' > "$STUB/issues.json"
fresh
NEXT=$(date --date '60 days' +%FT%T%:z) expect "a password that is replaced in time" accepts infra/pipeline/drift.sh production
expect "is nobody's issue" refuses called "gh issue create"
NEXT=$(date --date '30 days' +%FT%T%:z) expect "one that is not" accepts infra/pipeline/drift.sh production
expect "is" called "gh issue create .*--title Passwords are due in production"
expect "by name" grep -q '^- .db.: ' plan/due.md

[ "$problems" -eq 0 ]
