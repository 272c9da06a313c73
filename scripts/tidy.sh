#!/usr/bin/env bash
# clang-tidy over the sources, two at a time; .clang-tidy says which checks. usage: scripts/tidy.sh [file…]
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset dev --log-level=WARNING >/dev/null
[ $# -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cpp' 'cli/*.cpp' | grep -v '_test\.cpp$')
printf '%s\n' "${@:-${files[@]}}" | xargs -P "$(nproc)" -n 1 clang-tidy-16 -p build/dev --quiet --warnings-as-errors='*' 2>/dev/null
echo "tidy: clean"
