"""compare and diagnose through Python."""

import numpy as np
import pandas
import pytest

import riata


def test_compare_advises(tmp_path):
    random = np.random.default_rng(0)
    X = random.normal(size=(150, 12))
    y = 3 * X[:, 0] + random.normal(size=150)
    found = riata.compare(X, y, cv=4)
    assert {one["penalty"] for one in found.candidates} == {"none", "l2", "l1", "elastic-net"}
    assert found.advice["penalty"] in {one["penalty"] for one in found.candidates}
    assert found.advice["text"][0].split()[0] in found.summary()
    found.report(tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size > 1000
    with pytest.raises(NotImplementedError, match="^penalty"):
        riata.compare(X, y, penalty="l1")


def test_compare_on_one_network():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 4))
    found = riata.compare(X, X[:, 0], cv=3, hidden=(4,), epochs=5, learning_rate=0.02)
    assert [one["penalty"] for one in found.candidates] == ["none", "early-stopping", "l2", "adamw", "l1"]
    assert found.to_pandas().shape[0] == 5 and "curves" in found.figures
    assert found.plot().to_dict()["vconcat"]
    slow = riata.compare(X, X[:, 0], cv=3, hidden=(4,), epochs=5, learning_rate=1e-6)
    assert slow.candidates[0]["cv_mean"] > found.candidates[0]["cv_mean"]
    with pytest.raises(ValueError, match="learning_rate, activation and precision belong to a network: add hidden"):
        riata.compare(X, X[:, 0], cv=3, learning_rate=0.02)


def test_diagnose_names_the_epoch():
    epoch = np.arange(60)
    training = np.exp(-epoch / 10.0) + 0.1
    validation = np.exp(-epoch / 10.0) + 0.3 + 0.02 * np.maximum(epoch - 20, 0)
    found = riata.diagnose(pandas.DataFrame({"epoch": epoch, "training_loss": training, "validation_loss": validation}))
    assert found.diagnosis["verdict"] == "overfits"
    assert "overfits" in found.summary()
