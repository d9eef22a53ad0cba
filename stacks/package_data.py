"""Data files that other packages carry, read without importing the packages: cfn-lint takes most of a second.

Only this module knows where such files are. What it returns has the form that its readers count on; where a release of
a package keeps a file elsewhere or in another form, it says so, with the release.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.errors import StacksError

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = {"cfnlint": "cfn-lint", "botocore": "botocore"}


def folder(package: str) -> Path:
    """The folder with a package's data files.

    Raises:
        StacksError: when the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        what = "is not installed; this library reads its data"
        raise StacksError(_NAMES[package], what, f"Install it: 'pip install {_NAMES[package]}'")
    return Path(spec.submodule_search_locations[0]) / "data"


def read(package: str, path: str, has_form: Callable[[Any], bool]) -> Any:
    """The JSON file at ``path`` below a package's data, for which ``has_form`` holds.

    Raises:
        StacksError: when the package is not installed, or this release of it has no such file in that form.
    """
    file = folder(package) / path
    try:
        load = json.loads(file.read_bytes())
        fits = has_form(load)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        fits = False
    if not fits:
        where = f"{_NAMES[package]} {_version(package)}"
        what = f"has no file 'data/{path}' in the form that this library reads"
        fix = f"Upgrade this library, or install an earlier {_NAMES[package]}, as in requirements/dev.txt"
        raise StacksError(where, what, fix)
    return load


def installed() -> list[str]:
    """Every package that is installed with troposphere, with its version, as ``troposphere-4.9.0.dist-info``."""
    spec = find_spec("troposphere")
    if spec is None or spec.origin is None:
        return []
    return sorted(file.name for file in Path(spec.origin).parents[1].iterdir() if file.name.endswith("-info"))


def is_texts(value: Any) -> bool:
    """Whether a value is a mapping of texts, or a list of them."""
    items = value.values() if isinstance(value, dict) else value
    return bool(value) and all(isinstance(entry, str) for entry in items)


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - brings email; only for mistakes

    try:
        return version(_NAMES[package])
    except PackageNotFoundError:
        return "of an unknown version"
