#!/usr/bin/env python3
"""Builds the wheel and installs it where nothing else is than what it declares: package and program work there, and so does
every Python block of the documents, once what these import besides is there too.

usage: install_wheel.py SOURCE COMPILER

The declared packages and what they declare in turn are links to those of this environment, so that no network is needed.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
from importlib.metadata import distribution, requires

from packaging.requirements import Requirement

SOURCE, COMPILER = sys.argv[1:]
# What every Linux has (the manylinux list); all else must come with the packages.
OF_THE_SYSTEM = re.compile(r"(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|z))\.so")
BESIDES = ["pytest", "pandas", "altair", "formulaic", "onnxruntime"]  # what the documents import
USE = """
    import riata, numpy as np
    from sklearn.datasets import load_diabetes
    X, y = load_diabetes(return_X_y=True)
    model = riata.LassoCV(cv=5).fit(X, y)
    assert model.certificate_["relative_gap"] <= 1e-6
    rows = np.column_stack([X, y])
    np.savetxt("table.csv", rows, delimiter=",", header=",".join([*"abcdefghij", "y"]), comments="")
    print(riata.__version__, riata.__file__)
"""


def run(*command, **given):
    """What a command prints; it sees no path of the build's."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    done = subprocess.run(command, capture_output=True, text=True, env={**clean, **given.pop("env", {})}, **given)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def closure(names):
    """The distributions that some need, themselves among them."""
    found, todo = {}, list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = distribution(name)
            needs = [Requirement(one) for one in requires(name) or []]
            todo += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found.values()


def link(names, packages):
    """Some distributions of this environment, with what they need, in another."""
    for one in closure(names):
        for top in {pathlib.Path(str(file)).parts[0] for file in one.files} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(one.locate_file(top))


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        # The compiler by the name that it had in the build: ccache then has every object.
        run(
            sys.executable, "-m", "pip", "wheel", SOURCE, "--no-deps", "--no-build-isolation", "--no-index", "-w", work,
            env={"CXX": COMPILER},
        )  # fmt: skip
        (wheel,) = work.glob("riata-*.whl")
        print(f"{wheel.name}: {wheel.stat().st_size / 2**20:.1f} MiB")
        assert wheel.stat().st_size < 30 * 2**20

        run(sys.executable, "-m", "venv", work / "venv")
        binaries = work / "venv" / "bin"
        (packages,) = (work / "venv" / "lib").glob("python3*/site-packages")
        run(binaries / "pip", "install", "--no-index", "--no-deps", wheel)
        (own,) = packages.glob("riata-*.dist-info")
        declared = re.findall(r"^Requires-Dist: ([\w.-]+)", (own / "METADATA").read_text(encoding="utf-8"), re.M)
        link(declared, packages)
        run(binaries / "pip", "check")

        told = run(binaries / "python", "-c", textwrap.dedent(USE), cwd=work).split()
        assert told[1].startswith(str(packages)), told
        assert run(binaries / "riata", "--version").split() == ["riata", told[0]]
        run(binaries / "riata", "fit", "table.csv", "--target", "y", "--model", "model.json", "--report", "page.html", cwd=work)
        run(binaries / "riata", "export", "model.json", "-o", "model.onnx", cwd=work)
        assert (work / "model.onnx").stat().st_size > 0 and (work / "page.html").stat().st_size > 0

        (extension,) = (packages / "riata").glob("_engine*.so")
        for binary in (extension, packages / "riata" / "bin" / "riata"):
            for line in run("ldd", binary).splitlines():
                name, _, path = line.strip().partition(" => ")
                assert str(packages) in os.path.normpath(path) or OF_THE_SYSTEM.match(pathlib.Path(name.split()[0]).name), line
        assert (packages / "riata" / "_engine.pyi").exists() and (packages / "riata" / "py.typed").exists()

        link(BESIDES, packages)
        tests = pathlib.Path(SOURCE) / "tests" / "python" / "test_documents.py"
        run(
            binaries / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", tests,
            cwd=work, env={"RIATA_PROGRAM": str(binaries / "riata"), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip


main()
