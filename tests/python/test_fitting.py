"""The engine's own door: fit_path, results, model files."""

import json
import os
import pickle
import subprocess

import numpy as np
import pytest
from sklearn.model_selection import KFold

import riata
from riata import Lasso


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(1)
    X = random.normal(size=(120, 6))
    return X, X[:, 0] * 2 - X[:, 3] + random.normal(size=120)


def test_it_is_the_estimator_on_the_same_problem(data):
    X, y = data
    fit = riata.fit_path(X, y, penalty="l1", lambdas=[0.1], standardize=False)
    model = Lasso(alpha=0.1).fit(X, y)
    names = [f"x{j + 1}" for j in range(6)]
    assert fit.intercept == pytest.approx(model.intercept_, rel=1e-12)
    assert [fit.coefficients.get(name, 0.0) for name in names] == pytest.approx(model.coef_, rel=1e-12)
    assert fit.predict(X) == pytest.approx(model.predict(X), rel=1e-12)
    assert fit.certificate["relative_gap"] < 1e-6


def test_results_show_themselves(data, tmp_path):
    fit = riata.cross_validate(*data, cv=5, penalty="elastic-net", l1_ratio=0.7, select="min", seed=3)
    assert fit.cross_validation["folds"] == 5 and fit.selected["rule"] == "min"
    assert "Coefficients" in fit.summary() and fit._repr_html_().startswith("<pre>")
    fit.report(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes().startswith(b"<!DOCTYPE html>")
    frame = fit.to_pandas()
    assert list(frame.feature) == fit.feature_names
    assert frame.coefficient.tolist() == fit.to_polars()["coefficient"].to_list()
    assert frame.selection_frequency[0] == 1.0


def test_models_are_kept(data, tmp_path):
    X, y = data
    fit = riata.fit_path(X, y, penalty="l1")
    fit.save(tmp_path / "model.json")
    loaded = riata.load(tmp_path / "model.json")
    assert (loaded.predict(X) == fit.predict(X)).all()
    assert loaded.coefficients == fit.coefficients
    assert (pickle.loads(pickle.dumps(fit)).predict(X) == fit.predict(X)).all()
    with pytest.raises(ValueError, match="model.json"):
        (tmp_path / "model.json").write_bytes(b"{}")
        riata.load(tmp_path / "model.json")


def test_the_command_line_reads_and_writes_the_same_files(data, tmp_path):
    program = os.environ.get("RIATA_PROGRAM")
    if not program:
        pytest.skip("RIATA_PROGRAM does not name the command-line program")
    X, y = data
    table = np.column_stack([X, y])
    np.savetxt(tmp_path / "t.csv", table, delimiter=",", header="x1,x2,x3,x4,x5,x6,y", comments="", fmt="%.17g")
    command = [program, "fit", "t.csv", "--target", "y", "--penalty", "l1", "--format", "json", "--model", "c.json"]
    printed = json.loads(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout)
    fit = riata.fit_path(X, y, penalty="l1")
    assert fit.coefficients == pytest.approx(printed["coefficients"], rel=1e-9)
    assert fit.selected["index"] == printed["selected"]["index"]
    fit.save(tmp_path / "p.json")
    told = []
    for name in ("c.json", "p.json"):
        command = [program, "inspect", name, "--format", "json"]
        told.append(json.loads(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout))
    assert told[0]["coefficients"] == pytest.approx(told[1]["coefficients"], rel=1e-9)
    assert riata.load(tmp_path / "c.json").predict(X) == pytest.approx(fit.predict(X), rel=1e-9)


def test_weights_offset_groups_and_folds(data):
    X, y = data
    weights = np.arange(120) % 3
    fit = riata.fit_path(X, y, penalty="l1", lambdas=[0.05], sample_weight=weights, offset=X[:, 1], standardize=False)
    model = Lasso(alpha=0.05).fit(X, y, sample_weight=weights, offset=X[:, 1])
    assert [fit.coefficients.get(f"x{j + 1}", 0.0) for j in range(6)] == pytest.approx(model.coef_, rel=1e-10)
    grouped = riata.cross_validate(X, y, penalty="l1", cv=4, groups=np.arange(120) // 10)
    labelled = riata.cross_validate(X, y, penalty="l1", cv=np.arange(120) % 4)
    assert grouped.cross_validation["folds"] == labelled.cross_validation["folds"] == 4
    assert grouped.cross_validation["mean"] != labelled.cross_validation["mean"]


def test_bounds_and_factors_go_by_name(data):
    fit = riata.fit_path(*data, penalty="l1", lambdas=[0.01], lower={"x4": 0}, penalty_factor={"x1": np.inf})
    assert "x4" not in fit.coefficients and "x1" not in fit.coefficients


def test_errors_speak_python(data):
    X, y = data
    with pytest.raises(TypeError, match="unexpected option 'alpha'"):
        riata.fit_path(X, y, alpha=1.0)
    with pytest.raises(ValueError, match="^l1_ratio belongs to penalty elastic-net"):
        riata.fit_path(X, y, penalty="l1", l1_ratio=0.5)
    with pytest.raises(ValueError, match="^cv 1000: there are only 120 rows; give cv 120"):
        riata.fit_path(X, y, cv=1000)
    with pytest.raises(TypeError, match="cv: give a number of folds, or an array"):
        riata.fit_path(X, y, cv=KFold(3))
    with pytest.raises(ValueError, match="cv is 1"):
        riata.cross_validate(X, y, cv=1)
    with pytest.raises(ValueError, match="'y' has 119 rows|the matrix has 120 rows"):
        riata.fit_path(X, y[:-1])


def test_evaluate_judges_new_rows(data):
    X, y = data
    fit = riata.fit_path(X[:80], y[:80], penalty="l1")
    told = fit.evaluate(X[80:], y[80:])
    mse = told["measures"]["mse"]
    assert mse["value"] == pytest.approx(np.mean((fit.predict(X[80:]) - y[80:]) ** 2), rel=1e-9)
