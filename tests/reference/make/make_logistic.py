"""Writes ../logistic/NAME.json: logistic regressions on real data with their solutions. See ../README.md.

usage: make_logistic.py [--data FOLDER] [NAME…]     FOLDER: the data sets that are not in the repository

The classes are target > threshold. Newton's method on the support of glmnet's answer, with columns let in and out until all
optimality conditions hold, gives the numbers; glmnet's and scikit-learn's distances from them are stored beside.
"""
import argparse
import json
import os
import sys
import warnings
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

import make_references as squared
import peers
import tables

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "logistic")
SETS = {  # threshold, weights' cycle: of a9a every tenth row
    "diabetes": (140.0, None), "breast_cancer": (0.5, None), "a9a": (0.0, [1] + [0] * 9)}
MOST_RIDGE = 5000  # columns of a dense Newton system


def make_cases(data, cycle):
    n, p = data.x.shape
    cases = []
    for standardize in (True, False):
        for penalty, l1_ratio in squared.PENALTIES:
            if l1_ratio == 0 and p > MOST_RIDGE:
                continue
            c = squared.Case(penalty, l1_ratio, standardize, True, {} if cycle is None else {"weights": cycle})
            c.weights = np.ones(n) if cycle is None else squared.cycle(cycle, n)
            w = c.weights / c.weights.sum()
            top = abs((w * (data.y - w @ data.y)) @ (data.x / scale(data, c))).max() / (l1_ratio or 1)
            c.lambdas = [float(f"{top * share:.4g}") for share in ([0.5, 0.1, 0.03] if l1_ratio else [10, 0.3, 0.03])]
            cases.append(c)
    return cases


def scale(data, c):
    w = c.weights / c.weights.sum()
    if not c.standardize:
        return np.ones(data.x.shape[1])
    sd = np.sqrt(w @ (data.x - w @ data.x) ** 2)
    return np.where(sd > 1e-9 * abs(data.x).max(), sd, np.inf)


def newton(z, y, w, l1, l2, b, b0):
    """The minimum in scaled coordinates from a point near it, and its worst violation of the optimality conditions."""
    for _ in range(100):
        mu = 1 / (1 + np.exp(-(b0 + z @ b)))
        v = (w * (y - mu)) @ z
        wanted = np.where(b != 0, v - l1 * np.sign(b) - l2 * b, np.sign(v) * np.maximum(abs(v) - l1, 0))
        worst = max(abs(wanted).max(), abs(w @ (y - mu)))
        if worst < 1e-15 * max(1, abs(v).max()):
            break
        free = np.flatnonzero((b != 0) | (abs(wanted) > 1e-13))
        sign = np.where(b[free] != 0, np.sign(b[free]), np.sign(v[free])) * (l1 > 0)
        a = np.column_stack([np.ones(len(y)), z[:, free]])
        hessian = (a.T * (w * mu * (1 - mu))) @ a
        hessian[np.arange(1, len(hessian)), np.arange(1, len(hessian))] += l2
        slope = np.concatenate([[w @ (y - mu)], v[free] - l1 * sign - l2 * b[free]])
        step = np.linalg.lstsq(hessian, slope, rcond=None)[0] if l1 > 0 else np.linalg.solve(hessian, slope)
        b0 += step[0]
        moved = b[free] + step[1:]
        b = b.copy()
        b[free] = np.where(moved * sign < 0, 0.0, moved)
    return b, b0, worst


def unique(z, y, w, l1, l2, b, b0):
    """Whether the columns that may be non-zero, and the intercept's, are independent (or the penalty strictly convex)."""
    v = (w * (y - 1 / (1 + np.exp(-(b0 + z @ b))))) @ z
    able = np.flatnonzero(abs(v) >= l1 * (1 - 1e-9))
    rows = np.flatnonzero(w)
    return bool(l2 > 0 or np.linalg.matrix_rank(np.column_stack([np.ones(len(rows)), z[rows][:, able]])) == 1 + len(able))


def objective(z, y, w, l1, l2, b, b0):
    eta = b0 + z @ b
    return w @ (np.logaddexp(0, eta) - y * eta) + l1 * abs(b).sum() + l2 / 2 * b @ b


