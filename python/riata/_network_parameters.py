"""The parameters that networks for numbers and for classes share, as users see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._documentation import PARTS
from ._network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

PARTS["network_parameters"] = """
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
learning_rate : {"constant", "cosine", "plateau", "invscaling", "adaptive"}, default="constant"
    How the rate goes on, for every solver but "lbfgs": "plateau" divides it by 10 after 10 epochs without progress,
    "invscaling" by (1 + t)^power_t, t being the rows seen before the epoch, "adaptive" by 5 wherever training would else
    end by ``tol``, down to 1e-6.
power_t : float, default=0.5
    See ``learning_rate``.
learning_rate_init : float, default=0.001
    The rate at the start.
max_iter : int, default=200
    Most epochs; for "lbfgs" most rounds.
max_fun : int, default=15000
    For "lbfgs": most evaluations of the loss.
verbose
    Nothing is printed. Ignored.
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
    Of "adam", "adamw" and "nadam"; epsilon of "rmsprop", too ("adagrad" has PyTorch's 1e-10).
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
    Threads: None is one, -1 all cores. The result does not depend on it."""
PARTS["network_attributes"] = """
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
    As in scikit-learn."""


class NetworkParameters(Network):
    """A network with scikit-learn's parameters."""

    def __init__(
        self,
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
