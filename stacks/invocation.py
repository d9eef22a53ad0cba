"""How this command was called → the command that messages suggest: a project of your own has no ``build.py``."""

from __future__ import annotations

import os
import sys


def program() -> str:
    """``python build.py`` when that script runs, else ``stacks``."""
    name = os.path.basename(sys.argv[0])  # noqa: PTH119 - pathlib takes as long to import as Python to start
    return f"python {name}" if name.endswith(".py") and name != "__main__.py" else "stacks"
