"""How much memory the data take besides themselves, measured in processes of their own."""

import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest


MEMORY = """
    import json, sys
    import numpy as np, scipy.sparse, pandas, polars, pyarrow, riata
    n, p = 25_000, 160
    few = np.random.default_rng(0).random((400, p))
    def high():
        return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
    for name, (make, size, fit, _) in json.load(sys.stdin).items():
        X, y = few, np.arange(400.0) % 7
        exec(fit)  # whatever is loaded and kept by the first of its kind
        y = np.arange(n, dtype=float) % 7
        exec(make)
        size = eval(size)
        open("/proc/self/clear_refs", "w").write("5")  # the high-water mark is what is held now
        before = high()
        exec(fit)
        print(name, (high() - before) / size, sep="\t", flush=True)
"""
DENSE = "X = np.random.default_rng(0).random((n, p))"
SPARSE = "X = scipy.sparse.random_array((n, p), density=0.5, format='csc', rng=0)"
FRAME = "{str(j): np.random.default_rng(j).random(n) for j in range(p)}"
LASSO = "riata.Lasso(alpha=0.001).fit(X, y)"
PATH = "riata.fit_path(X, y, penalty='l1', lambdas=[0.001])"
LABELLED = "(y > 3).astype(int)"
# Sparse columns whose products are formed are kept by rows besides, meanwhile.
ALL, ENTRIES = "n * p * 8", "X.data.nbytes + X.indices.nbytes"
# What makes X, its size, what is done with it, and the share of the size that may be taken besides.
CASES = {
    "C order": (DENSE, ALL, LASSO, 0.25),
    "F order": ("X = np.random.default_rng(0).random((p, n)).T", ALL, LASSO, 0.25),
    "float32": ("X = np.random.default_rng(0).random((n, p), dtype=np.float32)", "X.nbytes", LASSO, 0.5),
    "float32 in F order": ("X = np.random.default_rng(0).random((p, n), dtype=np.float32).T", "X.nbytes", LASSO, 0.5),
    "strided": ("X = np.random.default_rng(0).random((n, 2 * p))[:, ::2]", ALL, LASSO, 0.25),
    "csc": (SPARSE, ENTRIES, LASSO, 1.25),
    "csc matrix": (SPARSE + "; X = scipy.sparse.csc_matrix(X)", ENTRIES, LASSO, 1.25),
    "csc with int64 indices": (SPARSE + "; X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)", ENTRIES, LASSO, 1.25),
    "csr": (SPARSE.replace("csc", "csr"), ENTRIES, LASSO, 2.25),
    "csc into fit_path": (SPARSE, ENTRIES, PATH, 1.25),
    "pandas": (f"X = pandas.DataFrame({FRAME})", ALL, LASSO, 0.25),
    "pandas into fit_path": (f"X = pandas.DataFrame({FRAME})", ALL, PATH, 0.25),
    "polars": (f"X = polars.DataFrame({FRAME})", ALL, LASSO, 0.25),
    "polars into fit_path": (f"X = polars.DataFrame({FRAME})", ALL, PATH, 0.25),
    "arrow": (f"X = pyarrow.table({FRAME})", ALL, LASSO, 0.25),
    "arrow into fit_path": (f"X = pyarrow.table({FRAME})", ALL, PATH, 0.25),
    "predictions": (DENSE, ALL, "riata.Lasso(alpha=0.001).fit(few, y[:400]).predict(X)", 0.1),
    "LassoCV": (DENSE, ALL, "riata.LassoCV(alphas=20).fit(X, y)", 0.3),
    "RidgeCV": (DENSE, ALL, "riata.RidgeCV().fit(X, y)", 0.9),
    "LogisticRegression": (DENSE, ALL, f"riata.LogisticRegression().fit(X, {LABELLED})", 0.5),
    "sparse rows into a network": (
        "X = scipy.sparse.random_array((n, 4000), density=0.005, format='csr', rng=0, dtype=np.float32)", "n * 4000 * 4",
        "riata.MLPRegressor(hidden_layer_sizes=(2,), max_iter=1, batch_size=2000).fit(X, y)", 0.1),
    "float32 in F order into a network": (
        "X = np.random.default_rng(0).random((p, n), dtype=np.float32).T", "X.nbytes",
        "riata.MLPRegressor(hidden_layer_sizes=(2,), max_iter=1, batch_size=2000).fit(X, y)", 1.3),
    "float32 in C order into a network": (
        "X = np.random.default_rng(0).random((n, p), dtype=np.float32)", "X.nbytes",
        "riata.MLPRegressor(hidden_layer_sizes=(2,), max_iter=1, batch_size=2000).fit(X, y)", 0.3),
    "train": (DENSE, ALL, "riata.train(X, y, hidden=(2,), epochs=1)", 0.8),
    "train on float32": (
        "X = np.random.default_rng(0).random((n, p), dtype=np.float32)", "X.nbytes",
        "riata.train(X, y, hidden=(2,), epochs=1)", 1.3),
    "train on float32 by batches": (
        "X = np.random.default_rng(0).random((n, p), dtype=np.float32)", "X.nbytes",
        "riata.train(X, y, hidden=(2,), epochs=1, batch_size=2000)", 1.3),
    "predictions of a network": (
        "X = np.random.default_rng(0).random((n, p), dtype=np.float32)", "X.nbytes",
        "riata.train(few, y[:400], hidden=(2,), epochs=1).predict(X)", 1.3),
}


