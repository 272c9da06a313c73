"""glmnet and scikit-learn on riata's objective. Each returns (coefficients, intercept) per λ on the original scale, or None."""
import os
import subprocess
import tempfile
import warnings

import numpy as np
import sklearn
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, Lasso, Ridge

GLMNET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "glmnet_path.R")


def weighted_sd(v, w, intercept):
    w = np.ones(len(v)) / len(v) if w is None else w / w.sum()
    return np.sqrt((w * (v - (w @ v if intercept else 0.0))**2).sum())


def glmnet(data, cases, binomial=False):
    """One R process for all cases of a data set; λ not reached within its limit of passes are None. glmnet's λ and α that state riata's problem:

    it divides y by its 1/n standard deviation s_y and so has λ(1−ρ)/s_y for the quadratic part: α = ρ/(ρ + s_y(1−ρ)) and
    λ' = λ(ρ + s_y(1−ρ)) give back λρ and λ(1−ρ). A binomial response it leaves as it is. It rescales penalty factors to sum to p (excluded ones count 1)."""
    large = data.x.size > 250000
    thresh, maxit = (1e-14, min(1e5, 2e11 / data.x.size)) if large else (1e-16, 3e5)
    with tempfile.TemporaryDirectory() as folder:
        def put(name, values):
            if values is not None:
                np.asarray(values, float).ravel(order="F").tofile(os.path.join(folder, name))

        if data.sparse:
            x = sparse.csc_matrix(data.x)
            put("xi.bin", x.indices), put("xp.bin", x.indptr), put("xx.bin", x.data)
        else:
            put("x.bin", data.x)
        put("y.bin", data.y)
        wanted_all, stretch_all = [], []
        for k, c in enumerate(cases, 1):
            os.mkdir(os.path.join(folder, str(k)))
            response = data.y if c.offset is None else data.y - c.offset
            s_y = 1.0 if binomial else weighted_sd(response, c.weights, c.intercept)
            stretch = c.l1_ratio + s_y * (1 - c.l1_ratio)
            alpha = c.l1_ratio / stretch
            if c.factor is not None:
                stretch *= np.where(np.isinf(c.factor), 1.0, c.factor).mean()
            wanted = np.array(c.lambdas) * stretch
            limit = 100 if large and c.l1_ratio == 0 and data.x.shape[1] > 1000 else maxit  # ridge, wide: hours
            way = np.geomspace(max(wanted) * 10, min(wanted), 40)
            way = np.union1d(way[way > min(wanted)], wanted)[::-1]
            put(f"{k}/lambda.bin", way), put(f"{k}/wanted.bin", wanted)
            put(f"{k}/options.bin", [alpha, c.standardize, c.intercept, thresh, limit, binomial])
            put(f"{k}/weights.bin", c.weights), put(f"{k}/offset.bin", c.offset), put(f"{k}/factor.bin", c.factor)
            put(f"{k}/lower.bin", c.lower), put(f"{k}/upper.bin", c.upper)
            wanted_all.append(wanted)
        with open(os.path.join(folder, "shape.txt"), "w") as f:
            f.write(f"{data.x.shape[0]} {data.x.shape[1]} {len(cases)}\n")
        subprocess.run(["Rscript", GLMNET, folder], check=True, cwd=folder)
        p = data.x.shape[1]
        answers = []
        for k, wanted in enumerate(wanted_all, 1):
            columns = np.fromfile(os.path.join(folder, str(k), "answer.bin")).reshape(len(wanted), p + 1)
            answers.append([None if np.isnan(row).any() else (row[1:], row[0]) for row in columns])
        version, major, minor = open(os.path.join(folder, "version.txt")).read().split()
        return answers, f"glmnet {version}, R {major}.{minor}"


def scikit_learn(data, c, scale):
    """Unpenalised columns and bounds are not scikit-learn's; factors only for the lasso. Returns None for those."""
    factor = np.ones(data.x.shape[1]) if c.factor is None else c.factor
    if c.lower is not None or c.upper is not None or (factor == 0).any() or (c.factor is not None and c.l1_ratio < 1):
        return [None] * len(c.lambdas)
    stretch = np.where(np.isinf(factor), np.inf, scale * factor)
    x = data.x / stretch
    y = data.y if c.offset is None else data.y - c.offset
    n = len(y) if c.weights is None else c.weights.sum()
    max_iter = int(np.clip(3e9 / data.x.size, 500, 20000))
    answers = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for strength in c.lambdas:
            options = dict(fit_intercept=c.intercept)
            if c.l1_ratio == 0:
                model = Ridge(alpha=n * strength, solver="cholesky", **options)
            elif c.l1_ratio == 1:
                model = Lasso(alpha=strength, tol=1e-15, max_iter=max_iter, **options)
            else:
                model = ElasticNet(alpha=strength, l1_ratio=c.l1_ratio, tol=1e-15, max_iter=max_iter, **options)
            model.fit(x, y, sample_weight=c.weights)
            answers.append((model.coef_ / stretch, model.intercept_))
    return answers


SCIKIT_LEARN = f"scikit-learn {sklearn.__version__}"
