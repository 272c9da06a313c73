"""Every Python block of the documents runs, word for word, after the commands that the document shows above it."""

import os
import pathlib
import re
import subprocess
from importlib.util import find_spec

import pytest

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def blocks():
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for number, block in enumerate(re.finditer(r"```python\n(.*?)```", text, re.S)):
            sessions = re.findall(r"```console\n(.*?)```", text[: block.start()], re.S)
            commands = [line[2:] for session in sessions for line in session.splitlines() if line.startswith("$ ")]
            without_torch = "import torch" in block[1] and find_spec("torch") is None
            without_program = bool(commands) and "RIATA_PROGRAM" not in os.environ
            marks = pytest.mark.skipif(without_torch or without_program, reason="needs torch or the program")
            yield pytest.param(commands, block[1], id=f"{path.name}-{number}", marks=marks)


@pytest.mark.parametrize(("commands", "block"), list(blocks()))
def test_it_runs(commands, block, tmp_path, monkeypatch):
    for table in (ROOT / "examples" / "data").iterdir():
        (tmp_path / table.name).symlink_to(table)
    monkeypatch.chdir(tmp_path)
    if commands:
        monkeypatch.setenv("PATH", os.path.dirname(os.environ["RIATA_PROGRAM"]), prepend=os.pathsep)
    for command in commands:
        subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
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
        found = getattr(riata, name)
        if inspect.isfunction(found):
            assert "\nRaises\n------\n" in inspect.getdoc(found), name
        elif hasattr(found, "fit"):
            assert "\nReferences\n----------\n" in inspect.getdoc(found), name
            for method in ("fit", "partial_fit", "predict", "predict_proba"):
                if hasattr(found, method):
                    told = inspect.getdoc(getattr(found, method))
                    assert "\nRaises\n------\n" in told and "{" not in told.replace("{array-like", ""), f"{name}.{method}"
    assert (pathlib.Path(riata.__file__).parent / "py.typed").exists()
