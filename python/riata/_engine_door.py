"""Options and tables on their way to the engine, results on their way back."""

from __future__ import annotations

import json
import os
import re
import warnings
from contextlib import contextmanager
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _engine
from ._formula import Formula
from ._table import table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIT_OPTIONS = frozenset(
    "features exclude categorical missing loss penalty l1_ratio lambdas n_lambdas lambda_min_ratio lambda_scale "
    "penalty_factor lower upper standardize intercept select measure solver tolerance max_iterations l1_step "
    "learning_rate iterations folds_in_time seed".split()
)
TRAIN_OPTIONS = frozenset(
    "features exclude categorical missing loss penalty l1_ratio lambdas n_lambdas lambda_min_ratio lambda_scale "
    "penalty_factor standardize select measure hidden activation optimizer learning_rate momentum dampening nesterov amsgrad "
    "weight_decay decay_scale epochs batch_size schedule clip_norm dropout input_dropout groups layer_factors l1_step patience "
    "hierarchy max_features intercept precision log_every twin torch_compat seeds warm_start folds_in_time seed initial_weights "
    "validation checkpoint every resume".split()
)
# The engine says which of them are compared and not chosen.
COMPARE_OPTIONS = FIT_OPTIONS | frozenset("hidden activation epochs batch_size precision checkpoint resume".split())
DIAGNOSE_OPTIONS = frozenset(
    "epoch training_loss validation_loss training_accuracy validation_accuracy null_loss validation_rows".split()
)
_ENGINE_NAMES = {"lambdas": "lambda", "n_lambdas": "lambdas"}
_ROW_COLUMNS = {"sample_weight": "weights", "offset": "offset", "groups": "group-column", "folds": "fold-column"}
_SAID = {  # the command line's names that are others here
    **{engine: name for name, engine in _ENGINE_NAMES.items()},
    "folds": "cv",
    "fold-column": "cv",
    "group-column": "groups",
    "groups": "weight_groups",
    "weights": "sample_weight",
    "threads": "n_jobs",
}


def _text(value):
    """An option's value as the engine's table of options reads it."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ",".join(_quoted(f"{name}={_text(number)}") for name, number in value.items())
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if np.ndim(value) > 0:
        return ",".join(_quoted(_text(item)) for item in value)
    return str(int(value)) if isinstance(value, Integral) else repr(float(value))


def _quoted(item):
    return '"' + item.replace('"', '""') + '"' if re.search('[",]', item) else item


def settings_of(options, known=None):
    """Options as the engine reads them: (name, text)."""
    unknown = sorted(set(options) - known) if known else []
    if unknown:
        raise TypeError(f"unexpected option {unknown[0]!r}; there are {', '.join(sorted(known))}")
    given = {name: value for name, value in options.items() if value is not None}
    return [(_ENGINE_NAMES.get(name, name).rstrip("_").replace("_", "-"), _text(value)) for name, value in given.items()]


@contextmanager
def said_in_python(**other_names):
    """The engine's messages with parameters in place of the command line's options."""
    try:
        yield
    except (ValueError, NotImplementedError, RuntimeError) as error:
        raise type(error)(_in_python(str(error), other_names)) from None


def _in_python(text, other_names={}):
    said = _SAID | other_names

    def name(match):
        return said.get(match[1], match[1].replace("-", "_"))

    return re.sub(r"--([a-z0-9][a-z0-9-]*)", name, text)


def warn(text):
    """What the command would note beside its result."""
    warnings.warn(_in_python(text), UserWarning, stacklevel=3)


def fit_settings(X, y, cv, row_columns, options, known=FIT_OPTIONS):
    """(settings, table, formula or None) of a fit, a training or a comparison."""
    formula = None
    if isinstance(X, str):
        X, y, intercept, formula = Formula.of(X, y)
        if not intercept:
            options = {**options, "intercept": False}
    if options.get("hidden") is not None and np.size(options["hidden"]) == 0:
        options = {**options, "hidden": "none"}
    labels = None if cv is None or isinstance(cv, Integral) else np.asarray(cv)
    if labels is not None and labels.ndim == 0:
        raise TypeError(f"cv: give a number of folds, or an array with the fold of each row, not {cv!r}")
    table, target, columns = table_of(X, y, **row_columns, folds=labels)
    settings = settings_of(options, known) + [("target", target)]
    settings += [(_ROW_COLUMNS[name], column) for name, column in columns.items()]
    if labels is None and cv is not None:
        settings.append(("folds", str(int(cv))))
    return settings, table, formula


class Result:
    """Something the engine found: ``facts`` is the command line's JSON object as a dict, and its members are attributes."""

    def __init__(self, found, formula=None):
        self._found = found
        self._formula = formula
        self._facts = None

    @property
    def facts(self) -> dict[str, Any]:
        """The JSON object that the command prints with ``--format json``."""
        if self._facts is None:
            self._facts = json.loads(self._found.json())
        return self._facts

    def __getattr__(self, name) -> Any:
        if not name.startswith("_") and name in self.facts:
            return self.facts[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self):
        return sorted({*super().__dir__(), *self.facts})

    def summary(self, width=80) -> str:
        """What the command prints."""
        return self._found.text(width)

    def save(self, path) -> None:
        """Write :attr:`facts` as the command prints them: a JSON file, whole or not at all."""
        _engine.write_whole(os.fspath(path), self._found.json())

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self):
        text = self.summary().replace("&", "&amp;").replace("<", "&lt;")
        return f"<pre>{text}</pre>"


