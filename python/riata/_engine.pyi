"""riata's engine: arrays and options in, results out"""

from collections.abc import Callable, Sequence
from typing import Annotated, overload

import numpy
from numpy.typing import NDArray
from typing_extensions import CapsuleType


class Design:
    """A matrix over the caller's memory, which is not copied."""

    @property
    def shape(self) -> tuple: ...

def dense(array: object) -> Design:
    """A float64 or float32 matrix of any strides, not copied."""

def columns(arrays: list) -> Design:
    """A matrix of which each column is an array of its own, not copied."""

def sparse(rows: int, cols: int, starts: object, indices: object, values: object) -> Design:
    """Compressed sparse columns with int32 or int64 indices, not copied."""

def inverse_link(loss: str, eta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> object:
    """The expected response."""

def linear_predictor(design: Design, coefficients: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='F', device='cpu', writable=False)], intercepts: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], transposed: bool = False, threads: int = 1) -> object:
    """intercepts + X @ coefficients, shape (rows, outputs)."""

class Path:
    """Solutions by decreasing λ, on the original scale."""

    @property
    def lambdas(self) -> object: ...

    @property
    def intercepts(self) -> object: ...

    @property
    def objectives(self) -> object: ...

    @property
    def deviance_ratios(self) -> object: ...

    @property
    def degrees_of_freedom(self) -> object: ...

    @property
    def relative_gaps(self) -> object: ...

    @property
    def gaps(self) -> object: ...

    @property
    def kkt_violations(self) -> object: ...

    @property
    def leave_one_out_errors(self) -> object: ...

    def leave_one_out(self, index: int) -> object:
        """Predictions of each row by the fit without it; or none."""

    @property
    def gcv_errors(self) -> object: ...

    @property
    def n_nonzero(self) -> object: ...

    @property
    def statuses(self) -> list[str]: ...

    @property
    def status(self) -> str: ...

    @property
    def lambda_max(self) -> float: ...

    @property
    def null_deviance(self) -> float: ...

    @property
    def solver(self) -> str: ...

    @property
    def warnings(self) -> list[str]: ...

    @property
    def n_features(self) -> int: ...

    def coefficients_at(self, index: int, single: bool = False) -> object: ...

    def coefficients(self, single: bool = False) -> object:
        """One row a λ."""

    def sparse_coefficients(self) -> object:
        """starts, indices, values: one row a λ."""

class Folds:
    """Which rows each fold trains on and is judged on."""

    @property
    def n_folds(self) -> int: ...

def folds_from_splits(n_rows: int, splits: Sequence[tuple[Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)]]]) -> Folds:
    """Folds from pairs of row positions: training, validation."""

class CrossValidation:
    """Errors of every λ, averaged over folds."""

    @property
    def n_folds(self) -> int: ...

    @property
    def mean(self) -> object: ...

    @property
    def standard_error(self) -> object: ...

    @property
    def fold_means(self) -> object:
        """Shape (folds, λ)."""

    @property
    def paths(self) -> list[Path]:
        """Of the folds, where they were kept."""

    @property
    def index_min(self) -> int: ...

    @property
    def index_1se(self) -> int: ...

    @property
    def status(self) -> str: ...

    def selection_frequency(self, index: int) -> object: ...

class SolveOptions:
    """Penalty, tolerance and threads of a solve."""

    def __init__(self, penalty: str, l1_ratio: float = 0.5, tolerance: float = 1e-06, max_iterations: int = 0, solver: str = 'auto', threads: int = 1, leave_one_out: str = 'none', diagnostics: bool = True) -> None: ...

class Shared:
    """What paths and their folds share."""

