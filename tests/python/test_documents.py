"""Every Python block of the documents runs, word for word."""

import pathlib
import re
from importlib.util import find_spec

import pytest

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(
        block,
        id=f"{path.name}-{number}",
        marks=pytest.mark.skipif("import torch" in block and find_spec("torch") is None, reason="needs torch"),
    )
    for path in DOCUMENTS
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.S))
]


def export_a_model():
    """The files that a block on exporting reads: model.onnx and new.csv."""
    import os
    import subprocess

    import pandas

    import riata

    program = os.environ.get("RIATA_PROGRAM")
    if not program:
        pytest.skip("RIATA_PROGRAM does not name the command-line program")
    table = pandas.DataFrame({"a": [0.5, 1.0, 2.5, 3.0, 4.5, 5.0], "b": list("uvuvuv"), "y": [1.0, 3.0, 3.0, 5.0, 5.0, 7.0]})
    table.to_csv("new.csv", index=False)
    riata.fit_path(table, "y", lambdas=[0.1]).save("model.json")
    subprocess.run([program, "export", "model.json", "-o", "model.onnx"], check=True, capture_output=True)


@pytest.mark.parametrize("block", BLOCKS)
def test_it_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "model.onnx" in block:
        export_a_model()
    exec(compile(block, "document", "exec"), {"__name__": "document"})


def test_examples_of_the_docstrings():
    import doctest
    import importlib

    import riata

    for home in sorted(set(riata._HOME.values())):
        module = importlib.import_module("riata." + home)
        failed, _ = doctest.testmod(module)
        assert failed == 0, home


def test_public_names_have_docstrings_and_types():
    import inspect

    import riata

    for name in riata.__all__:
        assert name == "__version__" or inspect.getdoc(getattr(riata, name)), name
    assert (pathlib.Path(riata.__file__).parent / "py.typed").exists()


def test_the_stubs_are_the_extension_s(tmp_path):
    """To renew them: python -m nanobind.stubgen -m riata._engine -o python/riata/_engine.pyi"""
    import subprocess
    import sys

    import riata

    made = tmp_path / "_engine.pyi"
    command = [sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "riata._engine", "-o", made]
    subprocess.run(command, check=True)
    kept = pathlib.Path(riata.__file__).parent / "_engine.pyi"
    assert made.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")
