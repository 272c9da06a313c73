"""RidgeCV's leave-one-out against fits that leave rows out."""

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import RidgeCV
from sklearn.metrics import make_scorer, mean_absolute_error

import riata


@pytest.fixture(scope="module", params=["tall", "wide"])
def data(request):
    random = np.random.default_rng(0)
    X = random.normal(size=(40, 8) if request.param == "tall" else (20, 50))
    return X, X[:, :2] @ [[1.0, 0.0], [-1.0, 2.0]] + random.normal(size=(len(X), 2)), random.uniform(0.5, 2, len(X))


ALPHAS = [10.0, 0.5, 100.0]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scoring", [None, "neg_mean_absolute_error", "r2"])
@pytest.mark.parametrize("per_target", [False, True])
def test_scores_without_folds(data, weighted, scoring, per_target):
    X, y, weights = data
    given = {"alphas": ALPHAS, "scoring": scoring, "store_cv_results": True, "alpha_per_target": per_target}
    ours = riata.RidgeCV(**given).fit(X, y, weights if weighted else None)
    theirs = RidgeCV(**given).fit(X, y, weights if weighted else None)
    assert ours.cv_results_ == pytest.approx(theirs.cv_results_, rel=1e-8)
    assert ours.alpha_ == pytest.approx(theirs.alpha_)
    assert ours.best_score_ == pytest.approx(theirs.best_score_)
    assert ours.coef_ == pytest.approx(theirs.coef_, rel=1e-6, abs=1e-9)


def test_predictions_are_those_of_fits_without_the_row(data):
    X, y, weights = data
    target, shift = y[:, 0], np.linspace(-1, 1, len(X))
    model = riata.RidgeCV(ALPHAS, scoring="r2", store_cv_results=True).fit(X, target, weights, offset=shift)
    for position, alpha in enumerate(ALPHAS):
        for row in (0, 7):
            kept = np.arange(len(X)) != row
            without = riata.Ridge(alpha=alpha).fit(X[kept], target[kept], weights[kept], offset=shift[kept])
            assert model.cv_results_[row, position] == pytest.approx(without.predict(X[[row]])[0] + shift[row], rel=1e-9)


def test_what_has_no_factorisation_says_so(data):
    X, y, _ = data
    scorer = make_scorer(mean_absolute_error, greater_is_better=False)
    with pytest.raises(NotImplementedError, match="give cv"):
        riata.RidgeCV(ALPHAS, scoring=scorer, lower=-0.1).fit(X, y[:, 0])
    assert riata.RidgeCV(ALPHAS, scoring=scorer, lower=-0.1, cv=3).fit(X, y[:, 0]).coef_.min() >= -0.1
    assert riata.RidgeCV(ALPHAS, lower=-0.1).fit(X, y[:, 0]).coef_.min() >= -0.1


@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_fold_of_equal_responses_does_not_silence_the_others(n_targets):
    random = np.random.default_rng(3)
    X = random.normal(size=(60, 30))
    y = 2 * X[:, :1] + random.normal(size=(60, n_targets))
    y[:20] = 0
    alphas = [1e-3, 1.0, 30.0]
    ours, theirs = (make(alphas, cv=3).fit(X, y) for make in (riata.RidgeCV, RidgeCV))
    assert ours.alpha_ == theirs.alpha_ != alphas[0]
    assert ours.best_score_ == pytest.approx(theirs.best_score_)
    shifted = riata.RidgeCV(alphas, cv=3).fit(X, y + 0.1)  # 0.1 * 20 is no sum of twenty 0.1
    assert shifted.alpha_ == ours.alpha_ and shifted.best_score_ == pytest.approx(ours.best_score_)


def test_a_fold_of_one_row_has_no_score():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(6, 5)), random.normal(size=6)
    with pytest.warns(UndefinedMetricWarning):
        theirs = RidgeCV([0.1, 1.0, 10.0], cv=5).fit(X, y)
    ours = riata.RidgeCV([0.1, 1.0, 10.0], cv=5).fit(X, y)
    assert ours.alpha_ == theirs.alpha_ == 0.1 and np.isnan(ours.best_score_)


