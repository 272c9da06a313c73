#!/usr/bin/env python3
"""Compares riata with its peers: the same problems, grids and folds, one process a cell, one judge of accuracy.

usage: build/bench-venv/bin/python bench/versus/versus.py [--quick] [--only PATTERN] [--report-only] ...

A cell is problem / loss / task / threads / program / tolerance, and that text is what PATTERN (fnmatch, or a part of it)
is held against: --only '1000x10000/squared/path/*', --only /cv/, --only glmnet. Programs alternate; every finished cell is a
line of build/bench/MACHINE.jsonl, so that a run that was stopped goes on where it was. Then the "versus" section of
docs/benchmarks.md is written anew. Real data are read from the folder that RIATA_DATA names.
"""
import argparse
import fnmatch
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE / "adapters")]

import problems  # noqa: E402
import report  # noqa: E402
from common import UNAVAILABLE, read_matrix, read_order  # noqa: E402
from gap import relative_gaps  # noqa: E402
from machine import facts_of_machine, slug  # noqa: E402
from programs import programs  # noqa: E402

ACCURATE_ENOUGH = 1e-10  # a tolerance beyond the one that gave this gap is of no use
ONE_RUN_IS_ENOUGH = 20.0  # seconds: longer cells are not repeated
READING = 60.0  # seconds that reading the data and warming up may take besides the limit


@dataclass(frozen=True)
class Cell:
    problem: str
    loss: str
    task: str
    threads: int
    program: str
    tolerance: float
    level: int

    @property
    def key(self):
        return f"{self.problem}/{self.loss}/{self.task}/{self.threads}/{self.program}/{self.tolerance:g}"


