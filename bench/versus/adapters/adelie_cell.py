"""adelie: grpnet with every group of size one. cv_grpnet takes neither folds nor a grid, so its loop is repeated here: the
same calls with the rows left out at weight zero, but without its two extra solves that look for a grid."""
from importlib.metadata import version

import adelie as ad
import numpy as np
import scipy.sparse as sp
from common import Answer, cross_validate, run, small_cell


def matrix(cell):
    if sp.issparse(cell.x):
        return ad.matrix.sparse(cell.x, method="naive", n_threads=cell.threads)
    return ad.matrix.dense(cell.x, method="naive", n_threads=cell.threads)


def glm(cell, rows=None):
    weights = None
    if rows is not None:
        weights = np.zeros(len(cell.y))
        weights[rows] = 1 / len(rows)
    family = ad.glm.gaussian if cell.loss == "squared" else ad.glm.binomial
    return family(y=cell.y, weights=weights, dtype=np.float64)


def solve(cell, x, loss):
    state = ad.grpnet(X=x, glm=loss, lmda_path=cell.lambdas, early_exit=False, tol=cell.tolerance, irls_tol=cell.tolerance,
                      max_iters=10_000_000, n_threads=cell.threads, progress_bar=False)
    if len(state.lmdas) != len(cell.lambdas):
        raise RuntimeError(f"adelie solved {len(state.lmdas)} of {len(cell.lambdas)} lambdas: {getattr(state, 'error', '')}")
    return sp.csc_matrix(state.betas.T), np.asarray(state.intercepts).ravel()


def work(cell):
    x = matrix(cell)
    if cell.task == "path":
        return Answer(cell.lambdas, *solve(cell, x, glm(cell)))
    return cross_validate(cell, lambda rows: solve(cell, x, glm(cell, rows)))


def make(cell):
    work(small_cell(cell))
    return version("adelie"), lambda: work(cell)


if __name__ == "__main__":
    run(make)