def test_folds_of_a_path_that_ends_at_zero_are_judged_at_every_strength():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(15, 12)), random.normal(size=15)
    for alphas in ([0.0, 1.0, 10.0], [0.0, 1e3]):
        ours, theirs = (make(alphas, cv=3).fit(X, y) for make in (riata.RidgeCV, RidgeCV))
        assert ours.alpha_ == theirs.alpha_ and ours.best_score_ == pytest.approx(theirs.best_score_)


def test_the_path_tells_both_errors(data):
    X, y, _ = data
    model = riata.RidgeCV(ALPHAS).fit(X, y[:, 0])
    path = model.path_
    assert -path.leave_one_out_errors.min() == pytest.approx(model.best_score_)
    squares = ((y[:, :1] - X @ path.coefs.toarray().T - path.intercepts) ** 2).mean(axis=0)
    assert path.gcv_errors == pytest.approx(squares / (1 - (path.degrees_of_freedom + 1) / len(X)) ** 2)
    assert np.isnan(riata.LassoCV(alphas=3, cv=3).fit(X, y[:, 0]).path_.gcv_errors).all()


def test_rows_are_left_out_of_thousands_by_one_factorisation():
    random = np.random.default_rng(0)
    X = random.normal(size=(3005, 3010))
    y = 3 * X[:, 0] + random.normal(size=3005)
    found = riata.RidgeCV(alphas=[100.0], store_cv_results=True).fit(X, y)
    without = riata.Ridge(alpha=100.0, tol=1e-9).fit(X, y, sample_weight=np.arange(3005) != 7)
    assert found.cv_results_[7, 0] == pytest.approx((y[7] - without.predict(X[7:8])[0]) ** 2, rel=1e-3)


def test_rows_without_weight_do_not_hide_the_errors_of_others():
    random = np.random.default_rng(0)
    X = random.standard_normal((40, 3))
    y, weights = X[:, 0] + random.standard_normal(40), 3 * random.random(40)
    weights[::4] = 0
    given = {"alphas": [0.1, 1, 10], "store_cv_results": True}
    found, theirs = (kind(**given).fit(X, y, sample_weight=weights) for kind in (riata.RidgeCV, RidgeCV))
    assert found.alpha_ == theirs.alpha_
    np.testing.assert_allclose(found.cv_results_, theirs.cv_results_, rtol=1e-9)
    np.testing.assert_allclose(found.best_score_, theirs.best_score_, rtol=1e-9)


@pytest.mark.parametrize("scoring", ["r2", "neg_mean_absolute_error"])
def test_rows_without_weight_are_left_out_of_scores(data, scoring):
    X, y, weights = data
    weights = weights.copy()
    weights[::4] = 0
    counts = weights > 0
    for target in (y, y[:, 0]):
        found = riata.RidgeCV(ALPHAS, scoring=scoring, store_cv_results=True).fit(X, target, weights)
        expected = RidgeCV(ALPHAS, scoring=scoring, store_cv_results=True).fit(X[counts], target[counts], weights[counts])
        assert found.alpha_ == expected.alpha_ and found.best_score_ == pytest.approx(expected.best_score_)
        assert found.cv_results_[counts] == pytest.approx(expected.cv_results_, rel=1e-8)
        assert np.isnan(found.cv_results_[~counts]).all()


@pytest.mark.parametrize("weight", [None, 3.0, "each"])
@pytest.mark.parametrize("further", [{}, {"store_cv_results": True}, {"alpha_per_target": True}, {"lower": -100.0}])
def test_the_score_is_scikit_learn_s_however_it_is_found(data, weight, further):
    X, y, weights = data
    given = weights if weight == "each" else weight
    target = y if "lower" not in further else y[:, 0]
    theirs = {name: value for name, value in further.items() if name != "lower"}
    found = riata.RidgeCV(ALPHAS, **further).fit(X, target, given)
    expected = RidgeCV(ALPHAS, **theirs).fit(X, target, given)
    assert found.best_score_ == pytest.approx(expected.best_score_, rel=1e-5)
    if "store_cv_results" in further:
        assert found.cv_results_ == pytest.approx(expected.cv_results_, rel=1e-8)
