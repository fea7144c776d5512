#!/usr/bin/env bash
# Shows the plan and the change in cost on the pull request, in one comment an environment: comment.sh ENVIRONMENT
# Reads GH_TOKEN, GITHUB_REPOSITORY and PULL_REQUEST. The first parent of a pull request's merge is its base.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
marker="<!-- plan of $environment -->"
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
# Backticks of a plan must not end the block that shows it.
fence='``````````'

# The pipeline may not change its own rights, or the places that images are pushed to.
administrators() {
  if ! git diff --quiet HEAD^1 HEAD -- infra/terraform/bootstrap infra/terraform/shared 'infra/terraform/modules/shared-*'; then
    echo "**Before this is merged, an administrator applies \`infra/terraform/bootstrap\` and \`infra/terraform/shared\`** as \`docs/deployment.md\` says: this change needs what they hold."
    echo
  fi
}

cost() {
  local base
  [ -f infra/cost.json ] || return 0
  base=$(git show HEAD^1:infra/cost.json 2> /dev/null) || base='{}'
  jq -r --argjson base "$base" --arg stack "$environment" '
    def signed: (. * 100 | round / 100) as $n | if $n > 0 then "+\($n)" else "\($n)" end;
    def dollars: . * 100 | round / 100;
    (.[$stack] // {}) as $new | ($base[$stack] // {}) as $old
    | ([$new[]] | add // 0) as $total | ([$old[]] | add // 0) as $before
    | "Cost: **\($total | dollars) USD a month** (\($total - $before | signed))",
      "",
      ([$new, $old | keys[]] | unique | map(. as $c | {name: $c, old: ($old[$c] // 0), new: ($new[$c] // 0)})
        | map(select((.new - .old) * 100 | round != 0))
        | if length == 0 then empty else
            "| component | before | after | change |", "|---|---:|---:|---:|",
            (.[:50][] | "| \(.name) | \(.old | dollars) | \(.new | dollars) | \(.new - .old | signed) |"), ""
          end)' infra/cost.json
}

{
  echo "$marker"
  echo "## Plan of $environment"
  echo
  jq -r 'if length == 0 then "Nothing changes." else
    "\(length) resources change.", "",
    (map(select(.actions | index("delete"))) | if length == 0 then empty else
      "**Deleted or replaced: \(length)**", "", (.[:50][] | "- `\(.address)`"), "" end) end' plan/changes.json
  echo
  administrators
  cost
  echo "<details><summary>Plan at ${GITHUB_SHA:-HEAD}</summary>"
  echo
  echo "$fence"
  # A comment holds 65,536 characters, and the lists above are cut so that they leave room for the plan.
  head -c 45000 plan/plan.txt
  echo
  echo "$fence"
  echo "</details>"
} > plan/comment.md

body=$(mktemp)
jq -Rs '{body: .}' plan/comment.md > "$body"
existing=$(gh api --paginate "$comments" | jq -r --arg marker "$marker" \
  '.[] | select(.user.type == "Bot" and (.body | startswith($marker))) | .id' | sed -n 1p)
if [ -n "$existing" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$existing" --input "$body"
else
  gh api --silent --method POST "$comments" --input "$body"
fi
