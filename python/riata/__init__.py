"""Regularised learning: certified, exact, fast.

The estimators have scikit-learn's names and parameters; every fit carries its duality gap. They are imported when they are
first asked for.
"""

from importlib import import_module as _import_module

from ._engine import __version__

_HOME = {
    "ElasticNet": "elastic_net",
    "Lasso": "elastic_net",
    "ElasticNetCV": "elastic_net_cv",
    "LassoCV": "elastic_net_cv",
    "LogisticRegression": "logistic",
    "LogisticRegressionCV": "logistic_cv",
    "MLPClassifier": "mlp_classifier",
    "MLPRegressor": "mlp_regressor",
    "Ridge": "ridge",
    "RidgeCV": "ridge_cv",
    "enet_path": "paths",
    "lasso_path": "paths",
    "Fit": "fitting",
    "compare": "comparing",
    "diagnose": "comparing",
    "cross_validate": "fitting",
    "fit_path": "fitting",
    "load": "fitting",
    "Training": "training",
    "train": "training",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'riata' has no attribute {name!r}")
    found = getattr(_import_module("." + _HOME[name], __name__), name)
    globals()[name] = found
    return found


def __dir__():
    return sorted(set(globals()) | set(__all__))
