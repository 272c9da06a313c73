"""Tables as the engine takes them, from whatever holds columns."""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from . import _engine


def table_of(X, y=None, y_name=None, **row_columns):
    """(table, name of the response, names of the row columns).

    X is a matrix, a sparse matrix, or a table with named columns (pandas, polars, Arrow, anything with the Arrow C stream
    interface, a dict of columns). y is a vector, or the name of a column of X. Further vectors, one value a row, become columns of the names
    given. Matrices, Arrow columns and uniform pandas tables are not copied.
    """
    table = _engine.Table()
    given = {}
    if y is not None and not isinstance(y, str):
        given[y_name or _free_name(getattr(y, "name", None) or "y", X)] = y
    for name, values in row_columns.items():
        if values is not None:
            given[_free_name(name, X)] = values
    names = list(given)
    for name, values in given.items():
        _add_vector(table, name, values)
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
            _add_vector(table, str(name), values)
    else:
        table.add_dense(_floats(X), [])


def _floats(X):
    kind = type(X).__name__
    X = _array(X)
    _refuse("X", X.dtype)
    if X.ndim != 2:
        raise ValueError(f"X is {kind} of {X.ndim} dimensions; give a matrix, or a table (pandas, polars, Arrow, a dict of columns)")
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)


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
        _add_vector(table, str(name), X.iloc[:, position])


def _add_vector(table, name, values):
    """A column of numbers, booleans, text or categories."""
    _refuse(name, getattr(values, "dtype", None))
    if _is_pandas(values):
        missing = values.isna().to_numpy()
        if str(values.dtype) in ("bool", "boolean"):
            codes = values.fillna(False).to_numpy(dtype=bool).astype(np.int8)
            codes[missing] = -1
            return table.add_booleans(name, codes)
        if values.dtype.kind in "iuf" and str(values.dtype) != "category":
            return table.add_numbers(name, values.to_numpy(dtype=np.float64, na_value=np.nan))
        return table.add_text(name, ["" if gone else str(value) for value, gone in zip(values, missing)])
    values = _array(values)
    if values.ndim != 1:
        values = values.reshape(len(values), -1)
        if values.shape[1] != 1:
            raise ValueError(f"{name} has {values.shape[1]} columns; give one value a row")
        values = values[:, 0]
    if values.dtype == bool:
        table.add_booleans(name, values.astype(np.int8))
    elif values.dtype.kind in "iuf":
        table.add_numbers(name, np.ascontiguousarray(values, dtype=np.float64))
    else:
        table.add_text(name, ["" if value is None else str(value) for value in values])
