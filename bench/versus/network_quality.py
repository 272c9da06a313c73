"""Networks on real data: riata, scikit-learn and PyTorch with equal settings; a table in Markdown.

Usage: /usr/bin/python3 network_quality.py RIATA PYTHON DATA [SET…]
PYTHON has scikit-learn (build/venv/bin/python); this script runs under the Python that has PyTorch (Debian's python3-torch). DATA has
california_housing/housing.csv, a9a/a9a.svm.gz and a9a.t.svm.gz, mnist/mnist_5k.csv.gz (tests/reference/README.md says where from).
SET: california, a9a, mnist, lassonet; all of them. Splits are fixed, seeds 0, 1, 2 (MNIST: 0 to 5). Every program gets the same standardised numbers, one
thread, Adam, the same batches, epochs and l2. Seconds are processor seconds, the least of the three: of fitting, but for riata of the
whole program, which reads NPY tables and judges the test rows after every epoch besides.
MNIST is riata alone: 400 images a class to train on, 100 to test on, pixels divided by 255. lassonet keeps 50 of its pixels, in the
setting of Lemhadri, Ruan, Abraham, Tibshirani (2021): one hidden layer of a third of the inputs, M = 10, batches of 256, an eighth of
the training rows to validate on, a path from dense to sparse; then a learner on those pixels alone: a network, and extremely
randomised trees, fifty of them.
"""
import csv
import gzip
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

SEEDS = (0, 1, 2)
SETTINGS = {  # hidden units, epochs, rows a batch, l2 on the mean scale
    "california": {"hidden": 64, "epochs": 50, "batch": 200, "l2": 1e-4},
    "a9a": {"hidden": 32, "epochs": 10, "batch": 200, "l2": 1e-3},
    "digits": {"hidden": 64, "epochs": 200, "batch": 50, "l2": 1e-3},  # tests/reference/network_quality_test.py
}
MNIST_SEEDS = range(6)
MNIST = ("--hidden 1024 --optimizer adamw --weight-decay 0.1 --dropout 0.5 --input-dropout 0.4 --batch-size 64 "
         "--learning-rate 0.004 --schedule cosine --epochs 120")

LASSONET_PATH = ("--no-standardize --validation 0.125 --penalty lassonet --hidden 261 --batch-size 256 --learning-rate 0.001 --epochs 10 "
                 "--max-features 50 --lambda 0.5,2,8," + ",".join(f"{16 * 1.08 ** k:.4g}" for k in range(32)))
LASSONET_AFTER = ("--no-standardize --validation 0.125 --penalty lassonet --lambda 0 --hidden 261 --batch-size 256 --learning-rate 0.001 "
                  "--epochs 200 --patience 20")


def california(data):
    with open(data / "california_housing/housing.csv", encoding="utf-8") as handle:
        return california_of(handle)


def california_of(lines):
    rows = [row for row in csv.DictReader(lines) if row["total_bedrooms"]]
    places = sorted({row["ocean_proximity"] for row in rows})
    numbers = [name for name in rows[0] if name not in ("ocean_proximity", "median_house_value")]
    x = np.array([[float(row[n]) for n in numbers] + [float(row["ocean_proximity"] == p) for p in places] for row in rows])
    y = np.array([float(row["median_house_value"]) for row in rows])
    order = np.random.default_rng(0).permutation(len(y))
    cut = len(y) // 5
    return x[order[cut:]], y[order[cut:]], x[order[:cut]], y[order[:cut]]


def a9a(data):
    def read(name):
        lines = gzip.open(data / "a9a" / name, "rt").read().split("\n")
        lines = [line.split() for line in lines if line]
        x = np.zeros((len(lines), 123))
        for i, line in enumerate(lines):
            x[i, [int(word.split(":")[0]) - 1 for word in line[1:]]] = 1
        return x, np.array([float(line[0]) > 0 for line in lines], dtype=float)
    return *read("a9a.svm.gz"), *read("a9a.t.svm.gz")


def standardised(x, y, x_test, y_test, classes):
    mean, scale = x.mean(0), x.std(0)
    scale[scale == 0] = 1
    shift, unit = (0, 1) if classes else (y.mean(), y.std())
    return (x - mean) / scale, (y - shift) / unit, (x_test - mean) / scale, (y_test - shift) / unit


