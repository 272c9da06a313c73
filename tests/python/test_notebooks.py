"""The notebooks run."""

import pathlib
import subprocess
import sys

import pytest

NOTEBOOKS = pathlib.Path(__file__).parents[2] / "examples" / "notebooks"


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_it_runs(name):
    done = subprocess.run([sys.executable, NOTEBOOKS / "run.py", "--check", NOTEBOOKS / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
