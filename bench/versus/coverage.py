#!/usr/bin/env python3
"""How often the intervals of `riata evaluate` hold the truth: they say 95 %.

    coverage.py RIATA [SAMPLES [KIND …]]

A model of numbers with normal errors, one with heavy tails (Student's t, 6 degrees), one of two classes, each fitted once. The truth is its measure on 200,000 rows that it has not seen; each
sample is a table of 50, 200 or 1000 such rows given to `riata evaluate`. Prints the share of intervals that hold the truth.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

SIZES = (50, 200, 1000)
KINDS = ("normal", "heavy", "classes")


def draw(random, rows, kind):
    x = random.standard_normal((rows, 3))
    eta = x @ [1.0, -0.5, 0.25]
    if kind == "classes":
        y = (random.random(rows) < 1 / (1 + np.exp(-1.5 * eta - 0.5))).astype(int)
        return [f"{a:.6g},{b:.6g},{c:.6g},{'yes' if v else 'no'}" for (a, b, c), v in zip(x, y)]
    y = eta + (random.standard_t(6, rows) if kind == "heavy" else random.standard_normal(rows))
    return [f"{a:.6g},{b:.6g},{c:.6g},{v:.6g}" for (a, b, c), v in zip(x, y)]


def evaluate(program, folder, rows):
    (folder / "t.csv").write_text("a,b,c,y\n" + "\n".join(rows) + "\n")
    out = subprocess.run([program, "evaluate", folder / "m.json", folder / "t.csv", "--format", "json", "--quiet"], check=True,
                         capture_output=True)
    return json.loads(out.stdout)["measures"]


def main():
    program, samples = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for kind in sys.argv[3:] or KINDS:
            random = np.random.default_rng(1)
            (folder / "train.csv").write_text("a,b,c,y\n" + "\n".join(draw(random, 100, kind)) + "\n")
            subprocess.run([program, "fit", folder / "train.csv", "--target", "y", "--lambda", "0.1", "--quiet", "--model",
                            folder / "m.json"], check=True, capture_output=True)
            truth = evaluate(program, folder, draw(random, 200_000, kind))
            for size in SIZES:
                held = {measure: 0 for measure in truth}
                for _ in range(samples):
                    for measure, seen in evaluate(program, folder, draw(random, size, kind)).items():
                        held[measure] += seen["low"] <= truth[measure]["value"] <= seen["high"]
                shares = ", ".join(f"{measure} {100 * count / samples:.1f}" for measure, count in held.items())
                print(f"{kind}, {size} rows: {shares} %", flush=True)


if __name__ == "__main__":
    main()
