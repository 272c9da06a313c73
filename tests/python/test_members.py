"""Parameters and attributes that the classes have besides scikit-learn's, and the members they share with it."""

import inspect
import pickle
import re
import warnings

import numpy as np
import pytest
import sklearn.linear_model
import sklearn.neural_network
from scipy import sparse

import riata

CHOOSERS = {
    "LassoCV": "alpha_",
    "ElasticNetCV": "alpha_",
    "RidgeCV": "alpha_",
    "LogisticRegressionCV": "C_",
}
GRID = {"LogisticRegressionCV": {"Cs": np.logspace(-2, 1, 12), "cv": 4, "l1_ratios": (0.5,)}, "RidgeCV": {"alphas": np.logspace(-2, 3, 12)}}
RULES = ("min", "1se", "aic", "bic", "ebic")


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(5)
    X = random.normal(size=(80, 6))
    return X, X @ [1.0, -0.5, 0, 0, 0, 0.2] + random.normal(size=80)


def labelled(name, y):
    return (y > 0).astype(int) if "Logistic" in name else y


@pytest.mark.parametrize("name", CHOOSERS)
def test_what_the_document_promises_of_every_chooser(data, name):
    X, y = data
    y = labelled(name, y)
    make = getattr(riata, name)
    taken = set(inspect.signature(make).parameters)
    assert {"selection_rule", "penalty_factor", "lower", "upper", "standardize"} <= taken
    assert "offset" in inspect.signature(make.fit).parameters
    chosen = {}
    for rule in RULES:
        model = make(**GRID.get(name, {}), selection_rule=rule).fit(X, y)
        chosen[rule] = getattr(model, CHOOSERS[name])
        assert model.certificate_["relative_gap"] <= 1e-6
        at = np.flatnonzero((model.path_.coefs.toarray() == np.ravel(model.coef_)).all(axis=1))
        assert len(at) == 1 and model.path_.relative_gaps[at[0]] <= 1e-6
    stronger = (lambda a, b: a < b) if name == "LogisticRegressionCV" else (lambda a, b: a > b)
    assert stronger(chosen["1se"], chosen["min"])
    if name == "RidgeCV":
        assert not hasattr(model, "selection_frequency_")  # nothing is left out
        assert make(store_cv_results=True).fit(X, y).cv_results_.shape == (80, 3)
    else:
        assert model.selection_frequency_.shape == (6,)
        found, key = model.cv_results_, "Cs" if name == "LogisticRegressionCV" else "alphas"
        assert found[key][found["index_min"]] == chosen["min"] and found[key][found["index_1se"]] == chosen["1se"]


def test_ridge_s_rules_by_hand(data):
    """Leave-one-out and folds: the largest alpha within one standard error of the best; the criteria from the path."""
    X, y = data
    alphas = np.logspace(-2, 3, 12)
    model = riata.RidgeCV(alphas, store_cv_results=True).fit(X, y)
    mean, error = model.cv_results_.mean(axis=0), model.cv_results_.std(axis=0, ddof=1) / np.sqrt(80)
    best = np.argmin(mean)
    largest = alphas[mean <= mean[best] + error[best]].max()
    assert riata.RidgeCV(alphas, selection_rule="1se").fit(X, y).alpha_ == pytest.approx(largest)

    scores = np.array(
        [
            [sklearn.linear_model.Ridge(alpha).fit(np.delete(X, rows, 0), np.delete(y, rows)).score(X[rows], y[rows]) for alpha in alphas]
            for rows in np.split(np.arange(80), 4)
        ]
    )
    mean, error = scores.mean(axis=0), scores.std(axis=0, ddof=1) / 2
    largest = alphas[mean >= mean.max() - error[mean.argmax()]].max()
    for scoring in (None, "r2"):
        found = riata.RidgeCV(alphas, cv=4, scoring=scoring, selection_rule="1se").fit(X, y)
        assert found.alpha_ == pytest.approx(largest)
        assert found.best_score_ == pytest.approx(mean[np.flatnonzero(alphas == largest)[0]])

    squared = [((y - riata.Ridge(alpha).fit(X, y).predict(X)) ** 2).mean() for alpha in alphas]
    centred = X - X.mean(axis=0)
    eigen = np.linalg.eigvalsh(centred.T @ centred)
    freedom = [1 + (eigen / (eigen + alpha)).sum() for alpha in alphas]
    bic = 80 * np.log(squared) + np.log(80) * np.array(freedom)
    assert riata.RidgeCV(alphas, selection_rule="bic").fit(X, y).alpha_ == pytest.approx(alphas[np.argmin(bic)])


