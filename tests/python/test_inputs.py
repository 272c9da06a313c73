"""Whatever holds the numbers, the answer is the same."""

import pathlib
from decimal import Decimal

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from scipy import sparse

import riata


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(2)
    X = random.normal(size=(90, 5)) * (random.random((90, 5)) < 0.6)
    return X, X @ [1.0, 0, -2, 0, 0.5] + 0.1 * random.normal(size=90)


MATRICES = {
    "columns": np.asfortranarray,
    "rows": np.ascontiguousarray,
    "strided": lambda X: np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)[::2, ::2],
    "backwards": lambda X: np.ascontiguousarray(X[::-1])[::-1],
    "read-only": lambda X: np.frombuffer(X.tobytes()).reshape(X.shape),
    "float32": lambda X: X.astype(np.float32),
    "csc_matrix": sparse.csc_matrix,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "csr_array": sparse.csr_array,
    "coo_array": sparse.coo_array,
    "csc_array of float32": lambda X: sparse.csc_array(X.astype(np.float32)),
}


def wide(X):
    """The same sparse matrix with int64 indices."""
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


MATRICES["csc_array with int64"] = lambda X: wide(sparse.csc_array(X))
MATRICES["csr_array with int64"] = lambda X: wide(sparse.csr_array(X))


@pytest.mark.parametrize("layout", MATRICES)
@pytest.mark.parametrize("estimator", [riata.Lasso(alpha=0.05), riata.Ridge(), riata.LassoCV(cv=3), riata.RidgeCV()])
def test_estimators_take_every_layout(data, layout, estimator):
    X, y = data
    single = "float32" in layout
    expected = estimator.fit(X, y).coef_
    given = MATRICES[layout](X)
    found = estimator.fit(given, y)
    assert found.coef_ == pytest.approx(expected, rel=1e-4 if single else 1e-9, abs=1e-5 if single else 1e-12)
    assert found.coef_.dtype == (np.float32 if single else np.float64)
    told = found.predict(given)
    assert told.dtype == found.coef_.dtype
    assert told == pytest.approx(X @ expected + found.intercept_, abs=1e-4 if single else 1e-9)


