"""Python files of the project → the functions in them. The edge: the project's own code is imported and called here.

Only files that the description names are imported, when their stack is rendered. Rendering stays pure as long as they
do: the same description has to give the same template, so hooks use no clock, no network and no random numbers.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import replace
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.description.built import plain
from stacks.description.finding import dotted
from stacks.errors import Problem, StacksError, nearest
from stacks.foreign.reading import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from stacks.json_types import JsonDict

_NAME = __name__.partition(".")[0]


def function_of(root: str, file: str, name: str, where: str) -> Callable[..., Any]:
    """The function ``name`` of ``file``, which is relative to the project's folder ``root``.

    Raises:
        StacksError: the file or the function does not exist, or importing the file raises. ``where`` is the place in
            the description that names it.
    """
    module = _module(root, file, where)
    result = getattr(module, name, None)
    if not callable(result):
        names = [
            candidate for candidate, value in vars(module).items() if callable(value) and not candidate.startswith("_")
        ]
        raise StacksError(where, f"{file} has no function {name!r}", nearest(name, names))
    function: Callable[..., Any] = result
    return function


@cache
def _module(root: str, file: str, where: str) -> ModuleType:
    path = Path(root, file)
    if not path.is_file():
        raise StacksError(where, f"there is no file {file}", "Create it, or correct the path")
    if not path.resolve().is_relative_to(Path(root).resolve()):
        raise StacksError(where, f"{file} leads out of the project", "Name a file inside the project's folder")
    name = "_stacks_extension_" + file.removesuffix(".py").replace("/", "_").replace("-", "_")
    spec = spec_from_file_location(name, path.absolute())
    if spec is None or spec.loader is None:
        raise StacksError(where, f"{file} cannot be imported", "Name a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    with blamed(root, file, where):
        spec.loader.exec_module(module)
    return module


def returned_template(data: object, where: str) -> JsonDict:
    """The plain data of a template that the project's code made.

    Raises:
        StacksError: for values that no template has, and for what is not in a template's form. ``where`` is the place
            in the description that names the code, and its file.
    """
    value, findings = plain(data)
    if findings:
        problems = (Problem(where=f"{where}: {dotted(at)}", what=what, fix=fix) for at, what, fix, *_ in findings)
        raise StacksError.of(tuple(problems))
    return checked(value, where=where)


@contextmanager
def blamed(root: str, file: str, where: str) -> Iterator[None]:
    """Report what the project's code raises with its own file and line.

    Imports and paths in it start at the project's folder, wherever the command runs. It sees no arguments.

    Raises:
        StacksError: instead of whatever the code raised, which stays its cause.
    """
    top = Path(root).resolve()
    before, arguments = list(sys.path), list(sys.argv)
    printed = redirect_stdout(sys.stderr)  # scripts print the templates that they build; our output may be JSON
    sys.path[:0] = [str(top), str((top / file).parent)]
    sys.argv[:] = [file]
    _keep_folders(top, (top / file).parent)
    try:
        with printed, chdir(top), _same_name(top):
            yield
    except StacksError as error:  # of a function of this library that the code calls
        place = _place(error, top)
        problems = tuple(replace(problem, where=f"{where}: {place}") for problem in error.problems)
        raise StacksError.of(problems) if place else error from None
    except (Exception, SystemExit) as error:  # scripts exit, too
        place = _place(error, top) or file
        what = f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
        raise StacksError(f"{where}: {place}", what.rstrip("."), _fix(error, top)) from error
    finally:
        sys.path[:], sys.argv[:] = before, arguments


def _keep_folders(top: Path, folder: Path) -> None:
    """Let a folder of code without ``__init__.py`` be imported although a file next to the glue has its name."""
    for path in folder.glob("*.py"):
        spec = PathFinder.find_spec(path.stem, [str(top)]) if path.parent != top else None
        if spec and spec.origin is None and path.stem not in sys.modules:
            sys.modules[path.stem] = module_from_spec(spec)


@contextmanager
def _same_name(top: Path) -> Iterator[None]:
    """Let the project import from a folder ``stacks`` of its own, as far as this library has no module of that name."""
    package = sys.modules[_NAME]
    folder = top / _NAME
    places = list(package.__path__)
    if not folder.is_dir() or folder in [Path(place).resolve() for place in places]:
        yield
        return
    package.__path__ = [*places, str(folder)]
    try:
        yield
    finally:
        package.__path__ = places


def _fix(error: BaseException, top: Path) -> str:
    if isinstance(error, ImportError) and str(error.name).partition(".")[0] == _NAME and (top / _NAME).is_dir():
        return f"This library has a module of that name, too: rename the project's, or its folder '{_NAME}'"
    return "Correct the Python code there"


def _place(error: BaseException, root: Path) -> str | None:
    """The last line of the project's own code that an error went through, as ``infra/alarms.py:12``."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_relative(error.filename, root)}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename).resolve()
        if path.is_relative_to(root) and ".venv" not in path.parts and "site-packages" not in path.parts:
            return f"{_relative(frame.filename, root)}:{frame.lineno}"
    return None


def _relative(file: str, root: Path) -> str:
    path = Path(file).resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else file
