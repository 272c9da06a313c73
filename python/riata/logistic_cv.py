"""Logistic regression for two classes with a strength chosen along the path."""

from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from . import _engine, _inputs
from ._classifier import LinearClassifier
from ._cross_validation import positions, routing_enabled
from ._parameters import Flag, Number, OneOf, Sequence, check_parameters
from ._results import PathResult
from .logistic import LogisticRegression

# Scores that the engine has: its measure, and the way from there.
_MEASURES = {
    "neg_log_loss": ("deviance", lambda deviance: -deviance / 2),
    "accuracy": ("error", lambda error: 1 - error),
    "roc_auc": ("auc", lambda auc: auc),
}


class LogisticRegressionCV(LinearClassifier):
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
    fit_intercept : bool, default=True
        Whether there is an intercept. It is never penalised.
    cv : int, cross-validation generator, iterable or None, default=None
        As in scikit-learn: 5 stratified folds by default.
    scoring : str, callable or None, default="neg_log_loss"
        What is maximised; None is accuracy. "neg_log_loss", "accuracy" and "roc_auc" are computed by the engine.
    tol : float, default=1e-6
        The certified relative duality gap: gap / half the null deviance.
    max_iter : int or None, default=None
        Bound on the solver's rounds; None leaves it to the solver, which stops by its certificate.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, which multiply the samples' weights in training.
    dual, intercept_scaling, random_state, solver, verbose
        Cannot change the answer; ignored.
    n_jobs : int or None, default=None
        Threads: None is one, -1 all cores. The result does not depend on it.
    refit : bool, default=True
        Whether the answer is fitted on all data. Otherwise it is the mean of the folds' best ones.
    use_legacy_attributes : bool, default=False
        Only False: attributes have the shapes below.
    selection_rule : {"min", "1se", "aic", "bic", "ebic"}, default="min"
        How C is chosen: the best mean score; the smallest C within one standard error of it; or the least criterion.
    penalty_factor : array-like of shape (n_features,) or None, default=None
        v: 0 leaves a feature unpenalised, inf leaves it out.
    lower, upper : float, array-like of shape (n_features,) or None, default=None
        Bounds of the coefficients; lower <= 0 <= upper.
    standardize : bool, default=False
        Whether the penalty is on coefficients per standard deviation of their feature, which each fold computes anew.

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
    path_ : PathResult
        The path on all data at the chosen l1_ratio, by rising C; with ``refit``.
    dual_gap_, certificate_
        At the chosen C, on the full problem; with ``refit``.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X has them.

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
        "use_legacy_attributes": OneOf(False),
        "selection_rule": OneOf("min", "1se", "aic", "bic", "ebic"),
        "standardize": Flag(),
    }

    def __init__(
        self,
        *,
        Cs=10,
        l1_ratios=(0.0,),
        fit_intercept=True,
        cv=None,
        dual=False,
        scoring="neg_log_loss",
        solver="auto",
        tol=1e-6,
        max_iter=None,
        class_weight=None,
        n_jobs=None,
        verbose=0,
        refit=True,
        intercept_scaling=1.0,
        random_state=None,
        use_legacy_attributes=False,
        selection_rule="min",
        penalty_factor=None,
        lower=None,
        upper=None,
        standardize=False,
    ):
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

    def fit(self, X, y, sample_weight=None, offset=None, **params):
        """Fit the path, validate it, choose.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, float64 or float32 in any layout; not copied, save for sparse rows.
        y : array-like of shape (n_samples,)
            Classes.
        sample_weight : float or array-like of shape (n_samples,), default=None
            Weights, in training and (with metadata routing: if the scorer asks for them) in the scores.
        offset : array-like of shape (n_samples,), default=None
            A part of the linear predictor that is known.
        **params : dict
            ``groups`` for the splitter, or with metadata routing whatever splitter and scorer take.

        Returns
        -------
        self : object
            The fitted estimator.
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
            self._fold_paths.append([_Coefficients(path, order, X.shape[1]) for path in cv.paths])
            if measure:
                scores[:, position, order] = _MEASURES[self.scoring or "accuracy"][1](cv.fold_means)
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

    def _route(self, params, sample_weight):
        """What splitter and scorer are given."""
        if routing_enabled():
            if sample_weight is not None:
                params = {**params, "sample_weight": sample_weight}
            routed = process_routing(self, "fit", **params)
            return routed.splitter.split, routed.scorer.score
        self._refuse(set(params) - {"groups"}, "fit")
        return params, {} if sample_weight is None or np.isscalar(sample_weight) else {"sample_weight": sample_weight}

    def _refuse(self, unknown, method):
        if unknown:
            raise ValueError(
                f"Passing {sorted(unknown)} to {type(self).__name__}.{method} is only supported if "
                "enable_metadata_routing=True: call sklearn.set_config(enable_metadata_routing=True)"
            )

    def _measure(self, sample_weight, score_params):
        """The engine's measure that is the score; None where scikit-learn's scorer is asked."""
        weighted = sample_weight is not None and not np.isscalar(sample_weight)
        same_weights = self.class_weight is None and set(score_params) == ({"sample_weight"} if weighted else set())
        scoring = self.scoring or "accuracy"
        return _MEASURES[scoring][0] if same_weights and isinstance(scoring, str) and scoring in _MEASURES else None

    def _scores(self, X, y, splits, paths, score_params, offset):
        """n_folds x n_cs."""
        if offset is not None:
            raise NotImplementedError(f"an offset goes with scoring in {sorted(_MEASURES)} and without class_weight alone")
        scorer = self._get_scorer()
        rows_of = X.tocsr() if sparse.issparse(X) else X
        judge = LogisticRegression(fit_intercept=self.fit_intercept)
        judge.classes_, judge.n_features_in_ = self.classes_, X.shape[1]
        out = np.empty((len(splits), len(self.Cs_)))
        for k, ((_, validation), path) in enumerate(zip(splits, paths)):
            given = {
                name: np.asarray(value)[validation] if np.shape(value)[:1] == (len(y),) else value
                for name, value in score_params.items()
            }
            for position in range(len(self.Cs_)):
                judge.coef_, judge.intercept_ = path.coef(position)[np.newaxis], path.intercepts[position : position + 1]
                out[k, position] = scorer(judge, rows_of[validation], y[validation], **given)
        return out

    def _choose(self, problem, lambdas, order, X, codes):
        chosen = None
        if self.selection_rule in ("aic", "bic", "ebic"):
            chosen = self._by_criterion(problem, lambdas, order)
        else:
            mean = self.scores_.mean(axis=0).T  # C before l1_ratio, as in scikit-learn
            at = np.unravel_index(np.argmax(mean), mean.shape)
            chosen = (self._simplest(at, mean) if self.selection_rule == "1se" else at[0]), at[1]
        c, ratio = (int(k) for k in chosen)
        of_folds = [path.coefs[[c]] for path in self._fold_paths[ratio]]
        self.selection_frequency_ = np.mean([(one != 0).toarray()[0] for one in of_folds], axis=0)
        if not self.refit:
            return self._average_folds(X)
        self.C_, self.l1_ratio_ = float(self.Cs_[c]), float(self.l1_ratios_[ratio])
        path = problem.fit_paths(lambdas[np.newaxis], self._mixture_options(self.l1_ratio_))[0]
        trials = self.n_iter_
        self._take([path], X, codes, int(np.flatnonzero(order == c)[0]))
        self.n_iter_ = trials
        self.coef_ = self.coef_[np.newaxis]
        self.intercept_ = np.atleast_1d(np.asarray(self.intercept_, dtype=X.dtype))
        self.path_ = PathResult.of(path)

    def _by_criterion(self, problem, lambdas, order):
        """The best mean score of the l1_ratios' choices."""
        mean, best = self.scores_.mean(axis=0), None
        for ratio in range(len(self.l1_ratios_)):
            path = problem.fit_paths(lambdas[np.newaxis], self._mixture_options(self.l1_ratios_[ratio]))[0]
            c = order[problem.select(path, None, self.selection_rule)]
            if best is None or mean[ratio, c] > mean[best[1], best[0]]:
                best = c, ratio
        return best

    def _simplest(self, at, mean):
        """The smallest C whose mean score is within one standard error of the best."""
        scores = self.scores_[:, at[1], at[0]]
        error = scores.std(ddof=1) / np.sqrt(len(scores)) if len(scores) > 1 else 0.0
        good = np.flatnonzero(mean[:, at[1]] >= mean[at] - error)
        return good[np.argmin(self.Cs_[good])]

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

    def score(self, X, y, *, sample_weight=None, **params):
        """The score by ``scoring``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,)
            Their classes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.
        **params : dict
            With metadata routing: what the scorer takes.

        Returns
        -------
        float
            The score.
        """
        if not routing_enabled():
            self._refuse(set(params), "score")
        if sample_weight is not None:
            params["sample_weight"] = sample_weight
        if routing_enabled():
            params = process_routing(self, "score", **params).scorer.score
        return self._get_scorer()(self, X, y, **params)

    def _get_scorer(self):
        return get_scorer(self.scoring or "accuracy")

    def get_metadata_routing(self):
        """What is routed where: ``fit`` hands splitter and scorer what they asked for, ``score`` the scorer.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRouter
            The router.
        """
        to_splitter = MethodMapping().add(caller="fit", callee="split")
        to_scorer = MethodMapping().add(caller="score", callee="score").add(caller="fit", callee="score")
        router = MetadataRouter(owner=self).add_self_request(self)
        router.add(splitter=check_cv(self.cv, classifier=True), method_mapping=to_splitter)
        return router.add(scorer=self._get_scorer(), method_mapping=to_scorer)


class _Coefficients:
    """A fold's path in the order of Cs_."""

    def __init__(self, path, order, p):
        starts, indices, values = path.sparse_coefficients()
        back = np.argsort(order, kind="stable")
        self.coefs = sparse.csr_array((values, indices, starts), shape=(len(starts) - 1, p))[back]
        self.intercepts = path.intercepts[back]

    def coef(self, position):
        return self.coefs[[position]].toarray()[0]

    def dense(self, intercept):
        dense = self.coefs.toarray()
        return np.column_stack([dense, self.intercepts]) if intercept else dense
