"""skglm: AndersonCD along the path; ProxNewton, warm-started by hand, for the logistic loss. It has no cross-validation."""
import warnings
from importlib.metadata import version

import numpy as np
from common import Answer, cross_validate, rows_of, run, small_cell
from skglm.datafits import Logistic, Quadratic
from skglm.penalties import L1
from skglm.solvers import AndersonCD, ProxNewton
from skglm.utils.jit_compilation import compiled_clone


def squared_rows(cell, x, y):
    solver = AndersonCD(max_iter=1000, max_epochs=1_000_000, tol=cell.tolerance, fit_intercept=True)
    _, b, _ = solver.path(x, y, compiled_clone(Quadratic()), compiled_clone(L1(1.0)), alphas=cell.lambdas)
    return b[:-1], b[-1]


def logistic_rows(cell, x, y):
    solver = ProxNewton(max_iter=1000, max_pn_iter=10_000, tol=cell.tolerance, fit_intercept=True)
    datafit, penalty = compiled_clone(Logistic()), compiled_clone(L1(1.0))
    labels = 2 * y - 1
    w, eta = np.zeros(x.shape[1] + 1), np.zeros(len(y))
    b = np.zeros((x.shape[1] + 1, len(cell.lambdas)))
    for k, strength in enumerate(cell.lambdas):
        penalty.alpha = strength
        w, _, _ = solver.solve(x, labels, datafit, penalty, w, eta)
        b[:, k] = w
    return b[:-1], b[-1]


def work(cell):
    fit = squared_rows if cell.loss == "squared" else logistic_rows
    if cell.task == "path":
        return Answer(cell.lambdas, *fit(cell, cell.x, cell.y))
    return cross_validate(cell, lambda rows: fit(cell, rows_of(cell, rows), cell.y[rows]))


def make(cell):
    warnings.simplefilter("ignore")
    work(small_cell(cell))
    return version("skglm"), lambda: work(cell)


if __name__ == "__main__":
    run(make)
