#!/usr/bin/env bash
# Fits the two large tables with ten-fold cross-validation and tells time and peak memory of each run (docs/benchmarks.md).
# usage: bench/scale/run.sh FOLDER   (the tables go there: 3.2 GB)
set -euo pipefail
folder=$1
cd "$(dirname "$0")/../.."
mkdir -p "$folder"
[ -f "$folder/tall.parquet" ] || build/venv/bin/python bench/scale/generate.py tall "$folder/tall.parquet"
[ -f "$folder/wide.npy" ] || build/venv/bin/python bench/scale/generate.py wide "$folder/wide.npy"
for table in "tall.parquet --target y" wide.npy; do
  for options in "--penalty l1" "--penalty l2"; do
    # shellcheck disable=SC2086
    /usr/bin/time -f "%e s, %M KiB" build/release/riata fit "$folder/"$table $options --format json --quiet \
      >"$folder/result.json" 2>"$folder/time.txt" || { cat "$folder/time.txt"; exit 1; }
    echo "$table $options: $(tail -1 "$folder/time.txt")"
    build/venv/bin/python -c "
import json, sys
r = json.load(open(sys.argv[1]))
worst = max(p['relative_gap'] for p in r['path'])
print('  ', r['seconds'], 'lambda', len(r['path']), 'worst gap', worst, 'selected', r['selected'])" "$folder/result.json"
  done
done