class Problem:
    """What is to be minimised, without the penalty's strength."""

    def __init__(self, design: Design, response: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='F', device='cpu', writable=False)], loss: str = 'squared', weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, offset: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, penalty_factor: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, lower: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, upper: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, intercept: bool = True, standardize: bool = False) -> None: ...

    def lambda_grid(self, options: SolveOptions, n_lambdas: int = 100, min_ratio: float | None = None) -> object:
        """
        Decreasing λ from the least that leaves every penalised coefficient zero.
        """

    def shared(self, folds: Folds, n_lambdas: int, options: SolveOptions) -> Shared:
        """What paths and their folds share, as far as that pays."""

    def fit_paths(self, lambdas: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)], options: SolveOptions, shared: Shared | None = None) -> list[Path]:
        """One Path an output."""

    def cross_validate(self, lambdas: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], folds: Folds, options: SolveOptions, measure: str = 'mse', sum_scale: bool = False, output: int = 0, frequency_at: Sequence[int] = [], keep_paths: bool = False, shared: Shared | None = None) -> CrossValidation: ...

    def select(self, path: Path, cross_validation: CrossValidation | None, rule: str) -> int:
        """Position of the chosen λ."""

    def r2(self, cross_validation: CrossValidation, folds: Folds, output: int = 0) -> object:
        """R² of every fold and λ, shape (folds, lambdas)."""

    @property
    def names(self) -> list[str]:
        """Of the columns, for messages; empty where they have none."""

    @names.setter
    def names(self, arg: Sequence[str], /) -> None: ...

    @property
    def n_samples(self) -> int: ...

