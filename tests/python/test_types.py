"""What type checkers are told is what the extension has."""

import pathlib

from nanobind.stubgen import StubGen

import riata
from riata import _engine


def test_the_stub_is_the_extension_s():
    made = StubGen(_engine)
    made.put(_engine)
    kept = pathlib.Path(riata.__file__).with_name("_engine.pyi").read_text(encoding="utf-8")
    assert made.get() == kept, "make it anew: python -m nanobind.stubgen -m riata._engine -o python/riata/_engine.pyi"