def quality(predicted, y, classes):
    """R² of numbers, accuracy of classes."""
    return float(np.mean(predicted == y)) if classes else float(1 - np.mean((predicted - y) ** 2) / np.var(y))


def by_sklearn(parts, settings, classes, seed):
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    x, y, x_test, y_test = (np.asarray(part, dtype=np.float32) for part in parts)
    make = MLPClassifier if classes else MLPRegressor
    net = make(hidden_layer_sizes=(settings["hidden"],), batch_size=settings["batch"], max_iter=settings["epochs"], random_state=seed,
               alpha=settings["l2"] * settings["batch"], tol=0, n_iter_no_change=10**6)
    start = time.process_time()
    net.fit(x, y)
    return quality(net.predict(x_test), y_test, classes), time.process_time() - start


def by_pytorch(parts, settings, classes, seed):
    import torch
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    x, y, x_test, y_test = (torch.tensor(part, dtype=torch.float32) for part in parts)
    net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], settings["hidden"]), torch.nn.ReLU(),
                              torch.nn.Linear(settings["hidden"], 1))
    weights = [p for p in net.parameters() if p.dim() > 1]
    biases = [p for p in net.parameters() if p.dim() == 1]
    optimizer = torch.optim.Adam([{"params": weights, "weight_decay": settings["l2"]}, {"params": biases}])
    loss_of = torch.nn.BCEWithLogitsLoss() if classes else lambda a, b: torch.nn.functional.mse_loss(a, b) / 2
    start = time.process_time()
    for _ in range(settings["epochs"]):
        order = torch.randperm(len(y))
        for first in range(0, len(y), settings["batch"]):
            rows = order[first:first + settings["batch"]]
            optimizer.zero_grad()
            loss_of(net(x[rows])[:, 0], y[rows]).backward()
            optimizer.step()
    seconds = time.process_time() - start
    eta = net(x_test)[:, 0].detach()
    predicted = (eta > 0).float() if classes else eta
    return quality(predicted.numpy(), y_test.numpy(), classes), seconds


