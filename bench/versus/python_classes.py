#!/usr/bin/env python3
"""The Python classes against scikit-learn's, at equal certified gap.

usage: python_classes.py [--repetitions N] [--only TEXT] [--small]

Each problem is solved by both on one thread, in turn; times are CPU seconds, the least of the repetitions. scikit-learn's
tolerance is lowered until its answer is as good: the objective at the strength that both chose between is compared with
riata's certified one, and its excess over it, relative to the null model's objective, is shown. Prints a table in Markdown.
"""
import argparse
import os
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import sklearn
from scipy import sparse
from sklearn import linear_model
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold

import riata
from riata import _engine

GAP = 1e-6


def data(n, p, density=None, classes=False):
    random = np.random.default_rng(0)
    if density is None:
        X = np.asfortranarray(random.normal(size=(n, p)) + 0.5 * random.normal(size=(n, 1)))
    else:
        X = sparse.random_array((n, p), density=density, format="csc", rng=random, data_sampler=random.standard_normal)
    truth = np.zeros(p)
    truth[random.choice(p, 20, replace=False)] = random.normal(size=20)
    signal = X @ truth
    if classes:
        return X, (signal + signal.std() * random.logistic(size=n) > 0).astype(int)
    return X, signal + signal.std() * random.normal(size=n)


def squared(X, y, model, alpha, l1_ratio):
    residual = y - X @ model.coef_.T - model.intercept_
    penalty = l1_ratio * np.abs(model.coef_).sum() + (1 - l1_ratio) / 2 * np.square(model.coef_).sum()
    return np.square(residual).sum() / (2 * len(y)) + alpha * penalty, np.var(y, axis=0).sum() / 2


def logistic(X, y, model, C):
    eta = X @ model.coef_[0] + model.intercept_[0]
    share = y.mean()
    null = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    return (np.logaddexp(0, eta) - y * eta).mean() + np.abs(model.coef_).sum() / (C * len(y)), null


class Liblinear:
    """scikit-learn's quickest solver for an l1 part. It penalises the intercept, so a column of thousands takes the intercept's
    place, whose coefficient, a thousandth of it, costs next to nothing."""

    def __init__(self, **given):
        self.inner = linear_model.LogisticRegressionCV(
            **given, solver="liblinear", fit_intercept=False, max_iter=10_000, random_state=0
        )

    def fit(self, X, y):
        column = np.full((len(y), 1), 1000.0)
        self.inner.fit(sparse.hstack([X, column], format="csr") if sparse.issparse(X) else np.hstack([X, column]), y)
        self.C_, self.coef_, self.intercept_ = self.inner.C_, self.inner.coef_[:, :-1], 1000 * self.inner.coef_[:, -1]
        return self


class Case:
    """One class on one problem: how both are made, and the objective of an answer."""

    def __init__(self, name, X, y, ours, theirs, objective, tolerances):
        self.name, self.X, self.y = name, X, y
        self.ours, self.theirs, self.objective, self.tolerances = ours, theirs, objective, tolerances


def cv_cases(small):
    shapes = {"tall": (20_000, 100), "wide": (400, 5_000), "sparse": (5_000, 10_000, 0.005)}
    if small:
        shapes = {"tall": (500, 20), "wide": (60, 200), "sparse": (300, 400, 0.05)}
    for shape, size in shapes.items():
        X, y = data(*size)
        top = np.abs(X.T @ (y - y.mean())).max() / len(y)
        for name, ratio in (("LassoCV", 1.0), ("ElasticNetCV", 0.5)):
            alphas = np.geomspace(1, 0.01, 50) * top / ratio
            given = {"alphas": alphas, "cv": KFold(5)} | ({} if name == "LassoCV" else {"l1_ratio": ratio})
            yield Case(
                f"{name}, {shape} {size[0]:,} × {size[1]:,}", X, y,
                lambda name=name, given=given: getattr(riata, name)(**given, tol=GAP),
                lambda tol, name=name, given=given: getattr(linear_model, name)(**given, tol=tol, max_iter=100_000),
                lambda model, ratio=ratio: squared(X, y, model, model.alpha_, ratio), (1e-4, 1e-5, 1e-6, 1e-7),
            )  # fmt: skip
        alphas = np.geomspace(1, 1e-4, 20) * top * len(y)
        # Leaving each of 5,000 rows out takes neither program a factorisation.
        for cv in {"tall": (None, KFold(5)), "wide": (None, KFold(5)), "sparse": (KFold(5),)}[shape]:
            yield Case(
                f"RidgeCV ({'5 folds' if cv else 'leave-one-out'}), {shape} {size[0]:,} × {size[1]:,}", X, y,
                lambda alphas=alphas, cv=cv: riata.RidgeCV(alphas, cv=cv),
                lambda tol, alphas=alphas, cv=cv: linear_model.RidgeCV(alphas, cv=cv),
                lambda model: squared(X, y, model, model.alpha_ / len(y), 0.0), (None,),
            )  # fmt: skip
        X, labels = data(*size, classes=True)
        top = np.abs(X.T @ (labels - labels.mean())).max()
        Cs = 1 / (np.geomspace(1, 0.05, 10) * top)
        given = {"Cs": Cs, "l1_ratios": (1.0,), "cv": StratifiedKFold(5), "scoring": "neg_log_loss", "use_legacy_attributes": False}
        yield Case(
            f"LogisticRegressionCV (l1), {shape} {size[0]:,} × {size[1]:,}", X, labels,
            lambda given=given: riata.LogisticRegressionCV(**given, tol=GAP),
            lambda tol, given=given: Liblinear(**given, tol=tol),
            lambda model: logistic(X, labels, model, model.C_), (1e-2, 1e-3, 1e-4, 1e-5),
        )  # fmt: skip


