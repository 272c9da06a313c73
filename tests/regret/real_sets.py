#!/usr/bin/env python3
"""The regret of following riata compare on six real tables, on rows that were held out.

    real_sets.py PROGRAM FOLDER [--splits N] [--first N]

FOLDER holds ames/ames.csv (R's modeldata), california_housing/housing.csv (Géron's handson-ml), diabetes_lars/
diabetes_x2_442x64.csv.gz (R's lars), meats/meats.csv (modeldata), prostate/prostate.csv (ESL), riboflavin/riboflavin.csv.gz
(R's hdi). For each split some rows are drawn to learn from and the others are put aside; riata compare advises on the first,
every candidate is fitted on them with the λ of its row in the table, and judged on the others. Regret is the advised model's
error over the least of the four, less one, and the same for fixed choices. Not run by the tests: it takes minutes.
"""
import argparse
import csv
import gzip
import json
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
    best = min(errors.values())
    return {penalty: errors.get(penalty, float("nan")) / best - 1 for penalty in PENALTIES}, found["advice"]["penalty"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    columns = ("advice",) + PENALTIES
    total = {name: [] for name in columns}
    print(f"| table, {arguments.splits} splits | advice | always none | always l2 | always l1 | always elastic-net | advised |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for title, one in SETS.items():
            table = rows_of(arguments.folder / one[0])
            values, advised = {key: [] for key in columns}, []
            for split in range(arguments.first, arguments.first + arguments.splits):
                regrets, advice = study(arguments.program, table, one, split, pathlib.Path(name))
                advised.append(advice)
                for key in columns:
                    values[key].append(regrets[advice if key == "advice" else key])
            mean = {key: 100 * sum(all_of) / len(all_of) for key, all_of in values.items()}
            for key in columns:
                total[key].append(mean[key])
            counts = ", ".join(f"{advised.count(a)} × {a}" for a in sorted(set(advised), key=advised.count, reverse=True))
            print(f"| {title} | " + " | ".join(f"{value:.2f} %" for value in mean.values()) + f" | {counts} |", flush=True)
    print("| all | " + " | ".join(f"{sum(all_of) / len(all_of):.2f} %" for all_of in total.values()) + " | |")


if __name__ == "__main__":
    sys.exit(main())
