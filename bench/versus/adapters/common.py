"""What every Python adapter shares: reading a cell's order, timing the fit alone, writing the answer.

An adapter is one file a program. It calls run(program, make), where make(cell) returns the version of the program and a
function fit() that does the timed work and returns an Answer; everything make does before (imports, data, warming a compiler
up) is not timed. An order is a text file of key=value lines; an answer is a folder of raw little-endian arrays.
"""
import os
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.sparse as sp

UNAVAILABLE = 3  # exit status: this program does not solve this problem
LEAST = 0.05  # seconds that are timed: short fits are repeated, and their mean is told


@dataclass
class Cell:
    """The order: which problem, which loss, what to do, how exactly and on how many threads."""

    loss: str
    task: str
    threads: int
    tolerance: float
    out: Path
    x: object
    y: np.ndarray
    lambdas: np.ndarray
    folds: np.ndarray

    def training(self, fold):
        return np.flatnonzero(self.folds != fold)

    def validation(self, fold):
        return np.flatnonzero(self.folds == fold)

    @property
    def n_folds(self):
        return int(self.folds.max()) + 1


@dataclass
class Answer:
    """coefficients: features x lambdas (dense or sparse), or None where the program keeps none of the whole path."""

    lambdas: np.ndarray
    coefficients: object = None
    intercepts: np.ndarray = None
    cv_mean: np.ndarray = None
    notes: list = field(default_factory=list)


def read_order(path):
    return dict(line.split("=", 1) for line in Path(path).read_text().splitlines() if line)


def read_matrix(folder):
    """The prepared matrix: column-major float64, or CSC with int32 indices."""
    if (folder / "X.npy").exists():
        return np.load(folder / "X.npy")
    starts = np.load(folder / "X_starts.npy")
    values = np.load(folder / "X_values.npy")
    rows = np.load(folder / "X_rows.npy")
    n = len(np.load(folder / "folds.npy"))
    return sp.csc_matrix((values, rows, starts), shape=(n, len(starts) - 1))


def read_cell(order):
    data = Path(order["data"])
    loss = order["loss"]
    return Cell(
        loss=loss,
        task=order["task"],
        threads=int(order["threads"]),
        tolerance=float(order["tolerance"]),
        out=Path(order["out"]),
        x=read_matrix(data),
        y=np.load(data / f"y_{loss}.npy"),
        lambdas=np.load(data / f"lambdas_{loss}.npy"),
        folds=np.load(data / "folds.npy").astype(np.int64),
    )


def small_cell(cell):
    """The same kind of problem, tiny: what compilers and caches are warmed up with."""
    rng = np.random.default_rng(0)
    n, p = 30, 20
    x = rng.standard_normal((n, p))
    if sp.issparse(cell.x):
        x[rng.random((n, p)) < 0.5] = 0
        x = sp.csc_matrix(x)
        x.indices, x.indptr = x.indices.astype(cell.x.indices.dtype), x.indptr.astype(cell.x.indptr.dtype)
    else:
        x = np.asfortranarray(x)
    y = rng.standard_normal(n)
    if cell.loss == "logistic":
        y = (y > 0).astype(float)
    xty = np.abs(x.T @ (y - y.mean())).max() / n
    return Cell(cell.loss, cell.task, cell.threads, cell.tolerance, cell.out, x, y, xty * np.geomspace(1, 0.1, 5),
                np.arange(n) % cell.n_folds)


def validation_losses(cell, rows, coefficients, intercepts):
    """Mean squared error, or mean deviance of the Bernoulli distribution, of some rows at every lambda."""
    eta = cell.x[rows] @ coefficients
    eta = np.asarray(eta.toarray() if sp.issparse(eta) else eta) + intercepts
    y = cell.y[rows][:, None]
    if cell.loss == "squared":
        return ((y - eta) ** 2).mean(axis=0)
    return 2 * (np.logaddexp(0, eta) - y * eta).mean(axis=0)


def cross_validate(cell, fit_rows):
    """For programs whose own cross-validation takes neither folds nor a grid: the loop a user would write. fit_rows(rows)
    returns coefficients and intercepts of the path on these rows."""
    total = np.zeros(len(cell.lambdas))
    for fold in range(cell.n_folds):
        coefficients, intercepts = fit_rows(cell.training(fold))
        rows = cell.validation(fold)
        total += len(rows) * validation_losses(cell, rows, coefficients, intercepts)
    return Answer(cell.lambdas, cv_mean=total / len(cell.folds))


def fold_means(cell, per_fold):
    """Mean over folds, each with its size's weight. per_fold: folds x lambdas."""
    sizes = np.bincount(cell.folds)
    return np.average(per_fold, axis=0, weights=sizes)


def rows_of(cell, rows):
    """Some rows of the matrix in the layout that the solvers want."""
    part = cell.x[rows]
    return part.tocsc() if sp.issparse(part) else np.asfortranarray(part)


def unavailable(reason):
    print(reason, file=sys.stderr)
    sys.exit(UNAVAILABLE)


def status_kib(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_peak():
    """Lets the kernel's high-water mark start anew, so that reading the data does not count."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def write_answer(folder, answer):
    folder.mkdir(parents=True, exist_ok=True)
    np.asarray(answer.lambdas, "<f8").tofile(folder / "lambda.f64")
    if answer.cv_mean is not None:
        np.asarray(answer.cv_mean, "<f8").tofile(folder / "cv_mean.f64")
    if answer.coefficients is not None:
        b = sp.csc_matrix(answer.coefficients)
        b.indptr.astype("<i4").tofile(folder / "coef_start.i32")
        b.indices.astype("<i4").tofile(folder / "coef_index.i32")
        b.data.astype("<f8").tofile(folder / "coef_value.f64")
        np.asarray(answer.intercepts, "<f8").tofile(folder / "intercept.f64")


def run(make):
    cell = read_cell(read_order(sys.argv[1]))
    version, fit = make(cell)
    forget_peak()
    before = status_kib("VmRSS")
    cpu, start, fits, peak = time.process_time(), time.monotonic(), 0, 0
    while time.process_time() - cpu < LEAST:
        answer, fits = fit(), fits + 1
        peak = peak or status_kib("VmHWM")
    seconds, cpu = (time.monotonic() - start) / fits, (time.process_time() - cpu) / fits
    write_answer(cell.out, answer)
    facts = {"seconds": seconds, "cpu_seconds": cpu, "rss_before_kib": before, "peak_kib": peak, "version": version}
    (cell.out / "facts.txt").write_text("".join(f"{key}={value}\n" for key, value in facts.items()))
    os._exit(0)  # nothing of a program's own shutdown can spoil a finished cell
