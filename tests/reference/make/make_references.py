"""Writes ../cases/NAME.json: problems on real data with their solutions. See ../README.md.

usage: make_references.py [--data FOLDER] [NAME…]     FOLDER: the data sets that are not in the repository
"""
import argparse
import json
import os
import sys
from dataclasses import dataclass, field

import numpy as np
import scipy

import exact
import peers
import tables

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases")
KEPT = 150   # coefficients listed of a dense answer


def cycle(values, length):
    return np.resize(np.array(values, float), length)


@dataclass
class Case:
    penalty: str
    l1_ratio: float
    standardize: bool
    intercept: bool
    cycles: dict                  # weights, offset, penalty_factor, lower, upper: row or column k has entry k mod length
    lambdas: list = field(default_factory=list)
    weights: np.ndarray = None
    offset: np.ndarray = None
    factor: np.ndarray = None
    lower: np.ndarray = None
    upper: np.ndarray = None


WEIGHTS = [1, 2, 0.5, 1, 0, 1.5, 3]
FACTORS = [1, 0.5, 2, 1, 0, 1, 3, 1, "inf", 1, 0.25]
FACTORS_WIDE = [0] + [1, 0.5, 2, 1, 3, 1, 0.25, 1, 1.5, 1] * 50 + ["inf"]   # few unpenalised columns where p > n
PENALTIES = [("l1", 1.0), ("elastic-net", 0.5), ("l2", 0.0)]


def settings(data, size):
    """(standardize, intercept, cycles) by the size of the data set."""
    y_sd = float(f"{data.y.std():.2g}")
    factors = FACTORS if data.x.shape[1] <= data.x.shape[0] / 4 else FACTORS_WIDE
    offset = [y_sd * v for v in (0.2, -0.1, 0, 0.4, -0.3)]
    # Bounds in units of y per standard deviation of the column, made the same for all columns: they bite some only.
    sd = float(f"{np.median(data.x.std(axis=0)[data.x.std(axis=0) > 0]):.1g}")
    unit = float(f"{y_sd / sd:.1g}")
    lower = [-0.1 * unit, 0, -0.02 * unit]
    upper = [0.1 * unit, 0.05 * unit, 0.2 * unit, 0, 0.01 * unit]
    plain = [(True, True, {}), (False, True, {})]
    everything = dict(weights=WEIGHTS, offset=offset, penalty_factor=factors, lower=lower, upper=upper)
    if size == "large":
        return plain + [(True, True, everything)]
    return plain + [
        (True, False, {}), (False, False, {}), (True, True, dict(weights=WEIGHTS)), (True, True, dict(offset=offset)),
        (True, True, dict(penalty_factor=factors)), (True, True, dict(lower=lower, upper=upper)), (False, True, everything)]


def make_cases(data, size):
    n, p = data.x.shape
    shares = {"large": {"l1": [0.5, 0.1, 0.03]}, "small": {"l1": [0.5, 0.1, 0.02, 0.002]}}[size]["l1"]
    cases = []
    for standardize, intercept, cycles in settings(data, size):
        for penalty, l1_ratio in PENALTIES:
            if l1_ratio == 0 and p > 1000:   # thousands of bounds, one at a time, is nothing for exact.py
                cycles = {k: v for k, v in cycles.items() if k not in ("lower", "upper")}
                if not cycles and not (standardize and intercept):
                    continue
            numbers = {k: [np.inf if v == "inf" else v for v in values] for k, values in cycles.items()}
            of = lambda name, length: cycle(numbers[name], length) if name in numbers else None
            c = Case(penalty, l1_ratio, standardize, intercept, cycles)
            c.weights, c.offset = of("weights", n), of("offset", n)
            c.factor, c.lower, c.upper = of("penalty_factor", p), of("lower", p), of("upper", p)
            f = fitted(data, c)
            free = np.flatnonzero(f.factor == 0)
            r = f.t.astype(float)
            if len(free):
                r = r - f.z[:, free] @ np.linalg.lstsq(f.z[:, free], r, rcond=None)[0]
            live = (f.factor > 0) & (f.factor < np.inf)
            top = (abs(r @ f.z[:, live]) / f.factor[live]).max() / (l1_ratio or 1)
            c.lambdas = [float(f"{top * s:.4g}") for s in (shares if l1_ratio else [10, 0.3, 0.01])]
            cases.append(c)
    return cases


def fitted(data, c):
    return exact.to_fitted(data.x, data.y, c.weights, c.offset, c.factor, c.lower, c.upper, c.standardize, c.intercept)


