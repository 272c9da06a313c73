"""The command line and the package give the same answer to the same question, to the last digit."""

import json
import os
import subprocess

import numpy as np
import pandas
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

import riata

PROGRAM = os.environ.get("RIATA_PROGRAM")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="RIATA_PROGRAM does not name the command-line program")


def of_numbers():
    """A response in another unit, for which the grids of ridge and the elastic net go on; categories, weights, groups."""
    frame = load_diabetes(as_frame=True).frame
    frame["target"] *= 1000
    frame["sex"] = np.where(frame["sex"] > 0, "m", "f")
    return frame.assign(weight=np.arange(len(frame)) % 3 + 0.5, group=[f"g{i % 40}" for i in range(len(frame))])


def of_classes():
    frame = load_breast_cancer(as_frame=True).frame
    frame.columns = [name.replace(" ", "_") for name in frame.columns]
    return frame.assign(target=np.array(["ill", "well"])[frame["target"]])


def rows(frame, *names):
    """Columns that are parameters in Python and options of the command line."""
    return frame.drop(columns=["weight", "group"], errors="ignore"), {
        {"weight": "sample_weight", "group": "groups"}[name]: frame[name] for name in names
    }


CASES = {
    "ridge": (of_numbers, riata.fit_path, "--exclude weight,group", {}, ()),
    "elastic net": (of_numbers, riata.fit_path, "--penalty elastic-net --exclude weight,group", {"penalty": "elastic-net"}, ()),
    "weights and groups": (
        of_numbers, riata.cross_validate, "--penalty l1 --weights weight --group-column group --folds 5 --seed 3 --select min",
        {"penalty": "l1", "cv": 5, "seed": 3, "select": "min"}, ("weight", "group"),
    ),
    "a criterion": (
        of_numbers, riata.fit_path, "--penalty l1 --folds 0 --select bic --exclude weight,group",
        {"penalty": "l1", "cv": 0, "select": "bic"}, (),
    ),
    "bounds": (
        of_numbers, riata.fit_path, "--penalty l1 --lower bmi=0 --penalty-factor age=0 --lambdas 20 --exclude weight,group",
        {"penalty": "l1", "lower": {"bmi": 0}, "penalty_factor": {"age": 0}, "n_lambdas": 20}, (),
    ),
    "classes": (of_classes, riata.fit_path, "--penalty l1 --measure auc", {"penalty": "l1", "measure": "auc"}, ()),
    "gradient descent": (
        of_numbers, riata.fit_path, "--penalty l1 --lambda 900 --solver gradient-descent --iterations 30 --exclude weight,group",
        {"penalty": "l1", "lambdas": [900], "solver": "gradient-descent", "iterations": 30}, (),
    ),
    "a network": (
        of_classes, riata.train, "--hidden 8 --epochs 12 --batch-size 64 --patience 4 --seed 1",
        {"hidden": (8,), "epochs": 12, "batch_size": 64, "patience": 4, "seed": 1}, (),
    ),
    "a grid of networks": (
        of_numbers, riata.train, "--hidden 4 --epochs 10 --penalty l1 --lambdas 4 --folds 3 --weights weight --exclude group",
        {"hidden": [4], "epochs": 10, "penalty": "l1", "n_lambdas": 4, "cv": 3}, ("weight",),
    ),
    "a contest": (of_numbers, riata.compare, "--folds 5 --exclude weight,group", {"cv": 5}, ()),
    "a contest of networks": (
        of_classes, riata.compare, "--hidden 4 --epochs 5 --folds 3", {"hidden": 4, "epochs": 5, "cv": 3}, (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_both_doors_say_the_same(case, tmp_path):
    make, door, options, given, columns = CASES[case]
    frame = make()
    frame.to_csv(tmp_path / "table", index=False)
    command = {riata.train: "train", riata.compare: "compare"}.get(door, "fit")
    told = subprocess.run(
        [PROGRAM, command, "table", "--target", "target", "--format", "json", *options.split()], cwd=tmp_path, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    X, parameters = rows(frame, *columns)
    found = door(X, "target", **parameters, **given)
    assert without_times(found.facts) == without_times(json.loads(told.stdout))


def without_times(facts):
    if isinstance(facts, dict):
        advice = {"text"} if isinstance(facts.get("text"), list) else set()  # it names the command line's options
        return {name: without_times(value) for name, value in facts.items() if name not in {"seconds", *advice}}
    return [without_times(one) for one in facts] if isinstance(facts, list) else facts


def test_tables_of_one_type_and_of_several_are_one_question():
    """A table of one type is a matrix in memory; another goes column by column: the same answer."""
    frame = of_numbers().drop(columns=["sex", "weight", "group"])
    mixed = frame.assign(age=pandas.Series(frame["age"], dtype="Float64"))
    one, other = (riata.fit_path(each, "target", penalty="l1", n_lambdas=10) for each in (frame, mixed))
    assert without_times(one.facts) == without_times(other.facts)
