#!/usr/bin/env python3
"""The regret of following riata compare, on data whose truth is known.

    regret.py PROGRAM [--seeds N] [--rows N] [--limit PERCENT]

Five kinds of data: dense and collinear; sparse with many irrelevant columns; correlated groups; many rows, few columns; pure
noise. For each seed riata compare advises; the true expected error of every candidate's model follows from its coefficients,
since the distribution is known: noise variance + (b − β)ᵀ Σ (b − β) + (difference of intercepts)². Regret is the advised
model's error over the least of the four, less one; "always l2" and so on are the regrets of fixed choices.
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

KINDS = ("dense, collinear", "sparse, many irrelevant", "correlated groups", "many rows", "pure noise")
PENALTIES = ("none", "l2", "l1", "elastic-net")


class Truth:
    """Rows x = Σ_f loading·factor + own·noise, so that cov(x) = LLᵀ + diag(own²); y = xᵀβ + σ·noise."""

    def __init__(self, kind, rng):
        self.n, self.p, factors = 100, 40, 0
        loadings, own = [], []
        if kind == KINDS[0]:
            factors = 4
            loadings = [[rng.gauss(0, 1) for _ in range(factors)] for _ in range(self.p)]
            own = [0.4] * self.p
            self.beta = [rng.gauss(0, 0.3) for _ in range(self.p)]
        elif kind == KINDS[1]:
            self.p = 120
            self.beta = [rng.choice((-1, 1)) * rng.uniform(0.5, 1.5) if j < 6 else 0.0 for j in range(self.p)]
        elif kind == KINDS[2]:
            self.p, factors = 60, 12  # twelve groups of five; three matter, by all of their members
            loadings = [[0.95 if f == j // 5 else 0.0 for f in range(factors)] for j in range(self.p)]
            own = [math.sqrt(1 - 0.95 ** 2)] * self.p
            self.beta = [0.5 if j < 15 else 0.0 for j in range(self.p)]
        elif kind == KINDS[3]:
            self.n, self.p = 600, 8
            self.beta = [rng.gauss(0, 1) for _ in range(self.p)]
        else:
            self.beta = [0.0] * self.p
        self.loadings = loadings or [[] for _ in range(self.p)]
        self.own = own or [1.0] * self.p
        self.factors = factors
        signal = self.variance(self.beta)
        self.sigma = math.sqrt(signal / 2) if signal > 0 else 1.0

    def variance(self, b):
        """bᵀ Σ b"""
        common = sum(sum(b[j] * self.loadings[j][f] for j in range(self.p)) ** 2 for f in range(self.factors))
        return common + sum((b[j] * self.own[j]) ** 2 for j in range(self.p))

    def write(self, path, rng):
        with open(path, "w", encoding="utf-8") as file:
            file.write(",".join([f"x{j}" for j in range(self.p)] + ["y"]) + "\n")
            for _ in range(self.n):
                common = [rng.gauss(0, 1) for _ in range(self.factors)]
                x = [sum(a * b for a, b in zip(self.loadings[j], common)) + self.own[j] * rng.gauss(0, 1)
                     for j in range(self.p)]
                y = sum(a * b for a, b in zip(x, self.beta)) + self.sigma * rng.gauss(0, 1)
                file.write(",".join(f"{value:.6f}" for value in x + [y]) + "\n")

    def error(self, fit):
        b = [fit["coefficients"].get(f"x{j}", 0.0) - self.beta[j] for j in range(self.p)]
        return self.sigma ** 2 + self.variance(b) + fit["intercept"] ** 2


def riata(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def study(program, kind, seed, folder):
    rng = random.Random(f"{kind} {seed}")
    truth = Truth(kind, rng)
    table = folder / "table.csv"
    truth.write(table, rng)
    common = (table, "--target", "y", "--format", "json", "--quiet", "--threads", "1")
    found = riata(program, "compare", *common)
    errors = {}
    for one in found["candidates"]:
        words = ["--penalty", one["penalty"]]
        if one["penalty"] != "none":
            words += ["--lambda", repr(one["lambda"])]
        if one["penalty"] == "elastic-net":
            words += ["--l1-ratio", repr(one["l1_ratio"])]
        errors[one["penalty"]] = truth.error(riata(program, "fit", *common, "--folds", "0", *words))
    best = min(errors.values())
    regrets = {penalty: error / best - 1 for penalty, error in errors.items()}
    return regrets, found["advice"]["penalty"], found["advice"]["tie"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--limit", type=float, help="fail where the mean regret of the advice is above this percentage")
    arguments = parser.parse_args()
    total = {name: [] for name in ("advice",) + PENALTIES}
    print(f"| data, {arguments.seeds} seeds | advice | always none | always l2 | always l1 | always elastic-net | advised |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for kind in KINDS:
            rows = {key: [] for key in total}
            advised = []
            for seed in range(arguments.first, arguments.first + arguments.seeds):
                regrets, advice, tie = study(arguments.program, kind, seed, pathlib.Path(name))
                advised.append(advice + (" (tie)" if tie else ""))
                rows["advice"].append(regrets[advice])
                for penalty in PENALTIES:
                    rows[penalty].append(regrets[penalty])
            for key, values in rows.items():
                total[key] += values
            counts = ", ".join(f"{advised.count(one)} × {one}" for one in sorted(set(advised), key=advised.count, reverse=True))
            print(f"| {kind} | " + " | ".join(f"{100 * sum(v) / len(v):.2f} %" for v in rows.values()) + f" | {counts} |", flush=True)
    mean = {key: 100 * sum(values) / len(values) for key, values in total.items()}
    print("| all | " + " | ".join(f"{value:.2f} %" for value in mean.values()) + " | |")
    if arguments.limit is not None:
        assert mean["advice"] <= arguments.limit, f"the mean regret is {mean['advice']:.2f} %"
        assert all(mean["advice"] < mean[one] for one in PENALTIES), "a fixed choice does better"


if __name__ == "__main__":
    sys.exit(main())
