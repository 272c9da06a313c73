"""The engine's own door: the whole path, certified and cross-validated, in one call."""

import json
import os
import re
from numbers import Integral

import numpy as np

from . import _engine, _inputs
from ._table import table_of

_OPTIONS = frozenset(
    "features exclude categorical missing loss penalty l1_ratio lambdas n_lambdas lambda_min_ratio lambda_scale "
    "penalty_factor lower upper standardize intercept select measure solver tolerance max_iterations l1_step "
    "learning_rate iterations folds_in_time seed".split()
)
_ENGINE_NAMES = {"lambdas": "lambda", "n_lambdas": "lambdas"}


def _text(value):
    """An option's value as the engine's table of options reads it."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ",".join(_quoted(f"{name}={_text(number)}") for name, number in value.items())
    if isinstance(value, str):
        return value
    if np.ndim(value) > 0:
        return ",".join(_quoted(_text(item)) for item in value)
    return str(int(value)) if isinstance(value, Integral) else repr(float(value))


def _quoted(item):
    return '"' + item.replace('"', '""') + '"' if re.search('[",]', item) else item


def _settings(options):
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise TypeError(f"unexpected option {unknown[0]!r}; there are {', '.join(sorted(_OPTIONS))}")
    return [(_ENGINE_NAMES.get(name, name).replace("_", "-"), _text(value)) for name, value in options.items() if value is not None]


def _say_it_in_python(error):
    """The engine's message with parameters in place of the command line's options."""
    back = {engine: name for name, engine in _ENGINE_NAMES.items()}

    def name(match):
        return back.get(match[1], match[1].replace("-", "_"))

    return type(error)(re.sub(r"--([a-z0-9][a-z0-9-]*)", name, str(error)))


def fit_path(X, y, *, cv=None, sample_weight=None, offset=None, groups=None, n_jobs=None, **options):
    """Fit the whole path over the strength, cross-validate it, choose.

    Minimises, for weights w of the rows and factors v of the features,

        1/(sum w) sum w loss(y, b0 + X b + offset) + lambda sum v (l1_ratio s |b| + (1 - l1_ratio)/2 (s b)^2)

    for every lambda of a grid; s is the weighted standard deviation of the column, or 1 with ``standardize=False``. The same
    as the command ``riata fit``.

    Parameters
    ----------
    X : matrix or table with n_samples rows
        NumPy or SciPy matrices; pandas, polars or Arrow tables, whose text and categories are coded. Not copied where the
        layout allows.
    y : array-like of shape (n_samples,) or str
        Response, or the name of the column of X that holds it.
    cv : int, array-like of shape (n_samples,) or None, default=None
        How many folds (default 10; 0 with ``select`` for none), or the fold of every row.
    sample_weight, offset : array-like of shape (n_samples,), default=None
        Weights, and a known part of the linear predictor.
    groups : array-like of shape (n_samples,), default=None
        Rows of a group stay in one fold.
    n_jobs : int or None, default=None
        Threads: None is one, -1 all cores. The result does not depend on it.
    **options
        As on the command line: loss, penalty ("none", "l1", "l2", "elastic-net"), l1_ratio, lambdas (these values),
        n_lambdas, lambda_min_ratio, lambda_scale, standardize, intercept, penalty_factor, lower, upper (dicts by feature),
        features, exclude, categorical, missing, select ("min", "1se", "aic", "bic", "ebic"), measure, folds_in_time, seed,
        solver, tolerance, max_iterations, l1_step, learning_rate, iterations.

    Returns
    -------
    Fit
        The result.

    Raises
    ------
    ValueError
        For options and data that cannot be used; the message says what, and what to do.
    """
    folds = cv if isinstance(cv, Integral) or cv is None else None
    labels = None if isinstance(cv, Integral) or cv is None else np.asarray(cv)
    table, target, columns = table_of(
        X, y, sample_weight=sample_weight, offset=offset, groups=groups, folds=labels
    )
    settings = _settings(options) + [("target", target)]
    for name, option in {"sample_weight": "weights", "offset": "offset", "groups": "group-column", "folds": "fold-column"}.items():
        if name in columns:
            settings.append((option, columns[name]))
    if folds is not None:
        settings.append(("folds", str(int(folds))))
    try:
        return Fit(_engine.fit([(name, value) for name, value in settings], table, _inputs.threads(n_jobs)))
    except (ValueError, NotImplementedError) as error:
        raise _say_it_in_python(error) from None


def cross_validate(X, y, *, cv=10, **options):
    """:func:`fit_path` with folds: the same result, ``cross_validation`` always filled.

    Parameters
    ----------
    X, y, **options
        As of :func:`fit_path`.
    cv : int or array-like of shape (n_samples,), default=10
        How many folds, or the fold of every row.

    Returns
    -------
    Fit
        The result.
    """
    if isinstance(cv, Integral) and cv < 2:
        raise ValueError(f"cv is {cv}: cross-validation needs at least 2 folds")
    return fit_path(X, y, cv=cv, **options)


def load(path):
    """A model that ``Fit.save`` or the command line's ``--model`` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    Fit
        The model; without timings, which model files do not hold.
    """
    with open(path, "rb") as file:
        return Fit(_engine.model_from_bytes(file.read(), os.fspath(path)))


class Fit:
    """A fitted path: what was minimised, every strength's certificate, the choice and its coefficients.

    Made by :func:`fit_path`, :func:`cross_validate` and :func:`load`. ``facts`` is the command line's JSON object as a dict;
    its members are attributes too: ``fit.selected``, ``fit.coefficients``, ``fit.certificate``, ``fit.path``.
    """

    def __init__(self, engine_fit):
        self._fit = engine_fit
        self._facts = None

    @property
    def facts(self):
        """The JSON object of ``riata fit --format json``."""
        if self._facts is None:
            self._facts = json.loads(self._fit.json())
        return self._facts

    def __getattr__(self, name):
        if not name.startswith("_") and name in self.facts:
            return self.facts[name]
        raise AttributeError(f"'Fit' object has no attribute {name!r}")

    def __dir__(self):
        return sorted({*super().__dir__(), *self.facts})

    @property
    def feature_names(self):
        """Names of the coded columns."""
        return self._fit.feature_names

    def summary(self, width=80):
        """What ``riata fit`` prints."""
        return self._fit.text(width)

    def __repr__(self):
        return self.summary()

    def _repr_html_(self):
        text = self.summary().replace("&", "&amp;").replace("<", "&lt;")
        return f"<pre>{text}</pre>"

    def report(self, path):
        """Write the page with figures: one file that needs no network."""
        self._fit.report(os.fspath(path))

    def save(self, path):
        """Write the model file, which :func:`load` and the command line read."""
        self._fit.save(os.fspath(path))

    def predict(self, X, **options):
        """Predictions for the rows of X, whose columns are matched by name.

        Parameters
        ----------
        X : matrix or table
            As for :func:`fit_path`.
        **options
            ``lambda_`` (a value, "min" or "1se"), ``type`` ("response" or "link"), ``unseen`` ("error", "baseline",
            "missing").

        Returns
        -------
        ndarray of shape (n_samples,)
            Predictions; NaN where a row cannot be predicted.
        """
        settings = [(name.rstrip("_"), _text(value)) for name, value in options.items()]
        try:
            return self._fit.predict(settings, table_of(X)[0])
        except (ValueError, NotImplementedError) as error:
            raise _say_it_in_python(error) from None

    def evaluate(self, X, y=None):
        """How good predictions are on rows that the fit has not seen.

        Parameters
        ----------
        X : matrix or table
            As for :func:`fit_path`.
        y : array-like of shape (n_samples,), str or None, default=None
            True values, or the column that holds them; by default the column of the fit.

        Returns
        -------
        dict
            Measures with confidence intervals, as ``riata evaluate --format json`` prints.
        """
        table, target, _ = table_of(X, y)
        return json.loads(self._fit.evaluate([] if target is None else [("target", target)], table))

    def _columns(self):
        facts = self.facts
        shares = facts.get("selection_frequency") or {}
        scaled = facts.get("standardized_coefficients") or {}
        names = self.feature_names
        return {
            "feature": names,
            "coefficient": [facts["coefficients"].get(name, 0.0) for name in names],
            "standardized_coefficient": [scaled.get(name, 0.0) for name in names],
            "selection_frequency": [shares.get(name, 0.0) for name in names] if shares else [None] * len(names),
        }

    def to_pandas(self):
        """Coefficients at the chosen strength, a row a feature, as a pandas DataFrame."""
        import pandas

        return pandas.DataFrame(self._columns())

    def to_polars(self):
        """Coefficients at the chosen strength, a row a feature, as a polars DataFrame."""
        import polars

        return polars.DataFrame(self._columns())

    def __getstate__(self):
        return self._fit.model_bytes()

    def __setstate__(self, state):
        self.__init__(_engine.model_from_bytes(state, "pickle"))