@pytest.fixture(scope="module")
def taken():
    """The share of the data's size that is taken besides, by case; all in one process, where freed memory is given back."""
    code, given = textwrap.dedent(MEMORY), json.dumps(CASES)
    own = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "100000", "MALLOC_TRIM_THRESHOLD_": "100000"}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], input=given, capture_output=True, text=True, env=own)
    assert done.returncode == 0, done.stderr
    return {name: float(share) for name, share in (line.split("\t") for line in done.stdout.splitlines())}


@pytest.mark.parametrize("case", CASES)
def test_the_data_are_not_copied(taken, case):
    assert taken[case] < CASES[case][-1], f"{taken[case]:.2f} of the data's size more"


MAPPED = """
    import resource, sys
    import numpy as np, riata
    X = np.load(sys.argv[1], mmap_mode="r")
    y = 3 * np.asarray(X[:, 0]) + np.arange(len(X)) % 7
    y = y > 4 if "Logistic" in "{make}" else y
    {make}.fit(np.array(X[:3000]), y[:3000])  # OpenBLAS takes its buffers
    own = {own} << 20  # what may be taken besides what is taken already: less than the file's 128 MB
    taken = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (taken + own, taken + own))
    model = {make}.fit(X, y)
    assert model.coef_.ravel().argmax() == 0 and model.coef_.ravel()[0] > 1, model.coef_
"""


@pytest.mark.parametrize(
    ("make", "own"),
    [
        ("riata.Lasso(alpha=1e-3)", 60),
        ("riata.LassoCV(alphas=5, cv=3)", 60),
        ("riata.Ridge()", 60),
        ("riata.RidgeCV()", 60),
        ("riata.LogisticRegression()", 100),
    ],
)
def test_a_mapped_file_may_be_larger_than_the_memory(tmp_path, make, own):
    path = tmp_path / "x.npy"
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(200_000, 80), fortran_order=True)
    X[:] = np.random.default_rng(0).random(X.shape)
    X.flush()
    code = textwrap.dedent(MAPPED).format(make=make, own=own)
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_too_little_memory_is_said(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.asfortranarray(np.random.default_rng(0).random((100_000, 40))))
    code = textwrap.dedent(MAPPED).format(make="riata.LogisticRegression()", own=20)
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert "MemoryError: there is too little memory left" in done.stderr, done.stderr