class Results:
    """The lines of one machine's file. `versions` holds the build of programs whose results age (our own)."""

    def __init__(self, path, builds):
        self.path, self.builds = path, builds
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        self.lines = [json.loads(line) for line in lines if line.endswith("}")]

    def current(self, line):
        return line.get("build") == self.builds.get(line["program"])

    def of(self, cell):
        return [line for line in self.lines if line["key"] == cell.key and self.current(line)]

    def add(self, cell, facts):
        line = {"key": cell.key, **cell.__dict__, "build": self.builds.get(cell.program),
                "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **facts}
        self.lines.append(line)
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return line


def read_answer(out):
    """Lambdas, coefficients (CSC, or None), intercepts and the cross-validation's means (or None)."""
    lambdas = np.fromfile(out / "lambda.f64")
    cv = np.fromfile(out / "cv_mean.f64") if (out / "cv_mean.f64").exists() else None
    if not (out / "coef_start.i32").exists():
        return lambdas, None, None, cv
    arrays = np.fromfile(out / "coef_value.f64"), np.fromfile(out / "coef_index.i32", "<i4"), np.fromfile(
        out / "coef_start.i32", "<i4")
    return lambdas, arrays, np.fromfile(out / "intercept.f64"), cv


class Judge:
    """Holds the matrix of the problem that is being worked on."""

    def __init__(self):
        self.folder, self.x = None, None

    def judge(self, folder, loss, out):
        wanted = np.load(folder / f"lambdas_{loss}.npy")
        lambdas, arrays, intercepts, cv = read_answer(out)
        facts = {}
        if arrays is not None:
            complete = len(lambdas) == len(wanted) and np.allclose(lambdas, wanted, rtol=1e-12)
            facts["complete"] = bool(complete)
            if complete:
                facts.update(self.gaps(folder, loss, wanted, arrays, intercepts))
        if cv is not None:
            facts["cv_mean"] = cv.tolist()
            facts["complete"] = facts.get("complete", True) and len(cv) == len(wanted)
        return facts

    def gaps(self, folder, loss, lambdas, arrays, intercepts):
        if self.folder != folder:
            self.folder, self.x = folder, read_matrix(folder)
        b = sp.csc_matrix(arrays, shape=(self.x.shape[1], len(lambdas)))
        b.eliminate_zeros()
        gaps = relative_gaps(self.x, np.load(folder / f"y_{loss}.npy"), loss, lambdas, b, intercepts)
        worst = int(np.argmax(np.where(np.isfinite(gaps), gaps, np.inf)))
        return {"gap": float(gaps[worst]), "gap_at": worst, "gap_last": float(gaps[-1]), "active": int(np.diff(b.indptr).max())}


def environment(threads):
    names = ["OMP", "OPENBLAS", "MKL", "NUMBA", "BLIS", "NUMEXPR", "TBB"]
    return {**os.environ, **{f"{name}_NUM_THREADS": str(threads) for name in names}, "LOKY_MAX_CPU_COUNT": str(threads),
            "PYTHONPATH": str(HERE / "adapters")}


def processor_seconds(process):
    """Of a child until now. A limit of its own (RLIMIT_CPU) would let its processor clock move in ticks of 4 ms."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def run_process(command, log, threads, limit):
    """Exit status, or None when it was stopped after `limit` seconds (`report.seconds_of` says of which clock). Its own
    process group goes, and nothing else."""
    start = time.monotonic()
    with log.open("w") as file:
        process = subprocess.Popen([*command], stdout=file, stderr=file, env=environment(threads), start_new_session=True)
        try:
            while True:
                try:
                    return process.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    spent = processor_seconds(process) if threads == 1 else time.monotonic() - start
                    if spent > limit:
                        return None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def last_line(log):
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def run_cell(cell, program, folder, work, judge, limit):
    """Runs one cell in its own process and judges it."""
    shutil.rmtree(work, ignore_errors=True)
    out = work / "answer"
    out.mkdir(parents=True)
    order = {"data": folder, "loss": cell.loss, "task": cell.task, "threads": cell.threads, "tolerance": repr(cell.tolerance),
             "standardize": int(program.standardize), "out": out}
    (work / "order.txt").write_text("".join(f"{key}={value}\n" for key, value in order.items()))
    log = work / "log.txt"
    code = run_process([*program.command, str(work / "order.txt")], log, cell.threads, limit + READING)
    if code is None:
        return {"status": "too long", "limit": limit}
    if code == UNAVAILABLE:
        return {"status": "unavailable", "message": last_line(log)}
    if code != 0 or not (out / "facts.txt").exists():
        return {"status": "failed", "message": f"exit status {code}: {last_line(log)}"}
    facts = {key: value if key in ("version", "solver") else float(value)
             for key, value in read_order(out / "facts.txt").items()}
    facts["status"] = "ok" if report.seconds_of({"threads": cell.threads, **facts}) <= limit else "too long"
    facts["limit"] = limit
    return {**facts, **judge.judge(folder, cell.loss, out)}


def cells_of(problem, folder, chosen, settings):
    """All cells of a problem in the order in which they run: programs alternate within a tolerance level."""
    meta = problems.read_meta(folder)
    for loss in meta["losses"]:
        for task in ("path", "cv"):
            for threads in settings.threads:
                for level in range(min(settings.levels, max(len(program.tolerances) for program in chosen))):
                    for program in chosen:
                        if level >= len(program.tolerances) or loss not in program.losses:
                            continue
                        if threads > 1 and task not in program.threads_for:
                            continue
                        tolerance = program.tolerances[level]
                        yield Cell(problem.name, loss, task, threads, program.name, tolerance, level), program


def useless(cell, program, results):
    """Why the cell need not run: a looser tolerance took too long, failed, or was already accurate enough."""
    for level in range(cell.level):
        looser = Cell(cell.problem, cell.loss, cell.task, cell.threads, cell.program, program.tolerances[level], level)
        path = Cell(cell.problem, cell.loss, "path", 1, cell.program, program.tolerances[level], level)
        if any(line["status"] != "ok" for line in results.of(looser)):
            return "a looser tolerance did not finish"
        if any(line.get("gap", 1) <= ACCURATE_ENOUGH for line in results.of(path)) and not program.ours:
            return "a looser tolerance was accurate enough"
    return ""


def wanted(cell, only):
    return not only or any(fnmatch.fnmatch(cell.key, pattern) or pattern in cell.key for pattern in only)


def measure(problem, folder, chosen, settings, results, judge):
    work = settings.folder / "cell"
    unavailable = set()
    for round_number in range(settings.repeat):
        for cell, program in cells_of(problem, folder, chosen, settings):
            done = results.of(cell)
            if not wanted(cell, settings.only) or len(done) > round_number or (cell.program, cell.loss) in unavailable:
                continue
            if done and (done[-1]["status"] != "ok" or report.seconds_of(done[-1]) > ONE_RUN_IS_ENOUGH):
                continue
            if useless(cell, program, results):
                continue
            facts = run_cell(cell, program, folder, work, judge, settings.limit)
            if facts["status"] == "unavailable":
                unavailable.add((cell.program, cell.loss))
                print(f"{cell.key}: not available: {facts['message']}", flush=True)
                continue
            show(results.add(cell, facts))


def show(line):
    if line["status"] != "ok":
        print(f"{line['key']}: {line['status']} {line.get('message', '')}", flush=True)
        return
    gap = f"gap {line['gap']:.1e} at {line['gap_at']}" if "gap" in line else ""
    print(f"{line['key']}: {report.seconds_of(line):.3f} s {gap}{'' if line['complete'] else ' INCOMPLETE'}", flush=True)


def build_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else None


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny problems, every program at its default, one thread, one run")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="cells to run; may be repeated")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeat", type=int, default=3, help="runs of a cell shorter than 20 s (default 3)")
    parser.add_argument("--limit", type=float, default=300, help="seconds a cell may take (default 300)")
    parser.add_argument("--levels", type=int, default=9, help="how many tolerances of every program, from its default on")
    parser.add_argument("--report-only", action="store_true")
    parser.add_argument("--riata-cell", type=Path, default=ROOT / "build/bench/riata_cell")
    parser.add_argument("--folder", type=Path, default=ROOT / "build/bench/versus", help="prepared data")
    parser.add_argument("--results", type=Path, help="default: build/bench/MACHINE.jsonl")
    parser.add_argument("--document", type=Path, default=ROOT / "docs/benchmarks.md")
    settings = parser.parse_args(arguments)
    settings.riata_cell, settings.folder = settings.riata_cell.resolve(), settings.folder.resolve()
    if settings.quick:
        settings.repeat, settings.levels, settings.threads = 1, 1, [1]
    return settings


def main(arguments=None):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cell in progress is ended too
    settings = parse(arguments)
    machine = facts_of_machine(settings)
    path = settings.results or ROOT / "build/bench" / f"{'quick-' if settings.quick else ''}{slug(machine)}.jsonl"
    build = build_of(settings.riata_cell)
    chosen = [p for p in programs(settings.riata_cell) if not p.ours or build]
    if not build:
        print("riata_cell is not built: peers alone", flush=True)
    results = Results(path, {p.name: build for p in chosen if p.ours})
    data = Path(os.environ["RIATA_DATA"]) if os.environ.get("RIATA_DATA") else None
    judge = Judge()
    for problem in problems.QUICK if settings.quick else problems.PROBLEMS:
        if settings.report_only or (settings.only and not any(wanted(c, settings.only) for c in possible(problem, chosen, settings))):
            continue
        folder = problems.prepare(problem, settings.folder, data)
        if folder is None:
            print(f"{problem.name}: no data (RIATA_DATA)", flush=True)
            continue
        measure(problem, folder, chosen, settings, results, judge)
    if not settings.quick:
        report.write(settings.document, machine, results, settings.folder)
    failed = [line["key"] for line in results.lines if line["status"] == "failed"]
    return 1 if settings.quick and failed else 0


def possible(problem, chosen, settings):
    """Cells that the problem may have, before its data are there."""
    for loss in ("squared", "logistic"):
        for task in ("path", "cv"):
            for threads in settings.threads:
                for program in chosen:
                    for level, tolerance in enumerate(program.tolerances):
                        yield Cell(problem.name, loss, task, threads, program.name, tolerance, level)


if __name__ == "__main__":
    sys.exit(main())
