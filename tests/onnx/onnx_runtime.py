#!/usr/bin/env python3
"""Exported models in ONNX Runtime predict what `riata predict` predicts, for every kind of model.
usage: onnx_runtime.py PROGRAM"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

import numpy
import onnxruntime

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "riata"
ROWS = 120
MISSING = {"", "NA"}
NUMBERS, TEXTS = ["a", "b", "wide"], ["city", "size"]
FIELDS = [*NUMBERS, *TEXTS, "exposure", "y", "ok", "kind", "count"]


def make_rows(generator, n):
    rows = []
    for _ in range(n):
        a, b, c = generator.normal(size=3)
        city, size = generator.choice(["Zürich", "Bern", "NY, \"east\""]), generator.choice(["1", "2"])
        eta = a - 0.5 * b + (city == "Bern")
        rows.append({"a": a, "b": b * 10 + 3, "wide": 1e4 + c, "city": city, "size": size, "exposure": abs(b) + 0.1,
                     "y": 20 + 5 * eta + generator.normal(), "ok": "yes" if eta + generator.normal() > 0 else "no",
                     "kind": "pqr"[int(generator.integers(3)) if eta < 0.5 else 2],
                     "count": int(generator.poisson(numpy.exp(0.3 * eta)))})
    return rows


def with_holes(rows, generator):
    """Some cells of a, b and city become missing."""
    rows = [dict(row) for row in rows]
    for name in ("a", "b", "city"):
        for k in generator.choice(len(rows), 9, replace=False):
            rows[k][name] = "NA" if k % 2 else ""
    return rows


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


def inputs_of(session, rows):
    """The arrays that a model asks for, from the cells as texts."""
    columns = json.loads(session.get_modelmeta().custom_metadata_map["columns"])
    number = lambda cell: numpy.nan if cell in MISSING else float(cell)
    out = {}
    for one in session.get_inputs():
        if one.type == "tensor(string)":
            out[one.name] = numpy.array([[str(row[one.name])] for row in rows], dtype=object)
        else:
            kind = numpy.float64 if one.type == "tensor(double)" else numpy.float32
            names = columns if one.name == "X" else [one.name]
            out[one.name] = numpy.array([[number(row[name]) for name in names] for row in rows], dtype=kind)
    return out


class OnnxRuntime(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        generator = numpy.random.default_rng(7)
        cls.rows, cls.new = make_rows(generator, ROWS), make_rows(generator, 40)
        cls.holes, cls.new_holes = with_holes(cls.rows, generator), with_holes(cls.new, generator)
        for name in ("rows", "new", "holes", "new_holes"):
            write(cls.path(f"{name}.csv"), getattr(cls, name))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    def riata(self, *words):
        done = subprocess.run([PROGRAM, *words, *(["--threads", "1"] if words[0] != "export" else [])], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def session(self, *export):
        self.riata("export", self.path("model"), "-o", self.path("m.onnx"), *export)
        return onnxruntime.InferenceSession(self.path("m.onnx"), providers=["CPUExecutionProvider"])

    def agrees(self, options, table="rows", digits=1e-9, export=()):
        """Trains by `options`, and compares what both say on new rows."""
        words = options.split()
        columns = [] if "--features" in words else ["--features", ",".join(NUMBERS + TEXTS), "--categorical", "size"]
        self.riata(words[0], self.path(f"{table}.csv"), *words[1:], *columns, "--quiet", "--model", self.path("model"))
        new = "new_holes" if table == "holes" and "--missing drop" not in options else "new"
        chosen = [word for word in export if word.startswith("--lambda")]
        said = list(csv.DictReader(self.riata("predict", self.path("model"), self.path(f"{new}.csv"), *chosen,
                                              *(["--type", "class"] if self.has_classes(options) else [])).splitlines()))
        session = self.session(*export)
        found = dict(zip((one.name for one in session.get_outputs()), session.run(None, inputs_of(session, getattr(self, new)))))
        number = lambda cell: numpy.nan if cell == "NA" else float(cell)
        if not self.has_classes(options):
            expected = numpy.array([[number(row["prediction"])] for row in said])
            return numpy.testing.assert_allclose(found["prediction"], expected, rtol=digits, atol=digits)
        classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
        expected = numpy.array([[number(row[f"probability_{name}"]) for name in classes] for row in said])
        numpy.testing.assert_allclose(found["probabilities"], expected, rtol=digits, atol=digits)
        self.assertEqual(["NA" if label == "" else label for label in found["label"]], [row["prediction"] for row in said])

    @staticmethod
    def has_classes(options):
        return any(f"--target {name}" in options for name in ("ok", "kind"))

    def test_linear_models(self):
        for options in ("--target y --penalty l2", "--target y --penalty l1 --folds 4", "--target y --penalty none",
                        "--target y --penalty elastic-net --lambda 0.1 --no-standardize --no-intercept",
                        "--target y --penalty l1 --lambda 0.1 --offset exposure", "--target y --features a --lambda 0",
                        "--target y --features city --lambda 0.1", "--target ok --penalty l1", "--target ok --penalty l2"):
            with self.subTest(options):
                self.agrees("fit " + options)

    def test_the_lambda_that_is_asked_for(self):
        for chosen in ("min", "1se"):
            with self.subTest(chosen):
                self.agrees("fit --target y --penalty l1", export=(f"--lambda={chosen}",))

    def test_missing_values(self):
        for missing in ("mean", "indicator", "drop"):
            for options in ("fit --target y --penalty l2", "fit --target ok --penalty l1",
                            "train --target y --hidden 3 --precision float64 --epochs 20"):
                with self.subTest(missing=missing, options=options):
                    self.agrees(f"{options} --missing {missing}", table="holes")

    def test_networks(self):
        for activation in ("relu", "tanh", "sigmoid", "gelu", "identity"):
            for precision, digits in (("float64", 1e-9), ("float32", 1e-5)):
                with self.subTest(activation=activation, precision=precision):
                    self.agrees(f"train --target y --hidden 6,4 --epochs 30 --activation {activation} "
                                f"--precision {precision}", digits=1e-5 if activation == "gelu" else digits)

    def test_the_linear_part_of_lassonet(self):
        for options in ("--target y --precision float64 --lambda 0,2", "--target kind --lambda 0,0.02"):
            self.agrees(f"train {options} --penalty lassonet --hidden 6 --epochs 40 --select min",
                        digits=1e-9 if "float64" in options else 1e-5)

    def test_losses_of_networks(self):
        for options in ("--target y --loss mse", "--target y --loss huber", "--target ok --hidden 5",
                        "--target kind --hidden 5", "--target ok --loss multinomial", "--target count --loss poisson",
                        "--target y --hidden 4 --torch-compat --learning-rate 0.0001", "--target y --hidden 3 --offset exposure",
                        "--target count --loss poisson --hidden 3 --offset exposure"):
            with self.subTest(options):
                self.agrees(f"train {options} --precision float64 --epochs 20")

    def test_everything_in_float32(self):
        for options in ("fit --target y --penalty l1", "train --target kind --hidden 5 --epochs 20"):
            with self.subTest(options):
                self.agrees(options, digits=1e-3, export=("--precision", "float32"))
                session = self.session("--precision", "float32")
                kinds = {one.type for one in [*session.get_inputs(), *session.get_outputs()]}
                self.assertNotIn("tensor(double)", kinds)

    def test_what_predict_refuses_is_nan(self):
        for options in ("fit --target ok --penalty l2 --lambda 0.1", "train --target kind --hidden 5 --epochs 5"):
            with self.subTest(options):
                self.agrees(options, digits=1e-5)
                session = self.session()
                odd = [dict(self.new[0], city="Atlantis"), dict(self.new[0], a="NA"), dict(self.new[0], city=""), self.new[0]]
                label, probabilities = session.run(None, inputs_of(session, odd))
                self.assertTrue(numpy.isnan(probabilities[:3]).all() and numpy.isfinite(probabilities[3]).all())
                self.assertEqual([text == "" for text in label], [True, True, True, False])

    def test_names_that_meet(self):
        with open(self.path("names.csv"), "w", encoding="utf-8") as handle:
            handle.write("X,prediction,y\n" + "".join(f"{'ab'[k % 2]},{k},{k % 5}\n" for k in range(30)))
        self.riata("fit", self.path("names.csv"), "--target", "y", "--lambda", "0.1", "--model", self.path("model"))
        session = self.session()
        self.assertEqual({one.name for one in session.get_inputs()}, {"X", "X_"})
        self.assertEqual([one.name for one in session.get_outputs()], ["prediction"])


if __name__ == "__main__":
    unittest.main()
