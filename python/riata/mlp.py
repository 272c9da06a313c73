"""Multilayer perceptrons under scikit-learn's names."""

import numpy as np
from scipy.special import expit, log_softmax, softmax
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from ._network import Network
from ._parameters import OneOf

_PARAMETERS = '''
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer; () is the linear model.
    activation : {"identity", "logistic", "tanh", "relu", "gelu"}, default="relu"
        After each hidden layer.
    solver : {"adam", "adamw", "sgd", "sgdw", "rmsprop", "adagrad", "nadam", "lbfgs"}, default="adam"
        The optimiser, with PyTorch's order of operations; "lbfgs" is SciPy's, on all rows at once, for smooth penalties.
    alpha : float, default=1e-4
        Strength of the penalty on the scale of scikit-learn: lambda is alpha divided by the batch size (by the sum of the
        weights where all rows are one batch).
    batch_size : int or "auto", default="auto"
        Rows a step; "auto" is min(200, n_samples).
    learning_rate : {"constant", "cosine", "plateau"}, default="constant"
        How the rate goes on: "plateau" divides it by 10 after 10 epochs without progress. "invscaling" and "adaptive" are not
        in this version and refused.
    learning_rate_init : float, default=0.001
        The rate at the start.
    max_iter : int, default=200
        Most epochs; for "lbfgs" most rounds.
    max_fun : int, default=15000
        For "lbfgs": most evaluations of the loss.
    power_t, verbose
        Belongs to a learning rate that is not in this version; nothing is printed. Ignored.
    shuffle : bool, default=True
        Whether each epoch takes the rows in a new order.
    random_state : int, RandomState instance or None, default=None
        Start, order of rows, dropout and held out rows.
    tol : float, default=1e-4
        Training ends when the loss has not fallen by tol below its least for more than n_iter_no_change epochs; for "lbfgs"
        the largest entry of the gradient.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights that are there.
    momentum : float, default=0.9
        For "sgd" and "sgdw".
    nesterovs_momentum : bool, default=True
        For "sgd" and "sgdw".
    early_stopping : bool, default=False
        Whether a share of the rows is held out: the loss on them then ends training, and the weights of the epoch where it was
        least are restored.
    validation_fraction : float, default=0.1
        That share.
    beta_1, beta_2, epsilon : float, default=0.9, 0.999, 1e-8
        Of "adam", "adamw" and "nadam".
    n_iter_no_change : int or inf, default=10
        See ``tol`` and ``early_stopping``.
    penalty : {"l2", "l1", "elasticnet"} or None, default="l2"
        On weights, never on biases. l1 gives exact zeros: each step ends with its proximal map in the step's own metric.
    l1_ratio : float, default=0.5
        Share of the l1 part of "elasticnet".
    strength : float or None, default=None
        The strength itself, per row as in riata's other models; takes the place of alpha.
    groups : {"none", "inputs", "units", "both"}, default="none"
        With "l1": whose weights leave together (group lasso).
    weight_decay : float, default=0
        PyTorch's: coupled for "sgd" and "adam", decoupled for "sgdw" and "adamw". Of weights, not of biases.
    dropout : float, default=0
        Share of the hidden activations that is zeroed in training.
    input_dropout : float, default=0
        The same for the features.
    clip_norm : float, default=0
        Largest norm of the gradient; 0 is no bound.
    n_jobs : int or None, default=None
        Threads: None is one, -1 all cores. The result does not depend on it.
'''

_ATTRIBUTES = '''
    coefs_ : list of ndarray of shape (units below, units above)
        Weights.
    intercepts_ : list of ndarray of shape (units above,)
        Biases.
    loss_curve_ : list of float
        Of every epoch the mean loss of its forward passes, each before its step, without the penalty.
    loss_, best_loss_ : float
        The last one and the least one (None with ``early_stopping``).
    validation_scores_, best_validation_score_
        With ``early_stopping`` of every epoch, and the best; else None.
    diagnosis_ : dict or None
        With ``early_stopping``: ``verdict`` ("fits", "underfits", "overfits", "no signal", "unclear"), ``epoch`` and ``text``.
    n_iter_, t_ : int
        Epochs, and rows seen.
    n_layers_, n_outputs_, out_activation_
        The shape of the network, inputs and outputs counted.
    n_features_in_, feature_names_in_
        As in scikit-learn.
'''


def _documented(cls):
    cls.__doc__ = cls.__doc__.replace("    {parameters}\n", _PARAMETERS.lstrip("\n")).replace("    {attributes}\n", _ATTRIBUTES.lstrip("\n"))
    return cls


class _Parameters(Network):
    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=1e-3,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        penalty="l2",
        l1_ratio=0.5,
        strength=None,
        groups="none",
        weight_decay=0.0,
        dropout=0.0,
        input_dropout=0.0,
        clip_norm=0.0,
        n_jobs=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.penalty = penalty
        self.l1_ratio = l1_ratio
        self.strength = strength
        self.groups = groups
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.clip_norm = clip_norm
        self.n_jobs = n_jobs


