"""Paths of the elastic net and the lasso, as functions."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _engine, _inputs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def enet_path(
    X,
    y,
    *,
    l1_ratio=0.5,
    eps=1e-3,
    alphas: int | ArrayLike = 100,
    precompute: Any = "auto",
    Xy=None,
    copy_X=True,
    coef_init=None,
    verbose: int = False,
    return_n_iter=False,
    positive=False,
    check_input=True,
    tol=1e-6,
    max_iter=None,
    sample_weight=None,
) -> tuple[Any, ...]:
    """Elastic net path without an intercept.

    Minimises 1/(2 sum w) sum w (y - X b)^2 + alpha (l1_ratio |b|_1 + (1 - l1_ratio)/2 |b|^2) for every alpha.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training data, float64 or float32 in any layout.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Response; several columns are solved one by one.
    l1_ratio : float, default=0.5
        Share of the L1 part: 1 is the lasso, 0 ridge.
    eps : float, default=1e-3
        The least of an automatic grid, as a share of the largest.
    alphas : int or array-like, default=100
        How many strengths, geometric from the least that leaves every coefficient zero; or the strengths themselves.
    precompute, Xy, copy_X, coef_init, verbose
        Cannot change the answer; ignored.
    return_n_iter : bool, default=False
        Whether the number of solves is returned too: 1 a strength.
    positive : bool, default=False
        Whether coefficients must be >= 0.
    check_input : bool, default=True
        Ignored: input is always checked.
    tol : float, default=1e-6
        The certified relative duality gap: gap / half the null deviance.
    max_iter : int or None, default=None
        Bound on the solver's rounds.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights.

    Returns
    -------
    alphas : ndarray of shape (n_alphas,)
        Strengths, decreasing.
    coefs : ndarray of shape (n_features, n_alphas) or (n_outputs, n_features, n_alphas)
        Coefficients.
    dual_gaps : ndarray of shape (n_alphas,) or (n_outputs, n_alphas)
        Duality gaps.
    n_iters : list of int
        With ``return_n_iter``.

    Raises
    ------
    ValueError
        For options and data that cannot be used; the message says what, and what to do.

    References
    ----------
    Friedman, Hastie & Tibshirani (2010), J. Stat. Softw. 33(1).
    """
    X, y = _inputs.matrix_and_response(X, y)
    lower = np.zeros(X.shape[1]) if positive else None
    weights = _inputs.sample_weights(sample_weight, X)
    problem = _engine.Problem(_inputs.design(X), _inputs.columns(y), weights=weights, lower=lower, intercept=False)
    options = _engine.SolveOptions(
        "elastic-net", float(l1_ratio), tolerance=_inputs.tolerance(tol), max_iterations=max_iter or 0
    )
    if isinstance(alphas, Integral):
        lambdas: Any = problem.lambda_grid(options, int(alphas), float(eps))
    else:
        lambdas = _inputs.strengths(alphas)
    paths: list[Any] = problem.fit_paths(lambdas[np.newaxis], options)
    coefs = np.stack([path.coefficients(X.dtype == np.float32).T for path in paths])
    gaps = np.stack([path.gaps for path in paths])
    if y.ndim == 1:
        coefs, gaps = coefs[0], gaps[0]
    return (lambdas, coefs, gaps, [1] * len(lambdas)) if return_n_iter else (lambdas, coefs, gaps)


def lasso_path(
    X,
    y,
    *,
    eps=1e-3,
    alphas: int | ArrayLike = 100,
    precompute: Any = "auto",
    Xy=None,
    copy_X=True,
    coef_init=None,
    verbose: int = False,
    return_n_iter=False,
    positive=False,
    check_input=True,
    tol=1e-6,
    max_iter=None,
    sample_weight=None,
) -> tuple[Any, ...]:
    """Lasso path without an intercept: :func:`enet_path` with l1_ratio=1.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training data.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Response.
    eps, alphas, precompute, Xy, copy_X, coef_init, verbose, return_n_iter, positive, check_input, tol, max_iter, sample_weight
        As in :func:`enet_path`.

    Returns
    -------
    alphas, coefs, dual_gaps
        As from :func:`enet_path`.

    Raises
    ------
    ValueError
        For options and data that cannot be used; the message says what, and what to do.
    """
    return enet_path(
        X,
        y,
        l1_ratio=1.0,
        eps=eps,
        alphas=alphas,
        return_n_iter=return_n_iter,
        positive=positive,
        tol=tol,
        max_iter=max_iter,
        sample_weight=sample_weight,
    )
