"""``python -m tools.lock``: pin every dependency, with hashes, for development, CI, the local AWS and the scanners.

Each lock file holds exact versions and the hashes of their files for every platform and Python from 3.11 on;
installers are called with ``--require-hashes``. ``--upgrade`` takes the newest versions that the inputs allow.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import uv

ROOT = Path(__file__).parent.parent
LOCKS = {
    "requirements/dev.txt": ("pyproject.toml", "--extra", "dev"),
    "stacks/local/requirements.txt": ("stacks/local/requirements.in",),
    "tools/scan/requirements.txt": ("tools/scan/requirements.in",),
}
"""Lock file → what it is compiled from, as arguments of ``uv pip compile``."""
_OPTIONS = ("--universal", "--python-version=3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet")
_NO_ADDRESSES = ("--no-emit-index-url", "--no-emit-find-links")


def compile_lock(target: str, *extra: str) -> None:
    """Write one lock file. Versions it already holds are kept unless ``--upgrade`` is among ``extra``."""
    command = [uv.find_uv_bin(), "pip", "compile", *LOCKS[target], *_OPTIONS, *_NO_ADDRESSES, *extra]
    subprocess.run([*command, "--output-file", target], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main(arguments: list[str]) -> None:
    """Compile every lock file; ``arguments`` are passed on to ``uv pip compile``."""
    for target in LOCKS:
        compile_lock(target, *arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
