"""Writes ../selection/NAME.json: λ grids, cross-validations, leave-one-out errors by other programs. See ../README.md.

usage: make_selection.py [--data FOLDER] [NAME…]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, ElasticNetCV, Lasso, LassoCV, Ridge, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tables
from make_references import cycle, number

HERE = os.path.dirname(os.path.abspath(__file__))
SELECTION = os.path.join(HERE, "..", "selection")
FOLDS = [0, 1, 2, 3, 4, 0, 1, 2, 0, 3, 1]   # five folds of different sizes; row i is in fold FOLDS[i mod 11]
WEIGHTS = [1, 2, 0.5, 1, 1.5, 3, 1]
TIGHT = dict(tol=1e-13, max_iter=1000000)


def summary(fold_mean, fold_weight):
    """Mean and standard error over folds, weighted by their size: sqrt(weighted variance / (K − 1))."""
    share = fold_weight / fold_weight.sum()
    mean = share @ fold_mean
    error = np.sqrt(share @ (fold_mean - mean)**2 / (len(share) - 1))
    best = int(np.argmin(mean))
    return mean, error, best, int(np.argmax(mean <= mean[best] + error[best]))


def record(program, penalty, l1_ratio, standardize, lambdas, fold_mean, folds, weights=None):
    w = np.ones(len(folds)) if weights is None else weights
    mean, error, best, frugal = summary(fold_mean, np.array([w[folds == k].sum() for k in range(folds.max() + 1)]))
    out = {"program": program, "penalty": penalty, "l1_ratio": l1_ratio, "standardize": standardize, "lambdas": lambdas.tolist(),
           "fold_mean": [[number(v) for v in row] for row in fold_mean], "mean": [number(v) for v in mean],
           "standard_error": [number(v) for v in error], "index_min": best, "index_1se": frugal}
    if weights is not None:
        out["weights"] = WEIGHTS
    return out


def by_hand(model_at, lambdas, x, y, folds, weights, standardize):
    fold_mean = []
    for k in range(folds.max() + 1):
        train, judge = folds != k, folds == k
        row = []
        for strength in lambdas:
            model = model_at(strength, train.sum() if weights is None else weights[train].sum())
            if standardize:
                model = make_pipeline(StandardScaler(), model)
                name = model.steps[-1][0]
                keys = {} if weights is None else {"standardscaler__sample_weight": weights[train],
                                                   f"{name}__sample_weight": weights[train]}
            else:
                keys = {} if weights is None else {"sample_weight": weights[train]}
            model.fit(x[train], y[train], **keys)
            row.append(np.average((y[judge] - model.predict(x[judge]))**2, weights=None if weights is None else weights[judge]))
        fold_mean.append(row)
    return np.array(fold_mean)


def lambda_max(x, y, l1_ratio, standardize):
    z = x - x.mean(axis=0)
    if standardize:
        z = z / z.std(axis=0)
    return abs(z.T @ (y - y.mean())).max() / len(y) / l1_ratio


def grid(top, low, count=15):
    return np.array([float(f"{v:.4g}") for v in np.geomspace(0.9 * top, low * top, count)])


def cv_glmnet(x, y, lambdas, folds, weights):
    with tempfile.TemporaryDirectory() as folder:
        parts = dict(x=x.ravel(order="F"), y=y, folds=folds + 1, options=[1], weights=weights)
        parts["lambda"] = lambdas
        for name, values in parts.items():
            if values is not None:
                np.asarray(values, float).tofile(os.path.join(folder, f"{name}.bin"))
        subprocess.run(["Rscript", os.path.join(HERE, "glmnet_cv.R"), folder], check=True, cwd=folder)
        answer = np.fromfile(os.path.join(folder, "answer.bin"))
        automatic = np.fromfile(os.path.join(folder, "grid.bin"))
    m = len(lambdas)
    out = {"program": "cv.glmnet", "penalty": "l1", "l1_ratio": 1.0, "standardize": True, "lambdas": lambdas.tolist(),
           "mean": [number(v) for v in answer[:m]], "standard_error": [number(v) for v in answer[m:2 * m]],
           "index_min": int(np.argmin(abs(lambdas - answer[2 * m]))), "index_1se": int(np.argmin(abs(lambdas - answer[2 * m + 1])))}
    if weights is not None:
        out["weights"] = WEIGHTS
    return out, automatic


def make(name, data_folder, low):
    data = tables.load(name, data_folder)
    x, y = data.x, data.y
    n = len(y)
    folds = cycle(FOLDS, n).astype(int)
    split = [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in range(5)]
    weights = cycle(WEIGHTS, n)
    lasso = lambda strength, _: Lasso(alpha=strength, **TIGHT)
    net = lambda strength, _: ElasticNet(alpha=strength, l1_ratio=0.5, **TIGHT)
    ridge = lambda strength, m: Ridge(alpha=strength * m, solver="cholesky")
    raw1, raw2, std1, std2 = (grid(lambda_max(x, y, r, s), low) for s in (False, True) for r in (1.0, 0.5))
    out = []
    own = LassoCV(alphas=raw1, cv=split, **TIGHT).fit(x, y)
    out.append(record("scikit-learn LassoCV", "l1", 1.0, False, raw1, own.mse_path_.T, folds))
    own = ElasticNetCV(l1_ratio=0.5, alphas=raw2, cv=split, **TIGHT).fit(x, y)
    out.append(record("scikit-learn ElasticNetCV", "elastic-net", 0.5, False, raw2, own.mse_path_.T, folds))
    for penalty, ratio, model, strengths in (("l1", 1.0, lasso, std1), ("elastic-net", 0.5, net, std2), ("l2", 0.0, ridge, std1)):
        for w in (None, weights):
            mean = by_hand(model, strengths, x, y, folds, w, True)
            out.append(record("scikit-learn, a fit a fold", penalty, ratio, True, strengths, mean, folds, w))
    automatic = []
    for w in (None, weights):
        answer, found = cv_glmnet(x, y, std1, folds, w)
        out.append(answer)
        automatic.append({"program": "glmnet", "penalty": "l1", "l1_ratio": 1.0, "standardize": True, "min_ratio": 1e-4,
                          "lambdas": [number(v) for v in found], **({} if w is None else {"weights": WEIGHTS})})
    for ratio, model in ((1.0, LassoCV(eps=1e-4, alphas=100, cv=2, max_iter=5, tol=1)),
                         (0.5, ElasticNetCV(l1_ratio=0.5, eps=1e-4, alphas=100, cv=2, max_iter=5, tol=1))):
        automatic.append({"program": "scikit-learn", "penalty": "elastic-net", "l1_ratio": ratio, "standardize": False,
                          "min_ratio": 1e-4, "lambdas": [number(v) for v in model.fit(x, y).alphas_]})
    loo = RidgeCV(alphas=raw1 * n, store_cv_results=True, gcv_mode="eigen").fit(x, y)
    errors = loo.cv_results_.mean(axis=0)
    brute = [np.mean([(y[i] - Ridge(alpha=n * a, solver="svd").fit(np.delete(x, i, 0), np.delete(y, i))
                       .predict(x[i:i + 1])[0])**2 for i in range(n)]) for a in raw1[::5]]
    print(name, "leave-one-out, brute force against RidgeCV:", np.max(np.abs(np.array(brute) / errors[::5] - 1)))
    result = {"data": {"name": name, "file": data.file, "in_repository": data.in_repository, "target": data.target,
                       "exclude": data.exclude, "missing": data.missing, "n_samples": n, "n_features": x.shape[1],
                       "features": data.features},
              "programs": [f"scikit-learn {sklearn.__version__}", "glmnet 4.1.6", f"numpy {np.__version__}",
                           f"Python {sys.version.split()[0]}"],
              "folds": FOLDS, "cross_validations": out, "grids": automatic,
              "leave_one_out": {"program": "scikit-learn RidgeCV", "lambdas": raw1.tolist(), "errors": [number(e) for e in errors]}}
    for a, b in ((2, 8), (3, 9)):
        print(name, "scikit-learn against cv.glmnet:", max(abs(u / v - 1) for u, v in zip(out[a]["mean"], out[b]["mean"])),
              max(abs(u / v - 1) for u, v in zip(out[a]["standard_error"], out[b]["standard_error"])),
              [out[k][i] for k in (a, b) for i in ("index_min", "index_1se")])
    with open(os.path.join(SELECTION, f"{name}.json"), "w") as file:
        file.write(json.dumps(result, separators=(",", ":")).replace('{"program"', '\n{"program"') + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", default=os.environ.get("RIATA_DATA", ""))
    arguments.add_argument("names", nargs="*")
    given = arguments.parse_args()
    os.makedirs(SELECTION, exist_ok=True)
    for name, low in {"diabetes": 1e-3, "prostate": 1e-3, "meats_fat": 0.2}.items():
        if (not given.names or name in given.names) and (tables.SETS[name][1] or given.data):
            make(name, given.data, low)


if __name__ == "__main__":
    main()
