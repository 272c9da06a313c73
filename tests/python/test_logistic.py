"""Logistic regression against scikit-learn's."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import riata


@pytest.fixture(scope="module")
def data():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["ill", "well"])[y]


@pytest.mark.parametrize("C", [0.01, 1.0])
@pytest.mark.parametrize("weight", [None, "balanced"])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_ridge_penalty(data, C, weight, fit_intercept):
    X, y = data
    ours = riata.LogisticRegression(C=C, class_weight=weight, fit_intercept=fit_intercept, tol=1e-12).fit(X, y)
    theirs = LogisticRegression(
        C=C, class_weight=weight, fit_intercept=fit_intercept, solver="newton-cholesky", tol=1e-12, max_iter=1000
    ).fit(X, y)
    assert ours.coef_ == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=1e-6)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert (ours.predict(X) == theirs.predict(X)).all()


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5])
def test_l1_part(data, l1_ratio):
    X, y = data
    ours = riata.LogisticRegression(C=0.1, l1_ratio=l1_ratio, tol=1e-12).fit(X, y)
    theirs = LogisticRegression(C=0.1, l1_ratio=l1_ratio, solver="saga", tol=1e-10, max_iter=50_000).fit(X, y)
    assert ours.coef_ == pytest.approx(theirs.coef_, abs=1e-4)
    assert ((ours.coef_ != 0) == (theirs.coef_ != 0)).all()
    assert ours.certificate_["relative_gap"] <= 1e-6


def test_more_classes_are_refused_with_what_takes_them():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=r"Only binary classification.*MLPClassifier\(\(\), solver='lbfgs', alpha=1/C\)"):
        riata.LogisticRegression().fit(X, y)
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=10000).fit(X, y)
    found = riata.MLPClassifier((), solver="lbfgs", alpha=1 / 0.5, tol=1e-7, max_iter=10000, random_state=0).fit(X, y)
    assert found.coefs_[0].T == pytest.approx(theirs.coef_, abs=1e-4)
    assert found.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-4)


@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy", "roc_auc", "balanced_accuracy"])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_cross_validation(data, scoring, class_weight):
    from sklearn.linear_model import LogisticRegressionCV

    X, y = data
    same = {"Cs": [10.0, 0.01, 0.1], "cv": 4, "scoring": scoring, "class_weight": class_weight, "l1_ratios": (0.0,)}
    ours = riata.LogisticRegressionCV(**same, tol=1e-12).fit(X, y)
    theirs = LogisticRegressionCV(**same, solver="newton-cholesky", tol=1e-12, use_legacy_attributes=False).fit(X, y)
    assert ours.scores_ == pytest.approx(theirs.scores_, abs=1e-6)
    assert ours.coefs_paths_ == pytest.approx(theirs.coefs_paths_, abs=1e-5)
    assert (ours.C_, ours.l1_ratio_) == (theirs.C_, 0.0)
    assert ours.coef_ == pytest.approx(theirs.coef_, abs=1e-5)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=1e-6)


@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy", "roc_auc"])
def test_the_engine_s_scores_are_scikit_learn_s(data, scoring):
    from sklearn.metrics import get_scorer

    X, y = data
    weights = np.arange(len(y)) % 5 + 1.0
    scorer = get_scorer(scoring)
    given = {"Cs": [0.01, 1.0], "l1_ratios": (0.3, 1.0), "cv": 3}
    ours = riata.LogisticRegressionCV(**given, scoring=scoring).fit(X, y, weights)
    asked = riata.LogisticRegressionCV(**given, scoring=lambda *all, **more: scorer(*all, **more)).fit(X, y, weights)
    assert ours.scores_ == pytest.approx(asked.scores_, rel=1e-9)


def test_choices(data):
    X, y = data
    made = {
        rule: riata.LogisticRegressionCV(Cs=40, l1_ratios=(1.0,), selection_rule=rule).fit(X, y) for rule in ("min", "1se", "bic")
    }
    assert made["1se"].C_ < made["min"].C_
    mean = made["min"].scores_.mean(axis=0)[0]
    error = made["min"].scores_[:, 0, mean.argmax()].std(ddof=1) / np.sqrt(5)
    assert made["1se"].C_ == made["min"].Cs_[np.flatnonzero(mean >= mean.max() - error)[0]]
    path = made["min"].path_
    at = int(np.argmin(np.log(len(y)) * (path.n_nonzero + 1) + len(y) * (1 - path.deviance_ratios) * null_deviance(y)))
    assert made["bic"].C_ == made["min"].Cs_[at]
    for model in made.values():
        assert model.certificate_["relative_gap"] <= 1e-6
        kept = model.coefs_paths_[:, 0, list(model.Cs_).index(model.C_), 0, :-1] != 0
        assert model.selection_frequency_ == pytest.approx(kept.mean(axis=0))
    mean_of_folds = riata.LogisticRegressionCV(Cs=3, refit=False).fit(X, y)
    best = mean_of_folds.scores_[:, 0].argmax(axis=1)
    picked = mean_of_folds.coefs_paths_[np.arange(5), 0, best, 0]
    assert mean_of_folds.coef_[0] == pytest.approx(picked[:, :-1].mean(axis=0))
    assert mean_of_folds.C_ == pytest.approx(mean_of_folds.Cs_[best].mean())


def null_deviance(y):
    share = (y == y[0]).mean()
    return -2 * (share * np.log(share) + (1 - share) * np.log(1 - share))
