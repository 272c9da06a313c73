#!/usr/bin/env python3
"""riata train --torch-compat from PyTorch's weights: the ten printed losses and the norm are PyTorch's. Usage: check.py PROGRAM"""
import ast
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = {
    "adam, weight_decay 1e-4": ["--optimizer", "adam", "--weight-decay", "1e-4"],
    "adam, no decay": ["--optimizer", "adam"],
    "sgd, weight_decay 1e-4": ["--optimizer", "sgd", "--weight-decay", "1e-4"],
    "adamw, weight_decay 1e-2": ["--optimizer", "adamw", "--weight-decay", "1e-2"],
}
TOLERANCE = 1e-9


def expected():
    with open(os.path.join(HERE, "expected.txt"), encoding="utf-8") as handle:
        for line in handle:
            name, losses, norm = re.fullmatch(r"(.*) (\[.*\]) norm (\S+)\n", line).groups()
            yield name, [float(loss) for loss in ast.literal_eval(losses)], float(norm)


def train(program, options):
    words = [program, "train", "table.csv", "--target", "y", "--hidden", "5", "--learning-rate", "0.01", "--epochs", "100",
             "--torch-compat", "--precision", "float64", "--initial-weights", "initial.safetensors", "--format", "json"]
    done = subprocess.run([*words, *options], cwd=HERE, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def main():
    program, failed = os.path.abspath(sys.argv[1]), 0
    for name, losses, norm in expected():
        history = train(program, OPTIONS[name])["history"]
        ours = [row["training_loss"] for row in history if row["epoch"] % 10 == 0]
        worst = max([abs(a - b) for a, b in zip(ours, losses)] + [abs(history[-1]["weight_norm"] - norm)])
        good = len(ours) == len(losses) and worst <= TOLERANCE
        print(f"{'ok' if good else 'FAILED'}  {name}: largest difference {worst:.1e}")
        failed += not good
    sys.exit(1 if failed else 0)


main()
