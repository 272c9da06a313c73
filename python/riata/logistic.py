"""Logistic regression for two classes at one strength."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import _inputs
from ._classifier import LinearClassifier
from ._documentation import documented
from ._parameters import Flag, Number, OneOf, check_parameters

if TYPE_CHECKING:
    from typing import Self


@documented
class LogisticRegression(LinearClassifier):
    """Logistic regression of two classes with L2, L1 or both penalties.

    Minimises, for weights w of the samples, factors v of the features and y in {0, 1},

        C sum w (log(1 + exp(e)) - y e) + sum v (l1_ratio s |b| + (1 - l1_ratio)/2 (s b)^2),   e = b0 + X b + offset

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column. (The
    engine's mean-scale strength is 1/(C sum w).)

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty; inf is no penalty.
    l1_ratio : float, default=0.0
        Share of the L1 part: 1 is the lasso's penalty, 0 ridge's.
    {tol}
    {fit_intercept}
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, which multiply the samples' weights.
    {max_iter}
    dual, intercept_scaling, random_state, solver, verbose, warm_start
        Cannot change the answer; ignored.
    {n_jobs}
    {constraints}
    {standardize}

    Attributes
    ----------
    {coef_of_classes_}
    dual_gap_ : float
        The duality gap of the mean-scale objective.
    {certificate_}
    n_iter_ : ndarray of shape (1,)
        Number of strengths that were solved: 1.
    {features_in_}

    References
    ----------
    Friedman, Hastie & Tibshirani (2010), J. Stat. Softw. 33(1).

    Examples
    --------
    >>> import riata
    >>> model = riata.LogisticRegression().fit([[-2.0], [-1.0], [1.0], [2.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[3.0]]).tolist()
    ['yes']
    """

    _accepted = {
        "C": Number(0, open_low=True, also=(np.inf,)),
        "l1_ratio": Number(0, 1),
        "tol": Number(0),
        "dual": Flag(),
        "solver": OneOf("auto", "lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"),
        "fit_intercept": Flag(),
        "max_iter": Number(1, whole=True, also=(None,)),
        "standardize": Flag(),
    }

    def __init__(
        self,
        *,
        C=1.0,
        l1_ratio=0.0,
        dual=False,
        tol=1e-6,
        fit_intercept=True,
        intercept_scaling=1.0,
        class_weight=None,
        random_state=None,
        solver="auto",
        max_iter=None,
        verbose: int = 0,
        warm_start=False,
        n_jobs=None,
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

    def fit(self, X, y, sample_weight=None, offset=None) -> Self:
        """Fit the model.

        Parameters
        ----------
        {X_training}
        {y_classes}
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
        X, y = _inputs.labelled_data(self, X, y)
        self.classes_, codes = self._two_classes(y)
        weights, scale = _inputs.weights_on_sum_scale(self._with_class_weights(y, sample_weight), X)
        problem = self._problem(X, codes, weights, offset, loss="logistic")
        options = self._mixture_options(self.l1_ratio, diagnostics=False)
        self._take(problem.fit_paths(np.array([[1.0 / (self.C * scale)]]), options), X, codes)
        self.coef_ = self.coef_[np.newaxis]
        self.intercept_ = np.atleast_1d(np.asarray(self.intercept_, dtype=X.dtype))
        self.n_iter_ = np.array([1])
        return self
