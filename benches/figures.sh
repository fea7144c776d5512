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

measure() { # NAME BEFORE-EACH-RUN COMMAND...
  local name=$1 before=$2
  shift 2
  hyperfine --shell=none --warmup 2 --runs 15 --prepare "$before" --export-json "$work/$name.json" "$*" > /dev/null 2>&1
  python3 -c "import json,sys; r=json.load(open('$work/$name.json'))['results'][0]; print(f\"$name: {r['mean']*1000:.1f} ms (min {r['min']*1000:.1f}, max {r['max']*1000:.1f})\")"
}

# Each run writes into a folder that is new. The last one is moved away and not deleted: some file systems search
# long for inodes that were freed a moment ago, which is no cost of ours.
deliver() { # NAME FOLDER
  mkdir -p "$work/out" "$work/done"
  local aside="mv --backup=numbered --no-target-directory $work/out $work/done/out"
  measure "$1" "$aside" "$bin" deliver "$2" --out "$work/out" --quiet
  /usr/bin/time -f "$1: peak memory %M KiB" "$bin" deliver "$2" --out "$work/fresh-$1" --quiet > /dev/null
}

measure version true "$bin" --version
deliver deliver-shop examples/shop
for n in 50 100 200; do
  deliver "deliver-$n-services" "$work/big-$n"
done
stat --format='binary: %s bytes' "$bin"
