"""The judge against the textbook formulas, and the whole harness on tiny problems. No time is asserted.

usage: build/bench-venv/bin/python -m pytest bench/versus        (--quick alone needs the peers and riata_cell)
"""
import importlib.util
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "adapters")]

from gap import relative_gaps  # noqa: E402


def lasso(x, y, strength, loss="squared", ratio=1.0, sweeps=3000):
    """Proximal gradient with an exact intercept step: slow, plain, independent of every program compared."""
    n, p = x.shape
    b, b0 = np.zeros(p), 0.0
    both = np.column_stack([np.ones(n), x])
    step = 1 / (np.linalg.norm(both, 2) ** 2 / n * (1 if loss == "squared" else 0.25))
    for _ in range(sweeps):
        eta = b0 + x @ b
        r = y - (eta if loss == "squared" else 1 / (1 + np.exp(-eta)))
        b0 += step * r.mean()
        b = b + step * (x.T @ r) / n
        b = np.sign(b) * np.maximum(np.abs(b) - step * strength * ratio, 0) / (1 + step * strength * (1 - ratio))
    return b, b0


def textbook_gap(x, y, strength, loss, b, b0, ratio):
    """P - D as a difference, the dual point from the residual alone."""
    n = len(y)
    eta = b0 + x @ b
    l1, l2 = strength * ratio, strength * (1 - ratio)
    penalty = l1 * np.abs(b).sum() + l2 / 2 * (b**2).sum()
    theta = y - (eta if loss == "squared" else 1 / (1 + np.exp(-eta)))
    theta = theta - theta.mean()
    v = x.T @ theta / n
    s = min(1, l1 / np.abs(v).max()) if ratio == 1 else 1
    conjugate = 0 if ratio == 1 else (np.maximum(np.abs(v) - l1, 0) ** 2).sum() / (2 * l2)
    theta = s * theta
    if loss == "squared":
        primal, dual = ((y - eta) ** 2).mean() / 2, ((y**2).mean() - ((y - theta) ** 2).mean()) / 2
        null = y.var() / 2
    else:
        q, m = y - theta, y.mean()
        primal = (np.logaddexp(0, eta) - y * eta).mean()
        dual = -(q * np.log(q) + (1 - q) * np.log(1 - q)).mean()
        null = -(m * np.log(m) + (1 - m) * np.log(1 - m))
    return (primal + penalty - dual + conjugate) / null


def data(loss, seed=0, n=40, p=15):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p))
    signal = x[:, :3] @ [1.0, -2.0, 0.5] + rng.standard_normal(n) + 0.3
    return x, signal if loss == "squared" else (signal > 0).astype(float)


def polished_intercept(x, y, loss, b, b0):
    """The intercept for which the residuals sum to zero, by Newton steps."""
    for _ in range(50):
        eta = b0 + x @ b
        mu = eta if loss == "squared" else 1 / (1 + np.exp(-eta))
        b0 += (y - mu).mean() / (1 if loss == "squared" else (mu * (1 - mu)).mean())
    return b0


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("ratio", [1.0, 0.6])
def test_gap_equals_the_textbook_difference(loss, ratio):
    x, y = data(loss)
    for sweeps in (20, 200):
        b, b0 = lasso(x, y, 0.05, loss, ratio, sweeps)
        b0 = polished_intercept(x, y, loss, b, b0)  # then both judges see the same dual point
        ours = relative_gaps(x, y, loss, [0.05], b[:, None], [b0], l1_ratio=ratio)[0]
        assert ours > 0
        assert ours == pytest.approx(textbook_gap(x, y, 0.05, loss, b, b0, ratio), rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_gap_vanishes_at_the_minimum_and_bounds_the_excess_elsewhere(loss):
    x, y = data(loss)
    b, b0 = lasso(x, y, 0.05, loss, sweeps=30_000)
    assert relative_gaps(x, y, loss, [0.05], b[:, None], [b0])[0] < 1e-12

    def objective(b, b0):
        eta = b0 + x @ b
        value = ((y - eta) ** 2).mean() / 2 if loss == "squared" else (np.logaddexp(0, eta) - y * eta).mean()
        return value + 0.05 * np.abs(b).sum()

    m = y.mean()
    null = y.var() / 2 if loss == "squared" else -(m * np.log(m) + (1 - m) * np.log(1 - m))
    rng = np.random.default_rng(1)
    for size in (1e-1, 1e-3, 1e-5):
        other, other0 = b + size * rng.standard_normal(len(b)), b0 + size
        excess = (objective(other, other0) - objective(b, b0)) / null
        gap = relative_gaps(x, y, loss, [0.05], other[:, None], [other0])[0]
        assert 0 < excess <= gap * (1 + 1e-6) + 1e-15


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_gap_is_zero_for_the_empty_model_at_lambda_max_and_sees_a_wrong_intercept(loss):
    x, y = data(loss)
    top = np.abs(x.T @ (y - y.mean())).max() / len(y)
    b0 = y.mean() if loss == "squared" else np.log(y.mean() / (1 - y.mean()))
    empty = np.zeros((x.shape[1], 1))
    assert relative_gaps(x, y, loss, [top], empty, [b0])[0] < 1e-14
    assert relative_gaps(x, y, loss, [top], empty, [b0 + 0.01])[0] > 1e-6


def test_gap_is_the_same_for_sparse_columns_and_for_rescaled_ones():
    x, y = data("squared")
    x[np.abs(x) < 0.5] = 0
    b, b0 = lasso(x, y, 0.05, sweeps=50)
    dense = relative_gaps(x, y, "squared", [0.05], b[:, None], [b0])[0]
    assert relative_gaps(sp.csc_matrix(x), y, "squared", [0.05], sp.csc_matrix(b[:, None]), [b0])[0] == pytest.approx(dense)
    scale = np.linspace(0.5, 3, x.shape[1])
    scaled = relative_gaps(x * scale, y, "squared", [0.05], (b / scale)[:, None], [b0], scale=scale)[0]
    assert scaled == pytest.approx(dense)


PEERS = ["adelie", "celer", "glum", "sklearn", "skglm"]


@pytest.mark.skipif(any(importlib.util.find_spec(name) is None for name in PEERS) or shutil.which("Rscript") is None,
                    reason="the peers are not installed (bench/versus/run.sh)")
def test_every_program_solves_the_tiny_problems(tmp_path):
    import json

    import versus

    results = tmp_path / "results.jsonl"
    assert versus.main(["--quick", "--folder", str(tmp_path / "data"), "--results", str(results)]) == 0
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert {line["program"] for line in lines} >= {"glmnet", *PEERS}
    curves = {}
    for line in lines:
        assert line["status"] == "ok" and line["complete"], line
        assert line.get("gap", 0) < 0.01, line
        if "cv_mean" in line and line["program"] != "riata-standardize":
            curves.setdefault((line["problem"], line["loss"]), []).append(line["cv_mean"])
    for key, found in curves.items():
        assert np.allclose(found, found[0], rtol=0.05), key  # saga at its default ends at gaps of 3e-3
    before = results.read_text()
    versus.main(["--quick", "--folder", str(tmp_path / "data"), "--results", str(results)])
    assert results.read_text() == before  # nothing is run twice
