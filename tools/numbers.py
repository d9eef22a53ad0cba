"""``python -m tools.numbers PATH ... --tests TEST ...``: which numbers can differ by one, and no test fails?

mutmut changes functions (``tools/mutants.py``); limits are mostly what modules say outside of functions. Each number in
the files or folders is made larger and smaller by one, and the tests run in a process of its own that reads the changed
text instead of the file, so nothing is written and the working tree stays as it is. Numbers that no test notices are
printed. 0 and 1 inside of functions are left out (positions and steps rather than limits); ``--all`` takes them, too.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import NoReturn

ROOT = Path(__file__).parent.parent
_PRELOADED = ("awacs", "botocore.session", "hypothesis", "pydantic", "troposphere", "yaml")
"""Imported once, before each process is forked: what tests need, and is not the package itself."""
_OPTIONS = (
    "-xq",
    "-pno:cacheprovider",
    "-mnot emulator and not browser",
    "-Wignore::pytest.PytestAssertRewriteWarning",  # of hypothesis, which is imported already
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's text with one other number."""

    path: str
    line: int
    old: str
    new: str
    text: bytes

    @property
    def module(self) -> str:
        """The name under which the module is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.old} -> {self.new}"


def mutants(path: Path, *, small: bool) -> Iterator[Mutant]:
    """Each number of a file, larger and smaller by one; ``small``: 0 and 1 inside of functions, too."""
    text = path.read_bytes()
    tree = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant):
            continue
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if value in {0, 1} and id(node) in inside and not small:
            continue
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        for other in (value + 1, value - 1):
            new = text[:begin] + f"({other!r})".encode() + text[end:]
            yield Mutant(str(path.relative_to(ROOT)), node.lineno, text[begin:end].decode(), repr(other), new)


class _Changed(importlib.abc.MetaPathFinder):
    """Finds one module, with another text."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, _path: object = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's own place with the loader that reads the changed text."""
        if fullname != self.mutant.module:
            return None
        file = str(ROOT / self.mutant.path)
        folders = [str(Path(file).parent)] if file.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(
            fullname, file, loader=_Loader(fullname, file, self.mutant.text), submodule_search_locations=folders
        )


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, text: bytes) -> None:
        super().__init__(name, path)
        self.text = text

    def get_code(self, _fullname: str) -> CodeType:
        """Compile the changed text, whatever byte code there is."""
        return compile(self.text, self.path, "exec", dont_inherit=True)


def is_noticed(mutant: Mutant | None, tests: Sequence[str], seconds: float) -> bool:
    """Whether a test fails, or the tests take longer than ``seconds``, with a mutant (None: with the code as it is)."""
    cache = tempfile.mkdtemp(prefix="stacks-numbers-")
    child = os.fork()
    if not child:
        _test(mutant, tests, cache)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return status != 0
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def _test(mutant: Mutant | None, tests: Sequence[str], cache: str) -> NoReturn:
    """Run the tests in this process, which ends with pytest's exit code and says nothing."""
    code = 1
    try:
        os.setsid()
        os.environ["STACKS_CACHE_DIR"] = cache
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        if mutant:
            sys.meta_path.insert(0, _Changed(mutant))
        code = pytest.main([*_OPTIONS, *tests])
    finally:
        os._exit(code)


def _named(path: str, *, small: bool) -> Iterator[Mutant]:
    name, _, line = path.partition(":")
    for file in sorted(Path(name).rglob("*.py")) or [Path(name)]:
        for mutant in mutants(file.resolve(), small=small):
            if line in {"", str(mutant.line)}:
                yield mutant


def main() -> None:
    """Print each number that no test notices, and a line that counts."""
    parser = argparse.ArgumentParser(prog="python -m tools.numbers", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="+", metavar="PATH[:LINE]", help="files or folders of the package, or a line")
    parser.add_argument("--tests", nargs="+", required=True, help="what pytest runs for each number")
    parser.add_argument("--all", action="store_true", help="0 and 1 inside of functions, too")
    asked = parser.parse_args()
    os.nice(10)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for name in _PRELOADED:
        import_module(name)
    every = [mutant for path in asked.paths for mutant in _named(path, small=asked.all)]
    begun = time.monotonic()
    if is_noticed(None, asked.tests, 600):
        raise SystemExit("the tests fail without any change")
    seconds = 30 + 4 * (time.monotonic() - begun)
    survived = 0
    with ThreadPoolExecutor(2) as pool:
        verdicts = pool.map(lambda mutant: is_noticed(mutant, asked.tests, seconds), every)
        for mutant, noticed in zip(every, verdicts, strict=True):
            survived += not noticed
            if not noticed:
                sys.stdout.write(f"{mutant}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{len(every)} changes, {survived} not noticed\n")


if __name__ == "__main__":
    main()
