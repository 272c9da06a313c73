"""What networks for numbers and for classes have in common."""

from __future__ import annotations

import json
import warnings
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize, sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from . import _engine, _inputs
from ._documentation import documented
from ._parameters import Flag, Number, OneOf, check_parameters
from ._versions import Versioned

if TYPE_CHECKING:
    from typing import Self

_ENTRIES_AT_ONCE = 1 << 22


@documented
class Network(Versioned):
    """A multilayer perceptron: parameters, training, what is kept."""

    n_outputs_: int
    _accepted = {
        "activation": OneOf("identity", "logistic", "tanh", "relu", "gelu"),
        "solver": OneOf("adam", "adamw", "sgd", "sgdw", "rmsprop", "adagrad", "nadam", "lbfgs"),
        "alpha": Number(0),
        "batch_size": Number(1, whole=True, also=("auto",)),
        "learning_rate": OneOf("constant", "cosine", "plateau", "invscaling", "adaptive"),
        "learning_rate_init": Number(0, open_low=True),
        "power_t": Number(0),
        "max_iter": Number(1, whole=True),
        "shuffle": Flag(),
        "tol": Number(0),
        "warm_start": Flag(),
        "momentum": Number(0, 1),
        "nesterovs_momentum": Flag(),
        "early_stopping": Flag(),
        "validation_fraction": Number(0, 1),
        "beta_1": Number(0, 1),
        "beta_2": Number(0, 1),
        "epsilon": Number(0, open_low=True),
        "n_iter_no_change": Number(1, also=(np.inf,)),
        "penalty": OneOf("l2", "l1", "elasticnet", None),
        "l1_ratio": Number(0, 1),
        "strength": Number(0, also=(None,)),
        "groups": OneOf("none", "inputs", "units", "both"),
        "weight_decay": Number(0),
        "dropout": Number(0, 1),
        "input_dropout": Number(0, 1),
        "clip_norm": Number(0),
        "n_jobs": Number(whole=True, also=(None,)),
    }

    def fit(self, X, y, sample_weight=None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, float64 or float32; of a sparse matrix a batch at a time is made dense, never the whole.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Responses, or classes; several columns of classes are labels that are 0 or 1.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        self : object
            The trained network.

        Raises
        ------
        {raises}
        RuntimeError
            For a training that diverged; the message names the step.
        """
        self._check()
        goes_on = self.warm_start and hasattr(self, "coefs_")
        X, y = self._training_data(X, y, reset=True)
        target = self._target(y, goes_on)
        weights = _inputs.sample_weights(sample_weight, X)
        parts = (X, target, None, None, weights, None)
        if self.early_stopping:
            parts = self._held_out(X, target, weights)
        if not goes_on:
            self._start_over(X)
        self._random = check_random_state(self.random_state)
        start = self._parameters(X.dtype) if goes_on else None
        if self.solver == "lbfgs":
            told = self._lbfgs(X, target, weights, start)
        else:
            told = self._train(*parts, epochs=int(self.max_iter), start=start)
        self.n_iter_ = told["epoch"]
        self._keep(told, parts)
        if told.get("limit", self.n_iter_ == self.max_iter):
            warnings.warn(
                f"Training ended after {self.n_iter_} rounds, before it had converged: raise max_iter (for lbfgs also max_fun)",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _partial_fit(self, X, y, sample_weight):
        """One epoch more, with the optimiser going on."""
        self._check()
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        first = not hasattr(self, "coefs_")
        X, y = self._training_data(X, y, reset=first)
        target = self._target(y, True, warm=False)
        if first:
            self._start_over(X)
        if not hasattr(self, "_random"):
            self._random = check_random_state(self.random_state)
        start = None if first else self._parameters(X.dtype)
        state = getattr(self, "_state", None)
        progress = None
        if not first and state is not None:
            slots = np.ascontiguousarray(state["optimizer"], dtype=X.dtype)
            losses = np.array(self.loss_curve_[-state["epoch"] :])
            progress = _engine.Progress(state["epoch"], state["step"], state["momentum_product"], slots, losses)
        parts = (X, target, None, None, _inputs.sample_weights(sample_weight, X), None)
        done = state["epoch"] if state is not None and progress is not None else 0
        told = self._train(*parts, epochs=1, start=start, progress=progress, done=done)
        self.n_iter_ = getattr(self, "n_iter_", 0) + 1
        self._keep(told, parts)
        return self

    def _check(self):
        check_parameters(self)
        if self.solver == "lbfgs":
            further = self.weight_decay or self.dropout or self.input_dropout or self.early_stopping
            if further or self.penalty not in ("l2", None):
                raise ValueError(
                    "solver='lbfgs' takes the l2 penalty or none, without weight_decay, dropout and early_stopping: use 'adam' or 'sgd'"
                )
        sizes = self._hidden()
        if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {list(sizes)}.")
        for name in ("momentum", "beta_1", "beta_2", "dropout", "input_dropout", "validation_fraction"):
            if getattr(self, name) == 1:
                raise ValueError(f"{name} must be below 1")

    def _hidden(self):
        return list(np.atleast_1d(np.asarray(self.hidden_layer_sizes, dtype=object)))

    def _training_data(self, X, y, reset):
        X, y = _inputs.validated(
            self, X, y, accept_sparse="csr", multi_output=True, y_numeric=self._numeric, reset=reset
        )
        return _contiguous(X), y

    def _take_outputs(self, n_outputs, goes_on):
        """How many outputs there are, which stays where training goes on."""
        if goes_on and hasattr(self, "coefs_") and n_outputs != self.n_outputs_:
            raise ValueError(f"y has {n_outputs} outputs; the training that goes on had {self.n_outputs_}")
        self.n_outputs_ = n_outputs

    def _held_out(self, X, target, weights):
        """(training X, y, validation X, y, training weights, validation weights)."""
        arrays = (X, target) if weights is None else (X, target, weights)
        split = train_test_split(
            *arrays,
            test_size=self.validation_fraction,
            random_state=check_random_state(self.random_state),
            stratify=self._strata(target),
        )
        if len(split[3]) < 2:
            raise ValueError("The validation set is too small. Increase 'validation_fraction' or the size of your dataset.")
        own, held = (None, None) if weights is None else split[4:]
        return split[0], split[2], split[1], split[3], own, held

    def _start_over(self, X):
        self.n_layers_ = len(self._hidden()) + 2
        self.loss_curve_ = []
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.t_ = 0
        self.n_iter_ = 0
        self._validation_losses = []

    def _spec(self):
        loss, outputs = self._loss()
        activation = "sigmoid" if self.activation == "logistic" else self.activation
        return _engine.NetworkSpec(self.n_features_in_, [int(size) for size in self._hidden()], outputs, activation, loss)

    def _options(self, n, total, held_out):
        options = _engine.TrainOptions()
        batch = min(200, n) if self.batch_size == "auto" else min(int(self.batch_size), n)
        if self.batch_size != "auto" and self.batch_size > n:
            warnings.warn("Got `batch_size` larger than the number of samples: all rows are one batch", stacklevel=4)
        options.batch_size = batch
        options.shuffle = bool(self.shuffle)
        options.dropout, options.input_dropout = float(self.dropout), float(self.input_dropout)
        options.clip_norm = float(self.clip_norm)
        options.seed = int(self._random.randint(np.iinfo(np.int32).max))
        momentum = float(self.momentum) if self.solver in ("sgd", "sgdw") else 0.0
        options.set_optimizer(
            "adam" if self.solver == "lbfgs" else self.solver,  # lbfgs starts where the others do
            float(self.learning_rate_init),
            momentum,
            bool(self.nesterovs_momentum) and momentum > 0,
            float(self.beta_1),
            float(self.beta_2),
            1e-10 if self.solver == "adagrad" else float(self.epsilon),
            float(self.weight_decay),
        )
        name = "none" if self.penalty is None else "elastic-net" if self.penalty == "elasticnet" else self.penalty
        if self.groups != "none" and name != "l1":
            raise ValueError("groups makes the l1 penalty one on groups of weights: give penalty='l1'")
        ratio = float(self.l1_ratio) if name == "elastic-net" else float(name == "l1")
        options.set_penalty(name, ratio, self._lambda(total if batch == n else batch), self.groups)
        endless = self.n_iter_no_change == np.inf
        options.stall = int(self.max_iter) + 1 if endless and held_out else 0 if endless else int(self.n_iter_no_change)
        options.stall_tolerance = float(self.tol)
        return options

    def _lambda(self, batch):
        """The strength on the mean scale."""
        return float(self.alpha / batch if self.strength is None else self.strength)

    def _lbfgs(self, X, y, weights, start):
        """SciPy's L-BFGS on the engine's loss and gradient."""
        if start is None:
            start = self._train(X, y, None, None, weights, None, epochs=0, start=None)["parameters"]
        objective = _engine.NetworkObjective(self._spec(), _samples(X.astype(np.float64, copy=False), y, weights))
        threads = _inputs.threads(self.n_jobs)
        decay = np.where(self._is_weight(), self._lambda(_total(y, weights)) if self.penalty else 0.0, 0.0)

        def value(parameters):
            loss, gradient = objective(parameters, threads)
            return loss + 0.5 * np.dot(decay, parameters**2), gradient + decay * parameters

        done = optimize.minimize(
            value,
            start.astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            options={"maxfun": self.max_fun, "maxiter": self.max_iter, "gtol": self.tol, "ftol": 64 * np.finfo(float).eps},
        )
        return {
            "parameters": done.x.astype(X.dtype),
            "training_loss": np.array([objective(done.x, threads)[0]]),
            "epoch": done.nit,
            "limit": done.status == 1,
        }

    def _is_weight(self):
        """Which of the flat parameters are weights, the others being biases."""
        sizes = [self.n_features_in_, *self._hidden(), self._loss()[1]]
        return np.concatenate([np.arange(out * (width + 1)) < out * width for width, out in zip(sizes[:-1], sizes[1:])])

    def _train(self, X, y, X_held, y_held, weights, weights_held, *, epochs, start, progress=None, done=0):
        options = self._options(len(y), _total(y, weights), X_held is not None)
        options.epochs = done + epochs
        alone = epochs <= 1  # one epoch decides nothing; partial_fit never ends
        if alone and self.learning_rate != "adaptive":
            options.stall = 0
        floor = 1e-6 if self.learning_rate == "adaptive" and not alone else 0.0
        options.set_schedule(self.learning_rate, float(self.power_t), float(self.t_ - done * len(y)), float(len(y)), floor)
        told = _engine.train_network(
            self._spec(),
            _samples(X, y, weights),
            None if X_held is None else _samples(X_held, y_held, weights_held),
            options,
            start,
            progress,
            _inputs.threads(self.n_jobs),
        )
        if told["message"]:
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                f"preprocessed. ({told['message']})"
            )
        return told

    def _keep(self, told, parts):
        self._take_parameters(told["parameters"])
        self._state = {name: told[name] for name in ("epoch", "step", "momentum_product", "optimizer")} if "step" in told else None
        self.loss_curve_ += told["training_loss"].tolist()
        self.loss_ = self.loss_curve_[-1]
        self.t_ += len(told["training_loss"]) * len(parts[1])
        self.best_loss_ = None if self.early_stopping else min(self.loss_curve_)
        self.best_validation_score_ = None
        self.diagnosis_ = None
        if parts[2] is not None:
            self._validation_losses += told["validation_loss"].tolist()
            self.validation_scores_ += self._validation_scores(told, parts[3], parts[5])
            self.best_validation_score_ = max(self.validation_scores_)
            self.diagnosis_ = _diagnosis(self.loss_curve_, self._validation_losses, self._null_loss(parts), len(parts[3]))

    def _take_parameters(self, flat):
        sizes = [self.n_features_in_, *self._hidden(), self._loss()[1]]
        self.coefs_, self.intercepts_, at = [], [], 0
        for width, out in zip(sizes[:-1], sizes[1:]):
            self.coefs_.append(np.ascontiguousarray(flat[at : at + width * out].reshape(out, width).T))
            at += width * out
            self.intercepts_.append(flat[at : at + out].copy())
            at += out

    def _parameters(self, dtype):
        parts = [part.ravel() for pair in zip([coef.T for coef in self.coefs_], self.intercepts_) for part in pair]
        return np.concatenate(parts).astype(dtype, copy=False)

    def _eta(self, X):
        """What the last layer gives, in X's precision."""
        check_is_fitted(self)
        X = _inputs.validated(self, X, accept_sparse="csr", reset=False)
        spec, flat = self._spec(), self._parameters(X.dtype)
        if not sparse.issparse(X):
            eta: Any = _engine.network_eta(spec, flat, _contiguous(X), 1)
            return eta.astype(X.dtype, copy=False)
        rows = max(512, _ENTRIES_AT_ONCE // X.shape[1])
        parts = (X[at : at + rows].toarray(order="F") for at in range(0, X.shape[0], rows))
        every: list[Any] = [_engine.network_eta(spec, flat, part, 1) for part in parts]
        return np.concatenate(every).astype(X.dtype, copy=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _contiguous(X):
    """A dense matrix as the engine reads it: by columns, or row after row. Sparse rows as they are."""
    return X if sparse.issparse(X) or X.flags.c_contiguous else np.asfortranarray(X)


def _total(y, weights):
    return float(len(y)) if weights is None else float(weights.sum())


def _samples(X, y, weights):
    y = np.asarray(y, dtype=np.float64).ravel(order="F")
    if not sparse.issparse(X):
        return _engine.Samples(_contiguous(X), y, weights)
    n, p = X.shape
    starts, columns = X.indptr.astype(np.int64, copy=False), X.indices.astype(np.int32, copy=False)
    return _engine.Samples.of_sparse(n, p, starts, columns, X.data, y, weights)


def _diagnosis(training, validation, null_loss, n_validation):
    """The verdict of ``riata diagnose`` on the learning curves."""
    log = _engine.Table()
    log.add_numbers("epoch", np.arange(1.0, len(training) + 1))
    log.add_numbers("training_loss", np.array(training))
    log.add_numbers("validation_loss", np.array(validation))
    given = [("validation-rows", str(n_validation))]
    if np.isfinite(null_loss):  # a class that no training row has makes it infinite
        given.append(("null-loss", repr(float(null_loss))))
    return json.loads(_engine.diagnose(given, log).json())["diagnosis"]