class Page(Result):
    """A result that has a page with figures, and a table."""

    def _columns(self):
        """The table: name and values of each column."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """The result's table as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self._columns())

    def to_polars(self) -> Any:
        """The result's table as a polars DataFrame."""
        import polars

        return polars.DataFrame(self._columns())

    def report(self, path) -> None:
        """Write the page with figures: one file that needs no network."""
        self._found.report(os.fspath(path))

    @property
    def figures(self) -> list[str]:
        """Names of the report page's figures."""
        return self._figures().names

    def plot(self, figure=None) -> Any:
        """The report page's figures as an Altair chart; needs altair.

        Parameters
        ----------
        figure : str or None, default=None
            One of :attr:`figures`; by default all, below each other.

        Returns
        -------
        altair.Chart
            The chart, with its data; shows itself in a notebook.
        """
        return self._figures().chart(figure)

    def _figures(self):
        from ._charts import Figures

        return Figures(self._found.html())


class Model(Page):
    """A result that predicts and is kept in a file."""

    @property
    def feature_names(self) -> list[str]:
        """Names of the coded columns."""
        return self._found.feature_names

    def save(self, path) -> None:
        """Write the model file, which :func:`riata.load` and the command line read."""
        self._found.save(os.fspath(path))

    def predict(self, X, **options) -> NDArray[Any]:
        """Predictions for the rows of X, whose columns are matched by name.

        Parameters
        ----------
        X : matrix or table
            As for the fit.
        **options
            ``lambda_`` (a value, "min" or "1se"; linear models), ``type`` ("response": the mean, for two classes the
            probability of the second; "link"; "class"), ``unseen`` ("error", "baseline", "missing").

        Returns
        -------
        ndarray of shape (n_samples,)
            Predictions; NaN (for classes "NA") where a row cannot be predicted.
        """
        return np.asarray(self._predicted(X, options)["prediction"])

    def predict_proba(self, X, **options) -> dict[str, NDArray[np.float64]]:
        """Probabilities of the classes.

        Parameters
        ----------
        X : matrix or table
            As for the fit.
        **options
            As of :meth:`predict`, without ``type``.

        Returns
        -------
        dict of str to ndarray of shape (n_samples,)
            Of each class.
        """
        start = "probability_"
        told = self._predicted(X, options)
        found = {name.removeprefix(start): values for name, values in told.items() if name.startswith(start)}
        if not found:
            raise ValueError("the model predicts a number, not classes: take predict")
        return found

    def _predicted(self, X, options):
        with said_in_python(**{"lambda": "lambda_"}):
            return self._found.predict(settings_of(options), table_of(self._columns_of(X))[0])

    def _columns_of(self, X):
        return X if self._formula is None else self._formula.columns(X)

    def evaluate(self, X, y=None) -> dict[str, Any]:
        """How good predictions are on rows that the fit has not seen.

        Parameters
        ----------
        X : matrix or table
            As for the fit.
        y : array-like of shape (n_samples,), str or None, default=None
            True values, or the column that holds them; by default the column of the fit.

        Returns
        -------
        dict
            Measures with confidence intervals, as ``riata evaluate --format json`` prints.
        """
        table, target, _ = table_of(self._columns_of(X), y)
        return json.loads(self._found.evaluate([] if target is None else [("target", target)], table))
