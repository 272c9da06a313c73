"""Debian's python3-torch, where the environment has no torch of its own; all else comes from the environment."""

import importlib.util
import sys

if importlib.util.find_spec("torch") is None:
    sys.path.append("/usr/lib/python3/dist-packages")
