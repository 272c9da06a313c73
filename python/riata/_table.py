"""Tables as the engine takes them, from whatever holds columns."""

import os
from collections.abc import Mapping
from decimal import Decimal
from numbers import Integral, Real

import numpy as np
from scipy import sparse

from . import _engine
from ._exact import check_exact, is_date, is_rounded, may_be_rounded


def table_of(X, y=None, y_name=None, **row_columns):
    """(table, name of the response, names of the row columns).

    X is a matrix, a sparse matrix, or a table with named columns (pandas, polars, Arrow, anything with the Arrow C stream
    interface, a dict of columns). y is a vector, or the name of a column of X. Further vectors, one value a row, become
    columns of the names given. Matrices, Arrow columns and uniform pandas tables are not copied.
    """
    table = _engine.Table()
    given = {}
    if y is not None and not isinstance(y, str):
        given[y_name or _free_name(getattr(y, "name", None) or "y", X)] = y, "numbers"
    for name, values in row_columns.items():
        if values is not None:
            given[_free_name(name, X)] = values, "labels" if name in ("groups", "folds") else "numbers"
    names = list(given)
    for name, (values, role) in given.items():
        _add_vector(table, name, values, role)
    _add_features(table, X)
    target = y if isinstance(y, str) else (names.pop(0) if y is not None else None)
    return table, target, dict(zip([k for k, v in row_columns.items() if v is not None], names))


def _names(X):
    if isinstance(X, Mapping):
        return [str(name) for name in X]
    columns = getattr(X, "columns", None)
    if columns is None:
        return []
    return [str(name) for name in (getattr(X, "column_names", None) or columns)] if not callable(columns) else []


def _free_name(name, X):
    taken = set(getattr(X, "column_names", None) or _names(X))
    name = str(name)
    while name in taken:
        name += "_"
    return name


def _add_features(table, X):
    if sparse.issparse(X):
        X = X.tocsc()
        if not X.has_canonical_format:
            X = X.copy()
            X.sum_duplicates()
        _refuse("X", X.dtype)
        values = X.data if X.dtype in (np.float32, np.float64) else X.data.astype(np.float64)
        indices = X.indices if X.indices.dtype in (np.int32, np.int64) else X.indices.astype(np.int64)
        table.add_sparse(*X.shape, X.indptr.astype(np.int64), indices, values, [])
    elif _is_pandas(X):
        _add_pandas(table, X)
    elif hasattr(X, "__arrow_c_stream__"):
        table.add_stream(X.__arrow_c_stream__())
    elif isinstance(X, Mapping):
        for name, values in X.items():
            _add_vector(table, str(name), values, "feature")
    else:
        table.add_dense(_floats(X), [])


def _floats(X):
    if isinstance(X, (str, os.PathLike)):
        raise ValueError(f"{os.fspath(X)!r} is a name: read the file first, for example with polars.read_csv or pandas.read_parquet")
    kind = type(X).__name__
    X = _array(X)
    _refuse("X", X.dtype)
    check_exact(X, "X")
    if X.ndim != 2:
        raise ValueError(f"X is {kind} of {X.ndim} dimensions; give a matrix, or a table (pandas, polars, Arrow, a dict of columns)")
    if X.dtype in (np.float32, np.float64):
        return X
    if X.dtype == object:
        return _floats_of_objects(X)
    return X.astype(np.float64)


def _floats_of_objects(X):
    """A matrix of Python's numbers; None is a missing one."""
    for value in X.flat:
        if not (value is None or isinstance(value, (Real, Decimal, np.bool_))):
            raise ValueError(f"X holds {value!r}, which is no number; give columns of their own types: pandas, polars, Arrow or a dict")
    return X.astype(np.float64)


def _array(values):
    """An array; masked numbers are missing ones."""
    if isinstance(values, np.ma.MaskedArray) and values.mask.any() and values.dtype.kind in "biuf":
        return np.ma.filled(values.astype(np.float64), np.nan)
    return np.asarray(values)


def _refuse(name, dtype):
    """Numbers that are not real ones."""
    kind = getattr(dtype, "kind", None)
    if kind == "c":
        raise ValueError(f"{name} holds complex numbers; give their real and imaginary parts as columns of their own")
    if kind in ("m", "M"):
        raise ValueError(f"{name} holds dates or times; give numbers, such as days since a date")


def _is_pandas(X):
    return type(X).__module__.partition(".")[0] == "pandas"


