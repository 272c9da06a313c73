"""Results show themselves: charts, tables, formulas."""

import pickle

import numpy as np
import pandas
import pytest
import vl_convert
from sklearn.datasets import load_breast_cancer, load_diabetes

import riata


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True, as_frame=True)


RESULTS = {
    "fit": lambda X, y: riata.cross_validate(X, y, penalty="l1"),
    "without folds": lambda X, y: riata.fit_path(X, y, penalty="l2", cv=0, select="bic"),
    "one strength": lambda X, y: riata.fit_path(X, y, penalty="l1", lambdas=[1.0]),
    "classes": lambda X, y: riata.cross_validate(*load_breast_cancer(return_X_y=True, as_frame=True), penalty="l1", cv=3),
    "comparison": lambda X, y: riata.compare(X, y, cv=3),
    "network": lambda X, y: riata.train(X, y, hidden=(4,), epochs=10, twin=True),
    "grid of networks": lambda X, y: riata.train(X, y, hidden=(4,), epochs=10, penalty="l1", lambdas=[0.1, 0.01], cv=3),
}


@pytest.mark.parametrize("name", RESULTS)
def test_figures_are_charts(diabetes, name):
    found = RESULTS[name](*diabetes)
    for figure in [None, *found.figures] if name in ("fit", "network") else [None]:
        chart = found.plot(figure)
        picture = vl_convert.vegalite_to_svg(chart.to_json())
        assert "<svg" in picture and "var(--" not in picture
    with pytest.raises(ValueError, match="there is no figure 'nonsense'; there are"):
        found.plot("nonsense")


def test_the_path_s_figure_has_the_path(diabetes):
    fit = riata.cross_validate(*diabetes, penalty="l1")
    rows = pandas.DataFrame(fit.plot("path").to_dict()["datasets"]["path"])
    chosen = rows[np.isclose(rows["lambda"], fit.selected["lambda"], rtol=1e-12)].set_index("feature").value
    expected = fit.to_pandas().set_index("feature").standardized_coefficient
    assert chosen.to_dict() == pytest.approx(expected[chosen.index].to_dict(), rel=1e-12)


def test_tables(diabetes):
    found = riata.compare(*diabetes, cv=3)
    assert found.to_pandas().penalty.tolist() == found.to_polars()["penalty"].to_list() == ["none", "l2", "l1", "elastic-net"]


def test_formulas(diabetes):
    X, y = diabetes
    frame = X.assign(target=y, age=np.where(X.age > 0, "old", "young"))
    fit = riata.fit_path("target ~ bmi + np.exp(bp) + C(age)", frame, penalty="l1")
    by_hand = pandas.DataFrame({"bmi": X.bmi, "np.exp(bp)": np.exp(X.bp), "C(age)[T.young]": (X.age <= 0).astype(float)})
    same = riata.fit_path(by_hand, y, penalty="l1")
    assert fit.coefficients == pytest.approx(same.coefficients)
    for one in (fit, pickle.loads(pickle.dumps(fit))):
        assert one.predict(frame[:5]) == pytest.approx(same.predict(by_hand[:5]))
    assert fit.evaluate(frame, y)["measures"] == same.evaluate(by_hand, y)["measures"]
    assert riata.fit_path("target ~ bmi - 1", frame, penalty="l1").intercept_fitted is False
    logarithm = riata.fit_path("np.log(target) ~ bmi", frame, penalty="l2")
    assert logarithm.predict(frame).mean() == pytest.approx(np.log(y).mean())
    classes = riata.fit_path("age ~ bmi + bp", frame, penalty="l2", cv=3)
    assert classes.loss == "logistic" and set(classes.predict_proba(frame)) == {"old", "young"}
    with pytest.raises(ValueError, match="names no response"):
        riata.fit_path("bmi + bp", frame)


def test_files_that_cannot_be_written_are_system_errors(diabetes, tmp_path):
    fit = riata.fit_path(*diabetes, penalty="l1", lambdas=[1.0])
    missing = tmp_path / "missing" / "model.json"
    for write in (fit.save, fit.report):
        with pytest.raises(FileNotFoundError, match="cannot create a file in .*missing") as found:
            write(missing)
        assert found.value.filename == str(missing)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        fit.save(tmp_path)


def test_a_path_is_shown_in_a_line():
    path = riata.RidgeCV(alphas=[1.0, 10.0]).fit(np.arange(12.0).reshape(6, 2), np.arange(6.0) ** 2).path_
    assert repr(path) == "<PathResult: 2 alphas from 1.667 to 0.1667, 2 features>"
