"""The data sets of the references, read without riata: CSV by Python's csv and float, LIBSVM by hand."""
import csv
import gzip
import io
import os
from dataclasses import dataclass

import numpy as np

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


@dataclass
class DataSet:
    name: str
    file: str             # below the repository, or below the data folder
    in_repository: bool
    target: str           # "" : the label of a LIBSVM file
    exclude: list
    missing: str          # error | drop | mean
    features: list        # names of the coded columns
    x: np.ndarray         # n × p, missing cells filled or dropped
    y: np.ndarray
    sparse: bool = False


def _open(path):
    return gzip.open(path, "rt") if path.endswith(".gz") else open(path, newline="")


def read_csv(path, target, exclude=(), missing="error"):
    with _open(path) as f:
        rows = list(csv.reader(io.StringIO(f.read())))
    header, rows = rows[0], rows[1:]
    if missing == "drop":
        rows = [r for r in rows if all(cell != "" for cell in r)]
    features, columns, y = [], [], None   # numeric columns first, then the 0/1 columns of the levels
    level_names, levels = [], []
    for position, name in enumerate(header):
        if name in exclude:
            continue
        cells = [r[position] for r in rows]
        try:
            numbers = np.array([float(c) if c != "" else np.nan for c in cells])
        except ValueError:
            for level in sorted(set(cells), key=lambda s: s.encode()):
                level_names.append(f"{name}={level}")
                levels.append(np.array([c == level for c in cells], dtype=float))
            continue
        if name == target:
            y = numbers
            continue
        holes = np.isnan(numbers)
        if holes.any():
            assert missing == "mean", (path, name)
            numbers[holes] = numbers[~holes].mean()
        features.append(name)
        columns.append(numbers)
    return features + level_names, np.column_stack(columns + levels), y


def read_libsvm(path, p):
    y, entries = [], []
    with _open(path) as f:
        for i, line in enumerate(f):
            label, *pairs = line.split()
            y.append(float(label))
            entries += [(i, int(k) - 1, float(v)) for k, v in (pair.split(":") for pair in pairs)]
    x = np.zeros((len(y), p))
    for i, j, v in entries:
        x[i, j] = v
    return [f"x{j + 1}" for j in range(p)], x, np.array(y)


SETS = {
    # name: (file, in the repository, target, exclude, missing, columns of a LIBSVM file)
    "diabetes": ("examples/data/diabetes.csv", True, "progression", [], "error", 0),
    "prostate": ("prostate/prostate.csv", False, "lpsa", ["train"], "error", 0),
    "meats_water": ("examples/data/meats.csv", True, "water", ["fat", "protein"], "error", 0),
    "meats_fat": ("examples/data/meats.csv", True, "fat", ["water", "protein"], "error", 0),
    "meats_protein": ("examples/data/meats.csv", True, "protein", ["water", "fat"], "error", 0),
    "ames": ("examples/data/ames.csv", True, "Sale_Price", [], "error", 0),
    "california_drop": ("examples/data/california.csv.gz", True, "median_house_value", [], "drop", 0),
    "california_mean": ("examples/data/california.csv.gz", True, "median_house_value", [], "mean", 0),
    "breast_cancer": ("tests/reference/data/breast_cancer.csv.gz", True, "benign", [], "error", 0),
    "wine": ("tests/reference/data/wine.csv", True, "color_intensity", [], "error", 0),
    "iris": ("tests/reference/data/iris.csv", True, "petal_width", [], "error", 0),
    "linnerud": ("tests/reference/data/linnerud.csv", True, "Waist", [], "error", 0),
    "digits": ("tests/reference/data/digits.svm.gz", True, "", [], "error", 64),
    "digits_pairs": ("tests/reference/data/digits_pairs.svm.gz", True, "", [], "error", 2080),
    "meats_wide": ("tests/reference/data/meats_wide.csv", True, "fat", ["water", "protein"], "error", 0),
    "riboflavin": ("riboflavin/riboflavin.csv.gz", False, "q_RIBFLV", [], "error", 0),
    "arcene": ("arcene/arcene.csv.gz", False, "class", [], "error", 0),
    "basehock": ("basehock/basehock.svm.gz", False, "", [], "error", 4862),
    "a9a": ("a9a/a9a.svm.gz", False, "", [], "error", 123),
}


def load(name, data_folder):
    file, in_repository, target, exclude, missing, svm_columns = SETS[name]
    path = os.path.join(REPOSITORY if in_repository else data_folder, file)
    if svm_columns:
        features, x, y = read_libsvm(path, svm_columns)
    else:
        features, x, y = read_csv(path, target, exclude, missing)
    return DataSet(name, file, in_repository, target, exclude, missing, features, np.asfortranarray(x), y, bool(svm_columns))
