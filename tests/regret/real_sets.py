#!/usr/bin/env python3
"""The regret of following riata compare on six real tables, on rows that were held out.

    real_sets.py PROGRAM FOLDER [--splits N] [--first N]

FOLDER holds ames/ames.csv (R's modeldata), california_housing/housing.csv (Géron's handson-ml), diabetes_lars/
diabetes_x2_442x64.csv.gz (R's lars), meats/meats.csv (modeldata), prostate/prostate.csv (ESL), riboflavin/riboflavin.csv.gz
(R's hdi). For each split some rows are drawn to learn from and the others are put aside; riata compare advises on the first,
every candidate is fitted on them with the λ of its row in the table, and judged on the others. Two regrets are printed, each for
the advice and for fixed choices: over the penalty that is best for the table, its mean error over the splits, which is what a
rule can hope to reach; and over the least of the four in each split, which takes hindsight. Not run by the tests: it takes minutes.
"""
import argparse
import csv
import gzip
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

PENALTIES = ("none", "l2", "l1", "elastic-net")
#      file, target, rows to learn from, most rows put aside, options
SETS = {
    "prostate": ("prostate/prostate.csv", "lpsa", 65, 1000, ("--exclude", "train")),
    "diabetes, squares and products": ("diabetes_lars/diabetes_x2_442x64.csv.gz", "y", 295, 1000, ()),
    "meats": ("meats/meats.csv", "fat", 143, 1000, ("--exclude", "water,protein")),
    "riboflavin": ("riboflavin/riboflavin.csv.gz", "q_RIBFLV", 47, 1000, ()),
    "ames": ("ames/ames.csv", "Sale_Price", 600, 2000, ()),
    "california": ("california_housing/housing.csv", "median_house_value", 1000, 5000, ("--missing", "mean")),
}


def rows_of(path):
    with (gzip.open(path, "rt") if path.suffix == ".gz" else open(path, encoding="utf-8")) as file:
        return list(csv.reader(file))


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header] + rows)


def riata(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def study(program, table, one, split, folder):
    _, target, n_learn, most_aside, options = one
    rows = table[1:]
    random.Random(f"{one[0]} {split}").shuffle(rows)
    learn, aside, model = folder / "learn.csv", folder / "aside.csv", folder / "model.json"
    write(learn, table[0], rows[:n_learn])
    write(aside, table[0], rows[n_learn:n_learn + most_aside])
    common = ("--target", target, "--format", "json", "--quiet", *options)
    found = riata(program, "compare", learn, *common)
    errors = {}
    for candidate in found["candidates"]:
        words = ["--penalty", candidate["penalty"]]
        if candidate["penalty"] != "none":
            words += ["--lambda", repr(candidate["lambda"])]
        if candidate["penalty"] == "elastic-net":
            words += ["--l1-ratio", repr(candidate["l1_ratio"])]
        riata(program, "fit", learn, *common, "--folds", "0", "--model", model, *words)
        judged = riata(program, "evaluate", model, aside, "--format", "json", "--unseen", "baseline")
        errors[candidate["penalty"]] = judged["measures"]["mse"]["value"]
    return errors, found["advice"]["penalty"]


def over(errors, yardstick):
    """(percentage by which the mean error is above that of the yardstick, its standard error over the splits)"""
    n, base = len(errors), sum(yardstick) / len(yardstick)
    ratio = sum(errors) / n / base
    spread = sum((one - ratio * by) ** 2 for one, by in zip(errors, yardstick))
    return 100 * (ratio - 1), 100 * math.sqrt(spread / (n - 1) / n) / base if n > 1 else math.nan


def in_hindsight(errors, splits):
    return 100 * sum(error / min(split.values()) - 1 for error, split in zip(errors, splits)) / len(splits)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    columns = ("advice",) + PENALTIES
    total = {name: [] for name in columns}
    print(f"| table, {arguments.splits} splits | best | advice | always none | always l2 | always l1 | always elastic-net | advised |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for title, one in SETS.items():
            table = rows_of(arguments.folder / one[0])
            studied = [study(arguments.program, table, one, split, pathlib.Path(name))
                       for split in range(arguments.first, arguments.first + arguments.splits)]
            splits, advised = [errors for errors, _ in studied], [advice for _, advice in studied]
            found = {key: [split.get(advice if key == "advice" else key, math.inf) for split, advice in studied]
                     for key in columns}
            best = min(PENALTIES, key=lambda key: sum(found[key]))
            cells = {key: over(found[key], found[best]) for key in columns}
            for key in columns:
                total[key].append((cells[key], in_hindsight(found[key], splits)))
            counts = ", ".join(f"{advised.count(a)} × {a}" for a in sorted(set(advised), key=advised.count, reverse=True))
            print(f"| {title} | {best} | " + " | ".join("–" if key == best else f"{value:.2f} ± {error:.2f} %"
                                                        for key, (value, error) in cells.items()) + f" | {counts} |", flush=True)
    n = len(SETS)
    means = {key: (sum(value for (value, _), _ in all_of) / n, math.sqrt(sum(error ** 2 for (_, error), _ in all_of)) / n)
             for key, all_of in total.items()}
    print("| all | | " + " | ".join(f"{value:.2f} ± {error:.2f} %" for value, error in means.values()) + " | |")
    print("| all, over the best of each split | | " +
          " | ".join(f"{sum(hindsight for _, hindsight in all_of) / n:.2f} %" for all_of in total.values()) + " | |")


if __name__ == "__main__":
    sys.exit(main())
