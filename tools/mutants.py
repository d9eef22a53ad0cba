"""``python -m tools.mutants [ROOM ...] [--sample N] [--seed N]``: how many small faults do the tests of a room notice?

A mutant is one function with one small change (``<`` becomes ``<=``, an argument is left out); mutmut makes and runs
them. A room is a few modules and the tests that pin them. Of each room a sample is drawn, the same one for the same
seed as long as the code is the same. A mutant is killed when a test fails or runs far too long; survivors are written
with their differences to ``.build/mutants/ROOM.diff``. Mutants of sentences are not drawn: messages have tests of
their own. Everything happens in a copy of the project, so the working tree is never touched.

mutmut changes functions, not what a module says outside of them: rows of tables are pinned by tests that break each.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parent.parent
OUT = ROOT / ".build/mutants"
COPIED = ("stacks", "tests", "lambda_src", "site", "docs", "templates_out", "tools", "benchmarks")
FILES = (
    "build.py",
    "app.yaml",
    "pyproject.toml",
    "ARCHITECTURE.md",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Makefile",
)


@dataclass(frozen=True)
class Room:
    """Modules that decide something together, as globs, and the tests that pin them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS = {
    "forecast": Room(
        ("stacks/forecast/*.py",),
        (
            "tests/forecast",
            "tests/deploy/test_table_steps.py",
            "tests/deploy/test_route_steps.py",
            "tests/prices/test_difference.py",
        ),
    ),
    "data-loss": Room(
        ("stacks/deploy/data_loss.py", "stacks/deploy/destroy_plan.py", "stacks/deploy/stored_data.py"),
        ("tests/forecast/test_deploy_guard.py", "tests/deploy/test_data_loss.py", "tests/deploy/test_destroy.py"),
    ),
    "protection": Room(
        ("stacks/deploy/protection.py", "stacks/deploy/lock.py"),
        ("tests/deploy/test_protection.py", "tests/deploy/test_lock.py"),
    ),
    "split": Room(
        ("stacks/template/split.py", "stacks/stages/moved.py", "stacks/template/wired.py"),
        ("tests/unit/test_backend_split.py", "tests/unit/test_moved.py", "tests/unit/test_wired.py"),
    ),
    "roles": Room(
        ("stacks/roles/*.py", "stacks/parts/backend/rights.py"),
        ("tests/roles",),
    ),
    "prices": Room(("stacks/prices/*.py",), ("tests/prices",)),
    "references": Room(
        ("stacks/template/references.py", "stacks/template/exports.py"),
        ("tests/unit/test_references.py", "tests/unit/test_exports.py", "tests/unit/test_rendering.py"),
    ),
    "plan": Room(
        ("stacks/deploy/plan.py", "stacks/deploy/collisions.py"),
        ("tests/deploy/test_plan.py", "tests/deploy/test_collisions.py"),
    ),
}
_SLOW = (
    "tests/forecast/test_sam_is_seen_through.py",
    "tests/forecast/test_announced.py",
    "tests/forecast/test_every_list.py",
    "tests/roles/test_roles_unlinted.py",
    "tests/roles/test_roles_wide.py",
)
"""Tests that take seconds each and pin nothing that quicker ones do not."""
_SETTINGS = """\
[mutmut]
source_paths=stacks
process_isolation=forkserver
only_mutate=
{modules}
also_copy=
{copied}
pytest_add_cli_args_test_selection=
{tests}
pytest_add_cli_args=
    -pno:cacheprovider
"""


def copy(room: Room, home: Path) -> None:
    """Copy the project to ``home``, with mutmut's settings for a room; what an earlier run left is removed."""
    shutil.rmtree(home, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in FILES:
        shutil.copy(ROOT / name, home / name)
    tests = (*room.tests, "-mnot emulator and not browser", *(f"--deselect={path}" for path in _SLOW))
    lines = {"modules": room.modules, "copied": (*COPIED[1:], *FILES), "tests": tests}
    text = _SETTINGS.format(**{key: "\n".join(f"    {item}" for item in some) for key, some in lines.items()})
    (home / "setup.cfg").write_text(text, encoding="utf-8")


def mutants(room: Room) -> Iterator[str]:
    """The name of each mutant of a room but those of sentences; the current folder is the copy."""
    from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: PLC0415 - reads the settings of the folder
    from mutmut.utils.format_utils import get_mutant_name  # noqa: PLC0415

    for path in sorted(chain.from_iterable(Path().glob(pattern) for pattern in room.modules)):
        mutated = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
        bodies = dict(_bodies(ast.parse(mutated.code)))
        for name in mutated.mutant_names:
            original = f"{name.rpartition('__mutmut_')[0]}__mutmut_orig"
            if bodies[name] != bodies[original]:
                yield get_mutant_name(path, name)


def _bodies(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each function of a module and its text, without the words of sentences."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip("X"):
            node.value = ""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast":
            node.args[0] = ast.Constant("")  # says something to the type checker alone
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name, "".join(ast.unparse(part) for part in (node.args, *node.body))


def run(name: str, size: int, seed: int) -> tuple[int, int, list[str]]:
    """Run a sample of a room's mutants.

    Returns:
        How many were run, how many of them were killed, and the differences of those that survived.
    """
    home = OUT / name
    copy(ROOMS[name], home)
    with contextlib.chdir(home):
        every = sorted(mutants(ROOMS[name]))
        drawn = random.Random(f"{seed} {name}").sample(every, min(size, len(every)))  # noqa: S311 - no secret
        words = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "2", *drawn]
        log = home.with_suffix(".log")
        with log.open("w", encoding="utf-8") as out:
            code = subprocess.run(words, check=False, stdout=out, stderr=subprocess.STDOUT).returncode
        if code:
            raise SystemExit(f"mutmut ended with {code}; {log} says why")
        return len(drawn), *_verdicts(drawn)


def _verdicts(drawn: Sequence[str]) -> tuple[int, list[str]]:
    from mutmut.mutation.data import SourceFileMutationData  # noqa: PLC0415
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # noqa: PLC0415
    from mutmut.stats import status_by_exit_code  # noqa: PLC0415
    from mutmut.utils.file_utils import walk_mutatable_files  # noqa: PLC0415

    survived = []
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for mutant in data.exit_code_by_key.keys() & set(drawn):
            status = status_by_exit_code[data.exit_code_by_key[mutant]]
            if status not in {"killed", "timeout"}:
                survived.append(f"# {mutant}: {status}\n{get_diff_for_mutant(mutant, path=path)}\n")
    return len(drawn) - len(survived), sorted(survived)


def main() -> None:
    """Run the rooms that are named, or all of them, and print a line of a Markdown table for each."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rooms", nargs="*", choices=[[], *ROOMS], metavar="ROOM", help=f"one of {', '.join(ROOMS)}")
    parser.add_argument("--sample", type=int, default=50, help="mutants of each room (50)")
    parser.add_argument("--seed", type=int, default=11, help="which sample is drawn (11)")
    asked = parser.parse_args()
    os.nice(10)
    sys.stdout.write("| room | mutants | killed | |\n|---|---|---|---|\n")
    for name in asked.rooms or ROOMS:
        count, killed, survived = run(name, asked.sample, asked.seed)
        (OUT / f"{name}.diff").write_text("\n".join(survived), encoding="utf-8")
        sys.stdout.write(f"| {name} | {count} | {killed} | {killed / count:.0%} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
