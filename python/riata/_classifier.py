"""What classifiers of two classes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.linear_model._base import SparseCoefMixin
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from . import _engine, _inputs
from ._documentation import documented
from ._linear import LinearModel
from ._versions import Versioned

if TYPE_CHECKING:
    from numpy.typing import NDArray


@documented
class LinearClassifier(ClassifierMixin, SparseCoefMixin, LinearModel, Versioned):
    """A linear model of two classes."""

    def _two_classes(self, y):
        check_classification_targets(y)
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {type_of_target(y)}. Logistic regression "
                "on more than two classes is MLPClassifier((), solver='lbfgs', alpha=1/C), or with penalty='l1' and another solver"
            )
        if len(classes) < 2:
            raise ValueError(f"Classification needs two classes, and y holds one class only: {classes.tolist()[0]!r}")
        return classes, codes

    def _with_class_weights(self, y, sample_weight):
        """Weights of the samples times those of their classes."""
        if self.class_weight is None:
            return sample_weight
        if isinstance(self.class_weight, dict) and not set(self.class_weight) <= set(self.classes_):
            raise ValueError(
                f"class_weight must have the classes as keys: they are {self.classes_.tolist()}, and "
                f"the keys are {list(self.class_weight)}"
            )
        if sample_weight is not None and not np.isscalar(sample_weight):
            sample_weight = np.asarray(sample_weight, dtype=np.float64)
        by_class = compute_class_weight(
            self.class_weight,
            classes=self.classes_,
            y=y,
            sample_weight=None if np.isscalar(sample_weight) else sample_weight,
        )
        each = by_class[np.searchsorted(self.classes_, y)]
        return each if sample_weight is None else each * sample_weight

    def _mixture_options(self, l1_ratio, **further):
        return self._options("elastic-net" if l1_ratio > 0 else "l2", l1_ratio, **further)

    def decision_function(self, X) -> NDArray[np.floating[Any]]:
        """The linear predictor, positive for ``classes_[1]``.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples,)
            intercept_ + X @ coef_.

        Raises
        ------
        {raises_unfitted}
        """
        check_is_fitted(self)
        coef: Any = self.coef_
        coef = coef.toarray() if sparse.issparse(coef) else coef
        return _inputs.linear_predictor(_inputs.prediction_data(self, X), coef[0], self.intercept_)

    def predict(self, X) -> NDArray[Any]:
        """The more probable class of each sample.

        Parameters
        ----------
        {X}

        Returns
        -------
        {predicted_classes}

        Raises
        ------
        {raises_unfitted}
        """
        eta = self.decision_function(X)
        return self.classes_[(eta > 0).astype(np.intp)]

    def predict_proba(self, X) -> NDArray[np.floating[Any]]:
        """Probabilities of both classes.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples, 2)
            A column a class, in the order of ``classes_``.

        Raises
        ------
        {raises_unfitted}
        """
        eta = self.decision_function(X)
        both: list[Any] = [_engine.inverse_link("logistic", np.asarray(sign * eta, dtype=np.float64)) for sign in (-1, 1)]
        return np.stack(both, axis=1).astype(eta.dtype, copy=False)

    def predict_log_proba(self, X) -> NDArray[np.floating[Any]]:
        """Logarithms of :meth:`predict_proba`.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples, 2)
            A column a class.

        Raises
        ------
        {raises_unfitted}
        """
        return np.log(self.predict_proba(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
