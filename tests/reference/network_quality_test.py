"""Networks on real data are as good as scikit-learn's, and regularisation is worth what it should be.

Usage: network_quality_test.py RIATA. On data that is at hand, scikit-learn runs beside. The data of docs/benchmarks.md, with its
splits and all its seeds, needs the folder RIATA_DATA (README.md here).
"""
import gzip
import os
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_selection import f_classif

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/versus"))
import network_quality as quality  # noqa: E402

DATA = os.environ.get("RIATA_DATA", "")
RIATA = sys.argv.pop(1)
SCIKIT_LEARN = {"california": 0.7701, "a9a": 0.8491}  # 1.9, the mean of three seeds: network_quality.py
NOISE = 0.005  # what seeds differ by

LONG = "--batch-size 32 --learning-rate 0.004 --schedule cosine --epochs 200"  # enough to overfit


def digits(each=50):
    """1797 images of 8 × 8 pixels, so many of each digit to train on; pixels between 0 and 1."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    train = np.sort(np.concatenate([[i for i in order if y[i] == digit][:each] for digit in range(10)]))
    test = np.setdiff1d(np.arange(len(y)), train)
    return x[train] / 16, y[train], x[test] / 16, y[test]


def diabetes():
    table = np.loadtxt(ROOT / "examples/data/diabetes.csv", delimiter=",", skiprows=1)
    table = table[np.random.default_rng(0).permutation(len(table))]
    return quality.standardised(table[:300, :-1], table[:300, -1], table[300:, :-1], table[300:, -1], classes=False)


def california():
    with gzip.open(ROOT / "examples/data/california.csv.gz", "rt", encoding="utf-8") as lines:
        return quality.standardised(*quality.california_of(lines), classes=False)


class Quality(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)

    def ours(self, name, parts):
        quality.write_tables(self.folder, *parts)
        return [quality.riata_quality(name, RIATA, self.folder, seed)[0] for seed in quality.SEEDS]


class AtHand(Quality):
    def test_as_good_as_scikit_learn(self):
        for name, parts in (("california", california()), ("digits", digits())):
            with self.subTest(name):
                theirs = [quality.by_sklearn(parts, quality.SETTINGS[name], name == "digits", seed)[0] for seed in quality.SEEDS]
                ours = self.ours(name, parts)
                self.assertGreaterEqual(np.mean(ours), np.mean(theirs) - NOISE, (ours, theirs))

    def means(self, options):
        runs = [quality.by_riata(RIATA, self.folder, [*options.split(), "--seed", seed])[0] for seed in quality.SEEDS]
        return {name: np.mean([run[name] for run in runs]) for name in runs[0] if runs[0][name] is not None}

    def test_regularisation_holds_a_classifier_that_overfits(self):
        """Accuracy hovers where the loss turns and rises: the loss tells them apart."""
        quality.write_tables(self.folder, *digits())
        options = f"{LONG} --hidden 512 --loss multinomial"
        plain = self.means(options)
        held = self.means(f"{options} --optimizer adamw --weight-decay 0.1 --dropout 0.5 --input-dropout 0.1")
        self.assertEqual(plain["training_accuracy"], 1)
        self.assertLess(held["test_loss"], 0.8 * plain["test_loss"])  # 0.094 and 0.137
        self.assertGreaterEqual(held["test_accuracy"], 0.965)  # 0.971; plain 0.971

    def test_lassonet_finds_better_pixels_than_one_by_one(self):
        x, y, x_test, y_test = parts = digits(120)
        quality.write_tables(self.folder, *parts)

        def by_trees(pixels):
            trees = ExtraTreesClassifier(50, random_state=0)
            return trees.fit(x[:, pixels], y).score(x_test[:, pixels], y_test)

        lambdas = ",".join(f"{0.5 * 1.05 ** k:.5g}" for k in range(137))
        found = []
        for seed in quality.SEEDS:
            path, _ = quality.told([RIATA, "train", self.folder / "train.npy", "--target", 65, "--loss", "multinomial", "--seed", seed,
                                    *"--no-standardize --validation 0.125 --penalty lassonet --hidden 21 --batch-size 256".split(),
                                    *f"--learning-rate 0.001 --epochs 20 --max-features 15 --lambda {lambdas}".split(),
                                    "--format", "json", "--quiet"])
            unused = set(path["unused_features"])
            pixels = [j for j in range(64) if f"x{j + 1}" not in unused]
            self.assertLessEqual(len(pixels), 15)
            found.append(by_trees(pixels))
        statistic = np.nan_to_num(f_classif(x, y)[0])
        errors = 1 - by_trees(np.argsort(-statistic)[:15])
        self.assertLess(1 - np.mean(found), 0.8 * errors, found)  # 0.028 and 0.050

    def test_regularisation_holds_a_regression_that_overfits(self):
        parts = diabetes()
        quality.write_tables(self.folder, *parts)

        def explained(options):
            return 1 - 2 * self.means(f"{LONG} --hidden 64 {options}")["test_loss"] / np.var(parts[3])

        plain = explained("")  # 0.27
        for options in ("--penalty l2 --lambda 0.05", "--penalty l1 --lambda 0.01",  # 0.42, 0.44
                        "--optimizer adamw --weight-decay 1 --dropout 0.5"):  # 0.43
            self.assertGreater(explained(options), plain + 0.1, options)


@unittest.skipUnless(DATA, "RIATA_DATA is not set")
class OnDataFromElsewhere(Quality):
    def test_mnist_5000_reaches_96_percent(self):
        quality.write_tables(self.folder, *quality.mnist_tables(Path(DATA)))
        accuracies = [quality.mnist_quality(RIATA, self.folder, seed)[0] for seed in quality.MNIST_SEEDS]
        self.assertGreaterEqual(sum(accuracies) / len(accuracies), 0.96, accuracies)

    def test_as_good_as_scikit_learn(self):
        for name, theirs in SCIKIT_LEARN.items():
            with self.subTest(name):
                ours = self.ours(name, quality.standardised(*getattr(quality, name)(Path(DATA)), name == "a9a"))
                self.assertGreaterEqual(sum(ours) / len(ours), theirs - NOISE, ours)


if __name__ == "__main__":
    unittest.main()
