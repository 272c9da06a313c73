#!/usr/bin/env bash
# Runs every fuzz target of tests/fuzz for a short while from its seeds. usage: scripts/fuzz.sh [seconds a target]
# A crash leaves its input in build/fuzz/found; once mended, that file joins tests/fuzz/seeds/<target>.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
cmake --preset fuzz --log-level=WARNING
cmake --build --preset fuzz
for source in tests/fuzz/*_fuzz.cpp; do
  target=$(basename "$source" .cpp)
  name=${target%_fuzz}
  mkdir -p "build/fuzz/corpus/$name" build/fuzz/found "tests/fuzz/seeds/$name"
  echo "fuzz: $name, $seconds s"
  "build/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=0 \
    -artifact_prefix=build/fuzz/found/ "build/fuzz/corpus/$name" "tests/fuzz/seeds/$name"
done
