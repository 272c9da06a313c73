"""Logistic regression against scikit-learn's."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
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


def test_more_classes_are_refused():
    with pytest.raises(ValueError, match="Only binary classification"):
        riata.LogisticRegression().fit(np.eye(6), [0, 1, 2, 0, 1, 2])
