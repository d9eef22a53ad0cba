"""The values of packaging: what is to be packaged, for which Python, and the zip that comes out.

Plain values only. This module reads no files, because deployment and the local AWS hand these values around.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stacks.errors import PackagingError

if TYPE_CHECKING:
    from pathlib import Path

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_FIRST_ON_AMAZON_LINUX_2023 = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The code of one Lambda function (or of several that share it).

    ``source`` is a folder and ``requirements`` a file, both relative to the project's root with ``/`` between the
    parts. ``only`` says what of the source is taken, all when empty. ``runtime`` is Lambda's name (``python3.14``),
    ``architecture`` is ``arm64`` or ``x86_64``. With an ``application`` the zip gets the module ``stacks_web``,
    whose ``handler`` serves the one named by ``WSGI_APP`` or ``ASGI_APP``.
    With ``secrets`` it gets ``stacks_secrets``, which reads the function's secrets; with ``databases``,
    ``stacks_database``, which connects to them.
    With ``as_is`` another framework built ``source``, a file or a folder: it becomes a zip, or stays the file it is;
    ``text`` is what is uploaded in the file's place.
    With ``is_layer`` it is a layer, made of its requirements alone; ``layer`` is the name of the one that it runs with,
    whose packages its zip leaves out.
    Of Node.js, ``requirements`` is a package.json, and ``handlers`` are the files inside ``source`` that Lambda loads.
    Without ``boto3`` the zip leaves out boto3 and what only boto3 needs, for the version that Lambda's runtime has.
    """

    name: str
    source: str
    only: tuple[str, ...] = ()
    requirements: str | None = None
    runtime: str = "python3.14"
    architecture: str = "arm64"
    application: Literal["wsgi", "asgi"] | None = None
    boto3: bool = True
    as_is: Literal["zip", "file"] | None = None
    text: str | None = None
    secrets: bool = False
    databases: bool = False
    is_layer: bool = False
    layer: str | None = None
    handlers: tuple[str, ...] = ()

    @property
    def is_node(self) -> bool:
        """Whether Node.js runs it."""
        return self.runtime.startswith("nodejs")


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonTarget:
    """The Python that will import the code: its version (``3.14``) and uv's name of its platform.

    Without a ``platform`` it is the Python that runs this library, on this machine.
    """

    python: str
    platform: str | None = None

    def __str__(self) -> str:
        return f"Python {self.python} on {self.platform or 'this machine'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A zip that is ready for upload: ``path`` here, ``key`` in the artifact bucket.

    ``sha256`` is the hexadecimal digest of the zip and is part of its key, so a key never changes its content.
    ``size`` (the zip) and ``unzipped`` (what Lambda's limit counts) are bytes. ``layer`` is the key of the layer that
    it runs with.
    """

    bundle: str
    key: str
    path: Path
    sha256: str
    size: int
    unzipped: int
    layer: str | None = None


def lambda_target(bundle: Bundle) -> PythonTarget:
    """The Python that Lambda runs ``bundle`` with.

    python3.12 and later run on Amazon Linux 2023, whose glibc is 2.34; earlier ones on Amazon Linux 2 with glibc 2.26,
    for which uv's nearest name is manylinux2014 (AWS Lambda developer guide, "Lambda runtimes").
    Raises ``PackagingError`` for a runtime that is not a Python 3 or an architecture that Lambda does not have.
    """
    runtime = re.fullmatch(r"python3\.(\d+)", bundle.runtime)
    if runtime is None:
        raise PackagingError(bundle.name, f"runtime {bundle.runtime!r} is not a Python", "Use one such as python3.14")
    machine = _MACHINES.get(bundle.architecture)
    if machine is None:
        raise PackagingError(bundle.name, f"Lambda has no architecture {bundle.architecture!r}", "Use arm64 or x86_64")
    minor = int(runtime[1])
    libc = "manylinux_2_34" if minor >= _FIRST_ON_AMAZON_LINUX_2023 else "manylinux2014"
    return PythonTarget(python=f"3.{minor}", platform=f"{machine}-{libc}")


def host_target() -> PythonTarget:
    """The Python that runs this library: the local emulator runs functions with it."""
    return PythonTarget(python=f"{sys.version_info.major}.{sys.version_info.minor}")
