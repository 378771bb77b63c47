"""chimectl, a program in Rust that this package brings along."""

import os
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "bin" / "chimectl"


def main():
    """Becomes the program, with the arguments of this process."""
    # A rehearsal installs MiniStack with this interpreter: it is known to be recent enough, and there may be no other.
    os.environ.setdefault("CHIMECTL_PYTHON", sys.executable)
    os.execv(PROGRAM, sys.argv)
