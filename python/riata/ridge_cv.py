"""Ridge regression with a strength chosen by leave-one-out or folds."""

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
from .ridge import Ridge


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
    {constraints}
    {standardize}

    Attributes
    ----------
    alpha_ : float or ndarray of shape (n_targets,)
        What was chosen.
    best_score_ : float or ndarray of shape (n_targets,)
        Its score; for leave-one-out minus the mean squared error.
    cv_results_ : ndarray of shape (n_samples, n_alphas) or (n_samples, n_targets, n_alphas)
        With ``store_cv_results``: squared errors times the samples' weights; with ``scoring`` the left-out predictions.
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        Coefficients on all data.
    intercept_ : float or ndarray of shape (n_targets,)
        Intercept, 0.0 without one.
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
        "standardize": Flag(),
    }

    def __init__(
        self,
        alphas=(0.1, 1.0, 10.0),
        *,
        fit_intercept=True,
        scoring=None,
        cv=None,
        gcv_mode=None,
        store_cv_results=False,
        alpha_per_target=False,
        n_jobs=None,
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ):
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target
        self.n_jobs = n_jobs
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

    def fit(self, X, y, sample_weight=None, offset=None, **params):
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
        """
        check_parameters(self)
        self._check_combination()
        if self.scoring is not None and self.cv is not None:
            return self._search(X, y, sample_weight, offset, params)
        split_params, score_params = self._route(params, sample_weight)
        X, y = _inputs.training_data(self, X, y, multi_output=True)
        weights, scale = _inputs.weights_on_sum_scale(sample_weight, X)
        problem = self._problem(X, y, weights, offset)
        every_row = self.cv is None and (self.store_cv_results or self.scoring is not None)
        wanted = "none" if self.cv is not None else "predictions" if every_row else "errors"
        options = self._options("l2", leave_one_out=wanted)
        given = _inputs.strengths(self._alphas())
        folds = None if self.cv is None else folds_of(self.cv, X, y, split_params)
        shared = None
        if folds is not None and y.size == len(y):
            shared = problem.fold_moments(folds, len(given), options)
        paths = problem.fit_paths(given[np.newaxis] / scale, options, shared)
        if folds is not None:
            scores = np.stack([self._r2(problem, given / scale, folds, options, k, shared) for k in range(len(paths))])
        elif every_row:
            scores = self._row_by_row(self._left_out(paths, X), y, given, weights, score_params)
        else:
            scores = self._leave_one_out(problem, paths, given, scale, options)
        self._choose(paths, scores, given, X, y)
        return self

    def _check_combination(self):
        if self.cv is None:
            for index, alpha in enumerate(self._alphas()):
                _inputs.check_positive(alpha, f"alphas[{index}]")
            return
        for name in ("store_cv_results", "alpha_per_target"):
            if getattr(self, name):
                raise ValueError(f"cv!=None and {name}=True are incompatible")

    def _alphas(self):
        return [self.alphas] if np.ndim(self.alphas) == 0 else list(self.alphas)

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
    def _r2(problem, lambdas, folds, options, output, moments):
        cv = problem.cross_validate(lambdas, folds, options, sum_scale=True, output=output, moments=moments)
        return problem.r2(cv, folds, output=output)

    def _leave_one_out(self, problem, paths, alphas, scale, options):
        """Minus the mean squared errors, a row a target."""
        errors = np.stack([path.leave_one_out_errors for path in paths])
        if np.isnan(errors).any():  # no factorisation: bounds, or a large problem
            folds = folds_of(LeaveOneOut(), np.empty((problem.n_samples, 0)), None, {})
            validated = [
                problem.cross_validate(alphas / scale, folds, options, sum_scale=True, output=k) for k in range(len(paths))
            ]
            errors = np.stack([cv.mean for cv in validated])
        return -errors

    @staticmethod
    def _left_out(paths, X):
        """Predictions of each row by the fit without it: n_samples x n_targets x n_alphas."""
        told = [[path.leave_one_out(k) for k in range(len(path.lambdas))] for path in paths]
        if any(one is None for path in told for one in path):
            raise NotImplementedError(
                "scoring and store_cv_results without cv need ridge from one factorisation, which bounds, a row that determines "
                "its own prediction, or more than 3000 rows and columns prevent: give cv"
            )
        return np.moveaxis(np.array(told), 2, 0).astype(X.dtype, copy=False)

    def _row_by_row(self, predictions, y, alphas, weights, score_params):
        """Scores from left-out predictions, a row a target; fills ``cv_results_`` in the order of ``alphas``."""
        truth = y.reshape(len(y), -1)
        errors = (truth[:, :, np.newaxis] - predictions) ** 2
        if weights is not None:
            errors *= weights[:, np.newaxis, np.newaxis]
        if self.store_cv_results:
            order = np.argsort(-np.asarray(self.alphas, dtype=np.float64).reshape(-1), kind="stable")
            back = np.argsort(order, kind="stable")
            self.cv_results_ = (errors if self.scoring is None else predictions)[:, :, back]
        if self.scoring is None:
            return -errors.mean(axis=0)
        scorer, judge = get_scorer(self.scoring), _Told().fit(None)
        if self.alpha_per_target:
            return np.array(
                [[scorer(judge, predictions[:, j, k], truth[:, j], **score_params) for k in range(len(alphas))] for j in range(truth.shape[1])]
            )
        shape = (lambda one: one[:, 0]) if y.ndim == 1 else (lambda one: one)
        scores = [scorer(judge, shape(predictions[:, :, k]), y, **score_params) for k in range(len(alphas))]
        return np.tile(scores, (truth.shape[1], 1))

    def get_metadata_routing(self):
        """What is routed where: ``fit`` hands splitter and scorer what they asked for.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRouter
            The router.
        """
        scorer = get_scorer("r2").set_score_request(sample_weight=True) if self.scoring is None else get_scorer(self.scoring)
        return super().get_metadata_routing().add(scorer=scorer, method_mapping=MethodMapping().add(caller="fit", callee="score"))

    def _choose(self, paths, scores, alphas, X, y):
        if self.alpha_per_target:
            indices = np.argmax(scores, axis=1)
            best = scores[np.arange(len(paths)), indices]
        else:
            indices = np.full(len(paths), np.argmax(scores.mean(axis=0)))
            best = scores.mean(axis=0)[indices[:1]]
        self._take(paths, X, y, indices)
        one = y.ndim == 1 or not self.alpha_per_target
        self.alpha_ = float(alphas[indices[0]]) if one else alphas[indices]
        self.best_score_ = float(best[0]) if one else best
        if self.store_cv_results and y.ndim == 1:
            self.cv_results_ = self.cv_results_[:, 0]

    def _search(self, X, y, sample_weight, offset, params):
        """Other scores by scikit-learn's own search over Ridge."""
        names = ("fit_intercept", "penalty_factor", "lower", "upper", "standardize")
        ridge = Ridge(**{name: getattr(self, name) for name in names})
        given = {"sample_weight": sample_weight, "offset": offset}
        given = {name: value for name, value in given.items() if value is not None}
        if routing_enabled():
            ridge.set_fit_request(**{name: True for name in given})
        grid = {"alpha": self._alphas()}
        search = GridSearchCV(ridge, grid, scoring=self.scoring, cv=self.cv).fit(X, y, **given, **params)
        best = search.best_estimator_
        for name in ("coef_", "intercept_", "dual_gap_", "n_iter_", "certificate_", "n_features_in_", "feature_names_in_"):
            if hasattr(best, name):
                setattr(self, name, getattr(best, name))
        self.alpha_, self.best_score_ = best.alpha, search.best_score_
        return self


class _Told(RegressorMixin, BaseEstimator):
    """Predicts what it is given, for scorers."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        return X
