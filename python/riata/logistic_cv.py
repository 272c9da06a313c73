"""Logistic regression for two classes with a strength chosen along the path."""

from __future__ import annotations

from numbers import Integral

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import check_cv

from . import _engine, _inputs
from ._classifier import LinearClassifier
from ._cross_validation import positions
from ._documentation import documented
from ._parameters import Flag, Number, OneOf, Sequence, check_parameters
from ._results import PathResult
from ._scored_folds import MEASURES, FoldPath, Scored

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from numpy.typing import ArrayLike


@documented
class LogisticRegressionCV(Scored, LinearClassifier):
    """Logistic regression of two classes whose strength is chosen along the path.

    Minimises, for weights w of the samples, factors v of the features and y in {0, 1},

        C sum w (log(1 + exp(e)) - y e) + sum v (l1_ratio s |b| + (1 - l1_ratio)/2 (s b)^2),   e = b0 + X b + offset

    subject to lower <= b <= upper; s is 1, or with ``standardize`` the weighted standard deviation of the column. (The
    engine's mean-scale strength is 1/(C sum w), with the sum over the rows that are trained on.)

    Parameters
    ----------
    Cs : int or array-like of shape (n_cs,), default=10
        Inverse strengths, or how many from 1e-4 to 1e4, geometric.
    l1_ratios : array-like of shape (n_l1_ratios,), default=(0.0,)
        Shares of the L1 part: 1 is the lasso's penalty, 0 ridge's. The one with the best score is taken.
    {fit_intercept}
    cv : int, cross-validation generator, iterable or None, default=None
        As in scikit-learn: 5 stratified folds by default.
    scoring : str, callable or None, default="neg_log_loss"
        What is maximised; None is accuracy. "neg_log_loss", "accuracy" and "roc_auc" are computed by the engine.
    {tol}
    {max_iter}
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, which multiply the samples' weights in training.
    dual, intercept_scaling, random_state, solver, verbose
        Cannot change the answer; ignored.
    {n_jobs}
    refit : bool, default=True
        Whether the answer is fitted on all data. Otherwise it is the mean of the folds' best ones.
    use_legacy_attributes : bool, default=False
        Only False: attributes have the shapes below.
    selection_rule : {"min", "1se", "aic", "bic", "ebic"}, default="min"
        How C is chosen: the best mean score; the smallest C within one standard error of it; or the least criterion.
    {constraints}
    {standardize_by_fold}

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The classes, sorted.
    C_, l1_ratio_ : float
        What was chosen; without ``refit`` the mean over the folds.
    coef_ : ndarray of shape (1, n_features)
        Coefficients; positive ones speak for ``classes_[1]``.
    intercept_ : ndarray of shape (1,)
        Intercept, 0 without one.
    Cs_ : ndarray of shape (n_cs,)
        What was tried.
    l1_ratios_ : ndarray of shape (n_l1_ratios,)
        What was tried.
    scores_ : ndarray of shape (n_folds, n_l1_ratios, n_cs)
        Score of every fold.
    coefs_paths_ : ndarray of shape (n_folds, n_l1_ratios, n_cs, 1, n_features + fit_intercept)
        Coefficients of every fold, the intercept last. Made when it is asked for.
    n_iter_ : ndarray of shape (n_folds, n_l1_ratios, n_cs)
        Ones: how often each was solved.
    selection_frequency_ : ndarray of shape (n_features,)
        In which share of the folds each coefficient is not zero at the chosen C.
    cv_results_ : dict
        ``Cs``, ``mean_score`` and ``standard_error`` over the folds at the chosen l1_ratio, ``index_min`` (the best mean) and
        ``index_1se``; with ``refit``.
    path_ : PathResult
        The path on all data at the chosen l1_ratio, by rising C; with ``refit``.
    dual_gap_, certificate_
        At the chosen C, on the full problem; with ``refit``.
    {features_in_}

    References
    ----------
    Friedman, Hastie & Tibshirani (2010), J. Stat. Softw. 33(1).

    Examples
    --------
    >>> import riata
    >>> from sklearn.datasets import load_breast_cancer
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = riata.LogisticRegressionCV(Cs=30, l1_ratios=(1.0,), standardize=True, selection_rule="1se").fit(X, y)
    >>> int((model.coef_ != 0).sum())
    12
    """

    _accepted = {
        "Cs": Sequence(Number(1, whole=True)),
        "l1_ratios": Sequence(),
        "fit_intercept": Flag(),
        "tol": Number(0),
        "max_iter": Number(1, whole=True, also=(None,)),
        "n_jobs": Number(whole=True, also=(None,)),
        "refit": Flag(),
        "dual": Flag(),
        "solver": OneOf("auto", "lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"),
        "use_legacy_attributes": OneOf(False),
        "selection_rule": OneOf("min", "1se", "aic", "bic", "ebic"),
        "standardize": Flag(),
    }

    def __init__(
        self,
        *,
        Cs: int | ArrayLike = 10,
        l1_ratios: ArrayLike = (0.0,),
        fit_intercept=True,
        cv=None,
        dual=False,
        scoring: str | Callable[..., Any] | None = "neg_log_loss",
        solver="auto",
        tol=1e-6,
        max_iter=None,
        class_weight=None,
        n_jobs=None,
        verbose: int = 0,
        refit=True,
        intercept_scaling=1.0,
        random_state=None,
        use_legacy_attributes=False,
        selection_rule="min",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ) -> None:
        self.Cs = Cs
        self.l1_ratios = l1_ratios
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.dual = dual
        self.scoring = scoring
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.refit = refit
        self.intercept_scaling = intercept_scaling
        self.random_state = random_state
        self.use_legacy_attributes = use_legacy_attributes
        self.selection_rule = selection_rule
        self.penalty_factor = penalty_factor
        self.lower = lower
        self.upper = upper
        self.standardize = standardize

    def fit(self, X, y, sample_weight=None, offset=None, **params) -> Self:
        """Fit the path, validate it, choose.

        Parameters
        ----------
        {X_training}
        {y_classes}
        sample_weight : float or array-like of shape (n_samples,), default=None
            Weights, in training and (with metadata routing: if the scorer asks for them) in the scores.
        {offset}
        **params : dict
            ``groups`` for the splitter, or with metadata routing whatever splitter and scorer take.

        Returns
        -------
        {self}

        Raises
        ------
        {raises}
        """
        check_parameters(self)
        split_params, score_params = self._route(params, sample_weight)
        X, y = _inputs.labelled_data(self, X, y)
        self.classes_, codes = self._two_classes(y)
        weights, scale = _inputs.weights_on_sum_scale(self._with_class_weights(y, sample_weight), X)
        problem = self._problem(X, codes, weights, offset, loss="logistic")
        self._take_grid()
        splits = [tuple(map(positions, pair)) for pair in check_cv(self.cv, y, classifier=True).split(X, y, **split_params)]
        folds = _engine.folds_from_splits(X.shape[0], splits)
        order = np.argsort(self.Cs_, kind="stable")
        with np.errstate(divide="ignore"):
            lambdas = 1.0 / (self.Cs_[order] * scale)
        measure = self._measure(sample_weight, score_params)
        scores = np.empty((len(splits), len(self.l1_ratios_), len(self.Cs_)))
        self._fold_paths = []
        for position, ratio in enumerate(self.l1_ratios_):
            cv = problem.cross_validate(
                lambdas, folds, self._mixture_options(ratio), measure=measure or "deviance", sum_scale=True, keep_paths=True
            )
            self._fold_paths.append([FoldPath(path, order, X.shape[1]) for path in cv.paths])
            if measure:
                scores[:, position, order] = MEASURES[self.scoring or "accuracy"][1](cv.fold_means)
            else:
                scores[:, position] = self._scores(X, y, splits, self._fold_paths[-1], score_params, offset)
        self.scores_ = scores
        self.n_iter_ = np.ones(scores.shape, dtype=np.intp)
        self._choose(problem, lambdas, order, X, codes)
        return self

    def _take_grid(self):
        if isinstance(self.Cs, Integral):
            self.Cs_ = np.logspace(-4, 4, int(self.Cs))
        else:
            self.Cs_ = np.asarray(self.Cs, dtype=np.float64)
            if self.Cs_.ndim != 1 or not len(self.Cs_) or not (self.Cs_ > 0).all():
                raise ValueError(f"Cs must be numbers above 0; got {self.Cs!r}")
        try:
            self.l1_ratios_ = np.asarray(self.l1_ratios, dtype=np.float64)
            good = self.l1_ratios_.ndim == 1 and len(self.l1_ratios_) and (abs(self.l1_ratios_ - 0.5) <= 0.5).all()
        except (TypeError, ValueError):
            good = False
        if not good:
            raise ValueError(f"l1_ratios must be an array-like of numbers between 0 and 1; got (l1_ratios={self.l1_ratios!r})")

    def _choose(self, problem, lambdas, order, X, codes):
        chosen = None
        if self.selection_rule in ("aic", "bic", "ebic"):
            chosen = self._by_criterion(problem, lambdas, order)
        else:
            mean = self.scores_.mean(axis=0).T  # C before l1_ratio, as in scikit-learn
            at = np.unravel_index(np.argmax(mean), mean.shape)
            chosen = (self._results_at(at[1])["index_1se"] if self.selection_rule == "1se" else at[0]), at[1]
        c, ratio = (int(k) for k in chosen)
        self.selection_frequency_ = np.mean([path.coef(c) != 0 for path in self._fold_paths[ratio]], axis=0)
        if not self.refit:
            return self._average_folds(X)
        self.C_, self.l1_ratio_ = float(self.Cs_[c]), float(self.l1_ratios_[ratio])
        path = problem.fit_paths(lambdas[np.newaxis], self._mixture_options(self.l1_ratio_))[0]
        trials = self.n_iter_
        self._take([path], X, codes, int(np.flatnonzero(order == c)[0]))
        self.n_iter_ = trials
        self.coef_ = self.coef_[np.newaxis]
        self.intercept_ = np.atleast_1d(np.asarray(self.intercept_, dtype=X.dtype))
        self.path_, self.cv_results_ = PathResult.of(path), self._results_at(ratio)

    def _by_criterion(self, problem, lambdas, order):
        """The best mean score of the l1_ratios' choices."""
        mean, best = self.scores_.mean(axis=0), None
        for ratio in range(len(self.l1_ratios_)):
            path = problem.fit_paths(lambdas[np.newaxis], self._mixture_options(self.l1_ratios_[ratio]))[0]
            c = order[problem.select(path, None, self.selection_rule)]
            if best is None or mean[ratio, c] > mean[best[1], best[0]]:
                best = c, ratio
        return best

    def _results_at(self, ratio):
        """What the folds say of every C: by the one-standard-error rule the smallest C that is as good is taken."""
        scores = self.scores_[:, ratio]
        mean, count = scores.mean(axis=0), len(scores)
        error = scores.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.zeros(len(mean))
        best = int(np.argmax(mean))
        good = np.flatnonzero(mean >= mean[best] - error[best])
        simplest = int(good[np.argmin(self.Cs_[good])])
        return {"Cs": self.Cs_, "mean_score": mean, "standard_error": error, "index_min": best, "index_1se": simplest}

    def _average_folds(self, X):
        """Without a refit: the mean of each fold's best answer."""
        picked = []
        for k, scores in enumerate(self.scores_):
            c, ratio = np.unravel_index(np.argmax(scores.T), scores.T.shape)
            path = self._fold_paths[ratio][k]
            picked.append((self.Cs_[c], self.l1_ratios_[ratio], path.coef(c), path.intercepts[c]))
        strengths, ratios, coefs, intercepts = zip(*picked)
        self.C_, self.l1_ratio_ = float(np.mean(strengths)), float(np.mean(ratios))
        self.coef_ = np.mean(coefs, axis=0, keepdims=True).astype(X.dtype)
        self.intercept_ = np.array([np.mean(intercepts)], dtype=X.dtype)

    @property
    def coefs_paths_(self):
        """Coefficients of every fold, the intercept last."""
        dense = np.stack([[path.dense(self.fit_intercept) for path in paths] for paths in self._fold_paths], axis=1)
        return dense[:, :, :, np.newaxis]
