#!/usr/bin/env python3
"""A network without hidden layers, trained on all rows at a rate that decays, meets the certified linear solution: for both
losses, every penalty, every optimiser, and however the columns of a table are coded. usage: linear_models.py PROGRAM DATA"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

DATA = sys.argv.pop(2) if len(sys.argv) > 2 else "."
PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "riata"
TRAINING = ["--precision", "float64", "--validation", "0", "--schedule", "cosine"]
SGD = ["--optimizer", "sgd", "--learning-rate", "0.3", "--epochs", "6000"]


def result(command, table, *words):
    done = subprocess.run([PROGRAM, command, table, *words, "--format", "json", "--threads", "1", "--quiet"], capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.stderr.decode()}")
    return json.loads(done.stdout)


class LinearModels(unittest.TestCase):
    def meets(self, table, model, training, digits):
        """`model`: words that both commands take. Coefficients beside each other, by the largest of them."""
        fit = result("fit", table, *model, "--tolerance", "1e-12")
        network = result("train", table, *model, *TRAINING, *training)
        ours, theirs = network["standardized_coefficients"], fit["standardized_coefficients"]
        size = max(map(abs, theirs.values()))
        for name in {*ours, *theirs}:
            self.assertAlmostEqual(ours.get(name, 0) / size, theirs.get(name, 0) / size, delta=digits, msg=f"{name} {model}")
        self.assertAlmostEqual(network["intercept"], fit["intercept"], delta=digits * (size + abs(fit["intercept"])))
        if model[3] == "l1":
            self.assertEqual(set(ours), set(theirs))  # zeros are exact, and the same
        return network

    def stands_still(self, rows, slopes, coefficients, strength):
        """The conditions of l1, of the loss's slope in η at each row: a gradient is λ against the sign of a coefficient, at most λ at 0."""
        n = len(rows)
        self.assertAlmostEqual(sum(slopes) / n, 0, delta=1e-7)
        for name in set(rows[0]) - {"progression"}:
            mean = sum(row[name] for row in rows) / n
            deviation = math.sqrt(sum((row[name] - mean) ** 2 for row in rows) / n)
            gradient = sum((row[name] - mean) / deviation * d for row, d in zip(rows, slopes)) / n
            if name in coefficients:
                self.assertAlmostEqual(gradient, -math.copysign(strength, coefficients[name]), delta=1e-6)
            else:
                self.assertLessEqual(abs(gradient), strength * (1 + 1e-6))

    def test_losses_and_penalties(self):
        table = os.path.join(DATA, "diabetes.csv")
        for target, strength in (("progression", 3.0), ("sex", 0.03)):
            for penalty in ("l1", "l2", "elastic-net"):
                with self.subTest(target=target, penalty=penalty):
                    model = ["--target", target, "--penalty", penalty, "--lambda", str(strength if penalty != "l2" else 0.1)]
                    self.meets(table, model, SGD, 1e-8)

    def test_optimisers(self):
        table = os.path.join(DATA, "diabetes.csv")
        model = ["--target", "progression", "--penalty", "l1", "--lambda", "3"]
        for training, digits in (("sgd --momentum 0.9 --learning-rate 0.05", 1e-8),
                                 ("sgd --momentum 0.9 --nesterov --learning-rate 0.05", 1e-8),
                                 ("sgd --momentum 0.8 --dampening 0.5 --learning-rate 0.1", 1e-8),
                                 ("adam --learning-rate 0.01", 1e-5), ("adam --amsgrad --learning-rate 0.01", 1e-5),
                                 ("nadam --learning-rate 0.01", 1e-5), ("rmsprop --learning-rate 0.005", 1e-4),
                                 ("adagrad --learning-rate 0.1", 1e-5)):
            with self.subTest(training):
                self.meets(table, model, ["--epochs", "6000", "--optimizer", *training.split()], digits)

    def test_schedules_that_decay(self):
        table = os.path.join(DATA, "diabetes.csv")
        model = ["--target", "progression", "--penalty", "l1", "--lambda", "3"]
        for schedule in ("step:1500:0.3", "warmup:50+cosine", "plateau:0.5:200"):
            with self.subTest(schedule):
                fit = result("fit", table, *model)
                network = result("train", table, *model, *TRAINING[:-2], *SGD, "--schedule", schedule)
                for name, value in fit["coefficients"].items():
                    self.assertAlmostEqual(network["coefficients"][name], value, delta=1e-6 * abs(value))

    def test_factors_of_features(self):
        table = os.path.join(DATA, "diabetes.csv")
        factors = ["--penalty-factor", "sex=0", "--penalty-factor", "bmi=2.5", "--penalty-factor", "s5=inf"]
        for penalty in ("l1", "l2", "elastic-net"):
            with self.subTest(penalty):
                model = ["--target", "progression", "--penalty", penalty, "--lambda", "2" if penalty != "l2" else "0.1", *factors]
                network = self.meets(table, model, SGD, 1e-8)
                if penalty == "l1":  # a group of one weight is that weight
                    self.meets(table, model, [*SGD, "--groups", "inputs"], 1e-8)
                self.assertNotIn("s5", network["coefficients"])
                self.assertIn("s5", network["unused_features"])

    def test_without_an_intercept(self):
        model = ["--target", "progression", "--features", "bmi,s5,bp", "--no-intercept", "--penalty", "l1", "--lambda", "3"]
        descent = ["--optimizer", "sgd", "--learning-rate", "0.002", "--momentum", "0.9", "--epochs", "30000"]
        self.assertEqual(self.meets(os.path.join(DATA, "diabetes.csv"), model, descent, 1e-8)["intercept"], 0)

    def test_counts(self):
        """The Poisson loss with l1, by its own conditions."""
        table, strength = os.path.join(DATA, "diabetes.csv"), 4.0
        network = result("train", table, "--target", "progression", "--loss", "poisson", "--penalty", "l1", "--lambda",
                         str(strength), *TRAINING, "--optimizer", "sgd", "--learning-rate", "0.003", "--epochs", "6000")
        with open(table, encoding="utf-8") as handle:
            rows = [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(handle)]
        coefficients = network["coefficients"]
        self.assertTrue(0 < len(coefficients) < 10)
        away = [math.exp(network["intercept"] + sum(value * row[name] for name, value in coefficients.items())) -
                row["progression"] for row in rows]
        self.stands_still(rows, away, coefficients, strength)

    def test_outliers(self):
        """Huber's loss with l1 by its own conditions; it turns linear at 1.4826 times the median distance from the median."""
        table, strength = os.path.join(DATA, "diabetes.csv"), 5.0
        network = result("train", table, "--target", "progression", "--loss", "huber", "--penalty", "l1", "--lambda", str(strength),
                         *TRAINING, *SGD)
        with open(table, encoding="utf-8") as handle:
            rows = [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(handle)]
        target, n = sorted(row["progression"] for row in rows), len(rows)
        middle = target[(n - 1) // 2]
        turn = 1.4826 * sorted(abs(y - middle) for y in target)[(n - 1) // 2]
        coefficients = network["coefficients"]
        self.assertTrue(0 < len(coefficients) < 10)
        away = [network["intercept"] + sum(value * row[name] for name, value in coefficients.items()) - row["progression"]
                for row in rows]
        self.assertGreater(sum(abs(d) > turn for d in away), 10)
        away = [min(max(d, -turn), turn) for d in away]
        self.stands_still(rows, away, coefficients, strength)

    def test_tables_are_coded_alike(self):
        """Categories, missing cells, weights and an offset. The l2 part shares between the columns of a two-level category."""
        with open(os.path.join(DATA, "ames.csv"), encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))[::12]
        features = ["Gr_Liv_Area", "Lot_Frontage", "Overall_Cond", "Central_Air", "Garage_Type"]
        with tempfile.TemporaryDirectory() as folder:
            table = os.path.join(folder, "ames.csv")
            with open(table, "w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, [*features, "weight", "start", "price"])
                writer.writeheader()
                for k, row in enumerate(rows):
                    holes = {name: "" for name, every in (("Lot_Frontage", 17), ("Garage_Type", 23)) if k % every == 0}
                    writer.writerow({**{name: row[name] for name in features}, **holes, "weight": k % 4, "start": k % 7,
                                     "price": row["Sale_Price"]})
            model = ["--target", "price", "--penalty", "elastic-net", "--l1-ratio", "0.9999", "--lambda", "1000", "--weights", "weight", "--offset", "start"]
            for missing in ("drop", "mean", "indicator"):
                with self.subTest(missing):
                    self.meets(table, [*model, "--missing", missing], SGD, 1e-7)


if __name__ == "__main__":
    unittest.main()
