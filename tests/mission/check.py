#!/usr/bin/env python3
"""riata train --torch-compat from PyTorch's weights: the ten printed losses and the norm are PyTorch's, in the JSON and in the
text, which shows as many decimals. Usage: check.py PROGRAM"""
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
             "--torch-compat", "--precision", "float64", "--initial-weights", "initial.safetensors"]
    done = subprocess.run([*words, *options], cwd=HERE, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return done.stdout


def of_json(text):
    history = json.loads(text)["history"]
    return [row["training_loss"] for row in history if row["epoch"] % 10 == 0], history[-1]["weight_norm"]


def of_text(text):
    """Only what is written with twelve decimals, as PyTorch's numbers are."""
    rows = re.findall(r"^ +(\d+) +(\d+\.\d{12}) +(\d+\.\d{12})$", text, re.M)
    return [float(loss) for epoch, loss, _ in rows if int(epoch) % 10 == 0], float(rows[-1][2]) if rows else 0.0


def main():
    program, failed = os.path.abspath(sys.argv[1]), 0
    for name, losses, norm in expected():
        for read, more in ((of_json, ["--format", "json"]), (of_text, [])):
            ours, our_norm = read(train(program, [*OPTIONS[name], *more]))
            worst = max([abs(a - b) for a, b in zip(ours, losses)] + [abs(our_norm - norm)])
            good = len(ours) == len(losses) and worst <= TOLERANCE
            print(f"{'ok' if good else 'FAILED'}  {name}, {read.__name__[3:]}: largest difference {worst:.1e}")
            failed += not good
    sys.exit(1 if failed else 0)


main()
