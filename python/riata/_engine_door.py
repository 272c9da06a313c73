"""Options and tables on their way to the engine, results on their way back."""

import json
import re
from contextlib import contextmanager
from numbers import Integral

import numpy as np

from ._table import table_of

FIT_OPTIONS = frozenset(
    "features exclude categorical missing loss penalty l1_ratio lambdas n_lambdas lambda_min_ratio lambda_scale "
    "penalty_factor lower upper standardize intercept select measure solver tolerance max_iterations l1_step "
    "learning_rate iterations folds_in_time seed".split()
)
_ENGINE_NAMES = {"lambdas": "lambda", "n_lambdas": "lambdas"}
_ROW_COLUMNS = {"sample_weight": "weights", "offset": "offset", "groups": "group-column", "folds": "fold-column"}


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


def settings_of(options, known=None):
    """Options as the engine reads them: (name, text)."""
    unknown = sorted(set(options) - known) if known else []
    if unknown:
        raise TypeError(f"unexpected option {unknown[0]!r}; there are {', '.join(sorted(known))}")
    given = {name: value for name, value in options.items() if value is not None}
    return [(_ENGINE_NAMES.get(name, name).rstrip("_").replace("_", "-"), _text(value)) for name, value in given.items()]


@contextmanager
def said_in_python():
    """The engine's messages with parameters in place of the command line's options."""
    back = {engine: name for name, engine in _ENGINE_NAMES.items()}

    def name(match):
        return back.get(match[1], match[1].replace("-", "_"))

    try:
        yield
    except (ValueError, NotImplementedError) as error:
        raise type(error)(re.sub(r"--([a-z0-9][a-z0-9-]*)", name, str(error))) from None


def fit_settings(X, y, cv, row_columns, options):
    """(settings, table) of a fit or a comparison."""
    labels = None if cv is None or isinstance(cv, Integral) else np.asarray(cv)
    table, target, columns = table_of(X, y, **row_columns, folds=labels)
    settings = settings_of(options, FIT_OPTIONS) + [("target", target)]
    settings += [(_ROW_COLUMNS[name], column) for name, column in columns.items()]
    if labels is None and cv is not None:
        settings.append(("folds", str(int(cv))))
    return settings, table


class Result:
    """Something the engine found: ``facts`` is the command line's JSON object as a dict, and its members are attributes."""

    def __init__(self, found):
        self._found = found
        self._facts = None

    @property
    def facts(self):
        """The JSON object that the command prints with ``--format json``."""
        if self._facts is None:
            self._facts = json.loads(self._found.json())
        return self._facts

    def __getattr__(self, name):
        if not name.startswith("_") and name in self.facts:
            return self.facts[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self):
        return sorted({*super().__dir__(), *self.facts})

    def summary(self, width=80):
        """What the command prints."""
        return self._found.text(width)

    def __repr__(self):
        return self.summary()

    def _repr_html_(self):
        text = self.summary().replace("&", "&amp;").replace("<", "&lt;")
        return f"<pre>{text}</pre>"
