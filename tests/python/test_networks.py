"""Networks under scikit-learn's names, against scikit-learn's own."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn import neural_network
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

import riata

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def of_numbers():
    X, y = load_diabetes(return_X_y=True)
    return StandardScaler().fit_transform(X), (y - y.mean()) / y.std()


def of_two_classes():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["ill", "well"])[y]


def of_three_classes():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def of_several_numbers():
    X, y = of_numbers()
    return X, np.column_stack([y, np.tanh(X[:, 1]), X[:, 2] - X[:, 3]])


def of_labels():
    X, y = of_three_classes()
    return X, np.column_stack([y == 0, y > 0, X[:, 1] > 0, X[:, 0] < 1]).astype(int)


CASES = {
    "MLPRegressor": of_numbers,
    "MLPRegressor of several": of_several_numbers,
    "MLPClassifier": of_two_classes,
    "MLPClassifier of three": of_three_classes,
    "MLPClassifier of labels": of_labels,
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh", "identity"])
@pytest.mark.parametrize(
    "solver",
    [{"solver": "adam", "epsilon": 1e-15}, {"solver": "sgd"}, {"solver": "sgd", "nesterovs_momentum": False}, {"solver": "sgd", "momentum": 0.0}],
)
def test_step_for_step(case, activation, solver):
    X, y = CASES[case]()
    name = case.split()[0]
    same = {
        "hidden_layer_sizes": (7, 3), "activation": activation, "alpha": 0.3, "batch_size": len(X), "tol": 0.0,
        "learning_rate_init": 0.01, "n_iter_no_change": 1000, "random_state": 0, "warm_start": True, **solver,
    }  # fmt: skip
    ours = getattr(riata, name)(max_iter=1, **same).fit(X, y)
    theirs = getattr(neural_network, name)(max_iter=1, **same).fit(X, y)
    theirs.coefs_ = [coef.copy() for coef in ours.coefs_]
    theirs.intercepts_ = [intercept.copy() for intercept in ours.intercepts_]
    ours.set_params(max_iter=12).fit(X, y)
    theirs.set_params(max_iter=12).fit(X, y)
    for mine, other in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_):
        assert mine == pytest.approx(other, rel=1e-6, abs=1e-7)
    assert ours.predict(X) == pytest.approx(theirs.predict(X)) if name == "MLPRegressor" else (ours.predict(X) == theirs.predict(X)).all()
    if name == "MLPClassifier":
        assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
        assert ours.predict_log_proba(X) == pytest.approx(np.log(ours.predict_proba(X)))


@pytest.mark.parametrize(
    "rates", [{"learning_rate": "invscaling", "power_t": 0.3}, {"learning_rate": "adaptive", "n_iter_no_change": 2, "tol": 0.02}]
)
def test_learning_rates_step_for_step(rates):
    """Without momentum: there the rate multiplies what has gathered, as in PyTorch; scikit-learn gathers multiples."""
    X, y = of_numbers()
    same = {
        "hidden_layer_sizes": (7, 3), "solver": "sgd", "alpha": 0.3, "batch_size": len(X), "learning_rate_init": 0.1, "tol": 0.0,
        "n_iter_no_change": 1000, "random_state": 0, "warm_start": True, "momentum": 0.0, **rates,
    }  # fmt: skip
    ours = riata.MLPRegressor(max_iter=1, **same).fit(X, y)
    theirs = neural_network.MLPRegressor(max_iter=1, **same).fit(X, y)
    theirs.coefs_ = [coef.copy() for coef in ours.coefs_]
    theirs.intercepts_ = [intercept.copy() for intercept in ours.intercepts_]
    theirs.best_loss_ = np.inf
    ours.t_ = theirs.t_ = 0
    ours.set_params(max_iter=40).fit(X, y)
    theirs.set_params(max_iter=40).fit(X, y)
    assert ours.n_iter_ == theirs.n_iter_
    for mine, other in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_):
        assert mine == pytest.approx(other, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("learning_rate", ["invscaling", "adaptive"])
def test_learning_rates_go_on_in_partial_fit(learning_rate):
    X, y = of_numbers()
    how = {
        "hidden_layer_sizes": (5,), "solver": "sgd", "learning_rate_init": 0.05, "learning_rate": learning_rate, "tol": 0.05,
        "n_iter_no_change": 2, "random_state": 0, "shuffle": False, "max_iter": 25, "batch_size": len(X),
    }  # fmt: skip
    whole = riata.MLPRegressor(**how).fit(X, y)
    parts = riata.MLPRegressor(**how)
    for _ in range(whole.n_iter_):
        parts.partial_fit(X, y)
    assert parts.loss_curve_ == pytest.approx(whole.loss_curve_, rel=1e-12)
    for mine, other in zip(parts.coefs_, whole.coefs_):
        assert mine == pytest.approx(other, rel=1e-12)


def test_adaptive_rates_end_training():
    found = riata.MLPClassifier(tol=0.5, max_iter=3000, solver="sgd", learning_rate="adaptive", random_state=0)
    assert 50 < found.fit([[3, 2], [1, 6]], [1, 0]).n_iter_ < 200


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_without_hidden_layers_it_is_the_linear_model(solver):
    X, y = of_numbers()
    how = {"solver": solver, "max_iter": 3000, "tol": 1e-9, "learning_rate_init": 0.01, "batch_size": len(X), "random_state": 0}
    assert riata.MLPRegressor(hidden_layer_sizes=(), alpha=20.0, **how).fit(X, y).coefs_[0][:, 0] == pytest.approx(
        Ridge(alpha=20.0).fit(X, y).coef_, abs=1e-4
    )
    X, y = of_two_classes()
    found = riata.MLPClassifier((), alpha=2.0, **how | {"batch_size": len(X)}).fit(X, y)
    assert found.coefs_[0][:, 0] == pytest.approx(LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(X, y).coef_[0], abs=1e-3)


@pytest.mark.parametrize("case", ["MLPRegressor of several", "MLPClassifier of labels"])
def test_several_outputs(case):
    X, y = CASES[case]()
    make = getattr(riata, case.split()[0])
    how = {"hidden_layer_sizes": (6,), "batch_size": len(X), "random_state": 0, "learning_rate_init": 0.02, "alpha": 0.0}
    whole = make(max_iter=4, **how).fit(X, y)
    steps = make(**how)
    for _ in range(4):
        steps.partial_fit(X, y, **({"classes": range(4)} if "labels" in case else {}))
    assert steps.loss_curve_ == whole.loss_curve_ and (steps.predict(X) == whole.predict(X)).all()
    with pytest.raises(ValueError, match=f"y has 2 outputs; the training that goes on had {y.shape[1]}"):
        steps.partial_fit(X, y[:, :2])
    doubled = make(max_iter=4, **how).fit(X, y, sample_weight=np.full(len(X), 2.0))
    assert doubled.loss_curve_ == pytest.approx(whole.loss_curve_, rel=1e-9)
    stopped = make(max_iter=300, early_stopping=True, **how).fit(X, y)
    assert stopped.diagnosis_["verdict"] in ("fits", "overfits") and stopped.best_validation_score_ > 0.8
    smooth = make(hidden_layer_sizes=(6,), solver="lbfgs", max_iter=500, random_state=0).fit(X, y)
    assert smooth.score(X, y) > 0.7 and smooth.predict(sparse.csr_array(X)) == pytest.approx(smooth.predict(X), abs=1e-9)
    assert (make(max_iter=4, **how).fit(X, sparse.csr_array(y)).predict(X) == whole.predict(X)).all()
    told = smooth.predict_log_proba(X) if "labels" in case else None
    assert told is None or told == pytest.approx(np.log(smooth.predict_proba(X)), abs=1e-6)


def test_a_class_or_label_that_only_rows_held_out_have_does_not_end_the_training():
    X, y = of_labels()
    for row in range(0, len(X), 10):
        rare = np.zeros(len(X), dtype=int)
        rare[row] = 1
        found = riata.MLPClassifier((4,), max_iter=2, early_stopping=True, random_state=0).fit(X, np.column_stack([y, rare]))
        assert found.diagnosis_["verdict"]
    X, y = of_three_classes()
    weights = np.where(y == 2, 0.0, 1.0)
    weights[np.flatnonzero(y == 2)[::10]] = 1e-300
    held = riata.MLPClassifier((4,), max_iter=2, early_stopping=True, random_state=0).fit(X, y, sample_weight=weights)
    assert held.diagnosis_["verdict"]


def test_classes_and_labels_do_not_go_on_as_each_other():
    X, y = of_three_classes()
    labels = np.column_stack([y == k for k in range(3)]).astype(int)
    for first, second in ((y, labels), (labels, y)):
        model = riata.MLPClassifier((4,), max_iter=2, random_state=0, warm_start=True).fit(X, first)
        with pytest.raises(ValueError, match="training goes on as it began"):
            model.fit(X, second)
        steps = riata.MLPClassifier((4,), random_state=0).partial_fit(X, first, classes=range(3))
        with pytest.raises(ValueError, match="training goes on as it began"):
            steps.partial_fit(X, second)
        assert steps.predict(X).shape == np.shape(first)
    for classes in (range(1), range(9), ["no", "yes"]):
        with pytest.raises(ValueError, match="and y has 3 columns of labels"):
            riata.MLPClassifier((4,)).partial_fit(X, labels, classes=classes)
    with pytest.raises(ValueError, match=r"the labels hold \[-1, 1\]; give 0 and 1"):
        riata.MLPClassifier((4,)).fit(X, 2 * labels - 1)


def test_l1_gives_exact_zeros_and_groups_drop_features():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 10))
    y = np.tanh(X[:, 0]) - X[:, 1]
    how = {"hidden_layer_sizes": (6,), "learning_rate_init": 0.02, "max_iter": 300, "random_state": 0, "penalty": "l1"}
    sparse_net = riata.MLPRegressor(strength=0.02, **how).fit(X, y)
    assert (sparse_net.coefs_[0] == 0).mean() > 0.5 and sparse_net.score(X, y) > 0.8
    grouped = riata.MLPRegressor(strength=0.02, groups="inputs", **how).fit(X, y)
    used = np.flatnonzero((grouped.coefs_[0] != 0).any(axis=1))
    assert used.tolist() == [0, 1] and grouped.score(X, y) > 0.8
    with pytest.raises(ValueError, match="groups"):
        riata.MLPRegressor(groups="inputs").fit(X, y)


def test_going_on_by_hand_is_the_same_training():
    X, y = of_numbers()
    how = {"hidden_layer_sizes": (5,), "batch_size": len(X), "random_state": 3}
    whole = riata.MLPRegressor(max_iter=6, **how).fit(X, y)
    steps = riata.MLPRegressor(**how)
    for _ in range(3):
        steps.partial_fit(X, y)
    steps = pickle.loads(pickle.dumps(steps))
    for _ in range(3):
        steps.partial_fit(X, y)
    assert all((one == other).all() for one, other in zip(whole.coefs_, steps.coefs_))
    assert steps.n_iter_ == 6 and whole.loss_curve_ == steps.loss_curve_


def test_early_stopping_restores_the_best_and_names_overfitting():
    random = np.random.default_rng(0)
    X = random.normal(size=(160, 30))
    y = X[:, 0] + 0.7 * random.normal(size=160)
    how = {
        "hidden_layer_sizes": (64,), "early_stopping": True, "validation_fraction": 0.5, "n_iter_no_change": 200,
        "learning_rate_init": 0.01, "random_state": 0,
    }  # fmt: skip
    model = riata.MLPRegressor(max_iter=400, **how).fit(X, y)
    best = int(np.argmax(model.validation_scores_))
    assert best < model.n_iter_ - 50 and model.best_validation_score_ == model.validation_scores_[best]
    assert model.diagnosis_["verdict"] == "overfits" and "overfits" in model.diagnosis_["text"]
    short = riata.MLPRegressor(max_iter=best + 1, **how).fit(X, y)
    assert (short.coefs_[0] == model.coefs_[0]).all()


def test_float32():
    X, y = of_numbers()
    how = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}
    dense = riata.MLPRegressor(**how).fit(X, y)
    single = riata.MLPRegressor(**how).fit(X.astype(np.float32), y)
    assert single.coefs_[0].dtype == np.float32 and single.predict(X.astype(np.float32)).dtype == np.float32
    assert single.coefs_[0] == pytest.approx(dense.coefs_[0], abs=1e-4)


@pytest.mark.parametrize(
    "further",
    [
        {},
        {"batch_size": 10_000},
        {"early_stopping": True, "dropout": 0.2, "input_dropout": 0.1},
        {"solver": "lbfgs"},
        {"batch_size": 37, "shuffle": False, "penalty": "l1", "strength": 0.01},
    ],
    ids=lambda further: " ".join(further) or "plain",
)
@pytest.mark.filterwarnings("ignore:Training ended", "ignore:Got `batch_size`")
def test_sparse_rows_give_the_same_bits(further):
    X, y = of_numbers()
    X = X * (np.abs(X) > 0.5)
    how = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0, **further}
    dense = riata.MLPRegressor(**how).fit(X, y)
    for kind in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        of_sparse = riata.MLPRegressor(**how).fit(kind(X), y)
        assert (dense.coefs_[0] == of_sparse.coefs_[0]).all() and (dense.loss_curve_ == of_sparse.loss_curve_)
        assert of_sparse.predict(kind(X)) == pytest.approx(dense.predict(X), rel=1e-12)


def test_a_column_that_is_there_twice_counts_twice():
    X, y = of_numbers()
    X[:, 0] *= np.abs(X[:, 0]) > 0.5
    twice = sparse.csr_array(np.hstack([X, X[:, :1]]))
    twice.indices[twice.indices == X.shape[1]] = 0
    twice.has_canonical_format = False
    doubled = np.hstack([2 * X[:, :1], X[:, 1:], np.zeros((len(X), 1))])
    how = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}
    found, expected = (riata.MLPRegressor(**how).fit(one, y).coefs_[0] for one in (twice, doubled))
    assert (found == expected).all()


def test_sparse_rows_that_do_not_fit_are_refused():
    from riata import _engine

    def train(starts, columns):
        parts = np.array(starts), np.array(columns, dtype=np.int32), np.ones(3)
        rows = _engine.Samples.of_sparse(2, 4, *parts, np.zeros(2))
        _engine.train_network(_engine.NetworkSpec(4, [2], 1, "relu", "squared"), rows, None, _engine.TrainOptions())

    train([0, 1, 3], [0, 1, 3])
    for starts in ([0, 1, 4], [0, 3, 1], [-1, 1, 3], [0, 3]):
        with pytest.raises(ValueError, match="row starts"):
            train(starts, [0, 1, 3])
    with pytest.raises(ValueError, match="row 2 has a feature 5 of 4"):
        train([0, 1, 3], [0, 1, 4])


def test_threads_do_not_change_a_bit():
    X, y = of_two_classes()
    one, two = (riata.MLPClassifier((8,), max_iter=5, random_state=0, n_jobs=n).fit(X, y) for n in (1, 2))
    assert (one.coefs_[0] == two.coefs_[0]).all()
