"""What type checkers are told is what the extension has."""

import os
import pathlib
import subprocess
import sys

from nanobind.stubgen import StubGen

import riata
from riata import _engine


def test_the_stub_is_the_extension_s():
    made = StubGen(_engine)
    made.put(_engine)
    kept = pathlib.Path(riata.__file__).with_name("_engine.pyi").read_text(encoding="utf-8")
    assert made.get() == kept, "make it anew: python -m nanobind.stubgen -m riata._engine -o python/riata/_engine.pyi"


PROJECT = pathlib.Path(__file__).parents[2]


def checked(*what):
    """What mypy says."""
    settings = ["--config-file", str(PROJECT / "pyproject.toml"), "--cache-dir", os.devnull, "--no-error-summary"]
    environment = {**os.environ, "MYPYPATH": str(PROJECT / "python")}
    told = subprocess.run([sys.executable, "-m", "mypy", *settings, *what], env=environment, capture_output=True, text=True)
    assert not told.stderr
    return told.stdout.splitlines()


def test_the_package_s_sources_have_no_type_errors():
    assert checked(str(PROJECT / "python" / "riata")) == []


def test_type_checkers_know_every_public_name(tmp_path):
    names = [name for name in riata.__all__ if name != "__version__"]
    script = tmp_path / "script.py"
    script.write_text("import riata\n" + "".join(f"reveal_type(riata.{name})\n" for name in names) + "riata.Lass\n")
    *told, last = checked(str(script))
    assert len(told) == len(names)
    assert not any('"Any"' in line for line in told)
    assert 'Module has no attribute "Lass"' in last


RESULTS = """
import numpy as np
import riata

X, y = np.zeros((5, 2)), np.zeros(5)
reveal_type(riata.Lasso().fit(X, y))
reveal_type(riata.LassoCV().fit(X, y).alpha_)
reveal_type(riata.RidgeCV().fit(X, y).predict(X))
reveal_type(riata.LogisticRegression().fit(X, y).coef_)
reveal_type(riata.MLPClassifier().fit(X, y).predict_proba(X))
reveal_type(riata.lasso_path(X, y))
reveal_type(riata.cross_validate(X, y).predict(X))
reveal_type(riata.train(X, y))
reveal_type(riata.load("model"))
reveal_type(riata.compare(X, y).summary())
reveal_type(riata.diagnose({"loss": y}))
"""


def test_type_checkers_know_what_comes_back(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(RESULTS)
    told = [line.partition('type is "')[2].rstrip('"').partition("[")[0].replace("riata.", "") for line in checked(str(script)) if "Revealed" in line]
    array = "numpy.ndarray"
    expected = ["elastic_net.Lasso", "float", array, array, array, "tuple", array, "training.Training"]
    assert told == [*expected, "fitting.Fit | training.Training", "str", "comparing.Judgement"]


PROGRAM = """
import numpy as np
import numpy.typing as npt
import riata

def fit(X: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    model = riata.LassoCV(cv=5, selection_rule="1se").fit(X, y)
    print(model.certificate_["relative_gap"], model.alpha_, model.coef_.shape, model.path_.coefs.shape, model.predict(X)[:3])
    net = riata.MLPRegressor(hidden_layer_sizes=(8,), early_stopping=True).fit(X, y)
    print(net.diagnosis_, net.coefs_[0].shape, net.loss_curve_[-1])
    classifier = riata.LogisticRegressionCV(Cs=5, l1_ratios=(1.0,)).fit(X, (y > 0).astype(int))
    print(classifier.predict_proba(X).shape, classifier.classes_, classifier.intercept_)
    numbers: npt.NDArray[np.floating] = model.predict(X) + net.predict(X) + model.coef_[0] + classifier.decision_function(X)
    shares: npt.NDArray[np.floating] = classifier.predict_proba(X) + riata.train(X, y).predict_proba(X)["1"][:, np.newaxis]
    labels: npt.NDArray[np.str_] = classifier.predict(X)
    print(numbers, shares, labels)
    ridge = riata.RidgeCV(alphas=(0.1, 1.0)).fit(X, y)
    return float(riata.Ridge(alpha=ridge.alpha_).fit(X, y).score(X, y))

def door(X: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> str:
    found = riata.cross_validate(X, y, penalty="l1")
    found.report("page.html")
    found.save("model.json")
    print(found.selected["lambda"], found.coefficients, found.to_pandas().shape, found.plot("path"))
    alphas, coefs, gaps = riata.lasso_path(X, y)
    print(alphas.shape, coefs.shape, gaps.shape, riata.load("model.json").predict(X)[:3])
    contest: riata.Comparison = riata.compare(X, y)
    judged: riata.Judgement = riata.diagnose({"loss": y})
    return contest.summary() + judged.summary() + riata.train(X, y).summary()

def otherwise(X: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> list[object]:
    return [  # what parameters take besides the type of their default
        riata.Ridge(alpha=np.ones(2)), riata.RidgeCV(alphas=1.0), riata.LassoCV(alphas=[0.1, 1.0], precompute=False, verbose=True),
        riata.ElasticNet(1, precompute=True), riata.LogisticRegressionCV(Cs=[1.0, 2.0], l1_ratios=[0.5], scoring=None),
        riata.MLPClassifier(hidden_layer_sizes=(), batch_size=32, penalty=None, n_iter_no_change=np.inf),
        riata.MLPRegressor(hidden_layer_sizes=[4, 4], alpha=0, tol=0), riata.ElasticNetCV(l1_ratio=[0.1, 0.9]),
        riata.lasso_path(X, y, alphas=[0.1], precompute=False), riata.enet_path(X, y, alphas=np.ones(1), l1_ratio=1),
    ]
"""


def test_a_program_checked_strictly_has_no_errors(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(PROGRAM)
    told = checked("--strict", "--follow-imports", "silent", str(script))
    assert [line for line in told if line.startswith(str(script))] == []
