"""Files that declare dependencies and are not read: a package without its dependencies fails at its first import."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.files import text_or_empty
from stacks.packaging.locks import CHOICES, PROJECT, toml_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.json_types import JsonDict

_OTHERS = {
    "Pipfile": "'pipenv requirements > requirements.txt' writes what is read",
    "pdm.lock": "'pdm export -o requirements.txt' writes what is read",
    "pylock.toml": "'uv pip compile pyproject.toml -o requirements.txt --generate-hashes' writes what is read",
    "environment.yml": "List what pip installs in requirements.txt",
    "conda.yml": "List what pip installs in requirements.txt",
}
_LISTS = re.compile(r"(?:.*[-_.])?requirements?(?:[-_.].*)?\.(?:txt|in)")
_WORDS = "dev|develop|development|test|tests|testing|docs?|lint|ci|local"
_NOT_FOR_LAMBDA = re.compile(rf"(?:^|[-_./])(?:{_WORDS})(?:[-_.]|$)")
_INSTALL = "Write '.' into requirements.txt to install the project"


def unused(folder: Path, used: Path | None) -> Iterator[str]:
    """A sentence for each file in ``folder`` that declares dependencies of the code and is not read.

    ``used`` is the file that is; nothing is said of files for development.
    """
    project = toml_of(folder / PROJECT)
    if used is None or used.name == PROJECT:
        yield from _of_project(project)
    if used is not None and (used.name != PROJECT or project.get("project", {}).get("dependencies")):
        later = CHOICES[CHOICES.index(used.name) + 1 :] if used.name in CHOICES else ()
        for name in (name for name in later if name != PROJECT and (folder / name).is_file()):
            yield f"{name} is not read, because {used.name} is used instead. Delete the outdated file"
        return
    for name, fix in _OTHERS.items():
        if (folder / name).is_file():
            yield f"{name} is not read. {fix}"
    for name in ("setup.py", "setup.cfg"):
        if "install_requires" in text_or_empty(folder / name):
            yield f"{name} declares dependencies, and is not read. {_INSTALL}"
    for name in _lists(folder):
        yield f"{name} is not read. Create requirements.txt with the line '-r {name}'"


def _of_project(project: JsonDict) -> Iterator[str]:
    """What a project file, which is read instead of a lock, declares in ways that are not read."""
    metadata = project.get("project", {})
    poetry = project.get("tool", {}).get("poetry", {}).get("dependencies", {})
    if "dependencies" in metadata.get("dynamic", ()):
        yield f"{PROJECT} says that its dependencies are dynamic, and they are not read. {_INSTALL}"
    elif set(poetry) - {"python"} and not metadata.get("dependencies"):
        yield f"{PROJECT} lists dependencies for Poetry; without a lock they are not read. Run 'poetry lock'"


def _lists(folder: Path) -> list[str]:
    """Lists of requirements under other names, as ``requirements/prod.txt``."""
    below = folder / "requirements"
    names = [path.name for path in folder.glob("*") if _LISTS.fullmatch(path.name) and path.name not in CHOICES]
    names += [f"requirements/{path.name}" for path in below.glob("*.txt")] if below.is_dir() else []
    return sorted(name for name in names if not _NOT_FOR_LAMBDA.search(name.rpartition(".")[0]))
