"""celer: celer_path, and a loop over folds, since its LassoCV does not start under scikit-learn 1.9. Its logistic regression
has no intercept, so it takes no part there."""
import warnings

import celer
import numpy as np
import scipy.sparse as sp
from celer import celer_path
from common import Answer, cross_validate, rows_of, run, small_cell, unavailable

LIMITS = {"max_iter": 1000, "max_epochs": 1_000_000}


def path(cell, x, y):
    mean = np.asarray(x.mean(axis=0)).ravel()
    if sp.issparse(x):
        extra = {"X_offset": mean, "X_scale": np.ones(len(mean))}
    else:
        x, extra = np.asfortranarray(x - mean), {}
    _, b, _ = celer_path(x, y - y.mean(), "lasso", alphas=cell.lambdas, tol=cell.tolerance, prune=True, **LIMITS, **extra)
    return b, y.mean() - mean @ b


def work(cell):
    if cell.task == "path":
        return Answer(cell.lambdas, *path(cell, cell.x, cell.y))
    return cross_validate(cell, lambda rows: path(cell, rows_of(cell, rows), cell.y[rows]))


def make(cell):
    warnings.simplefilter("ignore")
    if cell.loss != "squared":
        unavailable("celer's logistic regression has no intercept")
    work(small_cell(cell))
    return celer.__version__, lambda: work(cell)


if __name__ == "__main__":
    run(make)