def ridge_cases(small):
    """One strength, or the default three."""
    for size in ((200, 100), (100, 200)) if small else ((4_000, 3_000), (400, 5_000)):
        X, y = data(*size)
        for name, given in (("Ridge", {"alpha": 1.0}), ("RidgeCV (leave-one-out, 3 alphas)", {"alphas": (0.1, 1.0, 10.0)})):
            make = name.split()[0]
            yield Case(
                f"{name}, {size[0]:,} × {size[1]:,}", X, y,
                lambda make=make, given=given: getattr(riata, make)(**given),
                lambda tol, make=make, given=given: getattr(linear_model, make)(**given),
                lambda model: squared(X, y, model, getattr(model, "alpha_", 1.0) / len(y), 0.0), (None,),
            )  # fmt: skip


def response_cases(small):
    """Twenty responses at once."""
    for size in ((200, 20), (60, 200)) if small else ((5_000, 100), (300, 1_500)):
        X, y = data(*size)
        Y = y[:, np.newaxis] + np.random.default_rng(1).normal(size=(len(y), 20))
        for name in ("Ridge", "RidgeCV"):
            yield Case(
                f"{name}, 20 responses, {size[0]:,} × {size[1]:,}", X, Y,
                lambda name=name: getattr(riata, name)(),
                lambda tol, name=name: getattr(linear_model, name)(),
                lambda model: squared(X, Y, model, getattr(model, "alpha_", 1.0) / len(Y), 0.0), (None,),
            )  # fmt: skip


def loop_cases():
    X, y = load_diabetes(return_X_y=True)
    for name, given in (("Lasso", {"alpha": 0.1}), ("ElasticNet", {"alpha": 0.01}), ("Ridge", {"alpha": 1.0})):
        ratio = {"Lasso": 1.0, "ElasticNet": 0.5, "Ridge": 0.0}[name]
        alpha = given["alpha"] / (len(y) if name == "Ridge" else 1)
        yield Case(
            f"{name}, 100 fits of 442 × 10", X, y,
            lambda name=name, given=given: getattr(riata, name)(**given),
            lambda tol, name=name, given=given: getattr(linear_model, name)(**given, **({} if tol is None else {"tol": tol})),
            lambda model, ratio=ratio, alpha=alpha: squared(X, y, model, alpha, ratio),
            (None,) if name == "Ridge" else (1e-4, 1e-5, 1e-6, 1e-7),
        )  # fmt: skip


def seconds(make, case, fits):
    begin = time.process_time()
    for _ in range(fits):
        model = make().fit(case.X, case.y)
    return time.process_time() - begin, model


def overhead():
    """Seconds of a small Lasso's fit, and of the engine's part in it."""
    X, y = load_diabetes(return_X_y=True)
    model, options = riata.Lasso(alpha=0.1), _engine.SolveOptions("elastic-net", 1.0, diagnostics=False)
    columns, strength = np.asfortranarray(y[:, None]), np.array([[0.1]])

    def least(work):
        times = []
        for _ in range(20):
            begin = time.process_time()
            for _ in range(100):
                work()
            times.append((time.process_time() - begin) / 100)
        return min(times)

    return least(lambda: model.fit(X, y)), least(lambda: _engine.Problem(_engine.dense(X), columns).fit_paths(strength, options))


def measure(case, repetitions, fits):
    """(our seconds, their seconds, their excess, their tolerance)."""
    _, ours = seconds(case.ours, case, 1)
    best, null = case.objective(ours)
    for tolerance in case.tolerances:
        _, theirs = seconds(lambda: case.theirs(tolerance), case, 1)
        excess = np.nan
        if getattr(theirs, "alpha_", getattr(theirs, "C_", 0)) == getattr(ours, "alpha_", getattr(ours, "C_", 0)):
            excess = max(0.0, (case.objective(theirs)[0] - best) / null)
        if excess <= GAP:
            break
    times = [(seconds(case.ours, case, fits)[0], seconds(lambda: case.theirs(tolerance), case, fits)[0]) for _ in range(repetitions)]
    return *(min(column) for column in zip(*times)), excess, tolerance


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", default="", metavar="TEXT", help="problems whose name has this text")
    parser.add_argument("--small", action="store_true", help="tiny problems, to see that it runs")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"riata {riata.__version__}, scikit-learn {sklearn.__version__}, NumPy {np.__version__}\n")
    print("| class, problem | riata | scikit-learn | ratio | its tol | its excess |\n|---|---|---|---|---|---|")
    if arguments.only in "overhead":
        fit, engine = overhead()
        print(f"| Lasso, one fit of 442 × 10 | {1e6 * fit:.0f} µs | of these the engine: {1e6 * engine:.0f} µs | | | |", flush=True)
    small = arguments.small
    for cases, fits in ((loop_cases(), 2 if small else 100), (ridge_cases(small), 1), (response_cases(small), 1), (cv_cases(small), 1)):
        for case in (case for case in cases if arguments.only in case.name):
            ours, theirs, excess, tolerance = measure(case, arguments.repetitions, fits)
            told = "other choice" if np.isnan(excess) else f"{excess:.0e}"
            print(f"| {case.name} | {ours:.3g} s | {theirs:.3g} s | {theirs / ours:.1f} | {tolerance or 'exact'} | {told} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
