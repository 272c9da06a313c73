"""What float64 would take silently for other numbers: dates, durations, integers that it rounds."""

from numbers import Integral

import numpy as np
from scipy import sparse


def check_exact(X, name):
    """Refuses such a matrix, table or vector; the message says where."""
    for values, column in _parts(X):
        kind = values.dtype.kind
        if kind in "mM" or kind == "O" and any(is_date(type(value)) for value in np.ravel(values)):
            where = f" in column {column}" if column else ""
            raise ValueError(f"{name} holds dates or times{where}; give numbers, such as days since a date")
        wrong = first_rounded(values)
        if wrong is not None:
            row, *rest = np.unravel_index(wrong, values.shape)
            place = [f"column {k}" for k in rest or ([column] if column else [])]
            where = "" if sparse.issparse(X) else " in " + ", ".join([f"row {row}", *place])
            raise ValueError(
                f"{name} holds {np.ravel(values)[wrong]}{where}, an integer beyond 2^53 that float64 would round; leave it out, or "
                "make it float64 if rounding does no harm"
            )


def _parts(X):
    """(values, column) of all that may need a look: a matrix is one part without a column, a table has one for each."""
    if sparse.issparse(X):
        return [] if X.dtype.kind == "f" else [(X.tocoo().data, None)]
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        suspects = [k for k, kind in enumerate(X.dtypes) if kind.kind not in "fb"]
        return [(_array(X.iloc[:, k]), f"{k} ({X.columns[k]!r})") for k in suspects]
    columns = X.get_columns() if hasattr(X, "get_columns") else X.columns if hasattr(X, "column_names") else None
    if columns is not None:
        names = getattr(X, "column_names", None) or X.columns
        return [(_array(one), f"{k} ({names[k]!r})") for k, one in enumerate(columns) if not _is_float(one)]
    return [(_array(X), None)]


def _is_float(column):
    """Of polars or Arrow."""
    return str(getattr(column, "dtype", getattr(column, "type", ""))).lower().startswith(("float", "double", "half"))


def _array(values):
    """Missing values of integers count as zeros; what is no array has nothing to say here."""
    try:
        if hasattr(values, "iloc") and values.dtype.kind in "iu":
            return values.fillna(0).to_numpy()
        return np.asarray(values)
    except (TypeError, ValueError):
        return np.zeros(0)


def is_date(kind):
    """Whether a type is pandas's or Python's of dates, times or durations."""
    return hasattr(kind, "strftime") or hasattr(kind, "total_seconds")


def is_rounded(value):
    """Whether a number is an integer that float64 does not hold."""
    return isinstance(value, Integral) and abs(int(value)) > 1 << 53 and (abs(int(value)) >> 1023 > 0 or int(float(value)) != value)


def may_be_rounded(values):
    """Whether there are integers beyond 2^53."""
    return values.dtype.kind in "iu" and values.size > 0 and max(int(values.max()), -int(values.min())) > 1 << 53


def first_rounded(values):
    """The place among all values of the first integer that float64 does not hold; None where there is none."""
    if values.dtype.kind != "O" and not may_be_rounded(values):
        return None
    return next((place for place, value in enumerate(np.ravel(values)) if is_rounded(value)), None)
