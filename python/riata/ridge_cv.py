"""Ridge regression with a strength chosen by leave-one-out or folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, LeaveOneOut
from sklearn.utils.metadata_routing import MethodMapping, process_routing

from . import _inputs
from ._cross_validation import CrossValidated, folds_of, routing_enabled, splitter_routing
from ._documentation import documented
from ._linear import LinearRegressor
from ._parameters import Flag, Number, OneOf, Sequence, check_parameters
from ._results import PathResult
from .ridge import Ridge

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray


@documented
class RidgeCV(MultiOutputMixin, CrossValidated, LinearRegressor):
    """Ridge regression whose strength is chosen by leave-one-out (exact, from one factorisation) or by folds.

    Minimises, for weights w of the samples and factors v of the features,

        sum w (y - b0 - X b - offset)^2 + alpha sum v (s b)^2

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column.

    Parameters
    ----------
    alphas : array-like of shape (n_alphas,), default=(0.1, 1.0, 10.0)
        Strengths to try.
    {fit_intercept}
    scoring : str, callable or None, default=None
        None: squared error for leave-one-out, R^2 for folds. Others are given the left-out predictions, or those of the folds.
    cv : int, cross-validation generator, iterable or None, default=None
        None is leave-one-out.
    gcv_mode : {"auto", "svd", "eigen"} or None, default=None
        Cannot change the answer; ignored.
    store_cv_results : bool, default=False
        Whether to keep what leave-one-out found for every sample.
    alpha_per_target : bool, default=False
        Whether each target has its own strength (leave-one-out only).
    {n_jobs}
    selection_rule : {"min", "1se", "aic", "bic", "ebic"}, default="min"
        How alpha is chosen: the best score; the largest alpha within one standard error of it, over left-out rows or folds; or
        the least criterion (one target, or ``alpha_per_target``).
    {constraints}
    {standardize}

    Attributes
    ----------
    alpha_ : float or ndarray of shape (n_targets,)
        What was chosen.
    best_score_ : float or ndarray of shape (n_targets,)
        Its score; for leave-one-out minus the mean over the samples of squared error times weight.
    cv_results_ : ndarray of shape (n_samples, n_alphas) or (n_samples, n_targets, n_alphas)
        With ``store_cv_results``: squared errors times the samples' weights; with ``scoring`` the left-out predictions, NaN for
        samples without weight, which no score counts.
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        Coefficients on all data.
    intercept_ : float or ndarray of shape (n_targets,)
        Intercept, 0.0 without one.
    path_ : PathResult, or a list with one a target
        The path on all data: coefficients, certificates. Its ``alphas`` are on the mean scale: those given over the sum of the
        weights.
    dual_gap_ : float or ndarray of shape (n_targets,)
        The duality gap of the mean-scale objective.
    {certificate_}
    {features_in_}

    References
    ----------
    Golub, Heath & Wahba (1979), Technometrics 21, 215-223.

    Examples
    --------
    >>> import riata
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> riata.RidgeCV(alphas=[1e-3, 1e-2, 1e-1, 1]).fit(X, y).alpha_
    0.01
    """

    tol = 1e-6

    _accepted = {
        "alphas": Sequence(Number(0)),
        "fit_intercept": Flag(),
        "gcv_mode": OneOf("auto", "svd", "eigen", None),
        "store_cv_results": Flag(),
        "alpha_per_target": Flag(),
        "n_jobs": Number(whole=True, also=(None,)),
        "selection_rule": OneOf("min", "1se", "aic", "bic", "ebic"),
        "standardize": Flag(),
    }

    def __init__(
        self,
        alphas: float | ArrayLike = (0.1, 1.0, 10.0),
        *,
        fit_intercept=True,
        scoring=None,
        cv=None,
        gcv_mode=None,
        store_cv_results=False,
        alpha_per_target=False,
        n_jobs=None,
        selection_rule="min",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        self.alphas: Any = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target
        self.n_jobs = n_jobs
        self.selection_rule = selection_rule
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

    def fit(self, X, y, sample_weight=None, offset=None, **params) -> Self:
        """Fit every strength, judge it, choose.

        Parameters
        ----------
        {X_training}
        {y_responses}
        sample_weight : float or array-like of shape (n_samples,), default=None
            Weights, in training and in the errors.
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
        self._check_combination()
        given = _inputs.strengths(self._alphas())
        searched = self.scoring is not None and self.cv is not None
        if searched:
            samples = self._searched(X, y, given, sample_weight, offset, params)
        else:
            split_params, score_params = self._route(params, sample_weight)
        X, y = _inputs.training_data(self, X, y, multi_output=True)
        weights, scale = _inputs.weights_on_sum_scale(sample_weight, X)
        problem = self._problem(X, y, weights, offset)
        every_row = self.cv is None and (self.store_cv_results or self.scoring is not None or self.selection_rule == "1se")
        wanted = "none" if self.cv is not None else "predictions" if every_row else "errors"
        options = self._options("l2", leave_one_out=wanted)
        folds = None if self.cv is None or searched else folds_of(self.cv, X, y, split_params)
        shared = None if folds is None else problem.shared(folds, len(given), options)
        paths = problem.fit_paths(given[np.newaxis] / scale, options, shared)
        if folds is not None:
            each = [self._r2(problem, given / scale, folds, options, k, shared) for k in range(len(paths))]
            samples = np.stack(each, axis=1)
        elif every_row:
            share = scale / len(y) if weights is None else weights[:, np.newaxis, np.newaxis]
            samples = self._row_by_row(self._left_out(paths, X), y, given, share, score_params)
        elif not searched:
            samples = self._leave_one_out(problem, paths, given, scale, options)
        self._choose(problem, paths, samples, given, X, y)
        return self

    def _check_combination(self):
        if self.cv is None:
            for index, alpha in enumerate(self._alphas()):
                _inputs.check_positive(alpha, f"alphas[{index}]")
            if self.scoring is not None and self.selection_rule == "1se":
                raise ValueError("selection_rule='1se' with scoring needs the scores of folds: give cv")
            return
        for name in ("store_cv_results", "alpha_per_target"):
            if getattr(self, name):
                raise ValueError(f"cv!=None and {name}=True are incompatible")

    def _alphas(self):
        return [self.alphas] if np.ndim(self.alphas) == 0 else list(self.alphas)

    def _places(self):
        """Where each of ``alphas`` is in decreasing order."""
        order = np.argsort(-np.asarray(self._alphas(), dtype=np.float64), kind="stable")
        return np.argsort(order, kind="stable")

    def _route(self, params, sample_weight):
        """What splitter and scorer are given."""
        if not routing_enabled():
            given = sample_weight is not None and not np.isscalar(sample_weight)
            return splitter_routing(self, params, sample_weight), {"sample_weight": sample_weight} if given else {}
        if sample_weight is not None:
            params = {**params, "sample_weight": sample_weight}
        routed = process_routing(self, "fit", **params)
        return routed.splitter.split, routed.scorer.score

    @staticmethod
    def _r2(problem, lambdas, folds, options, output, shared):
        cv = problem.cross_validate(lambdas, folds, options, sum_scale=True, output=output, shared=shared)
        return problem.r2(cv, folds, output=output)

    def _leave_one_out(self, problem, paths, alphas, scale, options):
        """Minus the means over the rows of weight times squared error: 1 x n_targets x n_alphas."""
        errors = np.stack([path.leave_one_out_errors for path in paths])
        if np.isnan(errors).any():  # no factorisation: bounds, or a large problem
            folds = folds_of(LeaveOneOut(), np.empty((problem.n_samples, 0)), None, {})
            validated = [
                problem.cross_validate(alphas / scale, folds, options, sum_scale=True, output=k) for k in range(len(paths))
            ]
            errors = np.stack([cv.mean for cv in validated])
        return -errors[np.newaxis] * (scale / problem.n_samples)

    @staticmethod
    def _left_out(paths, X):
        """Predictions of each row by the fit without it: n_samples x n_targets x n_alphas."""
        told = [[path.leave_one_out(k) for k in range(len(path.lambdas))] for path in paths]
        if any(one is None for path in told for one in path):
            raise NotImplementedError(
                "scoring, store_cv_results and selection_rule='1se' without cv need ridge from one factorisation, which bounds, a "
                "row that determines its own prediction, or more than 10,000 rows and columns prevent: give cv"
            )
        return np.moveaxis(np.array(told), 2, 0).astype(X.dtype, copy=False)

    def _row_by_row(self, predictions, y, alphas, weights, score_params):
        """Scores from left-out predictions, of every row or (by ``scoring``) of all: n_rows or 1 x n_targets x n_alphas. Fills
        ``cv_results_`` in the order of ``alphas``."""
        truth = y.reshape(len(y), -1)
        counts = np.broadcast_to(np.ravel(weights) > 0, len(truth))  # nothing is predicted for rows that do not count
        errors = np.where(counts[:, np.newaxis, np.newaxis], (truth[:, :, np.newaxis] - predictions) ** 2, 0) * weights
        if self.store_cv_results:
            self.cv_results_ = (errors if self.scoring is None else predictions)[:, :, self._places()]
        if self.scoring is None:
            return -errors
        truth, predictions = truth[counts], predictions[counts]
        score_params = {
            name: np.asarray(value)[counts] if np.shape(value)[:1] == counts.shape else value for name, value in score_params.items()
        }
        scorer, judge = get_scorer(self.scoring), _Told().fit(None)
        if self.alpha_per_target:
            shape, parts = (lambda one, j: one[:, j]), list(range(truth.shape[1]))
        else:
            shape, parts = (lambda one, j: one[:, 0] if y.ndim == 1 else one), [0]
        scores = [
            [scorer(judge, shape(predictions[:, :, k], j), shape(truth, j), **score_params) for k in range(len(alphas))] for j in parts
        ]
        return np.array([scores])

    def get_metadata_routing(self):
        """What is routed where: ``fit`` hands splitter and scorer what they asked for.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRouter
            The router.
        """
        scorer = get_scorer("r2").set_score_request(sample_weight=True) if self.scoring is None else get_scorer(self.scoring)
        return super().get_metadata_routing().add(scorer=scorer, method_mapping=MethodMapping().add(caller="fit", callee="score"))

    def _choose(self, problem, paths, samples, alphas, X, y):
        """Takes the strengths that the rule asks for; `samples` are scores of rows or folds, for each target or for all."""
        if not self.alpha_per_target:
            samples = samples.mean(axis=1, keepdims=True)
        scores = samples.mean(axis=0)
        rows = np.arange(len(scores))
        if self.selection_rule in ("aic", "bic", "ebic"):
            if len(paths) > len(scores):
                raise ValueError(f"selection_rule={self.selection_rule!r} chooses for one target: give alpha_per_target=True")
            indices = np.array([problem.select(path, None, self.selection_rule) for path in paths])
        else:
            places = self._places()  # of equals the first that was given
            indices = places[np.argmax(scores[:, places], axis=1)]
        if self.selection_rule == "1se":
            errors = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
            indices = np.argmax(scores >= (scores - errors)[rows, indices][:, np.newaxis], axis=1)
        best = scores[rows, indices]
        self._take(paths, X, y, np.broadcast_to(indices, (len(paths),)))
        self.path_ = PathResult.of(paths[0]) if len(paths) == 1 else [PathResult.of(path) for path in paths]
        one = y.ndim == 1 or not self.alpha_per_target
        self.alpha_ = float(alphas[indices[0]]) if one else alphas[indices]
        self.best_score_ = float(best[0]) if one else best
        if self.store_cv_results and y.ndim == 1:
            self.cv_results_ = self.cv_results_[:, 0]

    def _searched(self, X, y, alphas, sample_weight, offset, params):
        """Other scores, by scikit-learn's own search over Ridge: n_folds x 1 x n_alphas."""
        names = ("fit_intercept", "penalty_factor", "lower", "upper", "standardize")
        ridge = Ridge(**{name: getattr(self, name) for name in names})
        given = {"sample_weight": sample_weight, "offset": offset}
        given = {name: value for name, value in given.items() if value is not None}
        if routing_enabled():
            ridge.set_fit_request(**{name: True for name in given})
        search = GridSearchCV(ridge, {"alpha": alphas.tolist()}, scoring=self.scoring, cv=self.cv, refit=False)
        found = search.fit(X, y, **given, **params)
        return np.stack([found.cv_results_[f"split{k}_test_score"] for k in range(found.n_splits_)])[:, np.newaxis]


class _Told(RegressorMixin, BaseEstimator):
    """Predicts what it is given, for scorers."""

    def fit(self, X, y=None) -> Self:
        self.fitted_ = True
        return self

    def predict(self, X) -> NDArray[Any]:
        return X
