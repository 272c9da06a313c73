"""glum: GeneralizedLinearRegressor with a given grid, and its CV."""
import warnings
from importlib.metadata import version

import numpy as np
from common import Answer, fold_means, run, small_cell
from glum import GeneralizedLinearRegressor, GeneralizedLinearRegressorCV
from sklearn.model_selection import PredefinedSplit


def settings(cell):
    return {"family": "normal" if cell.loss == "squared" else "binomial", "l1_ratio": 1, "gradient_tol": cell.tolerance,
            "max_iter": 10_000, "max_inner_iter": 10_000_000}


def path(cell):
    model = GeneralizedLinearRegressor(alpha=list(cell.lambdas), alpha_search=True, **settings(cell)).fit(cell.x, cell.y)
    return Answer(cell.lambdas, np.asarray(model.coef_path_).T, np.asarray(model.intercept_path_).ravel())


def cv(cell):
    model = GeneralizedLinearRegressorCV(alphas=cell.lambdas, cv=PredefinedSplit(cell.folds), n_jobs=cell.threads,
                                         **settings(cell)).fit(cell.x, cell.y)
    return Answer(cell.lambdas, cv_mean=fold_means(cell, model.deviance_path_[:, 0, :]))


def make(cell):
    warnings.simplefilter("ignore")
    work = path if cell.task == "path" else cv
    work(small_cell(cell))
    return version("glum"), lambda: work(cell)


if __name__ == "__main__":
    run(make)