def _add_pandas(table, X):
    """A uniform table is one matrix; another goes column by column."""
    kinds = set(X.dtypes)
    if len(kinds) == 1 and kinds.pop() in (np.dtype(np.float32), np.dtype(np.float64)):
        table.add_dense(X.to_numpy(), [str(name) for name in X.columns])
        return
    for position, name in enumerate(X.columns):
        _add_vector(table, str(name), X.iloc[:, position], "feature")


def _add_vector(table, name, values, role):
    """A column of numbers, booleans, text or categories. Dates are labels ("labels"), are refused ("numbers"), or the engine
    refuses them where they are used ("feature")."""
    missing = np.asarray(values.isna()) if _is_pandas(values) else None
    if missing is None:
        values = _vector(name, values)
    kind = values.dtype.kind
    if kind in "mM" and role == "feature":
        table.add_dates(name, len(values))
    elif kind == "b":
        codes = (values if missing is None else values.fillna(False).to_numpy(dtype=bool)).astype(np.int8)
        table.add_booleans(name, codes if missing is None else np.where(missing, np.int8(-1), codes))
    elif kind in "iuf" and str(values.dtype) != "category":
        _add_numbers(table, name, values, missing)
    elif kind in "mM" and role == "labels" or str(values.dtype) == "category":
        table.add_text(name, ["" if gone else str(value) for value, gone in zip(values, _gone(values, missing))])
    else:
        _refuse(name, values.dtype)
        _add_objects(table, name, values, _gone(values, missing), role)


def _vector(name, values):
    """A vector of values that pandas does not hold."""
    kind = type(values).__name__
    values = _array(values)
    if values.ndim == 0:
        raise ValueError(f"{name} is one {kind}; give a value a row")
    if values.ndim != 1:
        values = values.reshape(len(values), -1)
        if values.shape[1] != 1:
            raise ValueError(f"{name} has {values.shape[1]} columns; give one value a row")
        values = values[:, 0]
    return values


def _add_numbers(table, name, values, missing):
    dtype = {"i": np.int64, "u": np.uint64}.get(values.dtype.kind, np.float64)
    if missing is None or not missing.any():
        missing, numbers = np.zeros(0, dtype=bool), np.ascontiguousarray(values, dtype=dtype)
    else:
        numbers = values.to_numpy(dtype=dtype, na_value=np.nan if dtype is np.float64 else 0)
    if may_be_rounded(numbers):
        return table.add_integers(name, numbers, missing.astype(np.int8))
    numbers = numbers.astype(np.float64, copy=False)
    if missing.any():
        numbers = np.where(missing, np.nan, numbers)
    table.add_numbers(name, numbers)


def _gone(values, missing):
    return [_is_missing(value) for value in values] if missing is None else missing


def _is_missing(value):
    if isinstance(value, (Real, Decimal)):
        return value != value
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _integers(values, missing):
    """Python's integers as int64 or uint64, whichever holds them; those that neither holds stay objects."""
    whole = [0 if gone else int(value) for value, gone in zip(values, missing)]
    for dtype in (np.int64, np.uint64):
        if np.iinfo(dtype).min <= min(whole) and max(whole) <= np.iinfo(dtype).max:
            return np.array(whole, dtype=dtype)
    return np.array(whole, dtype=object)


def _add_objects(table, name, values, missing, role):
    """A column of Python's objects: what all of them are."""
    kinds = {type(value) for value, gone in zip(values, missing) if not gone}
    dates = any(is_date(kind) for kind in kinds)
    if dates and role == "feature":
        return table.add_dates(name, len(values))
    if role != "labels":
        _refuse(name, np.dtype("M8") if dates else np.dtype(complex) if any(issubclass(kind, complex) for kind in kinds) else None)
    if kinds and all(issubclass(kind, (bool, np.bool_)) for kind in kinds):
        table.add_booleans(name, np.array([-1 if gone else int(value) for value, gone in zip(values, missing)], dtype=np.int8))
    elif kinds and all(issubclass(kind, Integral) for kind in kinds) and may_be_rounded(whole := _integers(values, missing)):
        table.add_integers(name, whole, np.asarray(missing, dtype=np.int8))
    elif kinds and all(issubclass(kind, (Real, Decimal, np.bool_)) for kind in kinds):
        wide = next((value for value, gone in zip(values, missing) if not gone and is_rounded(value)), None)
        if wide is not None:  # beyond the engine's integers, which are refused where they are used
            raise ValueError(
                f'"{name}": {wide} is an integer beyond 2^53 that float64 would round; leave the column out, or give it as text or floats'
            )
        table.add_numbers(name, np.array([np.nan if gone else float(value) for value, gone in zip(values, missing)]))
    else:
        table.add_text(name, ["" if gone else str(value) for value, gone in zip(values, missing)])
