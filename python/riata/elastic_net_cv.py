"""The elastic net and the lasso with a strength chosen along the path."""

from __future__ import annotations

from numbers import Integral

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _inputs
from ._cross_validation import CrossValidated, folds_of, splitter_routing
from ._documentation import documented
from ._linear import LinearRegressor
from ._parameters import Flag, Number, OneOf, Sequence, check_parameters
from ._results import PathResult
from .paths import enet_path, lasso_path

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike


@documented
class ElasticNetCV(CrossValidated, LinearRegressor):
    """Elastic net whose strength is chosen along the path, by cross-validation or an information criterion.

    Minimises, for weights w of the samples and factors v of the features,

        1/(2 sum w) sum w (y - b0 - X b - offset)^2 + alpha sum v (l1_ratio s |b| + (1 - l1_ratio)/2 (s b)^2)

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column.

    Parameters
    ----------
    l1_ratio : float or array-like, default=0.5
        Share of the L1 part: 1 is the lasso, 0 ridge. Of several the one with the least error is taken.
    eps : float, default=1e-3
        The least of an automatic grid, as a share of the largest.
    alphas : int or array-like, default=100
        How many strengths, geometric from the least that leaves every coefficient zero; or the strengths themselves.
    {fit_intercept}
    precompute : bool, "auto" or array-like, default="auto"
        Cannot change the answer; ignored.
    {max_iter}
    {tol}
    cv : int, cross-validation generator, iterable or None, default=None
        As in scikit-learn: 5 folds by default.
    {copy_X}
    verbose : bool or int, default=False
        Ignored.
    {n_jobs}
    {positive}
    {random_state}
    {selection}
    selection_rule : {"min", "1se", "aic", "bic", "ebic"}, default="min"
        How the strength is chosen: the least mean error; the largest strength within one standard error of it; or the
        least criterion.
    {constraints}
    {standardize_by_fold}

    Attributes
    ----------
    alpha_, l1_ratio_ : float
        What was chosen.
    coef_ : ndarray of shape (n_features,)
        Coefficients on all data.
    intercept_ : float
        Intercept, 0.0 without one.
    alphas_ : ndarray of shape (n_alphas,) or (n_l1_ratio, n_alphas)
        The grid, decreasing.
    mse_path_ : ndarray of shape (n_alphas, n_folds) or (n_l1_ratio, n_alphas, n_folds)
        Mean squared error of every fold.
    cv_results_ : dict
        ``alphas``, ``mean_mse`` and ``standard_error`` of the chosen l1_ratio, ``index_min`` and ``index_1se``. Means are
        weighted by the folds' sizes.
    path_ : PathResult
        The path on all data at the chosen l1_ratio: coefficients, certificates.
    selection_frequency_ : ndarray of shape (n_features,)
        In which share of the folds each coefficient is not zero at the chosen strength.
    dual_gap_ : float
        The duality gap at the chosen strength.
    certificate_ : dict
        ``relative_gap`` and ``kkt_violation`` at the chosen strength.
    n_iter_ : int
        Number of strengths that were solved.
    {features_in_}

    References
    ----------
    Zou & Hastie (2005), J. R. Stat. Soc. B 67, 301-320.

    Examples
    --------
    >>> import riata
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = riata.ElasticNetCV(l1_ratio=[0.5, 1.0], cv=10, selection_rule="1se").fit(X, y)
    >>> int((model.coef_ != 0).sum())
    4
    """

    alpha_: float
    l1_ratio_: float
    alphas_: np.ndarray
    mse_path_: np.ndarray
    cv_results_: dict[str, Any]
    path_: PathResult
    selection_frequency_: np.ndarray

    _accepted = {
        "l1_ratio": Sequence(Number(0, 1)),
        "eps": Number(0, open_low=True),
        "alphas": Sequence(Number(1, whole=True)),
        "fit_intercept": Flag(),
        "precompute": Sequence(OneOf("auto", True, False)),
        "max_iter": Number(1, whole=True, also=(None,)),
        "tol": Number(0),
        "copy_X": Flag(),
        "n_jobs": Number(whole=True, also=(None,)),
        "positive": Flag(),
        "selection": OneOf("cyclic", "random"),
        "selection_rule": OneOf("min", "1se", "aic", "bic", "ebic"),
        "standardize": Flag(),
    }

    path = staticmethod(enet_path)

    def __init__(
        self,
        *,
        l1_ratio: float | ArrayLike = 0.5,
        eps=1e-3,
        alphas: int | ArrayLike = 100,
        fit_intercept=True,
        precompute: Any = "auto",
        max_iter=None,
        tol=1e-6,
        cv=None,
        copy_X=True,
        verbose: int = 0,
        n_jobs=None,
        positive=False,
        random_state=None,
        selection="cyclic",
        selection_rule="min",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.cv = cv
        self.copy_X = copy_X
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection
        self.selection_rule = selection_rule
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

    def _l1_ratios(self):
        ratios = [float(ratio) for ratio in np.atleast_1d(self.l1_ratio)]
        if not ratios:
            raise ValueError("l1_ratio is empty; give at least one share")
        return ratios

    def _grid(self, problem, options):
        if isinstance(self.alphas, Integral):
            return problem.lambda_grid(options, int(self.alphas), float(self.eps))
        return _inputs.strengths(self.alphas)

    def fit(self, X, y, sample_weight=None, offset=None, **params) -> Self:
        """Fit the path, validate it, choose.

        Parameters
        ----------
        {X_training}
        {y_response}
        sample_weight : float or array-like of shape (n_samples,), default=None
            Weights, in training and in the folds' errors.
        {offset}
        {splitter_params}

        Returns
        -------
        {self}

        Raises
        ------
        {raises}
        """
        check_parameters(self)
        split_params = splitter_routing(self, params, sample_weight)
        X, y = _inputs.training_data(self, X, y, multi_output=True)
        y = _inputs.single_output(y, "ElasticNet" if hasattr(self, "l1_ratio") else "Lasso")
        problem = self._problem(X, y, _inputs.sample_weights(sample_weight, X), offset)
        folds = folds_of(self.cv, X, y, split_params)
        ratios = self._l1_ratios()
        options = [self._options("elastic-net", ratio) for ratio in ratios]
        grids = [self._grid(problem, each) for each in options]
        shared = problem.shared(folds, len(grids[0]), options[0])
        by_errors = self.selection_rule in ("min", "1se")
        validated, chosen = [], []
        for grid, each in zip(grids, options):
            if not by_errors:  # chosen by the path alone
                path = problem.fit_paths(grid[np.newaxis], each, shared)[0]
                chosen.append((path, problem.select(path, None, self.selection_rule)))
            wanted = [] if by_errors else [chosen[-1][1]]
            validated.append(problem.cross_validate(grid, folds, each, frequency_at=wanted, shared=shared))
        best = int(np.argmin([cv.mean[cv.index_min] for cv in validated]))
        if by_errors:
            path = problem.fit_paths(grids[best][np.newaxis], options[best], shared)[0]
            index = problem.select(path, validated[best], self.selection_rule)
        else:
            path, index = chosen[best]
        self._take([path], X, y, index)
        self._keep(path, index, validated[best])
        self.alpha_ = float(grids[best][index])
        if hasattr(self, "l1_ratio"):
            self.l1_ratio_ = ratios[best]
        errors = np.stack([cv.fold_means.T for cv in validated])
        self.mse_path_ = errors[0] if len(ratios) == 1 else errors
        several = isinstance(self.alphas, Integral) and len(ratios) > 1
        self.alphas_ = np.stack(grids) if several else grids[0]
        self.path_ = PathResult.of(path)
        return self


@documented
class LassoCV(ElasticNetCV):
    """Lasso whose strength is chosen along the path, by cross-validation or an information criterion.

    Minimises, for weights w of the samples and factors v of the features,

        1/(2 sum w) sum w (y - b0 - X b - offset)^2 + alpha sum v s |b|

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column.

    Parameters
    ----------
    eps, alphas, fit_intercept, precompute, max_iter, tol, copy_X, cv, verbose, n_jobs, positive, random_state, selection, \
selection_rule, penalty_factor, lower, upper, standardize
        As in :class:`ElasticNetCV`.

    Attributes
    ----------
    alpha_, coef_, intercept_, alphas_, mse_path_, cv_results_, path_, selection_frequency_, dual_gap_, certificate_, n_iter_, \
n_features_in_, feature_names_in_
        As in :class:`ElasticNetCV`.

    References
    ----------
    Tibshirani (1996), J. R. Stat. Soc. B 58, 267-288.

    Examples
    --------
    >>> import riata
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = riata.LassoCV(cv=10).fit(X, y)
    >>> model.certificate_["relative_gap"] < 1e-6
    True
    """

    _accepted = {name: rule for name, rule in ElasticNetCV._accepted.items() if name != "l1_ratio"}

    path = staticmethod(lasso_path)  # type: ignore[assignment]  # without l1_ratio

    def __init__(
        self,
        *,
        eps=1e-3,
        alphas: int | ArrayLike = 100,
        fit_intercept=True,
        precompute: Any = "auto",
        max_iter=None,
        tol=1e-6,
        copy_X=True,
        cv=None,
        verbose: int = False,
        n_jobs=None,
        positive=False,
        random_state=None,
        selection="cyclic",
        selection_rule="min",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        super().__init__(
            eps=eps,
            alphas=alphas,
            fit_intercept=fit_intercept,
            precompute=precompute,
            max_iter=max_iter,
            tol=tol,
            cv=cv,
            copy_X=copy_X,
            verbose=verbose,
            n_jobs=n_jobs,
            positive=positive,
            random_state=random_state,
            selection=selection,
            selection_rule=selection_rule,
            penalty_factor=penalty_factor,
            lower=lower,
            upper=upper,
            standardize=standardize,
        )
        del self.l1_ratio

    def _l1_ratios(self):
        return [1.0]
