"""Networks on real data reach what docs/benchmarks.md says, with its splits and all its seeds, by their mean.

Usage: network_quality_test.py RIATA; without the folder RIATA_DATA (README.md here) it is skipped.
"""
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/versus"))

DATA = Path(os.environ.get("RIATA_DATA", ""))
RIATA = sys.argv.pop(1)
SKIPPED = 77  # what CTest takes for skipped
SCIKIT_LEARN = {"california": 0.7701, "a9a": 0.8491}  # 1.9, the mean of three seeds: network_quality.py
NOISE = 0.005  # what seeds differ by


class NetworkQuality(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)

    def test_mnist_5000_reaches_96_percent(self):
        quality.write_tables(self.folder, *quality.mnist_tables(DATA))
        accuracies = [quality.mnist_quality(RIATA, self.folder, seed)[0] for seed in quality.MNIST_SEEDS]
        self.assertGreaterEqual(sum(accuracies) / len(accuracies), 0.96, accuracies)

    def test_as_good_as_scikit_learn(self):
        for name, theirs in SCIKIT_LEARN.items():
            with self.subTest(name):
                rows = getattr(quality, name)(DATA)
                quality.write_tables(self.folder, *quality.standardised(*rows, name == "a9a"))
                ours = [quality.riata_quality(name, RIATA, self.folder, seed)[0] for seed in quality.SEEDS]
                self.assertGreaterEqual(sum(ours) / len(ours), theirs - NOISE, ours)


if __name__ == "__main__":
    if not os.environ.get("RIATA_DATA"):
        print("RIATA_DATA is not set")
        sys.exit(SKIPPED)
    import network_quality as quality

    unittest.main()
