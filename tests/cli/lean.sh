#!/usr/bin/env bash
# --memory lean holds its promise: peak memory within the data and a fifth (at least 64 MiB) beyond a small fit's, and the
# same answer as auto. A network reads float32 as float32: the table, and the features scaled in the order of the steps; so
# does what predicts with it. usage: lean.sh RIATA PYTHON
set -euo pipefail
riata=$1 python=$2 folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"$python" - "$folder" <<'PY'
import sys
import numpy as np

random = np.random.default_rng(1)
for name, n, p in (("small", 20, 2), ("wide", 200, 100_000)):
    x = random.standard_normal((n, p + 1))
    x[:, 0] += x[:, 1] - x[:, 2]
    np.save(f"{sys.argv[1]}/{name}.npy", np.asfortranarray(x))
np.save(f"{sys.argv[1]}/tall.npy", random.standard_normal((200_000, 60), dtype=np.float32))
x = random.standard_normal((300_000, 12), dtype=np.float32)
x[:, 0] = x[:, 1] - x[:, 2] + random.standard_normal(300_000) > 0
np.save(f"{sys.argv[1]}/classes.npy", np.asfortranarray(x))
PY
fit() {  # name, memory: peak in KiB to stdout, the result to a file
  command time -f %M -o "$folder/peak" "$riata" fit "$folder/$1.npy" --target 1 --penalty l1 --lambdas 20 --folds 2 --quiet \
    --threads 2 --memory "$2" --format json >"$folder/$1-$2.json"
  tail -n 1 "$folder/peak"
}
peak() {  # of a command on a table, in KiB
  command time -f %M -o "$folder/peak" "$riata" "$@" --quiet --threads 1 >"$folder/output"
  tail -n 1 "$folder/peak"
}
train() {  # table, batch size
  peak train "$folder/$1.npy" --target 1 --hidden 4 --epochs 1 --batch-size "$2" --model "$folder/$1.safetensors"
}
data=$((200000 * 60 * 4 / 1024))
for batch in 0 10; do
  few=$(train small $batch) many=$(train tall $batch)
  echo "small train $few KiB; data $data KiB; train by batches of $batch $many KiB"
  [ $((many - few)) -le $((2 * data + 16384)) ] || { echo "train took more than twice the data"; exit 1; }
done
few=$(peak predict "$folder/small.safetensors" "$folder/small.npy")
many=$(peak predict "$folder/tall.safetensors" "$folder/tall.npy")
echo "predict: $few KiB of few rows, $many KiB of many"
[ $((many - few)) -le $((2 * data + 16384)) ] || { echo "predict took more than twice the data"; exit 1; }
small=$(fit small lean) lean=$(fit wide lean) auto=$(fit wide auto)
data=$((200 * 100001 * 8 / 1024)) allowed=65536
echo "small fit $small KiB; data $data KiB; wide fit: lean $lean KiB, auto $auto KiB"
[ $((lean - small)) -le $((data + allowed)) ] || { echo "lean took more than the data and $allowed KiB"; exit 1; }
data=$((300000 * 12 * 4 / 1024)) classes=$(fit classes lean)
echo "small fit $small KiB; data $data KiB; classes, lean: $classes KiB"
[ $((classes - small)) -le $((data + allowed)) ] || { echo "lean took more than the data and $allowed KiB"; exit 1; }
[ "$lean" -lt "$auto" ] || { echo "lean took as much as auto"; exit 1; }
"$python" - "$folder" <<'PY'
import json
import sys

auto, lean = (json.load(open(f"{sys.argv[1]}/wide-{m}.json")) for m in ("auto", "lean"))
assert auto["selected"] == lean["selected"], "another choice"
assert auto["coefficients"].keys() == lean["coefficients"].keys(), "other features"
for name, value in auto["coefficients"].items():
    assert abs(value - lean["coefficients"][name]) < 1e-9, name
PY
