#!/usr/bin/env bash
# The project's figures, measured with hyperfine and GNU time on a release build. Prints one line a figure.
# Usage: benches/figures.sh   (needs hyperfine and /usr/bin/time; Debian packages `hyperfine` and `time`)
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --package mainstay
bin=target/release/mainstay
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in 50 100 200; do
  mkdir -p "$work/big-$n"
  cargo xtask spec "$n" > "$work/big-$n/mainstay.yaml"
done

measure() { # NAME COMMAND...
  local name=$1
  shift
  hyperfine --shell=none --warmup 2 --runs 15 --prepare "rm -rf $work/out" --export-json "$work/$name.json" "$*" > /dev/null 2>&1
  python3 -c "import json,sys; r=json.load(open('$work/$name.json'))['results'][0]; print(f\"$name: {r['mean']*1000:.1f} ms (min {r['min']*1000:.1f}, max {r['max']*1000:.1f})\")"
}

measure version "$bin" --version
measure deliver-shop "$bin" deliver examples/shop --out "$work/out" --quiet
/usr/bin/time -f 'deliver-shop peak memory: %M KiB' "$bin" deliver examples/shop --out "$work/out" --quiet > /dev/null
for n in 50 100 200; do
  measure "deliver-$n-services" "$bin" deliver "$work/big-$n" --out "$work/out" --quiet
done
stat --format='binary: %s bytes' "$bin"
