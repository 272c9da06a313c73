#!/usr/bin/env bash
# clang-tidy over the sources, as many at a time as there are cores; .clang-tidy says which checks. usage: scripts/tidy.sh [file…]
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset dev -B build/tidy -DRIATA_BUILD_PYTHON=ON --log-level=WARNING >/dev/null
[ $# -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cpp' 'cli/*.cpp' 'python/*.cpp' | grep -v '_test\.cpp$')
printf '%s\n' "${@:-${files[@]}}" |
  xargs -P "$(nproc)" -n 1 clang-tidy-16 -p build/tidy --quiet --warnings-as-errors='*' 2> >(grep -v 'warnings\? generated' >&2)
echo "tidy: clean"
