"""Scores of classifiers on folds: by the engine where it has the measure, else by scikit-learn's scorers."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from ._cross_validation import routing_enabled
from ._documentation import documented
from .logistic import LogisticRegression

# Scores that the engine has: its measure, and the way from there.
MEASURES = {
    "neg_log_loss": ("deviance", lambda deviance: -deviance / 2),
    "accuracy": ("error", lambda error: 1 - error),
    "roc_auc": ("auc", lambda auc: auc),
}


@documented
class Scored:
    """What belongs to ``scoring``: where metadata go, scores of the folds, ``score``."""

    class_weight: Any
    scoring: Any
    cv: Any
    fit_intercept: bool
    classes_: np.ndarray
    Cs_: np.ndarray

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
        return MEASURES[scoring][0] if same_weights and isinstance(scoring, str) and scoring in MEASURES else None

    def _scores(self, X, y, splits, paths, score_params, offset):
        """n_folds x n_cs."""
        if offset is not None:
            raise NotImplementedError(f"an offset goes with scoring in {sorted(MEASURES)} and without class_weight alone")
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

    def score(self, X, y, *, sample_weight=None, **params):
        """The score by ``scoring``.

        Parameters
        ----------
        {X}
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


class FoldPath:
    """A fold's path in the order of Cs_."""

    def __init__(self, path, order, p):
        self._starts, self._indices, self._values = path.sparse_coefficients()
        self._place, self._p = np.argsort(order, kind="stable"), p
        self.intercepts = path.intercepts[self._place]

    def coef(self, position):
        row = slice(*self._starts[self._place[position] : self._place[position] + 2])
        out = np.zeros(self._p)
        out[self._indices[row]] = self._values[row]
        return out

    def dense(self, intercept):
        dense = np.stack([self.coef(position) for position in range(len(self._place))])
        return np.column_stack([dense, self.intercepts]) if intercept else dense
