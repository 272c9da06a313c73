#!/usr/bin/env bash
# Runs every fuzz target of tests/fuzz for a short while from its seeds, as many at a time as there are cores.
# usage: scripts/fuzz.sh [seconds a target]
# A crash leaves its input in build/asan-ubsan/found; once mended, that file joins tests/fuzz/seeds/<target>.
set -euo pipefail
cd "$(dirname "$0")/.."
export SECONDS_EACH=${1:-20}
cmake --preset asan-ubsan --log-level=WARNING
cmake --build --preset asan-ubsan

run() {  # NAME
  local corpus=build/asan-ubsan/corpus/$1 seeds=tests/fuzz/seeds/$1
  mkdir -p "$corpus" build/asan-ubsan/found "$seeds"
  echo "fuzz: $1, $SECONDS_EACH s"
  "build/asan-ubsan/$1_fuzz" -max_total_time="$SECONDS_EACH" -timeout=30 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=0 -artifact_prefix="build/asan-ubsan/found/$1-" "$corpus" "$seeds"
}
export -f run
basename -s _fuzz.cpp -a tests/fuzz/*_fuzz.cpp | xargs -P "$(nproc)" -I{} bash -euc 'run {}'
