"""A project file → the metadata that installing the project would leave, so that an application finds its own version.

``importlib.metadata.version("shop")`` works where a project is installed, as on a developer's machine; in a zip with
its code alone it raises ``PackageNotFoundError``.
https://packaging.python.org/en/latest/specifications/core-metadata/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.files import text_of
from stacks.packaging.locks import toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stacks.json_types import JsonObject

_VERSION = re.compile(r"^(?:__version__|VERSION|version)\s*(?::[^=]+)?=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
_UNKNOWN = "0.0.0"
"""The version of a project that takes it from version control."""


def own_metadata(project: Path) -> dict[str, str]:
    """The files of a project's ``.dist-info`` folder: name in a zip → text; none without a name."""
    data = toml_of(project)
    metadata = data.get("project") or data.get("tool", {}).get("poetry") or {}
    name = metadata.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", name):
        return {}
    version = str(metadata.get("version") or next(_entry_points(data, name, project.parent), _UNKNOWN))
    folder = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info"
    files = {f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    points = metadata.get("entry-points", {})
    if isinstance(points, dict) and points:
        files[f"{folder}/entry_points.txt"] = "".join(_group(group, some) for group, some in sorted(points.items()))
    return files


def _group(group: str, points: Mapping[str, str]) -> str:
    return f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in sorted(points.items()))


def _entry_points(data: JsonObject, name: str, folder: Path) -> Iterator[str]:
    """The version that a file of the project contains: Hatch's ``path``, setuptools' ``attr``, Flit's own module."""
    tools = data.get("tool", {})
    module = re.sub(r"[-.]+", "_", name)
    paths = [tools.get("hatch", {}).get("version", {}).get("path"), f"{module}/__init__.py", f"{module}.py"]
    attribute = tools.get("setuptools", {}).get("dynamic", {}).get("version", {})
    if isinstance(attribute, dict) and isinstance(attribute.get("attr"), str):
        place = attribute["attr"].rpartition(".")[0].replace(".", "/")
        paths += [f"{place}.py", f"{place}/__init__.py"]
    for path in (f"{top}{path}" for path in paths if path for top in ("", "src/")):
        file = folder / path
        if file.is_file() and (match := _VERSION.search(text_of(file, errors="replace"))):
            yield match[1]
