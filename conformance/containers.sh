#!/usr/bin/env bash
# Judges what is built and run: hadolint over the Dockerfiles, the compose specification's schema and
# docker compose itself over compose.yaml, and a real build of each image whose base can be stood in for.
#
#   conformance/containers.sh BUNDLE...
#
# A BUNDLE is an application's folder with the generated files in it: images are built from its sources.
# What is not installed is skipped by name; conformance/README.md says how each is installed.
set -euo pipefail

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
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    tail -n 40 "$work/said" | sed 's/^/     /'
  fi
}

skip() {
  skipped=$((skipped + 1))
  echo "SKIP $1: $2"
}

# A judge must refuse what is known to be wrong before its praise counts.
must_refuse() {
  local name=$1
  shift
  if "$@" > "$work/said" 2>&1; then
    failed=$((failed + 1))
    echo "FAIL $name: it accepts what is wrong"
  else
    passed=$((passed + 1))
    echo "ok   $name refuses what is wrong"
  fi
}

has() {
  command -v "$1" > /dev/null
}

# A file of settings with a stand-in for every value that .env.example asks for.
settings() {
  if [ -f "$1/.env.example" ]; then
    sed -E 's/^([A-Za-z_][A-Za-z0-9_]*)=.*/\1=conformance/' "$1/.env.example"
  fi
}

# `docker compose`, or its predecessor, which is older than the application's name in the file and does not know it.
compose_config() {
  settings "$1" > "$work/settings"
  local rest=(--env-file "$work/settings" --project-directory "$1" config --quiet)
  if docker compose version > /dev/null 2>&1; then
    docker compose --file "$1/compose.yaml" "${rest[@]}"
  else
    sed '/^name:/d' "$1/compose.yaml" > "$work/compose.yaml"
    docker-compose --file "$work/compose.yaml" "${rest[@]}"
  fi
}

# The folders that compose.yaml builds from, one a line: service, folder.
contexts() {
  python3 - "$1" <<'PYTHON'
import sys
from ruamel.yaml import YAML

with open(f"{sys.argv[1]}/compose.yaml") as text:
    services = YAML(typ="safe").load(text)["services"]
for name, service in services.items():
    build = service.get("build")
    if build:
        print(name, build if isinstance(build, str) else build.get("context", "."))
PYTHON
}

# An image with this machine's node and npm in it, for machines that cannot reach a registry of images.
node_base() {
  local container root file
  container=$(buildah from scratch)
  root=$work/node
  mkdir -p "$root"/{bin,etc,tmp,root,usr/bin,usr/lib}
  while read -r file; do
    cp -L --parents "$file" "$root/"
  done < <(ldd "$(readlink -f "$(command -v node)")" /bin/sh | grep -o '/[^ )]*' | grep -v ':$' | sort -u)
  cp -L "$(command -v node)" "$root/usr/bin/node"
  cp -L /bin/sh "$root/bin/sh"
  cp -L /usr/bin/env "$root/usr/bin/env"
  cp -r "$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")")" "$root/usr/lib/node_modules"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/bin/npm"
  echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
  buildah copy --quiet "$container" "$root" / > /dev/null
  buildah config --env PATH=/usr/bin:/bin "$container"
  buildah commit --quiet --rm "$container" "$1" > /dev/null
}

build() {
  local bundle=$1 service=$2
  buildah build --isolation chroot --layers=false --build-arg NODE=localhost/conformance-node \
    --file "$bundle/containers/$service/Dockerfile" --tag "localhost/conformance-$service" "$3"
}

if [ "$#" -eq 0 ]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 2
fi

printf 'FROM scratch\nRUN cd /x && sudo make\nCMD run it\n' > "$work/Wrong.Dockerfile"
printf 'services:\n  a: { imaje: x }\n' > "$work/wrong.yaml"
has hadolint && must_refuse hadolint hadolint --failure-threshold warning "$work/Wrong.Dockerfile"
has check-jsonschema && must_refuse "compose schema" \
  check-jsonschema --builtin-schema vendor.compose-spec "$work/wrong.yaml"

standin=
if ! has buildah; then
  standin="buildah is not installed"
elif ! has node || ! has npm; then
  standin="node and npm, which stand in for the base image, are not installed"
elif ! node_base localhost/conformance-node > "$work/base" 2>&1; then
  standin="the stand-in for the base image could not be made: $(tail -n 1 "$work/base")"
fi

for bundle in "$@"; do
  name=$(basename "$bundle")
  absent=
  declare -A folder=()
  if [ -f "$bundle/compose.yaml" ]; then
    while read -r service place; do
      folder[$service]=$place
      [ -d "$bundle/$place" ] || absent=$place
    done < <(contexts "$bundle")
  fi
  for dockerfile in "$bundle"/containers/*/Dockerfile; do
    [ -f "$dockerfile" ] || continue
    service=$(basename "$(dirname "$dockerfile")")
    if has hadolint; then
      judge "$name: hadolint $service" hadolint --failure-threshold warning "$dockerfile"
    else
      skip "$name: hadolint $service" "hadolint is not installed"
    fi
    if ! grep -q '^ARG NODE=' "$dockerfile"; then
      skip "$name: build $service" "its base image needs a registry of images"
    elif [ -n "$standin" ]; then
      skip "$name: build $service" "$standin"
    elif [ ! -d "$bundle/${folder[$service]:-none}" ]; then
      skip "$name: build $service" "its sources are not in the bundle's folder"
    else
      judge "$name: build $service" build "$bundle" "$service" "$bundle/${folder[$service]}"
    fi
  done
  if [ -f "$bundle/compose.yaml" ]; then
    if has check-jsonschema; then
      judge "$name: compose schema" check-jsonschema --builtin-schema vendor.compose-spec "$bundle/compose.yaml"
    else
      skip "$name: compose schema" "check-jsonschema is not installed"
    fi
    if [ -n "$absent" ]; then
      skip "$name: docker compose config" "the sources in $absent are not in the bundle's folder"
    elif docker compose version > /dev/null 2>&1 || has docker-compose; then
      judge "$name: docker compose config" compose_config "$bundle"
    else
      skip "$name: docker compose config" "neither docker compose nor docker-compose is installed"
    fi
  fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
