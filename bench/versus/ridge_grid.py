#!/usr/bin/env python3
"""Plain `riata fit` against scikit-learn's RidgeCV over a wide grid, on rows that neither has seen.

    ridge_grid.py RIATA                 prints a line a data set: where in its grid riata chose, and both errors

Both get the same 80 % of the rows, categories coded with all levels, missing numbers filled with their training mean, columns
standardised; RidgeCV chooses among 60 strengths from 1e-8 to 1e6 by leave-one-out. Five splits. (decision 0200)
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

DATA = pathlib.Path(__file__).parents[2] / "examples" / "data"
SETS = {"ames": ("ames.csv", "Sale_Price", []),
        "california": ("california.csv.gz", "median_house_value", []),
        "meats": ("meats.csv", "fat", ["water", "protein"]),
        "diabetes": ("diabetes.csv", "progression", [])}


def scikit_learn(train, test, target):
    features = train.drop(columns=target)
    text = [name for name in features if features[name].dtype.kind not in "iufb"]
    numbers = [name for name in features if name not in text]
    coding = make_column_transformer((make_pipeline(SimpleImputer(), StandardScaler()), numbers),
                                     (make_pipeline(OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                                                    StandardScaler()), text))
    model = make_pipeline(coding, RidgeCV(alphas=np.geomspace(1e-8, 1e6, 60))).fit(features, train[target])
    return np.mean((model.predict(test.drop(columns=target)) - test[target]) ** 2)


def riata(program, train, test, target, rule, folder):
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    fit = subprocess.run([program, "fit", folder / "train.csv", "--target", target, "--missing", "mean", "--select", rule,
                          "--format", "json", "--quiet", "--model", folder / "m.json"], check=True, capture_output=True)
    predictions = subprocess.run([program, "predict", folder / "m.json", folder / "test.csv", "--unseen", "baseline"],
                                 check=True, capture_output=True, text=True).stdout.split()[1:]
    fitted = json.loads(fit.stdout)
    return np.mean((np.array(predictions, float) - test[target]) ** 2), fitted["selected"]["index"], len(fitted["path"])


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        for label, (file, target, dropped) in SETS.items():
            table = pd.read_csv(DATA / file).drop(columns=dropped)
            errors, places = {"min": [], "1se": [], "RidgeCV": []}, {"min": [], "1se": []}
            for seed in range(5):
                order = np.random.default_rng(seed).permutation(len(table))
                train, test = table.iloc[order[:len(table) * 4 // 5]], table.iloc[order[len(table) * 4 // 5:]]
                errors["RidgeCV"].append(scikit_learn(train, test, target))
                for rule in places:
                    error, place, length = riata(program, train, test, target, rule, pathlib.Path(name))
                    errors[rule].append(error)
                    places[rule].append(f"{place}/{length - 1}")
            base = np.mean(errors["RidgeCV"])
            print(f"{label:10}  min {np.mean(errors['min']) / base:.4f}  1se {np.mean(errors['1se']) / base:.4f} of RidgeCV's "
                  f"{base:.4g}   chosen at {' '.join(places['min'])} (min), {' '.join(places['1se'])} (1se)")


if __name__ == "__main__":
    main()
