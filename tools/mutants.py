"""``python -m tools.mutants [ROOM ...] [--sample N] [--seed N]``: how many small faults do the tests of a room notice?

A mutant is one function with one small change (``<`` becomes ``<=``, an argument is left out); mutmut makes and runs
them. A room is a few modules and the tests that pin them. Of each room a sample is drawn, the same one for the same
seed as long as the code is the same. A mutant is killed when a test fails or runs far too long; survivors are written
with their differences to ``.build/mutants/ROOM.diff``. Mutants of sentences are not drawn: messages have tests of
their own. Everything happens in a copy of the project, so the working tree is never touched.

mutmut leaves decorated functions alone, so in the copy ``@rule(...)`` becomes a statement below the function. It does
not change what a module says outside of functions: numbers there are for ``tools/numbers.py``, and rows of tables are
pinned by tests that break each.
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
    "stored": Room(
        (
            "stacks/deploy/undescribed.py",
            "stacks/deploy/destroy.py",
            "stacks/deploy/taken_back.py",
            "stacks/deploy/adoption.py",
            "stacks/deploy/importing.py",
            "stacks/deploy/resume.py",
            "stacks/aws/stored_data.py",
        ),
        (
            "tests/deploy/test_undescribed.py",
            "tests/deploy/test_abandoned_stages.py",
            "tests/deploy/test_every_status.py",
            "tests/deploy/test_previews.py",
            "tests/deploy/test_adopted.py",
            "tests/deploy/test_adoption.py",
            "tests/deploy/test_destroy.py",
            "tests/deploy/test_importing.py",
            "tests/deploy/test_rolled_back_creates.py",
            "tests/aws/test_stored_data.py",
        ),
    ),
    "deploy": Room(
        (
            "stacks/deploy/apply.py",
            "stacks/deploy/execute.py",
            "stacks/deploy/failures.py",
            "stacks/deploy/parallel.py",
            "stacks/deploy/elsewhere.py",
            "stacks/deploy/identity.py",
            "stacks/deploy/moving.py",
            "stacks/deploy/reads.py",
            "stacks/deploy/readers.py",
            "stacks/deploy/sync.py",
            "stacks/deploy/drift.py",
            "stacks/deploy/functions.py",
            "stacks/deploy/preview.py",
            "stacks/deploy/status.py",
        ),
        ("tests/deploy",),
    ),
    "openings": Room(
        (
            "stacks/checks/callers.py",
            "stacks/checks/documents.py",
            "stacks/checks/firewall.py",
            "stacks/checks/opened.py",
            "stacks/checks/outgoing.py",
            "stacks/checks/reach.py",
            "stacks/checks/rights.py",
            "stacks/checks/tokens.py",
            "stacks/checks/users.py",
        ),
        (
            "tests/checks/test_refusal_boundaries.py",
            "tests/checks/test_opened.py",
            "tests/checks/test_tokens.py",
            "tests/checks/test_weaknesses.py",
        ),
    ),
    "secrecy": Room(
        ("stacks/checks/leaks.py", "stacks/checks/written.py", "stacks/checks/places.py", "stacks/checks/run.py"),
        ("tests/checks/test_leaks.py", "tests/checks/test_checking.py", "tests/checks/test_rules.py"),
    ),
    "refused": Room(
        ("stacks/checks/refused/*.py",),
        (
            "tests/checks/test_refusal_boundaries.py",
            "tests/checks/test_refused.py",
            "tests/checks/test_tables_of_refusals.py",
            "tests/local/test_refused_changes.py",
        ),
    ),
    "ci": Room(("stacks/ci/*.py",), ("tests/ci",)),
    "pipelines": Room(("stacks/pipelines/*.py",), ("tests/pipelines",)),
    "rights": Room(
        (
            "stacks/kinds/*/resources.py",
            "stacks/kinds/*/resources/*.py",
            "stacks/kinds/*/rules.py",
            "stacks/parts/kinds.py",
            "stacks/parts/policies.py",
            "stacks/parts/base/rights.py",
        ),
        ("tests/kinds", "tests/data", "tests/base", "tests/roles/test_grants.py", "tests/backend"),
    ),
    "release": Room(
        ("stacks/release/*.py", "stacks/publishing/*.py"),
        (
            "tests/publishing",
            "tests/frontend/test_several_sites.py",
            "tests/deploy/test_code.py",
            "tests/backend/test_node_functions.py",
            "tests/backend/test_shared_layer.py",
            "tests/foreign/test_frameworks.py",
        ),
    ),
    "limits": Room(
        ("stacks/limits.py", "stacks/sizes.py"),
        ("tests/forecast/test_limits.py", "tests/forecast/test_quotas.py", "tests/forecast/test_boundaries.py"),
    ),
    "extension": Room(("stacks/extension/*.py",), ("tests/extension",)),
    "intrinsics": Room(
        ("stacks/intrinsics/*.py",),
        ("tests/unit/test_intrinsics.py", "tests/unit/test_wired.py", "tests/unit/test_loading.py"),
    ),
    "description": Room(
        ("stacks/description/*.py", "stacks/loading.py"),
        (
            "tests/unit/test_loading.py",
            "tests/unit/test_single_values.py",
            "tests/unit/test_typed.py",
            "tests/unit/test_unique.py",
            "tests/backend/test_bad_backends.py",
            "tests/backend/test_request_bodies.py",
            "tests/backend/test_route_rules.py",
            "tests/base/test_bad_bases.py",
            "tests/base/test_platform.py",
            "tests/data/test_bad_data.py",
            "tests/data/test_tables.py",
            "tests/data/test_user_rules.py",
            "tests/frontend/test_bad_frontends.py",
            "tests/extension/test_raw_resources.py",
            "tests/ci/test_ci_mistakes.py",
            "tests/pipelines/test_pipeline_mistakes.py",
            "tests/deploy/test_previews.py",
            "tests/deploy/test_causes.py",
            "tests/extension/test_lines_of_stages.py",
        ),
    ),
    "naming": Room(
        ("stacks/naming.py", "stacks/stages/*.py", "stacks/wiring.py"),
        (
            "tests/unit/test_logical_ids.py",
            "tests/unit/test_stacks.py",
            "tests/unit/test_moved.py",
            "tests/unit/test_own_tags.py",
            "tests/unit/test_backend_split.py",
            "tests/extension/test_own_stacks.py",
        ),
    ),
    "packaging": Room(("stacks/packaging/*.py",), ("tests/packaging",)),
    "plan": Room(
        ("stacks/deploy/plan.py", "stacks/deploy/collisions.py"),
        ("tests/deploy/test_plan.py", "tests/deploy/test_collisions.py"),
    ),
}
_LEFT_OUT = (
    "tests/forecast/test_sam_is_seen_through.py",
    "tests/forecast/test_announced.py",
    "tests/forecast/test_every_list.py",
    "tests/roles/test_roles_unlinted.py",
    "tests/roles/test_roles_wide.py",
    "tests/unit/test_intrinsics.py::test_150_steps_to_a_value_are_read",
)
"""Tests that take seconds each and pin nothing that quicker ones do not, and a deep value: mutmut doubles the calls."""
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
    tests = (*room.tests, "-mnot emulator and not browser", *(f"--deselect={path}" for path in _LEFT_OUT))
    lines = {"modules": room.modules, "copied": (*COPIED[1:], *FILES), "tests": tests}
    text = _SETTINGS.format(**{key: "\n".join(f"    {item}" for item in some) for key, some in lines.items()})
    (home / "setup.cfg").write_text(text, encoding="utf-8")
    for path in chain.from_iterable(home.glob(pattern) for pattern in room.modules):
        path.write_text(undecorated(path.read_text(encoding="utf-8")), encoding="utf-8")


def undecorated(text: str) -> str:
    r"""A module whose functions get their decorators by a statement each.

    >>> undecorated("@rule('A')\ndef f(): pass").splitlines()
    ['def f(): pass', "f = rule('A')(f)"]
    """
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            wrapped = node.name
            for decorator in reversed(node.decorator_list):
                wrapped = f"{ast.unparse(decorator)}({wrapped})"
            lines.insert(node.end_lineno or 0, f"{node.name} = {wrapped}")
            del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines)


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
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
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
