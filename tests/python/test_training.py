"""Networks through the engine's own door: riata.train."""

import os
import pickle
import re
import subprocess

import numpy as np
import pandas
import pytest
from test_networks import of_numbers, of_two_classes

import riata
from riata import _engine_door

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def trained():
    X, y = of_two_classes()
    return X, y, riata.train(X[:400], y[:400], hidden=(8,), epochs=40, learning_rate=0.02, test=(X[400:], y[400:]), seed=1)


def test_the_engine_s_own_door(trained, tmp_path):
    X, y, found = trained
    assert found.diagnosis["verdict"] in ("fits", "overfits") and len(found.history) == 40
    assert found.history[-1]["validation_accuracy"] > 0.9 and found.history[-1]["test_accuracy"] > 0.9
    assert found.diagnosis["text"] in " ".join(found.summary(200).split())
    assert found.to_pandas().shape[0] == 40
    found.report(tmp_path / "page.html")
    assert "loss" in found.figures and found.plot("loss").to_dict()["$schema"]
    assert "</html>" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert (found.predict(X, type="class") == y).mean() > 0.9
    probability = found.predict_proba(X)
    assert probability["ill"] + probability["well"] == pytest.approx(1.0)
    found.save(tmp_path / "n.safetensors")
    loaded = riata.load(tmp_path / "n.safetensors")
    assert isinstance(loaded, riata.Training) and set(loaded.figures) <= set(found.figures)
    for again in (loaded, pickle.loads(pickle.dumps(found))):
        assert (again.predict(X) == found.predict(X)).all()
        assert (again.parameters["layers.0.weight"] == found.parameters["layers.0.weight"]).all()
    assert found.evaluate(X[400:], y[400:])["measures"]["error"]["value"] == pytest.approx(1 - found.history[-1]["test_accuracy"])


def test_tables_and_choices():
    random = np.random.default_rng(0)
    frame = pandas.DataFrame({"a": random.normal(size=120), "b": random.choice(["u", "v"], size=120)})
    frame["z"] = frame.a * 2 + (frame.b == "v") + 0.1 * random.normal(size=120)
    found = riata.train(frame[:80], "z", validation=frame[80:], penalty="l1", lambdas=[0.5, 0.01], epochs=30, learning_rate=0.1)
    assert found.feature_names == ["a", "b=u", "b=v"] and found.facts["lambda"] in (0.5, 0.01)
    pair = riata.train(
        frame[["a", "b"]][:80], frame.z[:80], validation=(frame[["a", "b"]][80:], frame.z[80:]), penalty="l1", lambdas=[0.5, 0.01],
        epochs=30, learning_rate=0.1,
    )  # fmt: skip
    assert pair.history == found.history
    with pytest.raises(TypeError, match="unexpected option 'hiden'"):
        riata.train(frame, "z", hiden=(3,))
    with pytest.raises(ValueError, match="patience"):
        riata.train(frame, "z", validation=0, patience=3)


def test_lassonet_finds_a_product():
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 8))
    y = X[:, 0] * X[:, 1] + X[:, 2] + 0.1 * random.normal(size=400)
    found = riata.train(
        X, y, hidden=(16,), penalty="lassonet", hierarchy=10, n_lambdas=20, lambda_min_ratio=1e-3, max_features=3, epochs=100, seed=1,
        precision="float64",
    )  # fmt: skip
    assert set(found.unused_features) == {"x4", "x5", "x6", "x7", "x8"}
    theta, first = found.parameters["skip.weight"], found.parameters["layers.0.weight"]
    assert (np.abs(first) <= 10 * np.abs(theta) * (1 + 1e-12)).all()
    loaded = pickle.loads(pickle.dumps(found))
    assert loaded.feature_names == ["x1", "x2", "x3"]
    assert loaded.predict(X[:, :3]) == pytest.approx(found.predict(X), abs=1e-12)


