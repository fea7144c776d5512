#!/usr/bin/env bash
# Keeps one issue an environment about what runs differently from what main says, and one about passwords that the
# pipeline should have replaced: drift.sh ENVIRONMENT
# Reads GH_TOKEN and GITHUB_REPOSITORY, the release that fetch.sh brought, and the plan that plan.sh left. An issue is
# closed when there is nothing to say any more.
set -euo pipefail
shopt -s inherit_errexit

environment=$1
root=infra/terraform/envs/$environment
if [ ! -s release/id ]; then
  echo "no release ever passed in $environment, so there is nothing that could have drifted"
  exit 0
fi
# The pipeline replaces passwords every month, and the cloud by itself three months later. When it is to do so within
# so many days, the pipeline has missed its day by two weeks.
days=45

# Opens, updates or, when the file is empty, closes the issue of a title.
keep() {
  local title=$1 file=$2 issue
  issue=$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --limit 500 --json number,title \
    | jq -r --arg title "$title" '.[] | select(.title == $title) | .number' | sed -n 1p)
  if [ ! -s "$file" ]; then
    echo "$title: nothing to say"
    if [ -n "$issue" ]; then
      gh issue close "$issue" --repo "$GITHUB_REPOSITORY" --comment "This is over."
    fi
  elif [ -n "$issue" ]; then
    gh issue edit "$issue" --repo "$GITHUB_REPOSITORY" --body-file "$file"
  else
    gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --body-file "$file"
  fi
}

: > plan/drift.md
if [ "$(jq length plan/changes.json)" -gt 0 ]; then
  {
    echo "What runs in $environment is not what \`main\` says. Either somebody changed it by hand, or a change was merged and not deployed."
    echo
    jq -r '.[:200][] | "- `\(.address)`: \(.actions | join(", "))"' plan/changes.json
  } > plan/drift.md
fi
keep "Drift in $environment" plan/drift.md

outputs=$(terraform -chdir="$root" output -json)
due=
while read -r rotated; do
  secret=$(jq -r --argjson rotated "$rotated" '.[$rotated.secret].value // empty' <<< "$outputs")
  # What was not deployed yet is drift and said above.
  [ -n "$secret" ] || continue
  next=$(aws secretsmanager describe-secret --secret-id "$secret" --query NextRotationDate --output text)
  [ "$next" != None ] || continue
  if [ "$(date --date "$next" +%s)" -lt "$(date --date "$days days" +%s)" ]; then
    due+="- \`$(jq -r .component <<< "$rotated")\`: $next"$'\n'
  fi
done < <(jq -c --arg environment "$environment" '.environments[$environment].rotated[]' infra/pipeline/delivery.json)
: > plan/due.md
if [ -n "$due" ]; then
  {
    echo "The cloud will replace these passwords by itself and restart nothing, so that services lose their databases. Run \`rotate.yml\` for $environment before that."
    echo
    printf '%s' "$due"
  } > plan/due.md
fi
keep "Passwords are due in $environment" plan/due.md
