#!/usr/bin/env python3
"""What becomes of outputs when things go wrong: killed, interrupted, a full disk, two writers. Usage: faults.py PROGRAM"""
import glob
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if __name__ == "__main__" else ""


def run(*words, **more):
    return subprocess.run([PROGRAM, *words], capture_output=True, timeout=120, **more)


class Faults(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = self.holder.name
        self.model = os.path.join(self.folder, "model.json")
        draw = random.Random(7)
        self.table = self.write("table.csv", 60, 5, draw)
        self.slow = self.write("slow.csv", 1500, 60, draw)
        self.fit = ["fit", self.table, "--target", "y", "--penalty", "l1", "--model", self.model]

    def tearDown(self):
        self.holder.cleanup()

    def write(self, name, rows, columns, draw):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as out:
            out.write(",".join(f"x{j}" for j in range(columns)) + ",y\n")
            for _ in range(rows):
                x = [draw.gauss(0, 1) for _ in range(columns)]
                out.write(",".join(f"{v:.5f}" for v in x) + f",{x[0] - 2 * x[1] + draw.gauss(0, 1):.5f}\n")
        return path

    def read(self):
        with open(self.model, "rb") as handle:
            return handle.read()

    def test_killed_at_any_moment_leaves_the_old_model_or_the_new_one(self):
        self.assertEqual(run(*self.fit, "--lambda", "0.5").returncode, 0)
        old = self.read()
        self.assertEqual(run(*self.fit).returncode, 0)
        new = self.read()
        with open(self.model, "wb") as handle:
            handle.write(old)
        for step in range(12):
            child = subprocess.Popen([PROGRAM, *self.fit], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.004 * step)
            child.kill()
            child.wait()
            self.assertIn(self.read(), (old, new))

    def test_a_full_disk_leaves_the_old_model_and_no_output(self):
        self.assertEqual(run(*self.fit, "--lambda", "0.5").returncode, 0)
        old = self.read()
        for limit in (0, 1, 100, 4096):
            done = run(*self.fit, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout, b"")
            self.assertIn(b"cannot write: File too large", done.stderr)
            self.assertEqual(self.read(), old)
        self.assertEqual(glob.glob(self.model + ".*"), [])

    @unittest.skipIf(os.geteuid() == 0, "nothing is read-only for root")
    def test_a_folder_that_is_read_only(self):
        os.chmod(self.folder, 0o555)
        try:
            done = run(*self.fit)
        finally:
            os.chmod(self.folder, 0o755)
        self.assertEqual((done.returncode, done.stdout), (1, b""))

    def test_of_two_writers_one_wins_whole(self):
        words = [[*self.fit, "--lambda", value] for value in ("0.5", "0.1")]
        children = [subprocess.Popen([PROGRAM, *w], stdout=subprocess.DEVNULL) for w in words * 4]
        self.assertEqual([child.wait() for child in children], [0] * 8)
        self.assertEqual(run("inspect", self.model).returncode, 0)
        self.assertEqual(glob.glob(self.model + ".*"), [])

    def interrupt(self, kind, wait):
        child = subprocess.Popen([PROGRAM, "fit", self.slow, "--target", "y", "--folds", "1500", "--lambdas", "400",
                                  "--format", "json", "--model", self.model, "--quiet"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(wait)
        child.send_signal(kind)
        out, _ = child.communicate(timeout=60)
        return child.returncode, out

    def test_an_interrupt_keeps_what_is_finished(self):
        seen = set()
        for kind, wait in ((signal.SIGINT, 0.0), (signal.SIGINT, 0.2), (signal.SIGTERM, 0.5), (signal.SIGINT, 1.0),
                           (signal.SIGINT, 5.0), (signal.SIGINT, 20.0)):
            if wait > 1 and True in seen:  # they are for slow machines
                break
            code, out = self.interrupt(kind, wait)
            if code in (0, -kind):  # done already, or not yet able to catch it
                continue
            self.assertEqual(code, 130)
            if out:
                result = json.loads(out)
                self.assertEqual(result["status"], "interrupted")
                self.assertGreater(len(result["path"]), 0)
                self.assertEqual(run("inspect", self.model).returncode, 0)
                os.unlink(self.model)
            self.assertFalse(os.path.exists(self.model))
            seen.add(bool(out))
        self.assertIn(True, seen)

    def test_progress_says_how_long_is_left(self):
        terminal, slave = os.openpty()
        child = subprocess.Popen([PROGRAM, "train", self.table, "--target", "y", "--epochs", "100000000"],
                                 stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        shown, end = b"", time.monotonic() + 60
        while b" left" not in shown and time.monotonic() < end:
            if select.select([terminal], [], [], 1)[0]:
                shown += os.read(terminal, 65536)
        child.kill()
        child.wait()
        os.close(terminal)
        self.assertRegex(shown[-400:], rb"training .*/100000000  about \d+ (s|min|h|days) left")

    def test_whatever_memory_there_is_the_program_ends(self):
        def limited(size, *words):
            return run(*words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size << 20, size << 20)))

        if limited(2000, "--version").returncode != 0:
            self.skipTest("a sanitizer takes more address space than there is")
        codes = set()
        for size in (98, 120, 150, 200, 250, 300, 400, 2000):
            done = limited(size, *self.fit, "--threads", "2")
            if b"loading shared libraries" in done.stderr:  # too little to begin with
                continue
            self.assertIn(done.returncode, (0, 1), (size, done.stderr))
            self.assertEqual(b"memory" in done.stderr, done.returncode == 1, (size, done.stderr))
            codes.add(done.returncode)
        self.assertEqual(codes, {0, 1})

    def test_waiting_for_a_table_ends_at_once(self):
        reader, writer = os.pipe()
        for wait in (0.3, 2, 10):
            child = subprocess.Popen([PROGRAM, "fit", "-", "--target", "y"], stdin=reader, stdout=subprocess.DEVNULL)
            time.sleep(wait)
            child.send_signal(signal.SIGINT)
            if child.wait(timeout=60) != -signal.SIGINT:  # not yet able to catch it
                break
        self.assertEqual(child.returncode, 130)
        os.close(reader)
        os.close(writer)

    def reads_from_a_pipe(self, *words):
        """What a terminal shows while a table comes in slowly, until an interrupt; exit code and output with it."""
        terminal, slave = os.openpty()
        child = subprocess.Popen([PROGRAM, *self.fit[:1], "-", "--target", "y", "--model", self.model, *words],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        shown, piece = b"", b"x,y\n" + b"1.25,3.5\n" * 50_000
        for _ in range(40):
            child.stdin.write(piece)
            child.stdin.flush()
            piece = piece[4:]
            time.sleep(0.05)
            while select.select([terminal], [], [], 0)[0]:
                shown += os.read(terminal, 65536)
            if b"reading" in shown:
                break
        child.send_signal(signal.SIGINT)
        code = child.wait(timeout=10)
        out = child.stdout.read()
        child.stdin.close()
        child.stdout.close()
        os.close(terminal)
        return shown, code, out

    def test_reading_tells_how_far_it_is_and_ends_at_an_interrupt(self):
        shown, code, out = self.reads_from_a_pipe()
        self.assertIn(b"reading megabytes  ", shown)
        self.assertEqual((code, out), (130, b""))
        self.assertFalse(os.path.exists(self.model))
        shown, code, out = self.reads_from_a_pipe("--quiet")
        self.assertEqual((shown, code, out), (b"", 130, b""))

    def test_strict_says_what_has_not_converged(self):
        words = ["fit", self.table, "--target", "y", "--penalty", "l1", "--lambda", "0.1", "--solver", "gradient-descent",
                 "--l1-step", "subgradient", "--iterations", "3", "--format", "json"]
        loose, strict = run(*words), run(*words, "--strict")
        self.assertEqual((loose.returncode, strict.returncode), (0, 4))
        self.assertEqual(json.loads(strict.stdout)["status"], "iteration_limit")
        self.assertIn(b"raise --iterations", strict.stderr)


if __name__ == "__main__":
    unittest.main()
