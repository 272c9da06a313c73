"""Arrays as the engine takes them: checked, and copied only where their layout leaves no other way."""

import os
from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import check_X_y
from sklearn.utils.validation import _check_sample_weight, check_scalar, column_or_1d, validate_data

from . import _engine
from ._exact import check_exact

FLOATS = (np.float64, np.float32)


def training_data(estimator, X, y, *, multi_output):
    """X and y as scikit-learn validates them; X stays float32 or float64, in any dense layout or as sparse columns."""
    if _is_plain(X, 2) and _is_plain(y, 1) and len(X) == len(y):
        return _unnamed(estimator, X), y
    X, y = _read(X), _read(y, "y")
    columns = Columns.of(X)
    if columns is not None:
        return columns.named(estimator, X), _checked(estimator, y, columns, multi_output=multi_output, y_numeric=True)
    return validated(estimator, X, y, accept_sparse="csc", multi_output=multi_output, y_numeric=True)


def _read(X, name="X"):
    """An Arrow stream, which can be read once only, as the table it holds."""
    if type(X).__name__ == "LazyFrame":
        raise ValueError(f"{name} is a LazyFrame, which holds no numbers yet: give {name}.collect()")
    return X.read_all() if hasattr(X, "__arrow_c_stream__") and hasattr(X, "read_all") else X


def _unnamed(estimator, X):
    """A matrix whose features have no names."""
    estimator.n_features_in_ = X.shape[1]
    vars(estimator).pop("feature_names_in_", None)
    return X


def validated(estimator, X, *y, **how):
    """scikit-learn's validation; the message for a number that is not finite says where it is."""
    X = _read(X)
    for name, array in (("X", X), ("y", y[0] if y else None)):
        if np.ma.is_masked(array):
            raise ValueError(f"{name} has masked values, which are missing ones: fill them in, or take riata.fit_path(missing=…)")
    check_exact(X, "X")
    if how.get("y_numeric"):
        check_exact(y[0], "y")
    try:
        given = validate_data(estimator, X, *y, dtype=FLOATS, accept_large_sparse=True, **how)
        return (given[0], _numeric(given[1])) if how.get("y_numeric") else given
    except ValueError as error:
        if str(error).startswith("could not convert string"):
            raise ValueError(_about_text(type(estimator).__name__, error, X, y[0] if y else None)) from None
        first = str(error).splitlines()[0].rstrip(".")
        if y and (message := _about_gap(first, y[0])):
            raise ValueError(message) from None
        place = _first_missing(X) if first.startswith("Input X contains") else None
        if place is None:
            raise
        raise ValueError(f"{first}: the first at {place}. Fill it in, or take riata.fit_path(missing=…).") from None


def _numeric(y):
    """y, dense; its text (which scikit-learn looks for among objects only) is numbers or refused, None among objects refused."""
    y = y.toarray() if sparse.issparse(y) else y
    y = y.astype(np.float64) if y.dtype.kind in "US" else y
    if not np.isfinite(y).all():
        raise ValueError("Input y contains NaN or infinity")
    return y


def _about_gap(first, y):
    """Where a response is missing, where scikit-learn's message is of that; of objects it does not say whose they are."""
    if not first.startswith(("Input y contains", "Input contains NaN")) or np.ndim(y) != 1:
        return None
    try:
        wrong = ~np.isfinite(np.asarray(y, dtype=np.float64))
    except (TypeError, ValueError):  # classes
        return None
    what = first.partition("contains ")[2]
    return f"Input y contains {what}: the first in row {np.argmax(wrong)}. Leave such rows out."


def matrix_and_response(X, y):
    """X and y as scikit-learn validates them where there is no estimator."""
    check_exact(X, "X")
    check_exact(y, "y")
    try:
        X, y = check_X_y(X, y, accept_sparse="csc", dtype=FLOATS, multi_output=True, y_numeric=True, accept_large_sparse=True)
        return X, _numeric(y)
    except ValueError as error:
        if not str(error).startswith("could not convert string"):
            raise
        raise ValueError(_about_text("a path", error, X, y)) from None


def _about_text(who, error, X, y):
    """What to do about text: X's, or where X has none the response's."""
    text = next((value for value in np.asarray(y, dtype=object).ravel() if isinstance(value, str)), None)
    if text is None or _first_text(X) or getattr(np.asarray(X), "dtype", np.dtype(float)).kind in "OUS":
        return f"{error}{_first_text(X)}: encode text, or take riata.fit_path or riata.train, which do"
    classifier = "MLPClassifier" if who.startswith("MLP") else "LogisticRegression"
    return f"y holds text ({text!r}), and {who} predicts numbers: make them numbers, or take {classifier} for classes"