class Table:
    """
    Named columns, then perhaps one matrix, over memory that is not copied.
    """

    def __init__(self) -> None: ...

    @property
    def rows(self) -> int: ...

    @property
    def names(self) -> list[str]: ...

    def views(self) -> list:
        """
        Columns as arrays over the table's memory, none where one is not of a floating type, whole.
        """

    def add_stream(self, capsule: CapsuleType) -> None:
        """All columns of an Arrow C stream."""

    def add_numbers(self, name: str, values: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

    @overload
    def add_integers(self, name: str, values: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], missing: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

    @overload
    def add_integers(self, name: str, values: Annotated[NDArray[numpy.uint64], dict(shape=(None,), order='C', device='cpu', writable=False)], missing: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None:
        """`missing` has a flag a value, or is empty."""

    def add_dates(self, name: str, rows: int) -> None:
        """A column that is refused where it is used."""

    def add_booleans(self, name: str, values: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

    def add_text(self, name: str, values: Sequence[str]) -> None: ...

    def add_dense(self, array: object, names: Sequence[str]) -> None: ...

    def add_sparse(self, rows: int, cols: int, starts: object, indices: object, values: object, names: Sequence[str]) -> None: ...

class Fit:
    """A fit, or a model that was loaded."""

    def json(self) -> str: ...

    def text(self, width: int = 80) -> str: ...

    def html(self) -> str: ...

    def save(self, path: str) -> None:
        """Writes the model file, whole or not at all."""

    def report(self, path: str) -> None:
        """Writes the page, whole or not at all."""

    def model_bytes(self) -> bytes: ...

    def predict(self, settings: Sequence[tuple[str, str]], table: Table, threads: int = 1) -> object: ...

    def evaluate(self, settings: Sequence[tuple[str, str]], table: Table, threads: int = 1) -> str: ...

    @property
    def target(self) -> str: ...

    @property
    def warnings(self) -> list[str]: ...

    @property
    def feature_names(self) -> list[str]: ...

def fit(settings: Sequence[tuple[str, str]], table: Table, threads: int = 1) -> Fit: ...

def write_whole(path: str, text: str) -> None:
    """Writes a file, whole or not at all."""

def model_from_bytes(bytes: bytes, source: str) -> Fit: ...

class Comparison:
    """Penalties side by side."""

    def json(self) -> str: ...

    def text(self, width: int = 80) -> str: ...

    def html(self) -> str: ...

    def report(self, path: str) -> None: ...

class Diagnosis:
    """Learning curves judged."""

    def json(self) -> str: ...

    def text(self, width: int = 80) -> str: ...

    def html(self) -> str: ...

    def report(self, path: str) -> None: ...

    @property
    def curves(self) -> dict:
        """Name → a number an epoch; only what the log has."""

def compare(settings: Sequence[tuple[str, str]], table: Table, threads: int, note: Callable[[str], None]) -> Comparison:
    """note: is told of finished trainings that are skipped."""

def diagnose(settings: Sequence[tuple[str, str]], table: Table) -> Diagnosis: ...

class TrainOptions:
    """How a network is trained."""

    def __init__(self) -> None: ...

    @property
    def epochs(self) -> int: ...

    @epochs.setter
    def epochs(self, arg: int, /) -> None: ...

    @property
    def batch_size(self) -> int: ...

    @batch_size.setter
    def batch_size(self, arg: int, /) -> None: ...

    @property
    def shuffle(self) -> bool: ...

    @shuffle.setter
    def shuffle(self, arg: bool, /) -> None: ...

    @property
    def clip_norm(self) -> float: ...

    @clip_norm.setter
    def clip_norm(self, arg: float, /) -> None: ...

    @property
    def dropout(self) -> float: ...

    @dropout.setter
    def dropout(self, arg: float, /) -> None: ...

    @property
    def input_dropout(self) -> float: ...

    @input_dropout.setter
    def input_dropout(self, arg: float, /) -> None: ...

    @property
    def patience(self) -> int: ...

    @patience.setter
    def patience(self, arg: int, /) -> None: ...

    @property
    def stall(self) -> int: ...

    @stall.setter
    def stall(self, arg: int, /) -> None: ...

    @property
    def stall_tolerance(self) -> float: ...

    @stall_tolerance.setter
    def stall_tolerance(self, arg: float, /) -> None: ...

    @property
    def seed(self) -> int: ...

    @seed.setter
    def seed(self, arg: int, /) -> None: ...

    def set_optimizer(self, kind: str, learning_rate: float, momentum: float, nesterov: bool, beta1: float, beta2: float, epsilon: float, weight_decay: float) -> None: ...

    def set_penalty(self, name: str, l1_ratio: float, strength: float, groups: str) -> None: ...

    def set_schedule(self, name: str, power: float, seen: float, rows: float, floor: float) -> None: ...

class NetworkSpec:
    """Sizes, activation and loss of a multilayer perceptron."""

    def __init__(self, inputs: int, hidden: Sequence[int], outputs: int, activation: str, loss: str) -> None: ...

class Samples:
    """Rows to train or to judge on, over memory that is not copied."""

    def __init__(self, features: Annotated[NDArray, dict(shape=(None, None), device='cpu', writable=False)], response: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None) -> None: ...

    @staticmethod
    def of_sparse(rows: int, cols: int, starts: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], columns: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], values: Annotated[NDArray, dict(shape=(None,), order='C', device='cpu', writable=False)], response: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None) -> Samples:
        """Compressed sparse rows."""

class NetworkObjective:
    """The data loss of a network and its gradient, float64."""

    def __init__(self, network: NetworkSpec, samples: Samples) -> None: ...

    def __call__(self, parameters: Annotated[NDArray, dict(shape=(None,), order='C', device='cpu', writable=False)], threads: int = 1) -> tuple[float, object]: ...

class Progress:
    """Where a training that is continued had got to."""

    def __init__(self, epoch: int, step: int, momentum_product: float, optimizer: Annotated[NDArray, dict(shape=(None,), order='C', device='cpu', writable=False)], losses: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

def train_network(network: NetworkSpec, training: Samples, validation: Samples | None, options: TrainOptions, parameters: Annotated[NDArray, dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, progress: Progress | None = None, threads: int = 1) -> dict:
    """Parameters, curves, and where to go on from."""

def network_eta(network: NetworkSpec, parameters: Annotated[NDArray, dict(shape=(None,), order='C', device='cpu', writable=False)], features: Annotated[NDArray, dict(shape=(None, None), device='cpu', writable=False)], threads: int = 1) -> object:
    """What the last layer gives, shape (rows, outputs)."""

class Training:
    """A trained network, or one that was loaded."""

    def json(self) -> str: ...

    def text(self, width: int = 80) -> str: ...

    def html(self) -> str: ...

    def save(self, path: str) -> None:
        """Writes the model file, whole or not at all."""

    def report(self, path: str) -> None:
        """Writes the page, whole or not at all."""

    def model_bytes(self) -> bytes: ...

    def predict(self, settings: Sequence[tuple[str, str]], table: Table, threads: int = 1) -> object:
        """Name → values."""

    def evaluate(self, settings: Sequence[tuple[str, str]], table: Table, threads: int = 1) -> str: ...

    @property
    def parameters(self) -> dict: ...

    @property
    def warnings(self) -> list[str]: ...

    @property
    def feature_names(self) -> list[str]: ...

def train(settings: Sequence[tuple[str, str]], table: Table, validation: Table | None, test: Table | None, initial_weights: bytes | None, threads: int, note: Callable[[str], None]) -> Training:
    """
    initial_weights: what the file of that name in the settings holds. note: is told of checkpoints that are skipped.
    """

def network_from_bytes(bytes: bytes, source: str) -> Training: ...
