#!/usr/bin/env bash
# A whole journey on real data: 2,930 houses sold in Ames, Iowa. Fits a lasso path with cross-validation, shows the chosen model,
# writes the model, a report page and predictions to build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/demo
mkdir -p "$out"

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}
PATH="$PWD/build/release:$PATH"
show riata fit examples/data/ames.csv --target Sale_Price --penalty l1 --model "$out/ames.json" --report "$out/ames.html"
show riata predict "$out/ames.json" examples/data/ames.csv --keep Sale_Price -o "$out/predictions.csv"
show head -n 6 "$out/predictions.csv"
show riata evaluate "$out/ames.json" examples/data/ames.csv
