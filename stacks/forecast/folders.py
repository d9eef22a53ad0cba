"""Templates that were written earlier, in a folder or a git revision → plain data, each with its parameters.

Reads files and runs ``git``; compares nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from stacks.errors import StacksError, UsageError
from stacks.files import bytes_of
from stacks.forecast.reading import read_template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stacks.json_types import JsonDict

_ENDINGS = (".yaml", ".yml", ".json")
_PARAMETERS = ".parameters.json"


class Kept(NamedTuple):
    """A template and the parameters file next to it."""

    template: JsonDict
    parameters: dict[str, str]


def in_folder(folder: Path) -> dict[str, Kept]:
    """The templates below a folder by their path without ending: ``dev/data``.

    Raises:
        UsageError: when the folder does not exist or has no templates.
        StacksError: for a file that is not a template.
    """
    if not folder.is_dir():
        raise UsageError(str(folder), "there is no such folder", "Name a folder of rendered templates")
    files = sorted(path for path in folder.rglob("*") if path.name.endswith(_ENDINGS) and path.is_file())
    texts = {path.relative_to(folder).as_posix(): _decoded(bytes_of(path), str(path)) for path in files}
    return _kept(texts, str(folder))


def at_revision(root: Path, revision: str, folder: str) -> dict[str, Kept]:
    """The templates of ``folder`` (relative to ``root``) as they were in a git revision, as ``in_folder`` has them.

    Raises:
        UsageError: when there is no git, no checkout, no such revision, or no templates in it.
        StacksError: for a file that is not a template.
    """
    if _git(root, "rev-parse", "--is-inside-work-tree") is None:
        raise UsageError(str(root.resolve()), "is not in a git checkout", "Use --between with two folders")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise UsageError(f"--against {revision}", "there is no such revision", "Name a commit, branch or tag of git")
    listed = _git(root, "ls-tree", "-r", "-z", commit.decode().strip(), "--", folder) or b""
    texts = {}
    for entry in filter(None, listed.decode(errors="replace").split("\0")):
        about, _, path = entry.partition("\t")
        if path.endswith(_ENDINGS):
            where = f"{revision}:{path}"
            texts[path.removeprefix(f"{folder}/")] = _decoded(_git(root, "cat-file", "blob", about.split()[2]), where)
    return _kept(texts, f"{revision}:{folder}")


def _kept(texts: Mapping[str, str], where: str) -> dict[str, Kept]:
    result = {}
    for path, text in texts.items():
        if not path.endswith(_PARAMETERS):
            stem = path.rpartition(".")[0]
            parameters_text = texts.get(f"{stem}{_PARAMETERS}")
            parameters = _parameters(parameters_text, f"{where}/{stem}{_PARAMETERS}") if parameters_text else {}
            result[stem] = Kept(read_template(text, f"{where}/{path}"), parameters)
    if not result:
        raise UsageError(where, "has no templates", "Render some, or name another place")
    return result


def _parameters(text: str, where: str) -> dict[str, str]:
    try:
        parameter = json.loads(text)["Parameters"]
        return {str(name): str(value) for name, value in parameter.items()}
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        raise StacksError(where, "is not a parameter file", "Restore it, or render it again") from None


def _decoded(content: bytes | None, where: str) -> str:
    try:
        return (content or b"").decode()
    except UnicodeDecodeError:
        raise StacksError(where, "is not text", "Restore it, or render it again") from None


def _git(root: Path, *words: str) -> bytes | None:
    """What git prints; None when it fails."""
    git = shutil.which("git")
    if git is None:
        raise UsageError("git", "is not installed", "Install it, or use --between with two folders")
    ran = subprocess.run([git, "-C", str(root), *words], capture_output=True, check=False)
    return ran.stdout if ran.returncode == 0 else None
