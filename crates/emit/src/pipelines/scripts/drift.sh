#!/usr/bin/env bash
# Keeps one issue an environment about what runs differently from what main says: drift.sh ENVIRONMENT
# Reads GH_TOKEN and GITHUB_REPOSITORY, the release that fetch.sh brought, and the plan that plan.sh left. The issue is closed when nothing differs.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
if [ ! -s release/id ]; then
  echo "no release ever passed in $environment, so there is nothing that could have drifted"
  exit 0
fi
title="Drift in $environment"
issue=$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --limit 500 --json number,title \
  | jq -r --arg title "$title" '.[] | select(.title == $title) | .number' | sed -n 1p)

if [ "$(jq length plan/changes.json)" -eq 0 ]; then
  echo "$environment is what main says"
  if [ -n "$issue" ]; then
    gh issue close "$issue" --repo "$GITHUB_REPOSITORY" --comment "Nothing differs any more."
  fi
  exit 0
fi
{
  echo "What runs in $environment is not what \`main\` says. Either somebody changed it by hand, or a change was merged and not deployed."
  echo
  jq -r '.[:200][] | "- `\(.address)`: \(.actions | join(", "))"' plan/changes.json
} > plan/drift.md
if [ -n "$issue" ]; then
  gh issue edit "$issue" --repo "$GITHUB_REPOSITORY" --body-file plan/drift.md
else
  gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --body-file plan/drift.md
fi