def test_dropped_inputs_and_the_newest_options():
    random = np.random.default_rng(0)
    X = random.normal(size=(150, 6))
    y = X[:, 0] + 0.1 * random.normal(size=150)
    how = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
    plain, dropped, again = (riata.MLPRegressor(input_dropout=share, **how).fit(X, y) for share in (0.0, 0.5, 0.5))
    assert (plain.coefs_[0] != dropped.coefs_[0]).any() and (again.coefs_[0] == dropped.coefs_[0]).all()
    with pytest.raises(ValueError, match="input_dropout must be below 1"):
        riata.MLPRegressor(input_dropout=1.0, **how).fit(X, y)
    with pytest.raises(ValueError, match="lbfgs"):
        riata.MLPRegressor(input_dropout=0.5, solver="lbfgs").fit(X, y)
    path = {"hidden": (4,), "epochs": 5, "penalty": "l1", "lambdas": [0.1, 0.01], "cv": 3}
    found = riata.train(X, y, measure="mae", warm_start=True, folds_in_time=True, standardize=False, input_dropout=0.2, **path)
    assert found.facts["cross_validation"]["measure"] == "mae"
    assert found.history != riata.train(X, y, measure="mae", warm_start=True, folds_in_time=True, standardize=False, **path).history
    assert found.history != riata.train(X, y, measure="mae", warm_start=True, folds_in_time=True, input_dropout=0.2, **path).history
    one, three = (riata.train(X, y, seeds=n, **path).facts for n in (1, 3))
    assert (one["seeds"], three["seeds"]) == (1, 3)
    assert one["cross_validation"]["mean"] != three["cross_validation"]["mean"] and one["layers"] == three["layers"]


@pytest.mark.parametrize("command", ["fit", "train", "compare"])
def test_no_option_of_the_command_line_is_missing(command):
    program = os.environ.get("RIATA_PROGRAM")
    if not program:
        pytest.skip("RIATA_PROGRAM does not name the command-line program")
    text = subprocess.run([program, command, "--help"], check=True, capture_output=True, text=True).stdout
    shown = text.partition("Not in this version")[0].partition("Columns")[2]
    names = set(re.findall(r"^ {2}--([a-z][a-z0-9-]*)", shown, re.M))
    elsewhere = "target weights offset folds fold-column group-column test model report format quiet verbose header encoding threads memory strict"
    known = {"fit": _engine_door.FIT_OPTIONS, "train": _engine_door.TRAIN_OPTIONS, "compare": _engine_door.COMPARE_OPTIONS}[command]
    ours = {_engine_door._ENGINE_NAMES.get(name, name).replace("_", "-") for name in known}
    left = names - set(elsewhere.split())
    assert len(left) > 15 and (left <= ours if command == "compare" else left == ours)


def test_the_command_line_trains_the_same_network(trained, tmp_path):
    program = os.environ.get("RIATA_PROGRAM")
    if not program:
        pytest.skip("RIATA_PROGRAM does not name the command-line program")
    X, y, _ = trained
    frame = pandas.DataFrame(X, columns=[f"x{j + 1}" for j in range(X.shape[1])]).assign(y=y)
    frame.to_csv(tmp_path / "t.csv", index=False)
    command = [program, "train", "t.csv", "--target", "y", "--hidden", "8", "--epochs", "5", "--model", "c.safetensors", "--quiet"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    mine = riata.train(frame, "y", hidden=(8,), epochs=5)
    assert (riata.load(tmp_path / "c.safetensors").predict(frame) == mine.predict(frame)).all()


def test_training_starts_from_given_weights(tmp_path):
    X, y = of_numbers()
    how = {"hidden": (3,), "precision": "float64", "validation": 0.0, "standardize": False}
    first = riata.train(X, y, epochs=5, seed=1, **how)
    first.save(tmp_path / "first.safetensors")
    further = riata.train(X, y, epochs=1, learning_rate=1e-12, seed=2, initial_weights=tmp_path / "first.safetensors", **how)
    for name, values in first.parameters.items():
        assert further.parameters[name] == pytest.approx(values, abs=1e-11)
    with pytest.raises(FileNotFoundError):
        riata.train(X, y, initial_weights=tmp_path / "missing.safetensors", **how)
    with pytest.raises(ValueError, match=r"first.safetensors: initial_weights: the tensor 'layers.0.weight' has another shape"):
        riata.train(X, y, initial_weights=tmp_path / "first.safetensors", **how | {"hidden": (4,)})
