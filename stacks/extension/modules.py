"""Python files of the project → the functions in them. The edge: the project's own code is imported and called here.

Only files that the description names are imported, when their stack is rendered. Rendering stays pure as long as they
do: the same description has to give the same template, so hooks use no clock, no network and no random numbers.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.errors import StacksError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


def function_of(root: str, file: str, name: str, where: str) -> Callable[..., Any]:
    """The function ``name`` of ``file``, which is relative to the project's folder ``root``.

    Raises:
        StacksError: the file or the function does not exist, or importing the file raises. ``where`` is the place in
            the description that names it.
    """
    module = _module(root, file, where)
    found = getattr(module, name, None)
    if not callable(found):
        names = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise StacksError(where, f"{file} has no function {name!r}", nearest(name, names))
    function: Callable[..., Any] = found
    return function


@cache
def _module(root: str, file: str, where: str) -> ModuleType:
    path = Path(root, file)
    if not path.is_file():
        raise StacksError(where, f"there is no file {file}", "Create it, or correct the path")
    if not path.resolve().is_relative_to(Path(root).resolve()):
        raise StacksError(where, f"{file} leads out of the project", "Name a file inside the project's folder")
    name = "_stacks_extension_" + file.removesuffix(".py").replace("/", "_").replace("-", "_")
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StacksError(where, f"{file} cannot be imported", "Name a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    with blamed(root, file, where):
        spec.loader.exec_module(module)
    return module


@contextmanager
def blamed(root: str, file: str, where: str) -> Iterator[None]:
    """Report what the project's code raises with its own file and line; imports in it start at the project's folder.

    Raises:
        StacksError: instead of whatever the code raised, which stays its cause.
    """
    before = list(sys.path)
    printed = redirect_stdout(sys.stderr)  # scripts print the templates that they build; our output may be JSON
    sys.path[:0] = [str(Path(root).resolve()), str(Path(root, file).resolve().parent)]
    try:
        with printed:
            yield
    except StacksError:
        raise
    except Exception as error:
        place = _place(error, Path(root).resolve()) or file
        what = f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
        raise StacksError(f"{where}: {place}", what.rstrip("."), "Correct the Python code there") from error
    finally:
        sys.path[:] = before


def _place(error: Exception, root: Path) -> str | None:
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
