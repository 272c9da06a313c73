#!/usr/bin/env python3
"""Training that is killed, interrupted, or goes on from damaged checkpoints. Usage: train_faults.py PROGRAM [ROUNDS]"""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROUNDS = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 100
PROGRAM = os.path.abspath(sys.argv.pop(1)) if __name__ == "__main__" else ""


class Training(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = self.holder.name
        draw = random.Random(5)
        with open(self.path("t.csv"), "w", encoding="ascii") as out:
            out.write("a,b,c,y\n")
            for _ in range(80):
                x = [draw.gauss(0, 1) for _ in range(3)]
                out.write(",".join(f"{v:.6f}" for v in x) + f",{x[0] * x[1] + draw.gauss(0, 0.3):.6f}\n")

    def tearDown(self):
        self.holder.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def words(self, model, epochs, *more):
        return [PROGRAM, "train", self.path("t.csv"), "--target", "y", "--hidden", "8,4", "--batch-size", "16", "--dropout", "0.1",
                "--penalty", "l1", "--lambda", "0.001", "--epochs", str(epochs), "--schedule", "cosine", "--model",
                self.path(model), "--threads", "1", *more]

    def grid(self, model, *more):
        if "--folds" not in more:
            more = ["--folds", "3", *more]
        return [PROGRAM, "train", self.path("t.csv"), "--target", "y", "--hidden", "8,4", "--batch-size", "16", "--dropout", "0.1",
                "--penalty", "l1", "--lambdas", "12", "--seeds", "2", "--epochs", "400", "--model",
                self.path(model), *more]

    def contest(self, *more):
        return [PROGRAM, "compare", self.path("t.csv"), "--target", "y", "--hidden", "8,4", "--batch-size", "16", "--folds", "3",
                "--lambdas", "4", "--epochs", "150", "--format", "json", *more]

    def told(self, output):
        """What a contest found, without its timings."""
        found = json.loads(output)
        for one in [found, *found["candidates"]]:
            del one["seconds"]
        return found

    def train(self, *words):
        return subprocess.run(words, capture_output=True, timeout=120, check=False)

    def read(self, name):
        with open(self.path(name), "rb") as handle:
            return handle.read()

    def test_killed_at_random_moments_and_resumed_it_is_the_same_run(self):
        self.kill_and_resume(lambda model, *more: self.words(model, 3000, *more), ROUNDS)

    def test_a_grid_killed_at_random_moments_and_resumed_is_the_same_run(self):
        for more in ([], ["--warm-start", "--threads", "2"], ["--warm-start", "--folds", "0"]):
            with self.subTest(more):
                self.kill_and_resume(lambda model, *options, more=more: self.grid(model, *more, *options), ROUNDS // 4)

    def test_a_contest_killed_at_random_moments_and_resumed_is_the_same(self):
        self.kill_and_resume(lambda _, *more: self.contest(*more), ROUNDS // 4, (), lambda _, output: self.told(output))

    def kill_and_resume(self, words, rounds, every=("--every", "50"), result=None):
        result = result or (lambda model, _: self.read(model))
        start = time.monotonic()
        done = self.train(*words("whole"))
        self.assertEqual(done.returncode, 0, done.stderr)
        whole, expected = time.monotonic() - start, result("whole", done.stdout)
        draw, kills = random.Random(6), 0
        while kills < rounds:
            for name in glob.glob(self.path("c/*")):
                os.remove(name)
            while True:
                child = subprocess.Popen(words("resumed", "--checkpoint", self.path("c"), *every, "--resume"),
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                try:  # after the last kill it is left alone, however slow the machine has become
                    output, _ = child.communicate(timeout=draw.uniform(0, whole) if kills < rounds else 600)
                    self.assertEqual(child.returncode, 0)
                    break
                except subprocess.TimeoutExpired:
                    child.send_signal(draw.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT]))
                    output, _ = child.communicate()
                    self.assertIn(child.returncode, (-signal.SIGKILL, -signal.SIGINT, 130, 0))  # SIGINT: before it is caught
                    kills += 1
            self.assertEqual(result("resumed", output), expected)
            # Two are kept; a third where it was killed between writing the last and removing the oldest.
            self.assertLessEqual(len(glob.glob(self.path("c/checkpoint-*.safetensors"))), 3)

    def test_of_a_grid_what_is_finished_is_kept(self):
        more = ["--checkpoint", self.path("c"), "--every", "50"]
        self.assertEqual(self.train(*self.grid("whole", *more)).returncode, 0)
        parts = sorted(glob.glob(self.path("c/grid-*.safetensors")))
        self.assertEqual(len(parts), 9)  # 3 folds of 12 λ and 2 starts, at most eight networks a part
        with open(parts[4], "r+b") as handle:
            handle.truncate(os.path.getsize(parts[4]) - 5)
        os.remove(parts[7])
        for name in glob.glob(self.path("c/checkpoint-*")):
            os.remove(name)
        done = self.train(*self.grid("again", *more, "--resume", "-v"))
        self.assertEqual(done.returncode, 0)
        self.assertIn(os.path.basename(parts[4]).encode() + b": ", done.stderr)
        self.assertIn(b"it is skipped", done.stderr)
        self.assertIn(b"56 of 72 networks of the grid are there already", done.stderr)
        self.assertEqual(self.read("again"), self.read("whole"))
        for change in (["--seed", "4"], ["--learning-rate", "0.02"], ["--max-features", "2"]):
            done = self.train(*self.grid("again", *more, "--resume", *change))
            self.assertEqual((done.returncode, done.stdout), (2, b""), change)
            self.assertIn(b"other data or other options (of a grid or a contest nothing may change)", done.stderr)
        shutil.copy(parts[0], parts[1])  # of another place in the same grid
        done = self.train(*self.grid("again", *more, "--resume"))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(os.path.basename(parts[1]).encode() + b": --resume", done.stderr)
        done = self.train(*self.words("again", 60, *more, "--resume"))  # no grid
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        done = self.train(*self.grid("again", *more))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"--resume", done.stderr)

    def test_of_a_contest_what_is_finished_is_kept(self):
        keeps = ["--checkpoint", self.path("c")]
        whole = self.train(*self.contest(*keeps))
        self.assertEqual(whole.returncode, 0)
        parts = sorted(glob.glob(self.path("c/grid-*.safetensors")))
        self.assertEqual(len(parts), 3 * 13 + 4 * 5)  # pairs of folds × (none, and 4 strengths of 3 ways); 5 ways on folds and all rows
        with open(parts[4], "r+b") as handle:
            handle.truncate(os.path.getsize(parts[4]) - 5)
        for which in (7, 40, 58):
            os.remove(parts[which])
        again = self.train(*self.contest(*keeps, "--resume", "-v", "--threads", "2"))
        self.assertEqual(again.returncode, 0)
        self.assertIn(os.path.basename(parts[4]).encode() + b": ", again.stderr)
        self.assertIn(b"55 of 59 trainings of the comparison are there already", again.stderr)
        self.assertEqual(self.told(again.stdout), self.told(whole.stdout))
        for change in (["--seed", "4"], ["--learning-rate", "0.02"], ["--exclude", "c"]):
            done = self.train(*self.contest(*keeps, "--resume", *change))
            self.assertEqual((done.returncode, done.stdout), (2, b""), change)
            self.assertIn(b"other data or other options (of a grid or a contest nothing may change)", done.stderr)
        done = self.train(*self.contest(*keeps))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"--resume", done.stderr)

    def test_an_interrupted_contest_says_what_is_kept(self):
        words = self.contest("--checkpoint", self.path("c"), "--threads", "1")
        words[words.index("--epochs") + 1] = "20000"
        self.interrupted([*words, "--resume"], rb"interrupted: \d+ of 59 trainings of the comparison are finished, and kept in .*c; --resume")

    def test_an_interrupted_grid_says_what_is_kept(self):
        words = self.grid("m", "--checkpoint", self.path("c"), "--threads", "1")
        words[words.index("--epochs") + 1] = "20000"
        self.interrupted([*words, "--resume"], rb"interrupted: \d+ of 72 networks of the grid are finished, and kept in .*c; --resume goes on")
        self.assertFalse(os.path.exists(self.path("m")))

    def interrupted(self, words, message):
        for wait in (0.5, 2, 8, 30):
            child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(wait)
            child.send_signal(signal.SIGINT)
            output, messages = child.communicate(timeout=60)
            if b"are finished" in messages:
                break
        self.assertEqual((child.returncode, output), (130, b""), messages)
        self.assertRegex(messages, message)

    def test_a_truncated_checkpoint_is_named_and_skipped(self):
        more = ["--checkpoint", self.path("c"), "--every", "10"]
        self.assertEqual(self.train(*self.words("whole", 60, *more)).returncode, 0)
        kept = sorted(glob.glob(self.path("c/*.safetensors")))
        self.assertEqual(len(kept), 2)
        with open(kept[1], "r+b") as handle:
            handle.truncate(os.path.getsize(kept[1]) - 5)
        done = self.train(*self.words("again", 60, *more, "--resume"))
        self.assertEqual(done.returncode, 0)
        self.assertIn(os.path.basename(kept[1]).encode(), done.stderr)
        self.assertIn(b"it is skipped", done.stderr)
        self.assertEqual(self.read("again"), self.read("whole"))

    def test_other_data_or_options_do_not_go_on(self):
        more = ["--checkpoint", self.path("c"), "--every", "10"]
        self.assertEqual(self.train(*self.words("whole", 60, *more)).returncode, 0)
        done = self.train(*self.words("again", 60, *more, "--resume", "--seed", "4"))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"other data or other options", done.stderr)
        done = self.train(*self.words("again", 60, *more))
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"--resume", done.stderr)

    def test_after_divergence_the_last_good_state_goes_on(self):
        words = [PROGRAM, "train", self.path("t.csv"), "--target", "y", "--hidden", "8", "--optimizer", "sgd",
                 "--model", self.path("m"), "--checkpoint", self.path("c"), "--every", "2", "--format", "json"]
        start = self.train(*words, "--learning-rate", "0.1", "--epochs", "40")
        self.assertEqual(start.returncode, 0)
        before = self.read("m")
        done = self.train(*words, "--learning-rate", "1e6", "--epochs", "300", "--resume")
        self.assertEqual((done.returncode, done.stdout, self.read("m")), (1, b"", before))
        self.assertRegex(done.stderr, rb"diverged: the loss of step \d+ .*; the last good state, of epoch 40, is in .*c: --resume")
        # What was written on the way to infinity is gone.
        self.assertEqual(max(os.listdir(self.path("c"))), "checkpoint-000000040.safetensors")
        done = self.train(*words, "--learning-rate", "0.05", "--epochs", "300", "--resume")
        self.assertEqual(done.returncode, 0)
        found = json.loads(done.stdout)
        self.assertIn("from epoch 41 on the learning rate is not that of before", found["warnings"])
        self.assertEqual(len(found["history"]), 300)
        done = self.train(*words, "--learning-rate", "0.05", "--epochs", "310", "--resume")
        self.assertIn("from epoch 41 on the learning rate is not that of before", json.loads(done.stdout)["warnings"])
        done = self.train(*words, "--learning-rate", "0.01", "--epochs", "310", "--resume")  # no epoch is left to train
        self.assertIn("no epoch is left for this --learning-rate: epoch 310, the last, was trained with another; give more --epochs",
                      json.loads(done.stdout)["warnings"])
        self.assertLess(found["history"][-1]["training_loss"], found["history"][39]["training_loss"])

    def test_an_interrupt_leaves_a_checkpoint_and_exit_130(self):
        for wait in (0.5, 2, 8, 30):  # on a slow machine a signal may come before there is anything to keep
            child = subprocess.Popen(self.words("m", 10**8, "--checkpoint", self.path("c"), "--every", "1000000"),
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(wait)
            child.send_signal(signal.SIGINT)
            output, messages = child.communicate(timeout=60)
            if glob.glob(self.path("c/*")):
                break
        self.assertEqual(child.returncode, 130, messages)
        self.assertIn(b"interrupted", messages)
        self.assertEqual(len(glob.glob(self.path("c/checkpoint-*.safetensors"))), 1)
        self.assertTrue(output and os.path.exists(self.path("m")))


if __name__ == "__main__":
    unittest.main()
