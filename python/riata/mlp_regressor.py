"""A multilayer perceptron for numbers under scikit-learn's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d

from ._documentation import documented
from ._network_parameters import NetworkParameters
from ._parameters import OneOf

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray


@documented
class MLPRegressor(RegressorMixin, NetworkParameters):
    """Multilayer perceptron for numbers.

    Minimises (1/sum w) sum w loss(y, f(x)) + lambda P(weights). The losses of several outputs add up.

    Parameters
    ----------
    loss : {"squared_error", "poisson", "huber"}, default="squared_error"
        (y - f)^2/2; exp(f) - y f; (y - f)^2/2 up to 1 and linear beyond.
    {network_parameters}

    Attributes
    ----------
    {network_attributes}

    References
    ----------
    {network_references}

    Examples
    --------
    >>> import riata
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(200, 5, noise=1.0, random_state=0)
    >>> model = riata.MLPRegressor(hidden_layer_sizes=(20,), early_stopping=True, learning_rate_init=0.05, max_iter=500, random_state=0)
    >>> bool(model.fit(X, y / y.std()).score(X, y / y.std()) > 0.9)
    True
    """

    _numeric = True
    _accepted = {**NetworkParameters._accepted, "loss": OneOf("squared_error", "poisson", "huber")}

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes: int | ArrayLike = (100,),
        activation="relu",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size: int | str = "auto",
        learning_rate="constant",
        learning_rate_init=1e-3,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose: int = False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change: float = 10,
        max_fun=15000,
        penalty: str | None = "l2",
        l1_ratio=0.5,
        strength=None,
        groups="none",
        weight_decay=0.0,
        dropout=0.0,
        input_dropout=0.0,
        clip_norm=0.0,
        n_jobs=None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "loss", "__class__")}
        super().__init__(**given)
        self.loss = loss

    def _loss(self):
        return {"squared_error": "squared"}.get(self.loss, self.loss), self.n_outputs_

    def _target(self, y, goes_on, warm=True):
        self.out_activation_ = "exp" if self.loss == "poisson" else "identity"
        if sparse.issparse(y):
            y = y.toarray()
        if y.ndim == 1 or y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._take_outputs(1 if y.ndim == 1 else y.shape[1], goes_on)
        return y.astype(np.float64, copy=False)

    def _strata(self, target):
        return None

    @available_if(lambda self: self.solver != "lbfgs")
    def partial_fit(self, X, y, sample_weight=None) -> Self:
        """One epoch more; the optimiser goes on where it was.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their responses.
        {sample_weight}

        Returns
        -------
        self : object
            The trained network.

        Raises
        ------
        {raises}
        """
        return self._partial_fit(X, y, sample_weight)

    def _validation_scores(self, told, y, weights):
        """R^2 for squared errors (of all outputs together), else minus the loss."""
        losses = told["validation_loss"]
        if self.loss != "squared_error":
            return (-losses).tolist()
        variance = np.average((y - np.average(y, axis=0, weights=weights)) ** 2, axis=0, weights=weights).sum()
        return (1 - 2 * losses / variance).tolist() if variance > 0 else np.zeros(len(losses)).tolist()

    def _null_loss(self, parts):
        """Of the training rows' mean on the rows held out."""
        mean, away = np.average(parts[1], axis=0, weights=parts[4]), None
        if self.loss == "poisson":
            losses = mean - parts[3] * np.log(np.maximum(mean, 1e-300))
        else:
            away = np.abs(parts[3] - mean)
            losses = away**2 / 2 if self.loss == "squared_error" else np.where(away <= 1, away**2 / 2, away - 0.5)
        return np.average(losses, axis=0, weights=parts[5]).sum()

    def predict(self, X) -> NDArray[np.floating[Any]]:
        """The expected response of each sample.

        Parameters
        ----------
        {X}

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions.

        Raises
        ------
        {raises_unfitted}
        """
        eta = self._eta(X)
        eta = eta[:, 0] if self.n_outputs_ == 1 else eta
        return np.exp(eta) if self.loss == "poisson" else eta

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
