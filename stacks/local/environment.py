"""The emulator's own virtual environment: created on first use in the user's cache, then only looked up.

MiniStack pins a botocore that this library cannot share, and Lambda functions run on its interpreter, where an
application's own packages would hide what is missing from its zip. Hence exactly the packages of the lock file
``requirements.txt`` in this folder, with their hashes, and no others.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.errors import LocalError
from stacks.packaging.uv_errors import without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOCK = Path(__file__).with_name("requirements.txt")
"""Exact versions and hashes of everything in the environment; ``python -m tools.lock`` writes it."""


def emulator() -> str:
    """The emulator and its version, as in ``ministack==1.5.33``."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return next(line.split()[0] for line in lines if line.startswith("ministack=="))


def directory(variables: Mapping[str, str]) -> Path:
    """Where the environment of this Python version and this lock file is kept, given the process's variables."""
    cache = Path(variables.get("XDG_CACHE_HOME") or Path(variables.get("HOME", "~")).expanduser() / ".cache")
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]
    return cache / "serverless-stacks" / f"{emulator().replace('==', '-')}-{version}-{digest}"


def python(say: Callable[[str], None]) -> Path:
    """The interpreter of the emulator's environment, which is created when missing.

    Raises:
        LocalError: The packages cannot be fetched, or the cache cannot be written.
    """
    home = directory(os.environ)
    interpreter = home / "bin" / "python"
    if not interpreter.exists():
        say(f"Fetching the local AWS ({emulator()}), once, into {home}")
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            _make(home)
        except OSError as error:
            raise LocalError(
                str(home), f"cannot be written ({error.strerror})", "Set XDG_CACHE_HOME to a folder you can write to"
            ) from error
    return interpreter


def _make(home: Path) -> None:
    """Make the environment next to its place and rename it there: half of one is never seen, and the first one wins."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".making-", ignore_cleanup_errors=True) as result:
        fresh = Path(result) / "environment"
        _uv("venv", "--quiet", "--no-project", "--python", sys.executable, "--relocatable", str(fresh))
        locked = ("--require-hashes", "--requirement", str(LOCK))
        _uv("pip", "install", "--quiet", "--python", str(fresh / "bin" / "python"), *locked)
        try:
            fresh.rename(home)
        except OSError:
            if not (home / "bin" / "python").exists():
                shutil.rmtree(home, ignore_errors=True)
                fresh.rename(home)


def _uv(*arguments: str) -> None:
    import uv  # noqa: PLC0415 - only needed once

    done = subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(line.strip() for line in without_credentials(done.stderr).splitlines() if line.strip())
        raise LocalError(
            "the local AWS",
            f"its packages cannot be installed: {reason[:400] or 'uv failed'}",
            "Connect to the network once (or set UV_INDEX_URL to a package index you can reach), then try again",
        )
