#!/usr/bin/env bash
# Refuses an image in which the registry found a critical vulnerability: scan.sh REPOSITORY DIGEST
# One that is known to have no fix yet stops nobody. What else is let through stands in
# infra/accepted-vulnerabilities.json, each with a reason and the last day that it holds:
#   [{"id": "CVE-2025-0001", "reason": "the program parses no XML", "until": "2026-01-31"}]
set -euo pipefail
shopt -s inherit_errexit

repository=$1
digest=$2
list=infra/accepted-vulnerabilities.json
accepted='[]'
if [ -f "$list" ]; then
  accepted=$(jq -c --arg today "$(date -u +%F)" '
    map(if (.id and .reason and (.until | test("^\\d{4}-\\d{2}-\\d{2}$"))) then . else
      error("an accepted vulnerability needs id, reason and until") end
    | select(.until >= $today) | .id)' "$list")
fi

# The scan of one image, once it is over; what became of it otherwise.
scanned() {
  local image=$1 try status=None
  for try in $(seq 1 60); do
    status=$(aws ecr describe-images --repository-name "$repository" --image-ids "imageDigest=$image" \
      --query 'imageDetails[0].imageScanStatus.status' --output text)
    case $status in
      None)
        # The registry scans what is pushed; parts of an index may have to be asked for.
        if [ "$try" -eq 6 ]; then
          aws ecr start-image-scan --repository-name "$repository" --image-id "imageDigest=$image" > /dev/null || true
        fi
        ;;
      IN_PROGRESS | PENDING) ;;
      *) break ;;
    esac
    sleep "${SCAN_PAUSE:-5}"
  done
  printf '%s' "$status"
}

# An index is scanned by its images, one a platform; what else it holds says how it was made.
manifest=$(aws ecr batch-get-image --repository-name "$repository" --image-ids "imageDigest=$digest" \
  --query 'images[0].imageManifest' --output text)
images=$(jq -r --arg digest "$digest" \
  'if .manifests then .manifests[] | select(.platform.os != "unknown") | .digest else $digest end' <<< "$manifest")
refused=0
for image in $images; do
  status=$(scanned "$image")
  if [ "$status" != COMPLETE ] && [ "$status" != ACTIVE ]; then
    echo "::warning title=$repository::$image was not scanned: $status"
    continue
  fi
  found=$(aws ecr describe-image-scan-findings --repository-name "$repository" --image-id "imageDigest=$image" \
    --output json | jq -r --argjson accepted "$accepted" '.imageScanFindings
      | (.findings[]? | select(.severity == "CRITICAL") | .name),
        (.enhancedFindings[]? | select(.severity == "CRITICAL" and .fixAvailable != "NO")
          | .packageVulnerabilityDetails.vulnerabilityId)
      | select(IN($accepted[]) | not)' | sort -u)
  for vulnerability in $found; do
    echo "::error title=$repository::$vulnerability is critical; mend the image, or accept it in $list"
    refused=1
  done
done
exit "$refused"
