"""The elastic net and the lasso at one strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import MultiOutputMixin

from . import _inputs
from ._documentation import documented
from ._linear import LinearRegressor
from ._parameters import Flag, Number, OneOf, Sequence, check_parameters
from .paths import enet_path

if TYPE_CHECKING:
    from typing import Self


@documented
class ElasticNet(MultiOutputMixin, LinearRegressor):
    """Linear regression with an L1 and an L2 penalty.

    Minimises, for weights w of the samples and factors v of the features,

        1/(2 sum w) sum w (y - b0 - X b - offset)^2 + alpha sum v (l1_ratio s |b| + (1 - l1_ratio)/2 (s b)^2)

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty; 0 is ordinary least squares.
    l1_ratio : float, default=0.5
        Share of the L1 part: 1 is the lasso, 0 ridge.
    {fit_intercept}
    precompute : bool or array-like, default=False
        Cannot change the answer; ignored.
    {max_iter}
    {copy_X}
    {tol}
    warm_start : bool, default=False
        Cannot change the answer; ignored.
    {positive}
    {random_state}
    {selection}
    {constraints}
    {standardize}

    Attributes
    ----------
    {coef_}
    dual_gap_ : float or ndarray of shape (n_targets,)
        The duality gap: the objective is above its minimum by no more than this.
    {certificate_}
    n_iter_ : int or list of int
        Number of strengths that were solved for each target: 1. Steps are exact, so there is nothing else to count.
    {features_in_}

    References
    ----------
    Zou & Hastie (2005), J. R. Stat. Soc. B 67, 301-320.

    Examples
    --------
    >>> import riata
    >>> model = riata.ElasticNet(alpha=0.1).fit([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]], [0.0, 1.0, 2.0])
    >>> print(model.coef_.round(6))
    [0.860465 0.      ]
    """

    _accepted = {
        "alpha": Number(0),
        "l1_ratio": Number(0, 1),
        "fit_intercept": Flag(),
        "precompute": Sequence(Flag()),
        "max_iter": Number(1, whole=True, also=(None,)),
        "copy_X": Flag(),
        "tol": Number(0),
        "warm_start": Flag(),
        "positive": Flag(),
        "selection": OneOf("cyclic", "random"),
        "standardize": Flag(),
    }

    path = staticmethod(enet_path)

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio=0.5,
        fit_intercept=True,
        precompute: Any = False,
        max_iter=None,
        copy_X=True,
        tol=1e-6,
        warm_start=False,
        positive=False,
        random_state=None,
        selection="cyclic",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

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
        problem = self._problem(X, y, _inputs.sample_weights(sample_weight, X), offset)
        options = self._options("elastic-net", self.l1_ratio, diagnostics=False)
        self._take(problem.fit_paths(np.array([[float(self.alpha)]]), options), X, y)
        return self


@documented
class Lasso(ElasticNet):
    """Linear regression with an L1 penalty.

    Minimises, for weights w of the samples and factors v of the features,

        1/(2 sum w) sum w (y - b0 - X b - offset)^2 + alpha sum v s |b|

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty; 0 is ordinary least squares.
    fit_intercept, precompute, copy_X, max_iter, tol, warm_start, positive, random_state, selection, penalty_factor, lower, \
upper, standardize
        As in :class:`ElasticNet`.

    Attributes
    ----------
    coef_, intercept_, dual_gap_, certificate_, n_iter_, n_features_in_, feature_names_in_
        As in :class:`ElasticNet`.

    References
    ----------
    Tibshirani (1996), J. R. Stat. Soc. B 58, 267-288.

    Examples
    --------
    >>> import riata
    >>> model = riata.Lasso(alpha=0.1).fit([[-1.0], [0.0], [1.0]], [-1.0, 0.0, 1.0])
    >>> print(model.coef_.round(6))
    [0.85]
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept=True,
        precompute: Any = False,
        copy_X=True,
        max_iter=None,
        tol=1e-6,
        warm_start=False,
        positive=False,
        random_state=None,
        selection="cyclic",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        super().__init__(
            alpha=alpha,
            l1_ratio=1.0,
            fit_intercept=fit_intercept,
            precompute=precompute,
            max_iter=max_iter,
            copy_X=copy_X,
            tol=tol,
            warm_start=warm_start,
            positive=positive,
            random_state=random_state,
            selection=selection,
            penalty_factor=penalty_factor,
            lower=lower,
            upper=upper,
            standardize=standardize,
        )
