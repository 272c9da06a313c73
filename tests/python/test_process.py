"""The process stays healthy: Ctrl-C, threads, forks, and what scikit-learn does with estimators."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.model_selection import GridSearchCV, GroupKFold, RepeatedKFold, ShuffleSplit, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import riata


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(3)
    X = random.normal(size=(100, 8))
    return X, X[:, 0] - 2 * X[:, 5] + random.normal(size=100)


INTERRUPTED = """
    import _thread, os, signal, threading, time
    import numpy as np, riata
    random = np.random.default_rng(0)
    X, y = random.normal(size=(1500, 6000)), random.normal(size=1500)
    model = riata.{model}
    riata.Lasso().fit(X[:10], y[:10])
    sent = []
    def interrupt():
        time.sleep(0.5)
        sent.append(time.process_time())
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt).start()
    try:
        model.fit(X, y)
        print("finished")
    except KeyboardInterrupt:
        print(time.process_time() - sent[0])
    small = riata.Lasso(alpha=0.1).fit(X[:50, :5], y[:50])
    assert np.isfinite(small.coef_).all()
"""


FACTORS = """
    import os, signal, threading, time
    import numpy as np, riata
    random = np.random.default_rng(0)
    X, y = random.normal(size={shape}), random.normal(size={shape}[0])
    if {collinear}:
        X[:, -1] = X[:, 0]  # no factor of the Gram: orthogonal columns, one after the other
    def work():
        begin = time.process_time()
        try:
            {work}
        except KeyboardInterrupt:
            return time.process_time() - begin, True
        return time.process_time() - begin, False
    work()  # the first takes memory and code for the first time, too
    before, _ = work()
    threading.Timer(0.2 * before, os.kill, (os.getpid(), signal.SIGINT)).start()
    short, interrupted = work()
    after, _ = work()
    print(interrupted, short / max(before, after))
"""


@pytest.mark.parametrize(
    ("shape", "collinear", "work"),
    [
        ((2600, 2500), False, "riata.Ridge().fit(X, y)"),
        ((1800, 2400), False, "riata.RidgeCV().fit(X, y)"),
        ((1600, 1200), True, "riata.Lasso(alpha=0).fit(X, y)"),
    ],
    ids=["ridge", "wide ridge", "least squares"],
)
def test_ctrl_c_stops_a_factorisation(shape, collinear, work):
    code = textwrap.dedent(FACTORS).format(shape=shape, collinear=collinear, work=work)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    interrupted, share = done.stdout.split()
    assert interrupted == "True" and float(share) < 0.8, done.stdout


@pytest.mark.parametrize(
    "model", ["LassoCV(cv=10, n_jobs=1, eps=1e-4)", "LassoCV(cv=10, n_jobs=2, eps=1e-4)", "MLPRegressor(max_iter=10**6, tol=0)"]
)
def test_ctrl_c_stops_within_a_second_of_work(model):
    code = textwrap.dedent(INTERRUPTED).format(model=model)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 2.0  # of two threads


def test_nothing_needs_torch_until_it_is_asked_for():
    code = "import sys, riata, riata.mlp_classifier, riata.mlp_regressor, riata.training; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


OUT_OF_MEMORY = """
    import resource
    import numpy as np, riata
    random = np.random.default_rng(0)
    X = random.normal(size=(20000, 50))
    y = X[:, 0] + random.normal(size=20000) > 0
    model = riata.LogisticRegression()
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (used + ({} << 20),) * 2)
    try:
        print("fitted", model.fit(X, y).coef_.shape)
    except MemoryError:
        print("no memory")
"""


@pytest.mark.parametrize("room", [100, 200, 250])
def test_memory_that_ends_is_an_error(room):
    """OpenBLAS asks for ever where it gets none."""
    code = textwrap.dedent(OUT_OF_MEMORY).format(room)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout in ("no memory\n", "fitted (1, 50)\n"), done.stderr


def test_other_threads_run_meanwhile():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(400, 1000)), random.normal(size=400)
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.005):
            ticks.append(time.monotonic())

    ticker = threading.Thread(target=tick)
    ticker.start()
    begin = time.monotonic()
    riata.LassoCV(cv=3).fit(X, y)
    end = time.monotonic()
    stop.set()
    ticker.join()
    during = [moment for moment in ticks if begin <= moment <= end]
    assert len(during) >= (end - begin) / 0.5


def test_it_runs_on_other_threads_than_the_main_one(data):
    found = []
    thread = threading.Thread(target=lambda: found.append(riata.LassoCV().fit(*data).alpha_))
    thread.start()
    thread.join()
    assert found == [riata.LassoCV().fit(*data).alpha_]


FORKED = """
    import os, sys
    import numpy as np, riata
    random = np.random.default_rng(0)
    X, y = random.normal(size=(300, 400)), random.normal(size=300)
    fit = lambda: riata.LassoCV(cv=4, n_jobs=2).fit(X, y).coef_
    expected = fit()
    child = os.fork()
    if child == 0:
        os._exit(0 if (fit() == expected).all() else 1)
    _, status = os.waitpid(child, 0)
    assert (fit() == expected).all()
    sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_child_fits_too():
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(FORKED)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_threads_do_not_change_a_bit(data):
    one, two = (riata.LassoCV(n_jobs=n).fit(*data) for n in (1, 2))
    assert (one.coef_ == two.coef_).all() and (one.mse_path_ == two.mse_path_).all()


