"""The command-line program that lies in the package."""

import os
import sys
from pathlib import Path


def main():
    """Become the program ``riata``."""
    program = Path(__file__).parent / "bin" / "riata"
    if not program.exists():
        sys.exit("riata: this build of the package has no command-line program")
    os.execv(program, ["riata", *sys.argv[1:]])
