#!/usr/bin/env bash
# Puts the last good release of an environment back: rollback.sh ENVIRONMENT
# What the failed release brought beside images (new resources, rows) stays; nothing is destroyed on the way back.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
here=infra/pipeline

if [ ! -f plan/applied ]; then
  echo "nothing was applied, so there is nothing to take back"
  exit 0
fi
"$here/fetch.sh" "$environment" last-good
if [ ! -s release/id ]; then
  echo "::warning title=$environment::there is no good release to go back to"
  exit 0
fi
"$here/apply.sh" "$environment"
"$here/release.sh" "$environment"
"$here/smoke.sh" "$environment"
echo "::notice title=$environment::release $(cat release/id) serves again"