TABLES = {
    "polars": lambda X: polars.DataFrame(X, schema=list("abcde")),
    "arrow": lambda X: pyarrow.table(dict(zip("abcde", X.T))),
    "arrow in pieces": lambda X: pyarrow.concat_tables([TABLES["arrow"](X[:40]), TABLES["arrow"](X[40:])]),
    "polars of a slice": lambda X: TABLES["polars"](np.r_[X, X])[5 : 5 + len(X)][: len(X)].clear().vstack(TABLES["polars"](X)),
    "polars of float32": lambda X: TABLES["polars"](X.astype(np.float32)),
    "polars of several types": lambda X: TABLES["polars"](X).with_columns(polars.col("b").cast(polars.Float32)),
    "arrow's slice": lambda X: TABLES["arrow"](np.r_[X[:7], X, X])[7 : 7 + len(X)],
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(
    "estimator",
    [riata.Lasso(alpha=0.05), riata.RidgeCV(), riata.LassoCV(cv=3), riata.LogisticRegressionCV(Cs=3, scoring="f1"), riata.LogisticRegression()],
    ids=lambda one: type(one).__name__,
)
def test_estimators_take_tables(data, kind, estimator):
    X, y = data
    y = (y > 0).astype(int) if "Logistic" in str(estimator) else y
    single, rounded = "float32" in kind, "float32" in kind or "several" in kind
    expected = estimator.fit(X, y).coef_
    table = TABLES[kind](X)
    found = estimator.fit(table, y)
    assert found.coef_ == pytest.approx(expected, rel=1e-4 if rounded else 1e-9, abs=1e-5 if rounded else 1e-12)
    assert found.feature_names_in_.tolist() == list("abcde") and found.n_features_in_ == 5
    assert found.coef_.dtype == (np.float32 if single else np.float64)
    assert found.predict(table) == pytest.approx(found.predict(TABLES["arrow"](X)), abs=1e-5)
    with pytest.raises(ValueError, match="feature names should match"):
        found.predict(polars.DataFrame(X, schema=list("abcdx")))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.fit(table, y[:-1])
    with pytest.raises(ValueError, match="Input y contains|y contains NaN|Unknown label"):
        estimator.fit(table, np.where(y > 0, np.nan, y))


@pytest.mark.parametrize("layout", MATRICES)
def test_fit_path_takes_every_layout(data, layout):
    X, y = data
    single = "float32" in layout
    expected = riata.fit_path(X, y, penalty="l1", lambdas=[0.05]).coefficients
    found = riata.fit_path(MATRICES[layout](X), y, penalty="l1", lambdas=[0.05])
    assert found.coefficients == pytest.approx(expected, rel=1e-4 if single else 1e-9)


FRAMES = {
    "pandas": lambda columns: pandas.DataFrame(columns),
    "pandas categories": lambda columns: pandas.DataFrame(columns).astype({"kind": "category"}),
    "polars": lambda columns: polars.DataFrame(columns),
    "polars categories": lambda columns: polars.DataFrame(columns).with_columns(polars.col("kind").cast(polars.Categorical)),
    "arrow": lambda columns: pyarrow.table(columns),
    "dict": lambda columns: columns,
    "arrow dictionary": lambda columns: pyarrow.table({**columns, "kind": pyarrow.array(columns["kind"]).dictionary_encode()}),
    "arrow sliced": lambda columns: pyarrow.concat_tables([pyarrow.table(columns)] * 2).slice(0, len(columns["kind"])),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_tables_are_coded_alike(data, kind):
    X, y = data
    columns = {
        "a": X[:, 0].tolist(),
        "yes": [bool(value > 0) for value in X[:, 1]],
        "kind": [["red", "green", "blue"][i % 3] for i in range(len(y))],
        "n": list(range(len(y))),
        "y": y.tolist(),
    }
    expected = riata.fit_path(FRAMES["arrow"](columns), "y", penalty="l1", lambdas=[0.01])
    assert expected.feature_names == ["a", "yes", "n", "kind=blue", "kind=green", "kind=red"]
    frame = FRAMES[kind](columns)
    found = riata.fit_path(frame, "y", penalty="l1", lambdas=[0.01])
    assert found.feature_names == expected.feature_names
    assert found.coefficients == pytest.approx(expected.coefficients, rel=1e-9)
    assert found.predict(frame) == pytest.approx(expected.predict(FRAMES["pandas"](columns)), rel=1e-9)


DAYS = pandas.date_range("2020-01-01", periods=60)
DATES = {
    "pandas": DAYS,
    "with a zone": DAYS.tz_localize("UTC"),
    "differences": DAYS - DAYS[0],
    "periods": DAYS.to_period("D"),
    "an array": DAYS.to_numpy(),
    "a list of NumPy's": list(DAYS.to_numpy()),
    "a list of pandas's": list(DAYS),
    "a list of Python's": list(DAYS.date),
    "polars": polars.Series(DAYS.to_numpy()),
    "arrow": pyarrow.array(DAYS.date),
}


@pytest.mark.parametrize("kind", DATES)
def test_dates_are_refused_where_they_are_used(kind):
    x = np.arange(60.0) % 7
    frames = [{"x": x, "d": DATES[kind]}]
    if kind not in ("polars", "arrow"):
        frames.append(pandas.DataFrame(frames[0]))
    for frame in frames:
        with pytest.raises(ValueError, match='"d": a date or time'):
            riata.fit_path(frame, x**2)
        found = riata.fit_path(frame, x**2, exclude="d", lambdas=[0.1])
        assert found.feature_names == ["x"] and len(found.predict(frame)) == 60
    with pytest.raises(ValueError, match="y holds dates or times"):
        riata.fit_path({"x": x}, DATES[kind])
    riata.cross_validate({"x": x}, x**2, groups=DATES[kind], cv=3, lambdas=[0.1, 0.01])


def test_integers_that_float64_would_round_are_refused_where_they_are_used():
    x, large = np.arange(60.0) % 7, np.arange(60) + 2**53
    for integers in (large, large.astype(np.uint64) + 2**63, pandas.Series(large)):
        with pytest.raises(ValueError, match='"i": .* is an integer beyond 2\\^53'):
            riata.fit_path({"x": x, "i": integers}, x**2)
        assert riata.fit_path({"x": x, "i": integers}, x**2, exclude="i", lambdas=[0.1]).feature_names == ["x"]
    gaps = pandas.Series(large, dtype="Int64").where(x > 0)  # <NA> where x is 0
    for integers in (gaps, gaps.astype(object), gaps.astype(object).tolist()):
        with pytest.raises(ValueError, match='"i": .* is an integer beyond 2\\^53'):
            riata.fit_path({"x": x, "i": integers}, x**2, missing="mean")
    small = pandas.Series(np.arange(60), dtype="Int64").where(x > 0)
    expected = riata.fit_path({"i": small.to_numpy(dtype=float, na_value=np.nan)}, x, missing="mean", lambdas=[0.1])
    assert riata.fit_path({"i": small}, x, missing="mean", lambdas=[0.1]).coefficients == expected.coefficients
    with pytest.raises(ValueError, match=r"X holds \d+ in row \d, column 0, an integer beyond 2\^53"):
        riata.fit_path(large[:, np.newaxis], x)
    assert riata.fit_path(large[:, np.newaxis] // 2 * 2, x, lambdas=[0.1]).n_features == 1


HUGE = [2**70 + k for k in range(60)]  # beyond 64 bits, too


@pytest.mark.parametrize("make", [dict, lambda columns: pandas.DataFrame(columns, dtype=object)])
def test_integers_of_any_size_are_not_rounded(make):
    x = np.arange(60.0) % 7
    with pytest.raises(ValueError, match=f'"i": {2**70 + 1} is an integer beyond 2\\^53'):
        riata.fit_path(make({"x": x, "i": HUGE}), x)
    with pytest.raises(ValueError, match=f'"y": {2**70 + 1} is an integer'):
        riata.fit_path({"x": x}, HUGE)
    with pytest.raises(ValueError, match="is an integer beyond 2\\^53"):
        riata.fit_path(make({"x": x, "i": [10**400 + k for k in range(60)]}), x)  # beyond float64, too
    with pytest.raises(ValueError, match=f"X holds {2**53 + 1} in row 1, column 0, an integer beyond"):
        riata.fit_path(np.array([[k + 2**53] for k in range(60)], dtype=object), x)
    exact = [2**70 + k * 2**20 for k in range(60)]
    assert riata.fit_path(make({"i": exact}), x, lambdas=[0.1]).n_features == 1


IDS = np.arange(60) + 2**53
HOLDERS = {
    "pandas": lambda x, other: pandas.DataFrame({"x": x, "d": other}),
    "pandas alone": lambda x, other: pandas.DataFrame({"d": other}),
    "polars": lambda x, other: polars.DataFrame({"x": x, "d": other}),
    "arrow": lambda x, other: pyarrow.table({"x": x, "d": other}),
    "an array": lambda x, other: np.asarray(other)[:, np.newaxis],
    "a list": lambda x, other: [[value] for value in other],
}


@pytest.mark.parametrize("kind", HOLDERS)
@pytest.mark.parametrize("model", [riata.Ridge(), riata.LogisticRegressionCV(), riata.MLPRegressor(max_iter=2)], ids=str)
def test_estimators_take_no_dates_and_round_no_integers(kind, model):
    x = np.arange(60.0) % 7
    y = (x > 3).astype(int)
    named = r" \('d'\)" if kind in ("pandas", "pandas alone", "polars", "arrow") else ""
    for dates in (DAYS.to_numpy(), (DAYS - DAYS[0]).to_numpy(), list(DAYS.to_pydatetime())):
        with pytest.raises(ValueError, match=f"X holds dates or times.*{named}; give numbers"):
            model.fit(HOLDERS[kind](x, dates), y)
    with pytest.raises(ValueError, match=rf"X holds {2**53 + 1} in row 1, column \d{named}, an integer beyond 2\^53"):
        model.fit(HOLDERS[kind](x, IDS), y)
    model.fit(HOLDERS[kind](x, np.arange(60)), y)
    model.fit(HOLDERS[kind](x, np.arange(60) * 2 + 2**53), y) if "MLP" not in str(model) else None


def test_estimators_take_no_dates_and_round_no_integers_as_responses(data):
    X, y = data[0][:60], np.arange(60) % 2
    for table in (X, pyarrow.table(dict(zip("abcde", X.T)))):
        for response in (DAYS.to_numpy(), list(DAYS), pandas.Series(DAYS)):
            with pytest.raises(ValueError, match="y holds dates or times; give numbers"):
                riata.Lasso().fit(table, response)
        with pytest.raises(ValueError, match=rf"y holds {2**53 + 1} in row 1, an integer beyond 2\^53"):
            riata.RidgeCV().fit(table, IDS)
        riata.LogisticRegression().fit(table, IDS[y])  # classes are names
    with pytest.raises(ValueError, match="offset holds dates"):
        riata.Ridge().fit(X, y, offset=DAYS)
    with pytest.raises(ValueError, match=f"X holds {2**53 + 1}, an integer"):
        riata.Ridge().fit(sparse.csc_array(IDS[:, np.newaxis]), y)
    with pytest.raises(ValueError, match="X holds dates"):
        riata.lasso_path(DAYS.to_numpy()[:, np.newaxis], y)
    fitted = riata.Ridge().fit(pandas.DataFrame({"d": y}), y)
    with pytest.raises(ValueError, match=r"X holds dates or times in column 0 \('d'\)"):
        fitted.predict(pandas.DataFrame({"d": DAYS}))
    small = pandas.Series(np.arange(60), dtype="Int64")
    assert riata.Ridge().fit(pandas.DataFrame({"i": small}), y).coef_ == riata.Ridge().fit(np.arange(60.0)[:, np.newaxis], y).coef_


def test_a_matrix_of_objects_holds_numbers(data):
    X, y = data
    expected = riata.fit_path(X, y, lambdas=[0.1]).coefficients
    assert riata.fit_path(X.astype(object), y, lambdas=[0.1]).coefficients == expected
    with pytest.raises(ValueError, match="X holds 'a', which is no number; give columns of their own types"):
        riata.fit_path(np.array([["a"], ["b"]], dtype=object), [1.0, 2.0])


@pytest.mark.parametrize("model", [riata.Lasso(alpha=0.05), riata.LogisticRegression(), riata.MLPRegressor(max_iter=2, random_state=0)], ids=str)
def test_a_stream_of_batches_is_a_table(data, model):
    """A stream can be read once only."""
    X, y = data
    y = (y > 0).astype(int)
    table = TABLES["arrow"](X)

    def stream():
        return pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=40))

    expected = model.fit(table, y).predict(table)
    model.fit(stream(), y)
    assert model.feature_names_in_.tolist() == list("abcde")
    assert (model.predict(stream()) == expected).all()
    found = riata.fit_path(stream(), y, lambdas=[0.1])
    assert found.coefficients == riata.fit_path(table, y, lambdas=[0.1]).coefficients


@pytest.mark.parametrize("column", [polars.Series([1.0, 2.0, 4.0]), pyarrow.chunked_array([[1.0, 2.0, 4.0]])])
def test_a_single_column_is_no_matrix(column):
    with pytest.raises(ValueError, match="Expected 2D array, got 1D array"):
        riata.Ridge().fit(column, [1.0, 2.0, 3.0])


@pytest.mark.parametrize("make", [dict, lambda columns: pandas.DataFrame(columns, dtype=object)])
def test_objects_are_what_they_hold(make):
    columns = {
        "number": [1.5, None, 3] * 20,
        "decimal": [Decimal(k % 4) for k in range(60)],
        "yes": [True, None, False] * 20,
        "word": ["u", None, "v"] * 20,
    }
    found = riata.fit_path(make(columns), np.arange(60.0) % 7, lambdas=[0.1], missing="mean")
    assert found.feature_names == ["number", "decimal", "yes", "word=u", "word=v", "word=missing"]


def test_an_index_is_a_vector_and_a_dict_has_formulas():
    x = np.arange(60.0) % 7
    expected = riata.fit_path({"x": x}, x**2, lambdas=[0.1]).coefficients
    assert riata.fit_path({"x": pandas.Index(x)}, pandas.Index(x**2), lambdas=[0.1]).coefficients == expected
    found = riata.fit_path("y ~ x", {"x": x, "y": x**2}, lambdas=[0.1])
    assert found.coefficients == expected and len(found.predict({"x": [1.0, 2.0]})) == 2
    with pytest.raises(ValueError, match="x is one float; give a value a row"):
        riata.fit_path({"x": 1.0}, x)


@pytest.mark.parametrize("make", [pandas.DataFrame, polars.DataFrame, pyarrow.table])
def test_missing_cells(make):
    frame = make({"a": [1.0, None, 3.0, 4.0], "b": ["u", "v", None, "u"], "y": [1.0, 2.0, 3.0, 4.5]})
    with pytest.raises(ValueError, match='"a"'):
        riata.fit_path(frame, "y", lambdas=[0.1])
    fit = riata.fit_path(frame, "y", lambdas=[0.1], missing="indicator")
    assert "a=missing" in fit.feature_names and "b=missing" in fit.feature_names


def test_masked_numbers_are_missing(data):
    X, y = data
    masked = np.ma.array(X, mask=X > 1.5)
    with pytest.raises(ValueError, match="missing value"):
        riata.fit_path(masked, y, lambdas=[0.1])
    found = riata.fit_path(masked, y, lambdas=[0.1], missing="mean")
    assert found.coefficients == riata.fit_path(np.where(X > 1.5, np.nan, X), y, lambdas=[0.1], missing="mean").coefficients
    with pytest.raises(ValueError, match="the target is missing"):
        riata.fit_path(X, np.ma.array(y, mask=y > 1), lambdas=[0.1])


def test_what_cannot_be_meant_is_refused(data):
    X, y = data
    for one in (X * 1j, sparse.csc_array(X * 1j), pandas.DataFrame(X * 1j)):
        with pytest.raises(ValueError, match="complex"):
            riata.fit_path(one, y)
    with pytest.raises(ValueError, match="X holds dates or times"):
        riata.fit_path(X.astype("M8[s]"), y)
    with pytest.raises(ValueError, match="y holds complex numbers"):
        riata.fit_path(X, y * 1j)
    for name in ("t.csv", pathlib.Path("t.csv")):
        with pytest.raises(ValueError, match="'t.csv' is a name: read the file first"):
            riata.diagnose(name)
    with pytest.raises(ValueError, match="X is LazyFrame of 0 dimensions; give a matrix, or a table"):
        riata.fit_path(polars.LazyFrame({"a": y}), y)
    with pytest.raises(ValueError, match="lower is .*: give a number, or one for each of the 5 features"):
        riata.Lasso(lower={"a": 0}).fit(X, y)
    for model in (riata.LassoCV(alphas=[]), riata.RidgeCV(alphas=[]), riata.ElasticNetCV(l1_ratio=[])):
        with pytest.raises(ValueError, match="is empty; give at least one"):
            model.fit(X, y)


@pytest.mark.parametrize("nested", [[{"x": 1}] * 3, [[1], [2], [3]]])
def test_a_column_of_columns_is_refused(nested):
    table = polars.DataFrame({"a": [1.0, 2.0, 4.0], "nested": nested})
    with pytest.raises(ValueError, match="setting an array element with a sequence"):
        riata.Ridge().fit(table, [1.0, 2.0, 3.0])


def test_a_matrix_that_is_not_plain_is_still_checked(data):
    X, y = data
    for bad, message in ((np.nan, "NaN"), (np.inf, "infinity")):
        broken = X.copy()
        broken[3, 2] = bad
        with pytest.raises(ValueError, match=message):
            riata.Lasso().fit(broken, y)
        with pytest.raises(ValueError, match=message):
            riata.Lasso().fit(X, y).predict(broken)
    with pytest.raises(ValueError, match="features"):
        riata.Lasso().fit(X, y).predict(X[:, :3])
    named = riata.Lasso().fit(pandas.DataFrame(X), y).fit(X, y)
    assert not hasattr(named, "feature_names_in_") and named.n_features_in_ == 5


@pytest.mark.parametrize("model", [riata.Lasso(), riata.LogisticRegression(), riata.MLPRegressor(max_iter=2)], ids=str)
def test_the_message_says_where_a_number_is_missing(data, model):
    X, y = data
    y = (y > 0).astype(float)
    broken = X.copy()
    broken[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN: the first at row 3, column 2. Fill it in"):
        model.fit(broken, y)
    with pytest.raises(ValueError, match=r"row 3, column 2 \('c'\)"):
        model.fit(pandas.DataFrame(broken, columns=list("abcde")), y)
    with pytest.raises(ValueError, match=r"row 3, column 2 \('c'\)"):
        model.fit(polars.DataFrame(broken, schema=list("abcde")), y)
    with pytest.raises(ValueError, match="infinity.* row 3, column 2"):
        model.fit(sparse.csr_array(np.nan_to_num(broken, nan=np.inf)), y)
    with pytest.raises(ValueError, match="X has masked values"):
        model.fit(np.ma.masked_invalid(broken), y)


@pytest.mark.parametrize("make", [pandas.DataFrame, polars.DataFrame])
def test_text_is_named_with_its_column(make):
    frame = make({"a": [1.0, 2.0, 3.0], "kind": ["u", "v", "u"]})
    with pytest.raises(ValueError, match="could not convert string to float: .*'u'.* in column 'kind': encode text, or take riata.fit_path"):
        riata.Ridge().fit(frame, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(("model", "other"), [(riata.RidgeCV(), "LogisticRegression"), (riata.MLPRegressor(), "MLPClassifier")], ids=str)
@pytest.mark.parametrize("make", [np.asarray, pandas.DataFrame, lambda X: pyarrow.table({"a": X[:, 0], "b": X[:, 1]})])
def test_a_regressor_says_what_to_do_with_text(model, other, make):
    X = make(np.arange(8.0).reshape(4, 2))
    for y in (["low", "high", "low", "high"], np.array(["low", "high"] * 2, dtype=object), pandas.Series(["low", "high"] * 2)):
        with pytest.raises(ValueError, match=rf"y holds text \('low'\), and {type(model).__name__} predicts numbers.* take {other}"):
            model.fit(X, y)
    with pytest.raises(ValueError, match="y holds text"):
        riata.lasso_path(np.arange(8.0).reshape(4, 2), ["low", "high", "low", "high"])


def test_tables_of_numbers_of_any_type_are_matrices(data):
    X, y = data
    X = np.column_stack([X[:, 0], np.arange(len(X)) % 5, X[:, 1] > 0])
    columns = {"a": X[:, 0], "b": X[:, 1].astype(np.int16), "c": X[:, 2] == 1}
    expected = riata.Ridge().fit(X, y).coef_
    table = pyarrow.table(columns)
    for one in (table, pyarrow.concat_tables([table[:9], table[9:]]), polars.DataFrame(columns), table.to_batches()[0]):
        found = riata.Ridge().fit(one, y)
        assert found.coef_ == pytest.approx(expected, rel=1e-11) and found.coef_.dtype == np.float64
    gone = table.set_column(1, "b", pyarrow.array([None, *range(len(X) - 1)]))
    with pytest.raises(ValueError, match="NaN: the first at row 0, column 1"):
        riata.Ridge().fit(gone, y)


def test_a_missing_response_and_a_nullable_column_are_named(data):
    X, y = data
    gone = y.copy()
    gone[5] = np.nan
    with pytest.raises(ValueError, match="Input y contains NaN: the first in row 5. Leave such rows out"):
        riata.Lasso().fit(X, gone)
    frame = pandas.DataFrame(X, columns=list("abcde")).convert_dtypes()
    frame.iloc[3, 1] = pandas.NA
    with pytest.raises(ValueError, match=r"NaN: the first at row 3, column 1 \('b'\)"):
        riata.Lasso().fit(frame, y)
    with pytest.raises(ValueError, match=r"LazyFrame.*give X.collect\(\)"):
        riata.Lasso().fit(polars.DataFrame(X).lazy(), y)
    with pytest.raises(ValueError, match=r"y is a LazyFrame.*give y.collect\(\)"):
        riata.Lasso().fit(polars.DataFrame(X), polars.DataFrame({"y": y}).lazy())
    columns = np.column_stack([y, -y])
    assert (riata.Ridge().fit(X, sparse.csr_matrix(columns)).coef_ == riata.Ridge().fit(X, columns).coef_).all()


@pytest.mark.parametrize("make", [np.asarray, pandas.DataFrame, lambda X: pyarrow.table(dict(zip("abcde", X.T)))])
@pytest.mark.parametrize("none", [None, np.nan])
def test_a_missing_response_among_objects_is_named(data, make, none):
    X, y = data
    gone = y.astype(object)
    gone[5] = none
    for model in (riata.Ridge(), riata.MLPRegressor()):
        with pytest.raises(ValueError, match="Input y contains NaN.*: the first in row 5. Leave such rows out"):
            model.fit(make(X), gone)


def test_a_missing_number_of_an_arrow_table_is_named_by_its_column():
    table = pyarrow.table({"a": [1.0, 2.0, 3.0], "b": [1.0, None, 3.0]})
    for one in (table, table.to_batches()[0]):
        with pytest.raises(ValueError, match=r"the first at row 1, column 1 \('b'\)"):
            riata.Ridge().fit(one, [1.0, 2.0, 3.0])


def test_numbers_out_of_range_are_named_as_they_were_given(data):
    X, y = data
    for weight in (0.0, -1.0, np.nan, np.inf, "a"):
        with pytest.raises(ValueError, match=f"sample_weight is {weight!r}: give a number above 0"):
            riata.Ridge().fit(X, y, sample_weight=weight)
    with pytest.raises(ValueError, match="offset has shape \\(\\); give one value for each of the 90 samples"):
        riata.Ridge().fit(X, y, offset=1.0)
    with pytest.raises(ValueError, match="offset is list of what are no numbers"):
        riata.Ridge().fit(X, y, offset=["a"] * 90)
    for model, name in ((riata.Lasso(np.inf), "alpha"), (riata.Ridge(np.inf), "alpha"), (riata.LassoCV(alphas=[1, np.inf]), r"alphas\[1\]")):
        with pytest.raises(ValueError, match=f"{name}.* (must be|give finite|give a finite)"):
            model.fit(X, y)
    labels = (y > 0).astype(int)
    for wrong in ({"solver": "newton"}, {"dual": "no"}):
        for model in (riata.LogisticRegression, riata.LogisticRegressionCV):
            with pytest.raises(ValueError, match=f"The {next(iter(wrong))!r} parameter of {model.__name__} must be"):
                model(**wrong).fit(X, labels)
    with pytest.raises(ValueError, match="lambda_: 'large' is not a number"):
        riata.fit_path(X, y, lambdas=[0.1]).predict(X, lambda_="large")
    assert riata.MLPRegressor(n_iter_no_change=float("inf"), max_iter=1).get_params()["n_iter_no_change"] == np.inf


@pytest.mark.parametrize("model", [riata.Ridge(), riata.RidgeCV(cv=3), riata.LassoCV(), riata.LogisticRegression()])
def test_a_column_too_large_is_named_as_it_was_given(data, model):
    X, y = data[0].copy(), (data[1] > 0).astype(int)
    X[:, 1] = np.clip(X[:, 1], -1, 1) * 1e200
    with pytest.raises(ValueError, match=r"^'X\[:, 1\]' holds .* too large to square"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="^'wide' holds .* too large to square"):
        model.fit(pandas.DataFrame(X, columns=["a", "wide", "c", "d", "e"]), y)