def told(words):
    """What riata says of a run, and processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(out), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_riata(program, folder, options):
    """The final row of the history and processor seconds."""
    target = np.load(folder / "train.npy", mmap_mode="r").shape[1]
    words = [program, "train", folder / "train.npy", "--target", target, "--test", folder / "test.npy", "--validation", "0",
             "--no-standardize", "--threads", "1", "--format", "json", "--quiet", *options]
    said, seconds = told(words)
    return said["history"][-1], seconds


def write_tables(folder, x, y, x_test, y_test):
    np.save(folder / "train.npy", np.column_stack([x, y]))
    np.save(folder / "test.npy", np.column_stack([x_test, y_test]))


def riata_quality(name, riata, folder, seed):
    settings = SETTINGS[name]
    last, seconds = by_riata(riata, folder, ["--hidden", settings["hidden"], "--learning-rate", "0.001", "--batch-size", settings["batch"],
                                             "--epochs", settings["epochs"], "--penalty", "l2", "--lambda", settings["l2"], "--seed", seed,
                                             *(["--loss", "multinomial"] if name == "digits" else [])])
    if name != "california":
        return last["test_accuracy"], seconds
    return 1 - 2 * last["test_loss"] / np.var(np.load(folder / "test.npy")[:, -1]), seconds


def mnist_quality(riata, folder, seed):
    last, seconds = by_riata(riata, folder, [*MNIST.split(), "--loss", "multinomial", "--seed", seed])
    return last["test_accuracy"], seconds


def compare(name, riata, python, data):
    settings, classes = SETTINGS[name], name == "a9a"
    parts = standardised(*(california if name == "california" else a9a)(data), classes)
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        write_tables(folder, *parts)
        np.savez(folder / "parts.npz", *parts)
        rows = {"scikit-learn": [], "PyTorch": [], "riata": []}
        for seed in SEEDS:
            cell = [python, __file__, "cell", name, str(folder / "parts.npz"), str(seed)]
            one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            rows["scikit-learn"].append(json.loads(subprocess.run(cell, check=True, stdout=subprocess.PIPE, text=True,
                                                                  env=one_thread).stdout))
            rows["PyTorch"].append(by_pytorch(parts, settings, classes, seed))
            rows["riata"].append(riata_quality(name, riata, folder, seed))
    for program, runs in rows.items():
        qualities, seconds = zip(*runs)
        print(f"| {name} | {program} | {statistics.mean(qualities):.4f} | {min(qualities):.4f} to {max(qualities):.4f} | "
              f"{min(seconds):.2f} |", flush=True)


def mnist_tables(data):
    lines = [line.split(",") for line in gzip.open(data / "mnist/mnist_5k.csv.gz", "rt").read().split()]
    x = np.array([[float(v) / 255 for v in line[:-1]] for line in lines])
    y = np.array([int(line[-1]) for line in lines])
    test = np.concatenate([np.flatnonzero(y == digit)[400:] for digit in range(10)])
    train = np.setdiff1d(np.arange(len(y)), test)
    return x[train], y[train], x[test], y[test]


def trees(parts, seed):
    from sklearn.ensemble import ExtraTreesClassifier
    x, y, x_test, y_test = parts
    return float(ExtraTreesClassifier(50, random_state=seed).fit(x, y).score(x_test, y_test))


def lassonet(riata, python, data):
    x, y, x_test, y_test = mnist_tables(data)
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        write_tables(folder, x, y, x_test, y_test)
        runs = []
        for seed in SEEDS:
            table = [riata, "train", folder / "train.npy", "--target", 785, "--loss", "multinomial", "--threads", 1, "--format", "json",
                     "--quiet", "--seed", seed]
            path, seconds = told([*table, *LASSONET_PATH.split()])
            unused = set(path["unused_features"])
            pixels = [j for j in range(784) if f"x{j + 1}" not in unused]
            network, _ = told([*table, "--test", folder / "test.npy", "--features", ",".join(f"x{j + 1}" for j in pixels),
                               *LASSONET_AFTER.split()])
            np.savez(folder / "parts.npz", x[:, pixels], y, x_test[:, pixels], y_test)
            forest = subprocess.run([python, __file__, "cell", "trees", str(folder / "parts.npz"), str(seed)], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout
            kept = next(row for row in network["history"] if row["epoch"] == network["best_epoch"])
            runs.append((len(pixels), kept["test_accuracy"], json.loads(forest), seconds))
        for name, column in (("a network", 1), ("trees", 2)):
            values = [run[column] for run in runs]
            print(f"| MNIST 5,000, LassoNet's {min(run[0] for run in runs)} to {max(run[0] for run in runs)} pixels | {name} | "
                  f"{statistics.mean(values):.4f} | {min(values):.4f} to {max(values):.4f} | {min(run[3] for run in runs):.0f} |",
                  flush=True)


def mnist(riata, data):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        write_tables(folder, *mnist_tables(data))
        runs = [mnist_quality(riata, folder, seed) for seed in MNIST_SEEDS]
    qualities, seconds = zip(*runs)
    print(f"| MNIST 5,000 | riata | {statistics.mean(qualities):.4f} | {min(qualities):.4f} to {max(qualities):.4f} | "
          f"{min(seconds):.2f} |", flush=True)


def main():
    if sys.argv[1] == "cell":
        name, parts, seed = sys.argv[2:5]
        if name == "trees":
            print(json.dumps(trees(list(np.load(parts).values()), int(seed))))
            return
        print(json.dumps(by_sklearn(list(np.load(parts).values()), SETTINGS[name], name == "a9a", int(seed))))
        return
    riata, python, data = sys.argv[1:4]
    sets = sys.argv[4:] or ["california", "a9a", "mnist", "lassonet"]
    print("| data | program | R² or accuracy on test rows, mean of three seeds | least to most | seconds |\n|---|---|---|---|---|")
    for name in sets:
        if name == "mnist":
            mnist(riata, pathlib.Path(data))
        elif name == "lassonet":
            lassonet(riata, python, pathlib.Path(data))
        else:
            compare(name, riata, python, pathlib.Path(data))


if __name__ == "__main__":
    main()