def scikit_learn(data, c, s):
    """For ridge, and for an l1 part where saga, which alone leaves the intercept free, ends in finite time."""
    if c.l1_ratio > 0 and (data.x.size > 1e5 or not c.standardize):
        return [None] * len(c.lambdas)
    z, answers = data.x / s, []
    for strength in c.lambdas:
        cost = 1 / (c.weights.sum() * strength)
        solver = "newton-cholesky" if c.l1_ratio == 0 and data.x.shape[1] < 1000 else "lbfgs" if c.l1_ratio == 0 else "saga"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = LogisticRegression(C=cost, l1_ratio=c.l1_ratio, solver=solver, tol=1e-13, max_iter=20000, random_state=0)
            model.fit(z, data.y, sample_weight=c.weights)
        answers.append((model.coef_[0] / s, model.intercept_[0]))
    return answers


def make(name, data_folder):
    threshold, cycle = SETS[name]
    data = tables.load(name, data_folder)
    data = replace(data, y=(data.y > threshold).astype(float))
    n, p = data.x.shape
    cases = make_cases(data, cycle)
    by_glmnet, version = peers.glmnet(data, cases, binomial=True)
    record = {"data": {"file": data.file, "in_repository": data.in_repository, "target": data.target,
                       "exclude": data.exclude, "missing": data.missing, "n_samples": n, "n_features": p,
                       "threshold": threshold},
              "programs": [version, peers.SCIKIT_LEARN, f"numpy {np.__version__}", f"Python {sys.version.split()[0]}"],
              "cases": []}
    for c, of_glmnet in zip(cases, by_glmnet):
        s = scale(data, c)
        z, w = data.x / s, c.weights / c.weights.sum()
        of_sklearn = scikit_learn(data, c, s)
        finite = np.where(np.isfinite(s), s, 0.0)
        points = []
        for k, strength in enumerate(c.lambdas):
            start = of_glmnet[k] or (np.zeros(p), np.log(w @ data.y / (1 - w @ data.y)))
            l1, l2 = strength * c.l1_ratio, strength * (1 - c.l1_ratio)
            b, b0, worst = newton(z, data.y, w, l1, l2, start[0] * finite, start[1])
            assert worst < 1e-11, (name, c.penalty, strength, worst)
            used = np.flatnonzero(b)
            listed = used if len(used) <= squared.KEPT else np.sort(used[np.argsort(-abs(b[used]), kind="stable")[:squared.KEPT]])
            far = {who: float(f"{squared.distance(answers[k][0] * finite, b):.1e}")
                   for who, answers in (("glmnet", of_glmnet), ("scikit-learn", of_sklearn)) if answers[k] is not None}
            points.append({"lambda": strength, "intercept": squared.number(b0), "n_nonzero": len(used),
                           "complete": len(used) <= squared.KEPT, "indices": listed.tolist(),
                           "values": [squared.number(b[j] / s[j]) for j in listed], "largest": squared.number(abs(b / s).max()),
                           "largest_standardized": squared.number(abs(b).max()),
                           "objective": squared.number(objective(z, data.y, w, l1, l2, b, b0)),
                           "unique": unique(z, data.y, w, l1, l2, b, b0), "violation": float(f"{worst:.1e}"),
                           "distance": far})
            print(name, c.penalty, c.standardize, strength, len(used), f"{worst:.1e}", far, flush=True)
        record["cases"].append({"loss": "logistic", "penalty": c.penalty, "l1_ratio": c.l1_ratio,
                                "standardize": c.standardize, **c.cycles, "points": points})
    with open(os.path.join(CASES, f"{name}.json"), "w") as out:
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        out.write(text.replace('{"loss"', '\n{"loss"').replace('{"lambda"', '\n {"lambda"') + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", default=os.environ.get("RIATA_DATA", ""))
    arguments.add_argument("names", nargs="*")
    given = arguments.parse_args()
    os.makedirs(CASES, exist_ok=True)
    for name in given.names or SETS:
        if tables.SETS[name][1] or given.data:
            make(name, given.data)


if __name__ == "__main__":
    main()
