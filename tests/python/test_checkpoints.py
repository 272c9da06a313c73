"""What is finished survives Ctrl-C, and a run that goes on ends as one never stopped."""

import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

import riata


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 6))
    return X, X[:, 0] - X[:, 1] ** 2 + 0.3 * random.normal(size=200)


def same(a, b):
    """But for timings."""
    return {k: v for k, v in a.facts.items() if k not in ("seconds", "warnings")} == {
        k: v for k, v in b.facts.items() if k not in ("seconds", "warnings")
    }


TRAININGS = {
    "one network": {"epochs": 60},
    "a grid": {"epochs": 30, "penalty": "l1", "lambdas": [0.1, 0.01], "cv": 3},
}


@pytest.mark.parametrize("kind", TRAININGS)
def test_a_training_goes_on_from_its_folder(data, tmp_path, kind):
    given = {"hidden": (8,), "batch_size": 32, "learning_rate": 0.01, "seed": 3, **TRAININGS[kind]}
    whole = riata.train(*data, **given)
    kept = riata.train(*data, **given, checkpoint=tmp_path / "kept", every=7)
    assert same(kept, whole)
    files = sorted(path.name for path in (tmp_path / "kept").iterdir())
    checkpoints = sorted((tmp_path / "kept").glob("checkpoint-*"))
    assert len(checkpoints) == 2 and any(name.startswith("grid-") for name in files) == (kind == "a grid")
    with pytest.raises(ValueError, match="checkpoint: the folder holds checkpoints of a run; add resume"):
        riata.train(*data, **given, checkpoint=tmp_path / "kept")
    checkpoints[-1].write_bytes(checkpoints[-1].read_bytes()[:-9])  # cut short: the one before it is taken
    with pytest.warns(UserWarning, match="it is skipped"):
        again = riata.train(*data, **given, checkpoint=str(tmp_path / "kept"), resume=True)
    assert same(again, whole)
    assert (again.parameters["layers.0.weight"] == whole.parameters["layers.0.weight"]).all()
    with pytest.raises(ValueError, match="resume: the checkpoint was made with other data or other options"):
        riata.train(*data, **{**given, "seed": 4}, checkpoint=tmp_path / "kept", resume=True)


def test_what_cannot_be_kept_is_told_before_anything_is_made(data, tmp_path):
    for wrong, message in (({"resume": True}, "resume goes on from checkpoint"), ({"every": 3}, "every says how often checkpoint")):
        with pytest.raises(ValueError, match=message):
            riata.train(*data, **wrong)
    with pytest.raises(ValueError, match="add hidden"):
        riata.compare(*data, checkpoint=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").touch()
    with pytest.raises(RuntimeError, match="checkpoint: the folder cannot be made"):
        riata.train(*data, checkpoint=tmp_path / "file")
    with pytest.warns(UserWarning, match="resume: there is no checkpoint in .*; training starts at the beginning"):
        riata.train(*data, epochs=2, checkpoint=tmp_path / "new", resume=True)


CONTEST = {"hidden": (4,), "epochs": 20, "cv": 3, "n_lambdas": 2}


def test_a_contest_trains_only_what_is_not_in_its_folder(data, tmp_path):
    whole = riata.compare(*data, **CONTEST, checkpoint=tmp_path)
    files = sorted(tmp_path.iterdir())
    for path in files[::2]:
        path.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = riata.compare(*data, **CONTEST, checkpoint=tmp_path, resume=True)
    assert sorted(tmp_path.iterdir()) == files
    timeless = [[{k: v for k, v in one.items() if k != "seconds"} for one in found.candidates] for found in (whole, again)]
    assert timeless[0] == timeless[1] and whole.advice == again.advice


INTERRUPTED = """
    import os, pathlib, signal, sys, threading, time, warnings
    import numpy as np, riata
    random = np.random.default_rng(0)
    X = random.normal(size=(2000, 30))
    y = X[:, 0] - X[:, 1] ** 2
    folder = pathlib.Path(sys.argv[1])
    def watch():
        while not any(folder.glob("*.safetensors")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=watch, daemon=True).start()
    try:
        riata.{work}
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize(
    "work",
    [
        "train(X, y, hidden=(32,), epochs=10**6, batch_size=32, checkpoint=folder, every=2)",
        "compare(X, y, hidden=(32,), epochs=300, cv=5, checkpoint=folder)",
    ],
    ids=["train", "compare"],
)
def test_ctrl_c_keeps_what_is_finished(tmp_path, work):
    code = textwrap.dedent(INTERRUPTED.format(work=work))
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=120)
    assert done.stdout == "interrupted\n" and done.returncode == 0, done.stderr
    kept = list(tmp_path.iterdir())
    assert kept and all(path.name.endswith(".safetensors") for path in kept)