def test_n_jobs_counts_as_joblib_does(data):
    cores = len(os.sched_getaffinity(0))
    assert [riata._inputs.threads(n) for n in (None, 1, 3, -1, -1000)] == [1, 1, 3, cores, 1]
    with pytest.raises(ValueError, match="n_jobs is 0"):
        riata.LassoCV(n_jobs=0).fit(*data)


@pytest.mark.parametrize("make", [riata.Lasso, riata.ElasticNetCV, riata.RidgeCV])
def test_pickle_and_clone(data, make):
    X, y = data
    model = make().fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict(X) == model.predict(X)).all()
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize("make", [riata.Lasso, riata.LogisticRegression, riata.MLPRegressor])
def test_a_pickle_of_another_version_says_so(data, make):
    model = make()
    state = model.__getstate__()
    assert state["_riata_version"] == riata.__version__ and "_riata_version" not in vars(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = pickle.loads(pickle.dumps(model))
    assert "_riata_version" not in vars(again)
    with pytest.warns(InconsistentVersionWarning, match=f"riata.{make.__name__} from version 0.0.1 .* {riata.__version__}"):
        make.__new__(make).__setstate__({**state, "_riata_version": "0.0.1"})


def test_pipelines_and_searches(data):
    X, y = data
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), riata.Lasso())
    search = GridSearchCV(pipeline, {"lasso__alpha": [0.01, 0.1, 1.0]}, n_jobs=2).fit(X, y)
    assert search.best_params_["lasso__alpha"] < 1.0
    assert search.best_estimator_[-1].feature_names_in_.tolist() == [f"x{j}" for j in range(8)]
    assert cross_val_score(riata.Ridge(), X, y).mean() > 0.5


@pytest.mark.parametrize(
    "cv", [3, ShuffleSplit(4, random_state=0), RepeatedKFold(n_splits=3, n_repeats=2, random_state=0), TimeSeriesSplit(3)]
)
def test_any_splitter(data, cv):
    from sklearn.linear_model import LassoCV

    X, y = data
    ours = riata.LassoCV(cv=cv, alphas=[0.5, 0.1, 0.01], tol=1e-10).fit(X, y)
    theirs = LassoCV(cv=cv, alphas=[0.5, 0.1, 0.01], tol=1e-12, max_iter=100_000).fit(X, y)
    assert ours.mse_path_ == pytest.approx(theirs.mse_path_, rel=1e-6)


def test_groups_reach_the_splitter(data):
    X, y = data
    groups = np.arange(100) // 20
    with pytest.raises(ValueError, match="groups"):
        riata.LassoCV(cv=GroupKFold(3)).fit(X, y)
    plain = riata.LassoCV(cv=GroupKFold(3)).fit(X, y, groups=groups)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = riata.LassoCV(cv=GroupKFold(3).set_split_request(groups=True)).fit(X, y, groups=groups)
    assert plain.alpha_ == routed.alpha_
    with pytest.raises(TypeError, match="grups"):
        riata.LassoCV().fit(X, y, grups=groups)


def test_weights_are_routed(data):
    X, y = data
    weights = np.arange(100.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False), riata.Lasso(alpha=0.1).set_fit_request(sample_weight=True)
        )
        found = model.fit(X, y, sample_weight=weights)[-1].coef_
    assert found == pytest.approx(riata.Lasso(alpha=0.1).fit(StandardScaler().fit_transform(X), y, weights).coef_)


def test_further_parameters(data):
    X, y = data
    free = riata.Lasso(alpha=10.0, penalty_factor=np.r_[0.0, np.ones(7)]).fit(X, y)
    assert free.coef_[0] != 0 and not free.coef_[1:].any()
    assert riata.Lasso(alpha=0.01, upper=0.1, lower=-0.5).fit(X, y).coef_.max() == 0.1
    assert (riata.ElasticNet(alpha=0.01, positive=True).fit(X, y).coef_ >= 0).all()
    scaled = riata.Lasso(alpha=0.1, standardize=True).fit(X * np.arange(1, 9), y)
    assert scaled.coef_ * np.arange(1, 9) == pytest.approx(riata.Lasso(alpha=0.1, standardize=True).fit(X, y).coef_)
    shifted = riata.Ridge().fit(X, y + X[:, 2], offset=X[:, 2])
    assert shifted.coef_ == pytest.approx(riata.Ridge().fit(X, y).coef_)
    strict, loose = (riata.LassoCV(selection_rule=rule).fit(X, y) for rule in ("1se", "min"))
    assert strict.alpha_ > loose.alpha_
    assert riata.LassoCV(selection_rule="bic").fit(X, y).alpha_ > 0


def test_attributes_tell_how_good_the_answer_is(data):
    model = riata.ElasticNetCV(l1_ratio=[0.2, 0.9]).fit(*data)
    assert model.certificate_["relative_gap"] <= 1e-6
    assert model.path_.coefs.shape == (100, 8) and (model.path_.relative_gaps <= 1e-6).all()
    assert model.selection_frequency_[0] == 1.0
    assert model.mse_path_.shape == (2, 100, 5) and model.alphas_.shape == (2, 100)
    at = model.cv_results_["alphas"].tolist().index(model.alpha_)
    assert at == model.cv_results_["index_min"]
    assert model.path_.coefs[[at]].toarray()[0] == pytest.approx(model.coef_)