def test_ridge_s_rules_for_several_targets(data):
    X, y = data
    both = np.stack([y, X[:, 1] - y[::-1]], axis=1)
    for rule in RULES:
        one = [riata.RidgeCV(np.logspace(-2, 3, 12), selection_rule=rule).fit(X, target) for target in both.T]
        each = riata.RidgeCV(np.logspace(-2, 3, 12), selection_rule=rule, alpha_per_target=True).fit(X, both)
        assert each.alpha_ == pytest.approx([model.alpha_ for model in one])
        assert [path.coefs.shape for path in each.path_] == [(12, 6)] * 2
    with pytest.raises(ValueError, match="give alpha_per_target=True"):
        riata.RidgeCV(selection_rule="bic").fit(X, both)
    with pytest.raises(ValueError, match="needs the scores of folds: give cv"):
        riata.RidgeCV(selection_rule="1se", scoring="r2").fit(X, y)


@pytest.mark.parametrize("model", [riata.LogisticRegression(C=0.05, l1_ratio=1), riata.LogisticRegressionCV(Cs=4, l1_ratios=[1])])
def test_coefficients_may_be_kept_sparse(data, model):
    X, y = data
    y = labelled("Logistic", y)
    expected = model.fit(X, y).coef_
    probabilities = model.predict_proba(X)
    assert model.sparsify() is model and sparse.issparse(model.coef_) and model.coef_.nnz == (expected != 0).sum()
    kept = pickle.loads(pickle.dumps(model))
    assert kept.predict_proba(X) == pytest.approx(probabilities, rel=1e-12)
    assert kept.predict_proba(sparse.csr_array(X)) == pytest.approx(probabilities, rel=1e-12)
    assert (model.densify().coef_ == expected).all()
    assert (model.sparsify().fit(X, y).coef_ == expected).all()


@pytest.mark.parametrize("name", ["Lasso", "ElasticNet", "LassoCV", "ElasticNetCV"])
def test_paths_are_static_methods(data, name):
    ours, theirs = getattr(riata, name).path, getattr(sklearn.linear_model, name).path
    found, expected = ours(*data, alphas=5), theirs(*data, alphas=5, tol=1e-10)
    assert found[0] == pytest.approx(expected[0]) and found[1] == pytest.approx(expected[1], abs=1e-4)


@pytest.mark.parametrize("name", [name for name in riata.__all__ if hasattr(getattr(riata, name), "get_params")])
def test_nothing_that_scikit_learn_s_class_has_is_missing(data, name):
    theirs = getattr(sklearn.linear_model, name, None) or getattr(sklearn.neural_network, name)
    ours = getattr(riata, name)
    deprecated = {"LogisticRegression": {"penalty"}, "LogisticRegressionCV": {"penalty"}}.get(name, set())
    assert set(inspect.signature(theirs).parameters) - set(inspect.signature(ours).parameters) == deprecated
    left = {"param", "set_callbacks"}  # a variable of theirs, and the callbacks of their solvers
    assert {member for member in dir(theirs) if member[0] != "_" and not hasattr(ours, member)} <= left
    X, y = data
    y = labelled(name, y) if "Class" not in name else (y > 0).astype(int)
    few = {"max_iter": 5} if "MLP" in name else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        has, model = theirs(**few).fit(X, y), ours(**few).fit(X, y)
    assert [key for key in vars(has) if key[0] != "_" and key[-1] == "_" and not hasattr(model, key)] == []


@pytest.mark.parametrize("name", [name for name in riata.__all__ if hasattr(getattr(riata, name), "get_params")])
def test_help_says_what_every_parameter_is(name):
    make = getattr(riata, name)
    said = {one for entry in re.findall(r"^    ([\w, ]+)(?: : .*)?$", make.__doc__, flags=re.MULTILINE) for one in entry.split(", ")}
    assert set(inspect.signature(make).parameters) <= said
    assert "As in :class:" not in make.__doc__ and not re.search(r"^ *\{\w+\}$", make.__doc__, flags=re.MULTILINE)
