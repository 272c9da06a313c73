"""Writes ../data: tables that come with scikit-learn, and two made of real columns that have more of them than rows.

breast_cancer  569 × 30, strongly collinear; the target is the class, 0 or 1
wine, iris     178 × 12 and 150 × 4 (species is text), linnerud 20 × 3
digits         1797 × 64 pixels, half of them zero: sparse
digits_pairs   pixels and their products two by two, of every 18th digit: sparse, 100 × 2080
meats_wide     every sixth row of examples/data/meats.csv: 36 × 100, all columns nearly the same
"""
import csv
import gzip
import io
import os

import numpy as np
from sklearn import datasets

import tables

FOLDER = os.path.join(tables.REPOSITORY, "tests", "reference", "data")


def write(name, text):
    with open(os.path.join(FOLDER, name), "wb") as out:
        out.write(gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode())


def write_csv(name, header, rows):
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(header)
    lines.writerows([cell if isinstance(cell, str) else repr(float(cell)).removesuffix(".0") for cell in row] for row in rows)
    write(name, out.getvalue())


def write_svm(name, x, y):
    lines = (" ".join([f"{label:g}"] + [f"{j + 1}:{row[j]:g}" for j in np.flatnonzero(row)]) for row, label in zip(x, y))
    write(name, "\n".join(lines) + "\n")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    cancer = datasets.load_breast_cancer()
    write_csv("breast_cancer.csv.gz", [*cancer.feature_names, "benign"], np.column_stack([cancer.data, cancer.target]))
    wine = datasets.load_wine()
    write_csv("wine.csv", wine.feature_names, wine.data)
    iris = datasets.load_iris()
    write_csv("iris.csv", ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"],
              ([*row, str(iris.target_names[k])] for row, k in zip(iris.data, iris.target)))
    linnerud = datasets.load_linnerud()
    write_csv("linnerud.csv", [*linnerud.feature_names, *linnerud.target_names],
              np.column_stack([linnerud.data, linnerud.target]))
    digits, label = datasets.load_digits(return_X_y=True)
    write_svm("digits.svm.gz", digits, label)
    kept, a, b = digits[::18], *np.triu_indices(digits.shape[1], 1)
    write_svm("digits_pairs.svm.gz", np.column_stack([kept, kept[:, a] * kept[:, b]]), label[::18])
    with open(os.path.join(tables.REPOSITORY, "examples", "data", "meats.csv")) as meats:
        lines = meats.read().splitlines(keepends=True)
    write("meats_wide.csv", lines[0] + "".join(lines[1::6]))


if __name__ == "__main__":
    main()
