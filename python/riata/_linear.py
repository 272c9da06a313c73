"""What all linear regressors have in common."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from . import _engine, _inputs
from ._documentation import documented
from ._versions import Versioned

if TYPE_CHECKING:
    from numpy.typing import NDArray


class LinearModel:
    """Tags, and the way from parameters to the engine's problem and from its paths to attributes."""

    penalty_factor: Any
    lower: Any
    upper: Any
    fit_intercept: bool
    standardize: bool
    tol: float
    n_iter_: Any
    coef_: NDArray[np.floating[Any]]
    intercept_: Any
    dual_gap_: Any
    certificate_: dict[str, float]
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def _problem(self, X, y, weights, offset=None, loss="squared"):
        """The engine's problem for checked arrays, with this estimator's constraints."""
        p = X.shape[1]
        lower, upper = self.lower, self.upper
        if getattr(self, "positive", False):
            lower = np.zeros(p) if lower is None else np.maximum(lower, 0.0)
        problem = _engine.Problem(
            _inputs.design(X),
            _inputs.columns(y),
            loss=loss,
            weights=weights,
            offset=_inputs.per_sample(offset, X.shape[0]),
            penalty_factor=_inputs.per_feature(self.penalty_factor, p, "penalty_factor"),
            lower=_inputs.per_feature(lower, p, "lower"),
            upper=_inputs.per_feature(upper, p, "upper"),
            intercept=bool(self.fit_intercept),
            standardize=bool(self.standardize),
        )
        problem.names = list(getattr(self, "feature_names_in_", ()))
        return problem

    def _options(self, penalty, l1_ratio=0.5, **further):
        """The engine's options of a solve. Without ``diagnostics`` degrees of freedom, which only a choice asks for,
        are left out where they cost."""
        return _engine.SolveOptions(
            penalty,
            float(l1_ratio),
            tolerance=_inputs.tolerance(self.tol),
            max_iterations=getattr(self, "max_iter", None) or 0,
            threads=_inputs.threads(getattr(self, "n_jobs", None)),
            **further,
        )

    def _take(self, paths, X, y, index=0):
        """Attributes from the solutions at position `index` (one, or one an output) of each output's path."""
        single = X.dtype == np.float32
        at = list(zip(paths, np.broadcast_to(index, (len(paths),)).tolist()))
        coef = np.stack([path.coefficients_at(k, single) for path, k in at])
        intercept = np.array([path.intercepts[k] for path, k in at], dtype=X.dtype)
        gaps = np.array([path.gaps[k] for path, k in at], dtype=X.dtype)
        one = len(paths) == 1
        self.coef_ = coef[0] if one else coef
        if self.fit_intercept:
            self.intercept_ = intercept[0] if y.ndim == 1 else intercept
        else:
            self.intercept_ = 0.0
        self.dual_gap_ = gaps[0] if one else gaps
        self.n_iter_ = 1 if one else [1] * len(paths)
        self.certificate_ = {
            "relative_gap": max(float(path.relative_gaps[k]) for path, k in at),
            "kkt_violation": max(float(path.kkt_violations[k]) for path, k in at),
        }
        self._warn(paths)

    def _warn(self, paths):
        for path in paths:
            for text in path.warnings:
                warnings.warn(text, UserWarning, stacklevel=4)
            if "iteration_limit" in path.statuses:
                warnings.warn(
                    f"The solver stopped at its bound with a relative duality gap of {max(path.relative_gaps):.1e}, above "
                    f"tol={self.tol}. Raise max_iter, or accept a larger tol.",
                    ConvergenceWarning,
                    stacklevel=4,
                )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()  # type: ignore[misc]  # of the estimator
        tags.input_tags.sparse = True
        return tags


@documented
class LinearRegressor(RegressorMixin, LinearModel, Versioned):
    """A linear model of numbers."""

    def predict(self, X) -> NDArray[np.floating[Any]]:
        """Predict with the linear model.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            intercept_ + X @ coef_.

        Raises
        ------
        {raises_unfitted}
        """
        check_is_fitted(self)
        return _inputs.linear_predictor(_inputs.prediction_data(self, X), self.coef_, self.intercept_)

    @property
    def sparse_coef_(self) -> sparse.csr_array:
        """``coef_`` as a sparse array."""
        return sparse.csr_array(np.atleast_2d(self.coef_))
