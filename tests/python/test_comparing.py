"""compare and diagnose through Python."""

import copy
import json
import pickle

import numpy as np
import pandas
import pyarrow
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
    assert riata.compare(X, y, cv=4, hidden=()).candidates[0]["cv_mean"] == found.candidates[0]["cv_mean"]
    found.save(tmp_path / "found.json")
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8")) == found.facts
    with pytest.raises(ValueError, match="found.json: is not a riata model file"):
        riata.load(tmp_path / "found.json")
    with pytest.raises(NotImplementedError, match="^penalty"):
        riata.compare(X, y, penalty="l1")
    kept = pickle.loads(pickle.dumps(found))
    for one in (kept, pickle.loads(pickle.dumps(kept)), copy.deepcopy(found)):
        assert one.facts == found.facts and one.summary() == found.summary() and one.figures == found.figures
        one.report(tmp_path / "again.html")
        assert (tmp_path / "again.html").read_bytes() == (tmp_path / "page.html").read_bytes()


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


def test_diagnose_names_the_epoch(tmp_path):
    epoch = np.arange(60)
    training = np.exp(-epoch / 10.0) + 0.1
    validation = np.exp(-epoch / 10.0) + 0.3 + 0.02 * np.maximum(epoch - 20, 0)
    found = riata.diagnose(pandas.DataFrame({"epoch": epoch, "training_loss": training, "validation_loss": validation}))
    assert found.diagnosis["verdict"] == "overfits"
    assert "overfits" in found.summary()
    assert found.figures == ["loss"] and found.plot().to_dict()["vconcat"]
    found.report(tmp_path / "page.html")
    assert "overfits from here" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert found.to_pandas().columns.tolist() == ["epoch", "training_loss", "validation_loss"]
    assert (found.to_polars()["validation_loss"].to_numpy() == validation).all()
    kept = pickle.loads(pickle.dumps(found))
    for one in (kept, pickle.loads(pickle.dumps(kept)), copy.deepcopy(found)):
        assert one.facts == found.facts and one.summary() == found.summary()
        assert one.to_pandas().equals(found.to_pandas()) and one.figures == found.figures


def test_a_log_that_is_a_stream_can_be_judged_and_kept():
    table = pyarrow.table({"epoch": np.arange(1.0, 31), "loss": 1 / np.arange(1, 31), "val_loss": 1 / np.arange(1, 31) + 0.1})
    found = riata.diagnose(pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=7)))
    assert pickle.loads(pickle.dumps(found)).facts == found.facts == riata.diagnose(table).facts


def test_diagnose_draws_accuracies_and_epochs_that_are_fractions():
    rows = np.arange(1, 31)
    log = {"epoch": rows / 4, "loss": 1 / rows, "val_loss": 1 / rows + 0.1, "accuracy": 100 * (1 - 1 / rows)}
    found = riata.diagnose(pandas.DataFrame(log), null_loss=1.2)
    assert found.figures == ["loss", "accuracy"]
    assert found.to_pandas()["training_accuracy"].tolist() == pytest.approx(1 - 1 / rows)
    drawn = found.plot("loss").to_dict()
    assert "fractions" in found._found.html() and "without any feature" in str(drawn)
