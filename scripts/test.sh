#!/usr/bin/env bash
# Every test, one stage after the other; all stages run even if one fails. Ends with a summary.
# usage: scripts/test.sh [stage…]   stages: style release asan-ubsan tsan fuzz, and tidy, which `make tidy` runs by itself
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
log=build/test.log summary=build/test-summary.txt
: >"$summary"

style() {
  git ls-files '*.cpp' '*.hpp' | xargs clang-format-16 --dry-run --Werror
}
build_and_test() {
  cmake --preset "$1" --log-level=WARNING && cmake --build --preset "$1" && ctest --preset "$1" "${@:2}"
}
stage() {
  case $1 in
    style) style ;;
    release) build_and_test release ;;
    asan-ubsan) build_and_test asan-ubsan ;;
    tsan) build_and_test tsan ;;
    fuzz) scripts/fuzz.sh 15 ;;
    tidy) scripts/tidy.sh ;;
    *) echo "no such stage: $1" >&2; return 2 ;;
  esac
}

failed=0
[ $# -gt 0 ] || set -- style release asan-ubsan tsan fuzz
for name in "$@"; do
  echo "== $name"
  start=$SECONDS
  stage "$name" 2>&1 | tee "$log"
  if [ "${PIPESTATUS[0]}" -eq 0 ]; then verdict=passed; else verdict=FAILED; failed=$((failed + 1)); fi
  printf '%-12s %s in %d s\n' "$name" "$verdict" $((SECONDS - start)) >>"$summary"
  # How many, and which: what CTest lists at its end as "  12 - name (Failed)".
  grep -E 'tests passed|tests failed out of|^[[:space:]]+[0-9]+ - .* \(([^S]|S[^k])' "$log" >>"$summary"
done
echo "== summary"
cat "$summary"
echo "$(($# - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
