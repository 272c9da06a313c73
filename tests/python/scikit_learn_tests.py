#!/usr/bin/env python3
"""scikit-learn's own tests of its linear models, run on riata's classes.

usage: scikit_learn_tests.py [FILE…] [-- PYTEST OPTIONS]

From the installed scikit-learn each test file is taken as it is; right after its imports the names that riata has too are
bound to riata's. Tests that cannot say anything about another implementation are excluded by name, with the reason, in
scikit_learn_excluded.txt; every reason stands in docs/python.md. Prints passed, failed and excluded; tests that never enter
riata (of classes it does not have, in the same files) are counted apart. The exit code is 1 when a test fails that is not
excluded, or a reason is in no document.
"""
import ast
import collections
import pathlib
import re
import sys
import tempfile

import pytest
import sklearn

import riata

FILES = {
    "linear_model": ["test_coordinate_descent.py", "test_sparse_coordinate_descent.py", "test_logistic.py", "test_ridge.py"],
    "neural_network": ["test_mlp.py"],
}
REPLACED = [name for name in riata.__all__ if name[0].isupper() and name not in ("Fit", "Training")] + ["lasso_path", "enet_path"]
HERE = pathlib.Path(__file__).parent
PACKAGE = str(pathlib.Path(riata.__file__).parent)


def rebound(source):
    """The source with riata's names bound after the last import at the top."""
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    lines = source.splitlines()
    names = [name for name in REPLACED if name in imported]
    lines.insert(imports[-1].end_lineno, "import riata; " + "; ".join(f"{name} = riata.{name}" for name in names))
    return "\n".join(lines) + "\n"


def exclusions():
    """[(pattern, reason)]: a line is "file::test[parameters]: reason", where * stands for anything."""
    found = []
    for line in (HERE / "scikit_learn_excluded.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, reason = line.split(": ", 1)
            pattern = re.escape(name).replace(r"\*", ".*")
            found.append((re.compile(pattern + r"(\[.*\])?$"), reason))
    return found


class Watch:
    """Leaves out what is excluded and counts the rest."""

    def __init__(self):
        self.outcomes = collections.Counter()
        self.failed = []
        self.reasons = collections.Counter()
        self.exclusions = exclusions()
        self.used = set()
        self.entered = set()

    @pytest.fixture
    def global_random_seed(self):
        """What scikit-learn's own conftest gives."""
        return 42

    def pytest_collection_modifyitems(self, items, config):
        kept, left = [], []
        for item in items:
            name = item.nodeid.rpartition("/")[2]
            reason = next((why for pattern, why in self.exclusions if pattern.match(name)), None)
            for pattern, _ in self.exclusions:
                if pattern.match(name):
                    self.used.add(pattern)
            if reason is not None:
                self.reasons[reason] += 1
            (kept if reason is None else left).append(item)
        items[:] = kept
        config.hook.pytest_deselected(items=left)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        def look(frame, event, argument):
            if frame.f_code.co_filename.startswith(PACKAGE):
                self.entered.add(item.nodeid)
                sys.setprofile(None)

        sys.setprofile(look)
        yield
        sys.setprofile(None)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            outside = report.outcome == "passed" and report.nodeid not in self.entered
            self.outcomes["passed without riata" if outside else report.outcome] += 1
        if report.failed:
            self.failed.append(report.nodeid.rpartition("/")[2])


def main():
    arguments, _, options = " ".join(sys.argv[1:]).partition("--")
    watch = Watch()
    with tempfile.TemporaryDirectory() as work:
        for package, names in FILES.items():
            folder = pathlib.Path(sklearn.__file__).parent / package / "tests"
            for name in set(names) & set(arguments.split() or names):
                source = (folder / name).read_text(encoding="utf-8")
                (pathlib.Path(work) / name).write_text(rebound(source), encoding="utf-8")
        code = pytest.main(["-q", "--tb=no", "-p", "no:cacheprovider", "-W", "ignore", *options.split(), work], plugins=[watch])
    print(f"\nscikit-learn {sklearn.__version__}'s tests on riata {riata.__version__}")
    print(f"  passed {watch.outcomes['passed']}, failed {watch.outcomes['failed']}, skipped {watch.outcomes['skipped']}, "
          f"do not use riata {watch.outcomes['passed without riata']}, excluded {sum(watch.reasons.values())}:")
    for reason, count in watch.reasons.most_common():
        print(f"  {count:5} {reason}")
    for pattern, _ in watch.exclusions:
        if pattern not in watch.used and not arguments:
            print(f"  an exclusion excludes nothing: {pattern.pattern}")
    for name in watch.failed:
        print(f"  FAILED {name}")
    document = " ".join((HERE.parents[1] / "docs" / "python.md").read_text(encoding="utf-8").split())
    unsaid = sorted({reason for _, reason in watch.exclusions if reason not in document})
    for reason in unsaid:
        print(f"  NOT IN docs/python.md: {reason}")
    return 1 if unsaid or watch.outcomes["failed"] or code not in (0, 1) else 0


if __name__ == "__main__":
    sys.exit(main())