def _first_text(X):
    """The first column of a pandas or polars table that has no numbers."""
    kinds = getattr(X, "dtypes", ())
    for name, kind in zip(getattr(X, "columns", ()), kinds):
        if str(kind).lower().startswith(("object", "str", "categor", "enum")):
            return f" in column {name!r}"
    return ""


def _first_missing(X):
    """Where the first number is that is not finite, for those who read: rows and columns from 0, as NumPy counts."""
    if sparse.issparse(X):
        entries = X.tocoo()
        first = np.argmax(~np.isfinite(entries.data))
        return f"row {entries.row[first]}, column {entries.col[first]}"
    names = X.columns if hasattr(X, "iloc") else getattr(X, "column_names", getattr(X, "columns", None))
    try:
        frame = X.to_numpy(dtype=np.float64, na_value=np.nan) if hasattr(X, "iloc") else X
        wrong = ~np.isfinite(np.asarray(frame, dtype=np.float64))
        row, column = (int(k) for k in np.unravel_index(np.argmax(wrong), wrong.shape))
    except (TypeError, ValueError):
        return None
    return f"row {row}, column {column}" + ("" if names is None else f" ({names[column]!r})")


def _is_plain(array, n_dimensions):
    """Whether nothing is to be said or done about an array: the common case, for which scikit-learn's validation would take
    longer than a small fit. A sum that is finite has finite parts; any other array goes the long way."""
    if type(array) is not np.ndarray or array.dtype not in FLOATS or array.ndim != n_dimensions or array.size == 0:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return array.dtype.isnative and bool(np.isfinite(array.sum()))


def labelled_data(estimator, X, y):
    """X as for :func:`training_data`, y as a vector of labels."""
    if _is_plain(X, 2) and type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "biuU" and len(X) == len(y):
        return _unnamed(estimator, X), y
    X, y = _read(X), _read(y, "y")
    columns = Columns.of(X)
    if columns is not None:
        return columns.named(estimator, X), column_or_1d(_checked(estimator, y, columns), warn=True)
    X, y = validated(estimator, X, y, accept_sparse="csc")
    return X, column_or_1d(y, warn=True)


def prediction_data(estimator, X):
    """X for a fitted estimator; sparse rows stay as they are."""
    if _is_plain(X, 2) and X.shape[1] == estimator.n_features_in_ and not hasattr(estimator, "feature_names_in_"):
        return X
    X = _read(X)
    columns = Columns.of(X)
    if columns is not None:
        return columns.named(estimator, X, reset=False)
    return validated(estimator, X, accept_sparse=("csr", "csc"), reset=False)


class Columns:
    """A table of finite numbers (polars, Arrow), as a matrix whose columns lie where they are; those of another type, or in
    pieces, are copied."""

    def __init__(self, arrays):
        self._arrays = arrays
        self.shape = len(arrays[0]), len(arrays)
        self.dtype = arrays[0].dtype

    @classmethod
    def of(cls, X):
        """None where X is something else, which is to be made a matrix, or refused, by scikit-learn's validation."""
        if not hasattr(X, "__arrow_c_stream__") or hasattr(X, "iloc"):
            return None
        check_exact(X, "X")
        table = _engine.Table()
        try:
            table.add_stream(X.__arrow_c_stream__())
        except ValueError:  # a single column
            return None
        views: list[Any] = table.views()
        arrays = [_numbers(X, k) if view is None else view for k, view in enumerate(views)]
        if not arrays or any(array is None or array.size == 0 for array in arrays):
            return None
        dtype = np.float32 if all(array.dtype == np.float32 for array in arrays) else np.float64
        arrays = [np.ascontiguousarray(array, dtype=dtype) for array in arrays]
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(arrays) if all(np.isfinite(array.sum()) for array in arrays) else None

    def named(self, estimator, X, reset=True):
        """This matrix, when the estimator has taken (or compared) the names and the number of X's features."""
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        return self

    def design(self):
        return _engine.columns(self._arrays)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        return np.column_stack([array[rows] for array in self._arrays])


def _numbers(X, position):
    """A column of numbers as an array; None where it is none."""
    column = X.to_series(position) if hasattr(X, "to_series") else X.column(position) if hasattr(X, "column") else None
    values = None if column is None else np.asarray(column)
    return values if values is not None and values.ndim == 1 and values.dtype.kind in "biuf" else None


def _checked(estimator, y, X, **how):
    """y as scikit-learn validates it beside as many rows."""
    none = np.broadcast_to(0.0, (len(X), 1))
    if how.get("y_numeric"):
        check_exact(y, "y")
    try:
        y = check_X_y(none, y, **how)[1]
        return _numeric(y) if how.get("y_numeric") else y
    except ValueError as error:
        if str(error).startswith("could not convert string"):
            raise ValueError(_about_text(type(estimator).__name__, error, none, y)) from None
        if message := _about_gap(str(error).splitlines()[0].rstrip("."), y):
            raise ValueError(message) from None
        raise


