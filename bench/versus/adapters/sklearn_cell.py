"""scikit-learn: lasso_path and LassoCV; for the logistic loss warm-started LogisticRegression with saga, its only solver
that has an l1 penalty and leaves the intercept alone."""
import warnings

import numpy as np
import scipy.sparse as sp
import sklearn
from common import Answer, cross_validate, fold_means, rows_of, run, small_cell
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LassoCV, LogisticRegression, lasso_path
from sklearn.model_selection import PredefinedSplit

MAX_ITERATIONS = 1_000_000


def centred(cell):
    """Dense: centred copies. Sparse: the means go along, since centring would fill the matrix."""
    y = cell.y - cell.y.mean()
    mean = np.asarray(cell.x.mean(axis=0)).ravel()
    if sp.issparse(cell.x):
        return cell.x, y, mean, {"X_offset": mean, "X_scale": np.ones(len(mean))}
    return np.asfortranarray(cell.x - mean), y, mean, {}


def squared_path(cell):
    x, y, mean, extra = centred(cell)
    _, b, _ = lasso_path(x, y, alphas=cell.lambdas, tol=cell.tolerance, max_iter=MAX_ITERATIONS, copy_X=False, **extra)
    return Answer(cell.lambdas, b, cell.y.mean() - mean @ b)


def squared_cv(cell):
    model = LassoCV(alphas=cell.lambdas, cv=PredefinedSplit(cell.folds), tol=cell.tolerance, max_iter=MAX_ITERATIONS,
                    n_jobs=cell.threads).fit(cell.x, cell.y)
    return Answer(model.alphas_, cv_mean=fold_means(cell, model.mse_path_.T))


def logistic_rows(cell, rows):
    x, y = rows_of(cell, rows), cell.y[rows]
    model = LogisticRegression(l1_ratio=1.0, solver="saga", tol=cell.tolerance, max_iter=MAX_ITERATIONS, warm_start=True,
                               random_state=0)
    b, b0 = np.zeros((cell.x.shape[1], len(cell.lambdas))), np.zeros(len(cell.lambdas))
    for k, strength in enumerate(cell.lambdas):
        model.set_params(C=1 / (len(rows) * strength)).fit(x, y)
        b[:, k], b0[k] = model.coef_[0], model.intercept_[0]
    return b, b0


def make(cell):
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.simplefilter("ignore", FutureWarning)
    if cell.loss == "logistic" and cell.task == "path":
        def work(c):
            return Answer(c.lambdas, *logistic_rows(c, np.arange(len(c.y))))
    elif cell.loss == "logistic":
        def work(c):
            return cross_validate(c, lambda rows: logistic_rows(c, rows))
    else:
        work = squared_path if cell.task == "path" else squared_cv
    work(small_cell(cell))
    return sklearn.__version__, lambda: work(cell)


if __name__ == "__main__":
    run(make)
