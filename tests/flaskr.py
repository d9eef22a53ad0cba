"""Flask's tutorial application, as its source package on PyPI has it."""

from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

import uv

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "3.1.3"
WORDS = ("pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:")


def tutorial(root: Path) -> Path:
    """Put the tutorial into the folder ``tutorial`` under ``root``; return that folder."""
    fetch = [uv.find_uv_bin(), "tool", "run", "--quiet", *WORDS, "--dest", str(root / "sdist"), f"flask=={VERSION}"]
    subprocess.run(fetch, check=True)
    with tarfile.open(next((root / "sdist").glob("*.tar.gz"))) as packed:
        packed.extractall(root / "sdist", filter="data")
    return (root / f"sdist/flask-{VERSION}/examples/tutorial").rename(root / "tutorial")
