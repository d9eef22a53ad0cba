"""What a package index says of a package: for which Pythons and platforms it has wheels of native code.

uv asks the index; the standard lock format lists the files of a package:
https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import uv

from stacks.packaging.building import installing

if TYPE_CHECKING:
    from collections.abc import Iterable

_OLDEST, _NEWEST = 9, 14
"""Minor versions of Python 3 to ask for: the oldest that packages still support, and Lambda's newest."""
_WHEEL = re.compile(r"-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<platform>[^-]+)\.whl$")
_SYSTEMS = {"manylinux": "Linux", "musllinux": "Linux", "linux": "Linux", "macosx": "macOS", "win": "Windows"}


def native_wheels(requirement: str) -> tuple[str, ...]:
    """The file names of a package's wheels when all of them hold native code; none for one with a wheel for all.

    ``requirement`` is a name, or a name with a version. Nothing is said, either, when the index does not answer.
    """
    for minor in range(_OLDEST, _NEWEST + 1):  # a lower one may be refused by the package itself
        command = [uv.find_uv_bin(), "pip", "compile", "-", "--universal", "--no-deps", "--no-header", "--quiet"]
        command += ["--python-version", f"3.{minor}", "--format", "pylock.toml", "--color", "never"]
        done = subprocess.run(
            command,
            input=requirement,
            env=installing(os.environ),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode == 0:
            return _native(_names(done.stdout))
    return ()


def _names(lock: str) -> list[str]:
    try:
        packages = tomllib.loads(lock).get("packages", [])
    except tomllib.TOMLDecodeError:
        return []
    wheels = (wheel for package in packages for wheel in package.get("wheels", ()))
    places = (wheel.get("name") or wheel.get("url") or wheel.get("path") or "" for wheel in wheels)
    return [str(place).rpartition("/")[2] for place in places]


def _native(names: Iterable[str]) -> tuple[str, ...]:
    results = [name for name in names if _WHEEL.search(name)]
    return () if any(name.endswith("-none-any.whl") for name in results) else tuple(results)


def platforms_of(wheels: Iterable[str]) -> str:
    """For which Pythons and systems wheels are, in words: ``Python 3.9, 3.10 on Linux, macOS``."""
    pythons: set[int] = set()
    systems: set[str] = set()
    for match in filter(None, map(_WHEEL.search, wheels)):
        pythons |= {int(minor) for minor in re.findall(r"cp3(\d+)", match["python"])}
        systems |= {name for start, name in _SYSTEMS.items() if match["platform"].startswith(start)}
    which = ", ".join(f"3.{minor}" for minor in sorted(pythons)) or "other versions"
    return f"Python {which} on {', '.join(sorted(systems)) or 'other systems'}"
