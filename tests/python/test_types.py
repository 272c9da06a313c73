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
