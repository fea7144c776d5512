#!/usr/bin/env bash
# Lets the real judges read observability/ of a bundle: promtool, amtool, and compose when docker is there.
#
#   conformance/observability.sh BUNDLE...
#
# Each argument is a folder that holds a bundle. A judge that cannot be had is skipped by name. Without
# arguments, bundles of every shape are printed by the tests of `emit` into a temporary folder first.
set -u

passed=0 failed=0 skipped=0
log=$(mktemp)
made=
rules=$(mktemp --suffix=.yml)
trap 'rm -rf "$log" "$rules" ${made:+"$made"}' EXIT

pass() { passed=$((passed + 1)); }
skip() { skipped=$((skipped + 1)); echo "SKIP $1: $2"; }
judge() { # name, command...
  local name=$1
  shift
  if "$@" >"$log" 2>&1; then pass; else
    failed=$((failed + 1))
    echo "FAIL $name"
    sed 's/^/     /' "$log" | head -n 40
  fi
}

have() { # program, Debian package
  command -v "$1" >/dev/null && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get install -y --no-install-recommends "$2" >/dev/null 2>&1
  fi
  command -v "$1" >/dev/null
}

# What the panels of a dashboard ask, as rules, so that the same judge reads them.
questions() { # dashboard
  jq '{groups: [{name: "panels", rules: [.panels[] | .targets[] | {record: "panel", expr: (.expr
    | gsub("\\$__rate_interval"; "5m") | gsub("\\$environment"; "production"))}]
    | unique | to_entries | map({record: "panel:\(.key)", expr: .value.expr})}]}' "$1"
}

if [ $# -eq 0 ]; then
  made=$(mktemp -d)
  root=$(cd "$(dirname "$0")/.." && pwd)
  (cd "$root" && MAINSTAY_BUNDLES=$made cargo test -q -p emit --test it bundles_can_be_handed) >"$log" 2>&1 ||
    { cat "$log"; exit 1; }
  set -- "$made"/*/
fi

promtool='' amtool='' jq='' compose=''
have promtool prometheus && promtool=1
have amtool prometheus-alertmanager && amtool=1
have jq jq && jq=1
docker compose version >/dev/null 2>&1 && compose=1

for bundle in "$@"; do
  name=$(basename "$bundle")
  folder=$bundle/observability
  if [ ! -d "$folder" ]; then
    skip "$name" "no observability/ in it"
    continue
  fi
  if [ -f "$folder/prometheus/prometheus.yml" ]; then
    if [ -n "$promtool" ]; then
      judge "$name: promtool check config" promtool check config "$folder/prometheus/prometheus.yml"
      for test in "$folder"/prometheus/rules/*.test.yml "$folder"/prometheus/rules/probes/*.test.yml; do
        [ -e "$test" ] && judge "$name: promtool test rules $(basename "$test")" promtool test rules "$test"
      done
      if [ -n "$jq" ]; then
        for dashboard in "$folder"/grafana/dashboards/*.json; do
          [ -e "$dashboard" ] || continue
          questions "$dashboard" >"$rules"
          judge "$name: questions of $(basename "$dashboard")" promtool check rules "$rules"
        done
      else
        skip "$name: questions of the dashboards" "jq is not on the path"
      fi
    else
      skip "$name: promtool" "not on the path and could not be installed"
    fi
    if [ -n "$amtool" ]; then
      judge "$name: amtool check-config" amtool check-config "$folder/alertmanager/alertmanager.yml"
    else
      skip "$name: amtool" "not on the path and could not be installed"
    fi
  fi
  if [ -f "$folder/otel/collector.yaml" ]; then
    if command -v otelcol-contrib >/dev/null; then
      DEPLOYMENT_ENVIRONMENT=local TRACES_ENDPOINT=localhost:4317 \
        judge "$name: otelcol validate" otelcol-contrib validate "--config=$folder/otel/collector.yaml"
      if [ -f "$folder/otel/collector.aws.yaml" ]; then
        DEPLOYMENT_ENVIRONMENT=local OTLP_PORT=4318 AWS_REGION=eu-west-1 METRICS_ENDPOINT=https://localhost/ \
          judge "$name: otelcol validate on AWS" otelcol-contrib validate \
          "--config=$folder/otel/collector.aws.yaml"
      fi
    else
      skip "$name: otelcol-contrib" "not on the path"
    fi
  fi
  if [ -f "$bundle/compose.yaml" ] && [ -n "$compose" ]; then
    judge "$name: docker compose config" docker compose -f "$bundle/compose.yaml" \
      -f "$folder/compose.yaml" config --quiet
  else
    skip "$name: docker compose" "docker or the application's compose.yaml is not there"
  fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
