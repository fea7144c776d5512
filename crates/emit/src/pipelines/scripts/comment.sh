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
            (.[] | "| \(.name) | \(.old | dollars) | \(.new | dollars) | \(.new - .old | signed) |"), ""
          end)' infra/cost.json
}

{
  echo "$marker"
  echo "## Plan of $environment"
  echo
  jq -r 'if length == 0 then "Nothing changes." else
    "\(length) resources change.", "",
    (map(select(.actions | index("delete"))) | if length == 0 then empty else
      "**Deleted or replaced:**", "", (.[] | "- `\(.address)`"), "" end) end' plan/changes.json
  echo
  cost
  echo "<details><summary>Plan at ${GITHUB_SHA:-HEAD}</summary>"
  echo
  echo "$fence"
  # A comment holds 65,536 characters.
  head -c 55000 plan/plan.txt
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