def sample_weights(sample_weight, X):
    """Weights as the engine takes them: None where all are equal."""
    if sample_weight is None:
        return None
    if np.isscalar(sample_weight):
        if not (isinstance(sample_weight, Real) and 0 < sample_weight < np.inf):
            raise ValueError(f"sample_weight is {sample_weight!r}: give a number above 0, or one for each sample")
        return None
    check_exact(sample_weight, "sample_weight")
    return _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)


def design(X):
    """The engine's view of a checked matrix. Nothing is copied but column starts."""
    if isinstance(X, Columns):
        return X.design()
    if not sparse.issparse(X):
        return _engine.dense(X)
    if X.format == "csc":
        return _engine.sparse(*X.shape, *_parts(X))
    return _engine.sparse(X.shape[1], X.shape[0], *_parts(X))


def _parts(X):
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    indices = X.indices
    if indices.dtype not in (np.int32, np.int64):
        indices = indices.astype(np.int64)
    return X.indptr.astype(indices.dtype, copy=False), indices, X.data


def columns(y):
    """A response or coefficients as float64 columns, one an output."""
    y = np.asarray(y, dtype=np.float64)
    return np.asfortranarray(y[:, np.newaxis] if y.ndim == 1 else y)


def per_feature(values, n_features, name, low=None):
    """A number a feature, or None. A scalar counts for all."""
    if values is None:
        return None
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {values!r}: give a number, or one for each of the {n_features} features") from None
    if values.ndim == 0:
        values = np.full(n_features, values)
    if values.shape != (n_features,):
        raise ValueError(f"{name} has shape {values.shape}; give one value for each of the {n_features} features")
    return np.ascontiguousarray(values)


def threads(n_jobs):
    """How many threads, as joblib counts: one unless asked otherwise, -1 is all cores, -2 all but one."""
    if n_jobs == 0:
        raise ValueError("n_jobs is 0: give a number of threads, -1 for all cores, or None for one")
    if n_jobs is None or n_jobs > 0:
        return int(n_jobs or 1)
    return max(1, len(os.sched_getaffinity(0)) + 1 + int(n_jobs))


def linear_predictor(X, coefficients, intercepts, n_threads=1):
    """intercepts + X @ coefficients.T by the engine, in X's precision; coefficients have one row an output."""
    single = coefficients.ndim == 1
    eta: Any = _engine.linear_predictor(
        design(X),
        columns(coefficients if single else coefficients.T),
        np.ascontiguousarray(np.broadcast_to(np.asarray(intercepts, dtype=np.float64), (1 if single else len(coefficients),))),
        sparse.issparse(X) and X.format == "csr",
        n_threads,
    )
    eta = eta[:, 0] if single else eta
    return eta.astype(X.dtype, copy=False)


def per_sample(values, n_samples):
    """A number a sample, or None."""
    if values is None:
        return None
    check_exact(values, "offset")
    try:
        values = np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise ValueError(f"offset is {type(values).__name__} of what are no numbers; give one for each of the {n_samples} samples") from None
    if values.shape != (n_samples,):
        raise ValueError(f"offset has shape {values.shape}; give one value for each of the {n_samples} samples")
    return values


def tolerance(tol):
    """The relative gap asked of the engine, which goes down to 1e-12."""
    return max(float(tol), 1e-12)


def strengths(alphas):
    """Strengths that were given: numbers that are at least 0, as a decreasing array."""
    if len(alphas) == 0:
        raise ValueError("alphas is empty; give at least one strength")
    for index, alpha in enumerate(alphas):
        check_scalar(alpha, f"alphas[{index}]", Real, min_val=0.0, include_boundaries="left")
        if not np.isfinite(alpha):
            raise ValueError(f"alphas[{index}] is {alpha}: give a finite number")
    return np.sort(np.asarray(alphas, dtype=np.float64))[::-1].copy()


def single_output(y, name):
    """One response; more are refused."""
    if y.ndim > 1 and y.shape[1] > 1:
        raise ValueError(f"For multi-task outputs, fit one {name}CV for each: y has {y.shape[1]} columns")
    return column_or_1d(y, warn=True)


def weights_on_sum_scale(sample_weight, X):
    """Weights, and what a strength on the scale of sums is divided by: the weights' sum."""
    weights = sample_weights(sample_weight, X)
    if weights is not None:
        return weights, float(weights.sum())
    return None, X.shape[0] * float(1.0 if sample_weight is None else sample_weight)


def check_positive(alpha, name):
    """A strength above 0."""
    check_scalar(alpha, name, Real, min_val=0.0, include_boundaries="neither")
