"""The problems of the comparison, prepared once as arrays that every program reads.

Every column has unit variance (divisor n) and every program is told not to standardise, so that all solve the same problem,
in folds too; constant columns are dropped; y has unit variance for the squared loss. Each problem is a folder: X.npy
(column-major float64) or X_starts, X_rows, X_values (CSC); y_LOSS, lambdas_LOSS, folds; meta.json last.
"""
import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import scipy.sparse as sp


@dataclass(frozen=True)
class Problem:
    name: str
    kind: str  # wide, tall or sparse: the class over which ratios are averaged
    make: Callable  # (data folder or None) -> x, {loss: y}
    n_lambdas: int = 100
    n_folds: int = 10
    ratio: float = 0  # of the last lambda to the first; 0: 1e-2 for wide data, 1e-4 for tall
    source: str = ""  # the folder of real data that it needs


def autoregressive(seed, n, p, correlation):
    """Normal columns, corr(x_j, x_k) = correlation^|j-k|; a tenth of min(n, p) have normal coefficients; five parts signal,
    one part noise. The classes are drawn with the same signal at standard deviation 2."""

    def make(_):
        rng = np.random.default_rng(seed)
        x = np.empty((n, p), order="F")
        x[:, 0] = rng.standard_normal(n)
        for j in range(1, p):
            x[:, j] = correlation * x[:, j - 1] + np.sqrt(1 - correlation**2) * rng.standard_normal(n)
        return x, responses(rng, x, min(n, p) // 10)

    return make


def scattered(seed, n, p, density):
    def make(_):
        rng = np.random.default_rng(seed)
        x = sp.random(n, p, density, format="csc", random_state=rng, data_rvs=rng.standard_normal)
        return x, responses(rng, x, 100 if p > 1000 else p // 10)

    return make


def responses(rng, x, n_active):
    n, p = x.shape
    active = np.sort(rng.choice(p, n_active, replace=False))
    signal = x[:, active] @ rng.standard_normal(n_active)
    signal = (signal - signal.mean()) / signal.std()
    return {
        "squared": signal + np.sqrt(0.2) * rng.standard_normal(n),
        "logistic": (rng.random(n) < 1 / (1 + np.exp(-2 * signal))).astype(float),
    }


def both(labels):
    """A class as a number for the squared loss, as a class for the logistic one."""
    y = np.asarray(labels, float)
    return {"squared": y, "logistic": y}


def read_svm(path, p):
    from sklearn.datasets import load_svmlight_file

    with gzip.open(path) as file:
        x, y = load_svmlight_file(file, n_features=p)
    return x.tocsc(), both(y > 0)


def read_csv(path, header):
    with gzip.open(path, "rt") as file:
        return np.loadtxt(file, delimiter=",", skiprows=header)


def riboflavin(data):
    table = read_csv(data / "riboflavin/riboflavin.csv.gz", 1)
    return table[:, 1:], {"squared": table[:, 0]}


def arcene(data):
    table = read_csv(data / "arcene/arcene.csv.gz", 1)
    return table[:, 1:], both(table[:, 0] > 0)


def mnist(data):
    table = read_csv(data / "mnist/mnist_5k.csv.gz", 0)
    return table[:, :-1], both(table[:, -1] == 8)


def dense(name, kind, seed, n, p, correlation=0.5, **rest):
    return Problem(name, kind, autoregressive(seed, n, p, correlation), **rest)


PROBLEMS = [
    dense("1000x10000", "wide", 1, 1000, 10_000),
    dense("500x20000-0.5", "wide", 2, 500, 20_000),
    dense("500x20000-0.9", "wide", 3, 500, 20_000, 0.9),
    dense("500x100000", "wide", 4, 500, 100_000),
    dense("3000x15000", "wide", 5, 3000, 15_000),
    dense("20000x500", "tall", 6, 20_000, 500),
    dense("20000x2000", "tall", 7, 20_000, 2000),
    Problem("sparse-10000x50000", "sparse", scattered(8, 10_000, 50_000, 0.005)),
    Problem("basehock", "sparse", lambda data: read_svm(data / "basehock/basehock.svm.gz", 4862), source="basehock"),
    Problem("a9a", "sparse", lambda data: read_svm(data / "a9a/a9a.svm.gz", 123), source="a9a"),
    Problem("riboflavin", "wide", riboflavin, source="riboflavin"),
    Problem("arcene", "wide", arcene, source="arcene"),
    Problem("mnist-8", "tall", mnist, source="mnist"),
]

TINY = {"n_lambdas": 6, "n_folds": 3, "ratio": 0.2}
QUICK = [
    dense("quick-wide", "wide", 11, 60, 150, **TINY),
    Problem("quick-sparse", "sparse", scattered(13, 120, 200, 0.1), **TINY),
]


def usable(x, y):
    """Columns that vary, at unit variance; y at unit variance for the squared loss."""
    n = x.shape[0]
    if sp.issparse(x):
        x = sp.csc_matrix(x, dtype=float)
        x.sort_indices()
        mean = np.asarray(x.mean(axis=0)).ravel()
        sd = np.sqrt(np.maximum(np.asarray(x.multiply(x).mean(axis=0)).ravel() - mean**2, 0))
        keep = np.flatnonzero(sd > 1e-10)
        x = sp.csc_matrix(x[:, keep] @ sp.diags(1 / sd[keep]))
        x.sort_indices()
    else:
        x = np.asfortranarray(x)
        sd = x.std(axis=0)
        keep = np.flatnonzero(sd > 1e-10 * np.abs(x).max(axis=0))
        if len(keep) < x.shape[1]:
            x = np.asfortranarray(x[:, keep])
        x /= sd[keep]
    y = dict(y)
    y["squared"] = y["squared"] / y["squared"].std()
    return x, y


def lambda_max(x, y):
    """The least lambda of an empty model; the same for both losses, since their null residual is y less its mean."""
    return np.abs(np.asarray(x.T @ (y - y.mean()))).max() / len(y)


def prepare(problem, root, data):
    """Makes the problem's folder if it is not there yet and returns it; None where its real data are absent."""
    folder = root / problem.name
    if (folder / "meta.json").exists():
        return folder
    if problem.source and (data is None or not (data / problem.source).exists()):
        return None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    x, y = usable(*problem.make(data))
    n, p = x.shape
    stored = x.nnz if sp.issparse(x) else n * p
    if sp.issparse(x):
        np.save(folder / "X_starts.npy", x.indptr.astype(np.int32))
        np.save(folder / "X_rows.npy", x.indices.astype(np.int32))
        np.save(folder / "X_values.npy", x.data)
    else:
        np.save(folder / "X.npy", x)
    ratio = problem.ratio or (1e-4 if n >= p else 1e-2)
    for loss, values in y.items():
        np.save(folder / f"y_{loss}.npy", values)
        np.save(folder / f"lambdas_{loss}.npy", lambda_max(x, values) * np.geomspace(1, ratio, problem.n_lambdas))
    folds = np.random.default_rng(0).permutation(np.arange(n) % problem.n_folds)
    np.save(folder / "folds.npy", folds.astype(np.int32))
    meta = {"name": problem.name, "kind": problem.kind, "rows": n, "columns": p, "stored": int(stored),
            "sparse": bool(sp.issparse(x)), "losses": sorted(y), "n_lambdas": problem.n_lambdas, "n_folds": problem.n_folds,
            "data_bytes": int(stored * (12 if sp.issparse(x) else 8))}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))
    return folder


def read_meta(folder):
    return json.loads((Path(folder) / "meta.json").read_text())
