"""What estimators that choose their strength have in common: folds, routing, what they keep."""

from typing import Any

import numpy as np
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from . import _engine


def routing_enabled():
    """Whether scikit-learn's metadata routing is switched on."""
    from sklearn import get_config

    return get_config().get("enable_metadata_routing", False)


def splitter_routing(estimator, params, sample_weight):
    """What the splitter is to be given."""
    if routing_enabled():
        if sample_weight is not None:
            params = {**params, "sample_weight": sample_weight}
        return process_routing(estimator, "fit", **params).splitter.split if params else {}
    unknown = set(params) - {"groups"}
    if unknown:
        raise TypeError(f"{type(estimator).__name__}.fit() got an unexpected keyword argument {sorted(unknown)[0]!r}")
    return params


def folds_of(cv, X, y, split_params, classifier=False):
    """The engine's folds of scikit-learn's splitter."""
    splits = check_cv(cv, y, classifier=classifier).split(np.empty((X.shape[0], 0)), y, **split_params)
    return _engine.folds_from_splits(X.shape[0], [tuple(map(positions, pair)) for pair in splits])


def positions(rows):
    """Row numbers, also from a mask."""
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else np.ascontiguousarray(rows, dtype=np.int64)


class CrossValidated:
    """Attributes and routing of an estimator with ``cv``."""

    cv: Any
    n_iter_: Any
    cv_results_: Any

    def _keep(self, path, index, cv):
        self.n_iter_ = len(path.lambdas)
        self.selection_frequency_ = cv.selection_frequency(index)
        self.cv_results_ = {
            "alphas": path.lambdas,
            "mean_mse": cv.mean,
            "standard_error": cv.standard_error,
            "index_min": cv.index_min,
            "index_1se": cv.index_1se,
        }

    def get_metadata_routing(self):
        """What is routed where: ``fit`` hands the splitter what it asked for.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRouter
            The router.
        """
        mapping = MethodMapping().add(caller="fit", callee="split")
        return MetadataRouter(owner=self).add_self_request(self).add(splitter=check_cv(self.cv), method_mapping=mapping)
