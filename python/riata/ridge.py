"""Ridge regression at one strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import MultiOutputMixin

from . import _inputs
from ._documentation import documented
from ._linear import LinearRegressor
from ._parameters import Flag, Number, OneOf, Sequence, check_parameters

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike


@documented
class Ridge(MultiOutputMixin, LinearRegressor):
    """Linear regression with an L2 penalty.

    Minimises, for weights w of the samples and factors v of the features,

        sum w (y - b0 - X b - offset)^2 + alpha sum v (s b)^2

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column. (The
    engine's mean-scale strength is alpha / sum w.)

    Parameters
    ----------
    alpha : float or array-like of shape (n_targets,), default=1.0
        Strength of the penalty, for each target; 0 is ordinary least squares.
    {fit_intercept}
    {copy_X}
    max_iter : int or None, default=None
        Bound on the solver's rounds where it is iterative.
    {tol}
    solver : {"auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"}, default="auto"
        Cannot change the answer; ignored.
    {positive}
    {random_state}
    {constraints}
    {standardize}

    Attributes
    ----------
    {coef_}
    dual_gap_ : float or ndarray of shape (n_targets,)
        The duality gap of the mean-scale objective.
    {certificate_}
    n_iter_ : int or list of int
        Number of strengths that were solved for each target: 1.
    solver_ : str
        What the engine used.
    {features_in_}

    References
    ----------
    Hoerl & Kennard (1970), Technometrics 12, 55-67.

    Examples
    --------
    >>> import riata
    >>> model = riata.Ridge(alpha=1.0).fit([[-1.0], [0.0], [1.0]], [-1.0, 0.0, 1.0])
    >>> print(model.coef_.round(6))
    [0.666667]
    """

    _accepted = {
        "alpha": Sequence(Number(0)),
        "fit_intercept": Flag(),
        "copy_X": Flag(),
        "max_iter": Number(1, whole=True, also=(None,)),
        "tol": Number(0),
        "solver": OneOf("auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"),
        "positive": Flag(),
        "standardize": Flag(),
    }

    def __init__(
        self,
        alpha: float | ArrayLike = 1.0,
        *,
        fit_intercept=True,
        copy_X=True,
        max_iter=None,
        tol=1e-6,
        solver="auto",
        positive=False,
        random_state=None,
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        self.alpha: Any = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

    def _strengths(self, n_targets):
        """One a target, or one for all."""
        alpha = np.atleast_1d(np.asarray(self.alpha, dtype=np.float64))
        if alpha.shape not in ((1,), (n_targets,)):
            raise ValueError(f"Number of targets and number of penalties do not correspond: {len(alpha)} != {n_targets}")
        if not ((alpha >= 0) & np.isfinite(alpha)).all():
            raise ValueError(f"alpha is {self.alpha}: give finite numbers that are at least 0")
        return alpha[:, np.newaxis]

    def fit(self, X, y, sample_weight=None, offset=None) -> Self:
        """Fit the model.

        Parameters
        ----------
        {X_training}
        {y_responses}
        {sample_weight}
        {offset}

        Returns
        -------
        {self}

        Raises
        ------
        {raises}
        """
        check_parameters(self)
        X, y = _inputs.training_data(self, X, y, multi_output=True)
        weights, scale = _inputs.weights_on_sum_scale(sample_weight, X)
        problem = self._problem(X, y, weights, offset)
        options = self._options("l2", diagnostics=False)
        paths = problem.fit_paths(self._strengths(1 if y.ndim == 1 else y.shape[1]) / scale, options)
        self._take(paths, X, y)
        self.solver_ = paths[0].solver
        return self
