"""Networks through the engine's own door: trained, watched, judged, in one call."""

from __future__ import annotations

import os
from numbers import Real

import numpy as np

from . import _engine, _inputs
from ._engine_door import TRAIN_OPTIONS, Model, fit_settings, said_in_python, warn
from ._table import table_of


def train(
    X, y, *, validation=None, test=None, cv=None, sample_weight=None, offset=None, groups=None, n_jobs=None, **options
) -> Training:
    """Train a multilayer perceptron, watch rows that it does not train on, and say whether it overfits.

    Minimises (1/sum w) sum w loss(y, f(x)) + lambda P(weights); biases are never penalised. The same as the command
    ``riata train``.

    Parameters
    ----------
    X : matrix or table with n_samples rows
        As of :func:`riata.fit_path`; of a sparse matrix a block of rows at a time is made dense, never the whole.
    y : array-like of shape (n_samples,) or str
        Response, or the name of the column of X that holds it.
    validation : float, tuple (X, y) or table, default=0.2
        A share of the rows to watch, or rows of their own: matrix and response, or a table where y names the column.
    test : tuple (X, y), table or None, default=None
        Rows whose curve is shown and that decide nothing.
    cv : int, array-like of shape (n_samples,) or None, default=None
        Folds to choose lambda by, where several are given.
    sample_weight, offset : array-like of shape (n_samples,), default=None
        Weights, and a known part of the output.
    groups : array-like of shape (n_samples,), default=None
        Rows of a group stay in one fold.
    n_jobs : int or None, default=None
        Threads: None is one, -1 all cores. The result does not depend on it.
    **options
        As on the command line: hidden (sizes; () is the linear model), activation, loss, penalty ("none", "l1", "l2", "elastic-net",
        "lassonet"), l1_ratio, lambdas (these values), n_lambdas, lambda_min_ratio, lambda_scale, weight_groups
        ("none", "inputs", "units", "both"), layer_factors, hierarchy, max_features, intercept, optimizer,
        learning_rate, momentum, nesterov, dampening, amsgrad, weight_decay, decay_scale, epochs, batch_size, schedule,
        clip_norm, dropout, input_dropout, patience, l1_step, precision, initial_weights (a file), log_every, twin,
        torch_compat, standardize, seeds, warm_start, folds_in_time, select, measure, penalty_factor, features, exclude,
        categorical, missing, seed; checkpoint (a folder: what is finished is kept there, also after Ctrl-C), every (epochs between
        checkpoints), resume (go on from that folder; the result is bit by bit that of a training never stopped).

    Returns
    -------
    Training
        The result.

    Raises
    ------
    ValueError
        For options and data that cannot be used.
    RuntimeError
        For a training that diverged; the message names the step.
    """
    rows = {"sample_weight": sample_weight, "offset": offset, "groups": groups}
    if isinstance(validation, Real) and not isinstance(validation, bool):
        options["validation"], validation = validation, None
    weight_groups = options.pop("weight_groups", None)
    if "groups" in options:
        raise TypeError("groups are rows; the groups of weights are weight_groups")
    weights = None
    if options.get("initial_weights") is not None:
        options["initial_weights"] = os.fspath(options["initial_weights"])
        with open(options["initial_weights"], "rb") as file:
            weights = file.read()
    with said_in_python():
        settings, table, formula = fit_settings(X, y, cv, rows, options, TRAIN_OPTIONS)
        if weight_groups is not None:
            settings.append(("groups", weight_groups))
        target = dict(settings)["target"]
        watched, tested = (None if given is None else _table(given, target) for given in (validation, test))
        return Training(_engine.train(settings, table, watched, tested, weights, _inputs.threads(n_jobs), warn), formula)


def _table(given, target):
    if isinstance(given, tuple):
        X, y = given
        return table_of(X, y, y_name=target)[0]
    return table_of(given)[0]


class Training(Model):
    """A trained network: ``history``, ``diagnosis``, ``layers``, ``unused_features``, ``best_epoch``, ….

    Made by :func:`train` and :func:`riata.load`.
    """

    @property
    def parameters(self):
        """``layers.K.weight`` (out x in), ``layers.K.bias`` and perhaps ``skip.weight`` as arrays, of the standardised features."""
        return self._found.parameters

    def _columns(self):
        """The history, a row an epoch."""
        rows = self.facts["history"]
        return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}

    def __getstate__(self):
        return self._found.model_bytes(), self._formula

    def __setstate__(self, state):
        super().__init__(_engine.network_from_bytes(state[0], "pickle"), state[1])
