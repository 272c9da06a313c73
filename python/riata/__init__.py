"""Regularised learning: certified, exact, fast.

The estimators have scikit-learn's names and parameters; every fit carries its duality gap. They are imported when they are
first asked for.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from ._engine import __version__  # type: ignore[attr-defined]  # stubs leave such names out

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
    "Comparison": "comparing",
    "Fit": "fitting",
    "Judgement": "comparing",
    "compare": "comparing",
    "diagnose": "comparing",
    "cross_validate": "fitting",
    "fit_path": "fitting",
    "load": "fitting",
    "Training": "training",
    "train": "training",
}

__all__ = ["__version__", *sorted(_HOME)]

if TYPE_CHECKING:
    from .comparing import Comparison as Comparison
    from .comparing import Judgement as Judgement
    from .comparing import compare as compare
    from .comparing import diagnose as diagnose
    from .elastic_net import ElasticNet as ElasticNet
    from .elastic_net import Lasso as Lasso
    from .elastic_net_cv import ElasticNetCV as ElasticNetCV
    from .elastic_net_cv import LassoCV as LassoCV
    from .fitting import Fit as Fit
    from .fitting import cross_validate as cross_validate
    from .fitting import fit_path as fit_path
    from .fitting import load as load
    from .logistic import LogisticRegression as LogisticRegression
    from .logistic_cv import LogisticRegressionCV as LogisticRegressionCV
    from .mlp_classifier import MLPClassifier as MLPClassifier
    from .mlp_regressor import MLPRegressor as MLPRegressor
    from .paths import enet_path as enet_path
    from .paths import lasso_path as lasso_path
    from .ridge import Ridge as Ridge
    from .ridge_cv import RidgeCV as RidgeCV
    from .training import Training as Training
    from .training import train as train
else:

    def __getattr__(name):
        if name not in _HOME:
            raise AttributeError(f"module 'riata' has no attribute {name!r}")
        found = getattr(_import_module("." + _HOME[name], __name__), name)
        globals()[name] = found
        return found


def __dir__():
    return sorted(set(globals()) | set(__all__))