@_documented
class MLPClassifier(ClassifierMixin, _Parameters):
    """Multilayer perceptron for classes.

    Minimises (1/sum w) sum w loss(y, f(x)) + lambda P(weights), the loss being the negative log likelihood.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    {attributes}

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

    def _loss(self):
        return ("logistic", 1) if len(self.classes_) == 2 else ("multinomial", len(self.classes_))

    def _target(self, y, goes_on, warm=True):
        check_classification_targets(y)
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
        return np.searchsorted(self.classes_, y).astype(np.float64)

    @available_if(lambda self: self.solver != "lbfgs")
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """One epoch more; the optimiser goes on where it was.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,)
            Their classes.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come; needed in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        self : object
            The trained network.
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
        return told["validation_accuracy"].tolist()

    def _null_loss(self, parts):
        """Of the training rows' shares of the classes on the rows held out."""
        n = len(self.classes_)
        shares = np.bincount(parts[1].astype(int), parts[4], minlength=n) / (len(parts[1]) if parts[4] is None else parts[4].sum())
        return -np.average(np.log(shares[parts[3].astype(int)]), weights=parts[5])

    def predict(self, X):
        """The most probable class of each sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples,)
            Classes.
        """
        eta = self._eta(X)
        return self.classes_[(eta[:, 0] > 0).astype(np.intp) if eta.shape[1] == 1 else eta.argmax(axis=1)]

    def predict_proba(self, X):
        """Probabilities of the classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            A column a class, in the order of ``classes_``.
        """
        eta = self._eta(X)
        return np.column_stack([expit(-eta), expit(eta)]) if eta.shape[1] == 1 else softmax(eta, axis=1)

    def predict_log_proba(self, X):
        """Logarithms of :meth:`predict_proba`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            A column a class.
        """
        eta = self._eta(X)
        return -np.logaddexp(0, np.column_stack([eta, -eta])) if eta.shape[1] == 1 else log_softmax(eta, axis=1)


@_documented
class MLPRegressor(RegressorMixin, _Parameters):
    """Multilayer perceptron for numbers.

    Minimises (1/sum w) sum w loss(y, f(x)) + lambda P(weights).

    Parameters
    ----------
    loss : {"squared_error", "poisson", "huber"}, default="squared_error"
        (y - f)^2/2; exp(f) - y f; (y - f)^2/2 up to 1 and linear beyond.
    {parameters}

    Attributes
    ----------
    {attributes}

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
    _accepted = {**Network._accepted, "loss": OneOf("squared_error", "poisson", "huber")}

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=1e-3,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        penalty="l2",
        l1_ratio=0.5,
        strength=None,
        groups="none",
        weight_decay=0.0,
        dropout=0.0,
        input_dropout=0.0,
        clip_norm=0.0,
        n_jobs=None,
    ):
        given = {name: value for name, value in locals().items() if name not in ("self", "loss", "__class__")}
        super().__init__(**given)
        self.loss = loss

    def _loss(self):
        return {"squared_error": "squared"}.get(self.loss, self.loss), 1

    def _target(self, y, goes_on, warm=True):
        self.out_activation_ = "exp" if self.loss == "poisson" else "identity"
        return column_or_1d(y, dtype=np.float64, warn=True)

    @available_if(lambda self: self.solver != "lbfgs")
    def partial_fit(self, X, y, sample_weight=None):
        """One epoch more; the optimiser goes on where it was.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,)
            Their responses.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        self : object
            The trained network.
        """
        return self._partial_fit(X, y, sample_weight)

    def _validation_scores(self, told, y, weights):
        """R^2 for squared errors, else minus the loss."""
        losses = told["validation_loss"]
        if self.loss != "squared_error":
            return (-losses).tolist()
        variance = np.average((y - np.average(y, weights=weights)) ** 2, weights=weights)
        return (1 - 2 * losses / variance).tolist() if variance > 0 else np.zeros(len(losses)).tolist()

    def _null_loss(self, parts):
        """Of the training rows' mean on the rows held out."""
        mean, away = np.average(parts[1], weights=parts[4]), None
        if self.loss == "poisson":
            losses = mean - parts[3] * np.log(max(mean, 1e-300))
        else:
            away = np.abs(parts[3] - mean)
            losses = away**2 / 2 if self.loss == "squared_error" else np.where(away <= 1, away**2 / 2, away - 0.5)
        return np.average(losses, weights=parts[5])

    def predict(self, X):
        """The expected response of each sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples,)
            Predictions.
        """
        eta = self._eta(X)[:, 0]
        return np.exp(eta) if self.loss == "poisson" else eta
