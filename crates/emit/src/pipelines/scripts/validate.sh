#!/usr/bin/env bash
# Holds every Terraform root to its own format and its providers' schemas, without state or credentials.
set -euo pipefail
shopt -s inherit_errexit

export TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-$PWD/.terraform-plugins}
mkdir -p "$TF_PLUGIN_CACHE_DIR"
terraform fmt -check -diff -recursive infra/terraform
for root in infra/terraform/bootstrap infra/terraform/shared infra/terraform/envs/*; do
  [ -d "$root" ] || continue
  echo "$root"
  terraform -chdir="$root" init -backend=false -input=false -no-color > /dev/null
  terraform -chdir="$root" validate -no-color
done