def distance(beta, reference):
    return float(abs(np.asarray(beta, float) - reference).max() / max(abs(reference).max(), 1e-300))


def number(v):
    return float(f"{float(v):.13g}")


def solve_point(data, c, f, k, candidates):
    strength = c.lambdas[k]
    l1, l2 = strength * c.l1_ratio, strength * (1 - c.l1_ratio)
    start = next((np.asarray(a[k][0], float) * f.scale.astype(float) for a in candidates if a[k] is not None),
                 np.zeros(len(f.factor)))
    b, unique = exact.solve(f, l1, l2, start)
    beta, intercept = exact.to_original(f, b)
    beta64 = beta.astype(float)
    used = np.flatnonzero(beta64)
    complete = len(used) <= KEPT
    listed = used if complete else np.sort(used[np.argsort(-abs(b[used].astype(float)), kind="stable")[:KEPT]])
    offset = np.zeros(len(data.y)) if c.offset is None else c.offset
    rows = np.linspace(0, len(data.y) - 1, 8).astype(int)
    point = {
        "lambda": strength,
        "deviance_ratio": number(1 - (exact.residual(f, b)**2).sum() / f.null_deviance),
        "objective": number(exact.objective(f, b, l1, l2)),
        "intercept": number(intercept),
        "n_nonzero": len(used), "complete": complete,
        "indices": listed.tolist(), "values": [number(beta64[j]) for j in listed],
        "largest": number(abs(beta64).max()), "largest_standardized": number(abs(b).max()),
        "linear_predictor": [number(data.x[i].astype(exact.LONG) @ beta + intercept + offset[i]) for i in rows],
        "unique": unique,
        "relative_gap": float(f"{exact.relative_gap(f, b, l1, l2):.1e}"),
        "kkt_violation": float(f"{exact.kkt_violation(f, b, l1, l2):.1e}"),
    }
    far = {}
    for name, answers in zip(("glmnet", "scikit-learn"), candidates):
        if answers[k] is not None:
            far[name] = float(f"{distance(answers[k][0] * f.scale.astype(float), b.astype(float)):.1e}")
    point["distance"] = far
    return point


def make(name, data_folder):
    data = tables.load(name, data_folder)
    n, p = data.x.shape
    size = "large" if n * p > 8e5 or name in ("meats_fat", "meats_protein", "california_mean") else "small"
    cases = make_cases(data, size)
    by_glmnet, glmnet_version = peers.glmnet(data, cases)
    rows = np.linspace(0, n - 1, 8).astype(int)
    record = {
        "data": {"file": data.file, "in_repository": data.in_repository, "target": data.target, "exclude": data.exclude,
                 "missing": data.missing, "n_samples": n, "n_features": p, "rows": rows.tolist(),
                 "features": data.features if p <= 400 else []},
        "programs": [glmnet_version, peers.SCIKIT_LEARN, f"numpy {np.__version__}", f"scipy {scipy.__version__}",
                     f"Python {sys.version.split()[0]}"],
        "cases": []}
    for c, of_glmnet in zip(cases, by_glmnet):
        f = fitted(data, c)
        of_sklearn = peers.scikit_learn(data, c, f.scale.astype(float))
        points = [solve_point(data, c, f, k, (of_glmnet, of_sklearn)) for k in range(len(c.lambdas))]
        record["cases"].append({
            "penalty": c.penalty, "l1_ratio": c.l1_ratio, "standardize": c.standardize, "intercept": c.intercept,
            **{k: ([v if v == "inf" else number(v) for v in values]) for k, values in c.cycles.items()}, "points": points})
        print(name, c.penalty, "standardize" if c.standardize else "-", "intercept" if c.intercept else "-",
              *c.cycles, *(f"[{q['n_nonzero']}{'' if q['unique'] else '?'} gap {q['relative_gap']} {q['distance']}]"
                           for q in points), flush=True)
    with open(os.path.join(CASES, f"{name}.json"), "w") as out:
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        out.write(text.replace('{"penalty"', '\n{"penalty"').replace('{"lambda"', '\n {"lambda"') + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", default=os.environ.get("RIATA_DATA", ""))
    arguments.add_argument("names", nargs="*", default=list(tables.SETS))
    given = arguments.parse_args()
    os.makedirs(CASES, exist_ok=True)
    for name in given.names or tables.SETS:
        if tables.SETS[name][1] or given.data:
            make(name, given.data)


if __name__ == "__main__":
    main()
