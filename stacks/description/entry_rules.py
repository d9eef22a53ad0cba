"""The file that a function names → what it says that contradicts the description. Reads the project's files.

Found while loading, with its line, before anything is packaged: the wrong key for an application, and Django projects
whose settings or applications would not be in the zip.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.description.entries import FRAMEWORKS, django_settings, installed_apps, interface_of
from stacks.files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.model.backend import Function

Contradiction = tuple[tuple[str, ...], str, str]
_TITLES = {"wsgi": "a WSGI application", "asgi": "an ASGI application"}


def entry_problems(function: Function, root: Path) -> Iterator[Contradiction]:
    """What the function's file contradicts: the path below the function, what is wrong, and the fix."""
    text = _text(root / function.entry_file)
    if not any(name in text for name in FRAMEWORKS):
        return
    key = function.application or "handler"
    result = interface_of(text, function.entry[1])
    if result and result[0] != key:
        what = f"{function.entry_text} is {_TITLES[result[0]]} ({result[1]})"
        yield (key,), what, f"Write '{result[0]}:' instead of '{key}:'"
    settings = django_settings(text)
    if settings:
        yield from _django(function, settings, root, key)


def _django(function: Function, settings: str, root: Path, key: str) -> Iterator[Contradiction]:
    """Settings are imported from the packaged folder, as is all of INSTALLED_APPS that is not installed."""
    place, folder = settings.replace(".", "/"), root / function.folder
    file = next((file for file in (folder / f"{place}.py", folder / place / "__init__.py") if file.is_file()), None)
    if file is None:
        around = next(
            (parent for parent in PurePosixPath(function.entry_file).parents if _has(root / parent, place)), None
        )
        if around is not None and str(around) != function.folder:
            what = f"{function.entry_file} imports {settings}, and {settings} is not in {function.folder}"
            yield ("source" if function.source else key,), what, f"Add 'source: {around}'"
        return
    if not function.contents:
        return
    packed = {PurePosixPath(content).parts[0] for content in function.contents}
    left_out = [app for app in installed_apps(_text(file)) if (folder / app).is_dir() and app not in packed]
    if left_out:
        names = ", ".join([*function.contents, *left_out])
        what = f"INSTALLED_APPS of {settings} has {', '.join(left_out)}, which would not be packaged"
        yield ("only" if function.only else key,), what, f"Add 'only: [{names}]'"


def _has(folder: Path, place: str) -> bool:
    return (folder / f"{place}.py").is_file() or (folder / place / "__init__.py").is_file()


def _text(file: Path) -> str:
    try:
        return text_of(file)
    except (OSError, UnicodeDecodeError):
        return ""
