"""The programs, how each is started, and its tolerances from its default to the tightest that is of use."""
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Program:
    name: str
    command: tuple
    tolerances: tuple  # the first is the program's default
    threads_for: tuple = ("path", "cv")  # tasks in which a second thread does anything
    losses: tuple = ("squared", "logistic")
    standardize: bool = False
    ours: bool = False


def python(name, tolerances, **rest):
    return Program(name, (sys.executable, str(HERE / "adapters" / f"{name}_cell.py")), tolerances, **rest)


def programs(riata_cell):
    ours = {"command": (str(riata_cell),), "ours": True}
    return [
        Program("riata", tolerances=(1e-6, 1e-10), **ours),
        Program("riata-standardize", tolerances=(1e-6,), standardize=True, **ours),
        Program("glmnet", ("Rscript", str(HERE / "adapters/glmnet_cell.R")), (1e-7, 1e-10, 1e-14), threads_for=("cv",)),
        python("adelie", (1e-7, 1e-10, 1e-12)),
        python("sklearn", (1e-4, 1e-6, 1e-10), threads_for=("cv",)),
        python("celer", (1e-4, 1e-6, 1e-9), threads_for=(), losses=("squared",)),
        python("skglm", (1e-4, 1e-6, 1e-8), threads_for=()),
        python("glum", (1e-4, 1e-6, 1e-9)),
    ]
