"""The emulator's own virtual environment: made on first use in the user's cache, then only looked up.

MiniStack pins a botocore that this library cannot share, and Lambda functions run on its interpreter, where an
application's own packages would hide what is missing from its zip. Hence exactly these packages, and no others.
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

# cryptography: without it Cognito's tokens are not really signed. boto3: functions expect the runtime to have it.
PACKAGES = ("ministack==1.5.33", "boto3==1.43.106", "botocore==1.43.106", "cryptography==50.0.2")


def directory(variables: Mapping[str, str]) -> Path:
    """Where the environment of this Python version and these packages is kept, given the process's variables."""
    cache = Path(variables.get("XDG_CACHE_HOME") or Path(variables.get("HOME", "~")).expanduser() / ".cache")
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    digest = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:8]
    return cache / "serverless-stacks" / f"{PACKAGES[0].replace('==', '-')}-{version}-{digest}"


def python(say: Callable[[str], None]) -> Path:
    """The interpreter of the emulator's environment, which is made first when it is not there.

    Raises:
        LocalError: The packages cannot be fetched, or the cache cannot be written.
    """
    home = directory(os.environ)
    interpreter = home / "bin" / "python"
    if not interpreter.exists():
        say(f"Fetching the local AWS ({PACKAGES[0]}), once, into {home}")
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            _make(home)
        except OSError as error:
            raise LocalError(
                str(home), f"cannot be written ({error.strerror})", "Set XDG_CACHE_HOME to a folder you can write to"
            ) from error
    return interpreter


def _make(home: Path) -> None:
    """Make the environment beside its place and rename it there: half of one is never seen, and the first one wins."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".making-", ignore_cleanup_errors=True) as made:
        fresh = Path(made) / "environment"
        _uv("venv", "--quiet", "--no-project", "--python", sys.executable, "--relocatable", str(fresh))
        _uv("pip", "install", "--quiet", "--python", str(fresh / "bin" / "python"), *PACKAGES)
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
