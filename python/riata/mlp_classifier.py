"""A multilayer perceptron for classes under scikit-learn's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.special import expit, log_expit, log_softmax, softmax, xlogy
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from ._documentation import documented
from ._network_parameters import NetworkParameters

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray


@documented
class MLPClassifier(ClassifierMixin, NetworkParameters):
    """Multilayer perceptron for classes, or for several labels each of which a sample may have.

    Minimises (1/sum w) sum w loss(y, f(x)) + lambda P(weights), the loss being the negative log likelihood (of labels: the sum
    of theirs).

    Parameters
    ----------
    {network_parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted; or the numbers of the labels.
    {network_attributes}

    References
    ----------
    {network_references}

    Examples
    --------
    >>> import riata
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = riata.MLPClassifier((16,), penalty="l1", strength=0.02, learning_rate_init=0.01, max_iter=400, random_state=0)
    >>> bool(model.fit(X, y).score(X, y) > 0.9 and (model.coefs_[0] == 0).any())
    True
    """

    _numeric = False
    classes_: NDArray[Any]

    def _loss(self):
        return "multinomial" if self.out_activation_ == "softmax" else "logistic", self.n_outputs_

    @property
    def _labels(self):
        """Whether there are several labels, each yes or no."""
        return self.out_activation_ == "logistic" and self.n_outputs_ > 1

    def _strata(self, target):
        return None if self._labels else self.classes_[target.astype(np.intp)]

    def _target(self, y, goes_on, warm=True):
        check_classification_targets(y)
        several = type_of_target(y) == "multilabel-indicator"
        if goes_on and hasattr(self, "coefs_") and several != self._labels:
            raise ValueError("training goes on as it began: with a class a row, or with several labels")
        if several:
            y = y.toarray() if sparse.issparse(y) else np.asarray(y)
            if not np.isin(y, (0, 1)).all():
                raise ValueError(f"the labels hold {np.unique(y).tolist()}; give 0 and 1")
            labels = np.arange(y.shape[1])
            if goes_on and not warm and not hasattr(self, "coefs_") and not np.array_equal(self.classes_, labels):
                raise ValueError(
                    f"classes holds {self.classes_.tolist()}, and y has {len(labels)} columns of labels: of labels, classes are "
                    f"the numbers of the columns, {labels.tolist()}"
                )
            self.classes_, self.out_activation_ = labels, "logistic"
            self._take_outputs(y.shape[1], goes_on)
            return y.astype(np.float64)
        y = column_or_1d(y, warn=True)
        classes = np.unique(y)
        if not goes_on:
            self.classes_ = classes
        elif warm and not np.array_equal(classes, self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously got "
                f"{self.classes_}, `y` has {classes}"
            )
        if not np.isin(classes, self.classes_).all():
            raise ValueError(f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}.")
        if len(self.classes_) < 2:
            raise ValueError(f"Classification needs two classes, and y holds one class only: {self.classes_.tolist()[0]!r}")
        self.out_activation_ = "logistic" if len(self.classes_) == 2 else "softmax"
        self._take_outputs(1 if len(self.classes_) == 2 else len(self.classes_), goes_on)
        return np.searchsorted(self.classes_, y).astype(np.float64)

    @available_if(lambda self: self.solver != "lbfgs")
    def partial_fit(self, X, y, classes=None, sample_weight=None) -> Self:
        """One epoch more; the optimiser goes on where it was.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their classes.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come; needed in the first call.
        {sample_weight}

        Returns
        -------
        self : object
            The trained network.

        Raises
        ------
        {raises}
        """
        if not hasattr(self, "classes_"):
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            self.classes_ = np.unique(classes)
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {self.classes_!r}"
            )
        return self._partial_fit(X, y, sample_weight)

    def _validation_scores(self, told, y, weights):
        """Shares of right classes."""
        return told["validation_accuracy"].tolist()

    def _null_loss(self, parts):
        """Of the training rows' shares of the classes on the rows held out."""
        if self._labels:
            share, y = np.average(parts[1], axis=0, weights=parts[4]), parts[3]
            return -np.average(xlogy(y, share) + xlogy(1 - y, 1 - share), axis=0, weights=parts[5]).sum()
        n = len(self.classes_)
        shares = np.bincount(parts[1].astype(int), parts[4], minlength=n) / (len(parts[1]) if parts[4] is None else parts[4].sum())
        return -np.average(xlogy(1.0, shares[parts[3].astype(int)]), weights=parts[5])

    def predict(self, X) -> NDArray[Any]:
        """The most probable class of each sample, or 0 and 1 for each label.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Classes.

        Raises
        ------
        {raises_unfitted}
        """
        eta = self._eta(X)
        if self._labels:
            return (eta > 0).astype(np.intp)
        return self.classes_[(eta[:, 0] > 0).astype(np.intp) if eta.shape[1] == 1 else eta.argmax(axis=1)]

    def predict_proba(self, X) -> NDArray[np.floating[Any]]:
        """Probabilities of the classes.

        Parameters
        ----------
        {X}

        Returns
        -------
        {class_columns}

        Raises
        ------
        {raises_unfitted}
        """
        eta = self._eta(X)
        if self._labels:
            return expit(eta)
        return np.column_stack([expit(-eta), expit(eta)]) if eta.shape[1] == 1 else softmax(eta, axis=1)

    def predict_log_proba(self, X) -> NDArray[np.floating[Any]]:
        """Logarithms of :meth:`predict_proba`.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            A column a class.

        Raises
        ------
        {raises_unfitted}
        """
        eta = self._eta(X)
        if self._labels:
            return log_expit(eta)
        return -np.logaddexp(0, np.column_stack([eta, -eta])) if eta.shape[1] == 1 else log_softmax(eta, axis=1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
