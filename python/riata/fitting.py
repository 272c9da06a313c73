"""The engine's own door: the whole path, certified and cross-validated, in one call."""

from __future__ import annotations

import os
from numbers import Integral
from typing import TYPE_CHECKING

from . import _engine, _inputs
from ._engine_door import Model, fit_settings, said_in_python

if TYPE_CHECKING:
    from .training import Training


def fit_path(X, y, *, cv=None, sample_weight=None, offset=None, groups=None, n_jobs=None, **options) -> Fit:
    """Fit the whole path over the strength, cross-validate it, choose.

    Minimises, for weights w of the rows and factors v of the features,

        1/(sum w) sum w loss(y, b0 + X b + offset) + lambda sum v (l1_ratio s |b| + (1 - l1_ratio)/2 (s b)^2)

    for every lambda of a grid; s is the weighted standard deviation of the column, or 1 with ``standardize=False``. The same
    as the command ``riata fit``.

    Parameters
    ----------
    X : matrix or table with n_samples rows
        NumPy or SciPy matrices; pandas, polars or Arrow tables, whose text and categories are coded. Not copied where the
        layout allows. Or a formula such as "y ~ a + log(b) + c:d" (formulaic's), with the pandas table in place of y.
    y : array-like of shape (n_samples,) or str
        Response, or the name of the column of X that holds it.
    cv : int, array-like of shape (n_samples,) or None, default=None
        How many folds (default 10; 0 with ``select`` for none), or the fold of every row.
    sample_weight, offset : array-like of shape (n_samples,), default=None
        Weights, and a known part of the linear predictor.
    groups : array-like of shape (n_samples,), default=None
        Rows of a group stay in one fold.
    n_jobs : int or None, default=None
        Threads: None is one, -1 all cores. The result does not depend on it.
    **options
        As on the command line: loss, penalty ("none", "l1", "l2", "elastic-net"), l1_ratio, lambdas (these values),
        n_lambdas, lambda_min_ratio, lambda_scale, standardize, intercept, penalty_factor, lower, upper (dicts by feature,
        or one number for all), features, exclude, categorical, missing, select ("min", "1se", "aic", "bic", "ebic"), measure, folds_in_time, seed,
        solver, tolerance, max_iterations, l1_step, learning_rate, iterations.

    Returns
    -------
    Fit
        The result.

    Raises
    ------
    ValueError
        For options and data that cannot be used; the message says what, and what to do.
    """
    rows = {"sample_weight": sample_weight, "offset": offset, "groups": groups}
    with said_in_python():
        settings, table, formula = fit_settings(X, y, cv, rows, options)
        return Fit(_engine.fit(settings, table, _inputs.threads(n_jobs)), formula)


def cross_validate(X, y, *, cv=10, **options) -> Fit:
    """:func:`fit_path` with folds: the same result, ``cross_validation`` always filled.

    Parameters
    ----------
    X, y, **options
        As of :func:`fit_path`.
    cv : int or array-like of shape (n_samples,), default=10
        How many folds, or the fold of every row.

    Returns
    -------
    Fit
        The result.

    Raises
    ------
    ValueError
        For options and data that cannot be used; the message says what, and what to do.
    """
    if isinstance(cv, Integral) and cv < 2:
        raise ValueError(f"cv is {cv}: cross-validation needs at least 2 folds")
    return fit_path(X, y, cv=cv, **options)


def load(path) -> Fit | Training:
    """A model that ``save`` or the command line's ``--model`` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    Fit or Training
        The linear model or the network; without timings, which model files do not hold.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that is no model, or a damaged one: its checksum is compared.
    """
    with open(path, "rb") as file:
        content = file.read()
    if content.startswith(b"{"):
        return Fit(_engine.model_from_bytes(content, os.fspath(path)))
    from .training import Training

    return Training(_engine.network_from_bytes(content, os.fspath(path)))


class Fit(Model):
    """A fitted path: what was minimised, every strength's certificate, the choice and its coefficients.

    Made by :func:`fit_path`, :func:`cross_validate` and :func:`load`: ``fit.selected``, ``fit.coefficients``,
    ``fit.certificate``, ``fit.path``, ``fit.cross_validation``, ….
    """

    def _columns(self):
        """Coefficients at the chosen strength, a row a feature."""
        facts = self.facts
        shares = facts.get("selection_frequency") or {}
        scaled = facts.get("standardized_coefficients") or {}
        names = self.feature_names
        return {
            "feature": names,
            "coefficient": [facts["coefficients"].get(name, 0.0) for name in names],
            "standardized_coefficient": [scaled.get(name, 0.0) for name in names],
            "selection_frequency": [shares.get(name, 0.0) for name in names] if shares else [None] * len(names),
        }

    def __getstate__(self):
        return self._found.model_bytes(), self._formula

    def __setstate__(self, state):
        super().__init__(_engine.model_from_bytes(state[0], "pickle"), state[1])
