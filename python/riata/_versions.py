"""Pickles know the version that wrote them."""

import warnings
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning

_KEY = "_riata_version"


class Versioned(BaseEstimator):
    """An estimator whose pickle, read by another version, says so as scikit-learn's do."""

    def __getstate__(self):
        return {**super().__getstate__(), _KEY: _version()}

    def __setstate__(self, state: dict[str, Any]):
        wrote = state.get(_KEY, "before 0.1.0")
        if wrote != _version():
            warnings.warn(
                InconsistentVersionWarning(
                    estimator_name=f"riata.{type(self).__name__}", current_sklearn_version=_version(), original_sklearn_version=wrote
                ),
                stacklevel=2,
            )
        super().__setstate__({name: value for name, value in state.items() if name != _KEY})


def _version():
    from . import __version__

    return __version__
