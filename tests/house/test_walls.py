"""The walls of the house: who may import what, no circles, small files, documented names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "stacks"
PRINTS = {"reporting", "cli", "ui", "packaging.command_runner", "packaging.web_handler"}  # the last two log in Lambda
READS = {"forecast.folders"}  # templates of a git revision or a folder
IMPURE = {"os", "subprocess", "datetime", "random", "time", "socket", "urllib.request", "tempfile", "shutil"}
# Modules that turn values into values: none of them may touch the machine.
PURE = (
    *("app", "backend", "base", "checks", "cloud", "data", "edge_routes", "errors", "forecast", "frontend", "limits"),
    *("kinds", "model", "naming", "parts", "progress", "registry", "roles", "sizes", "stages", "suppressions"),
    *("text_table", "template", "wiring", "intrinsics"),
)


def modules(root: Path) -> dict[str, Path]:
    """Module name without the package → file."""
    folder = root / PACKAGE
    return {
        ".".join(file.relative_to(folder).with_suffix("").parts): file
        for file in sorted(folder.rglob("*.py"))
        if "__pycache__" not in file.parts
    }


def imports(file: Path, *, also_types: bool = False) -> Iterator[str]:
    """What a module imports, at once or late; what only type checkers need is asked for."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test) and not also_types
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_one_module_calls_aws(root: Path) -> None:
    importers = {
        name
        for name, file in modules(root).items()
        if any(result.split(".")[0] in {"boto3", "botocore"} for result in imports(file))
    }
    in_lambda = {"packaging.secret_reader", "packaging.database_helper"}
    assert importers <= {"aws.clients", "aws.refusals", "aws.uploads", *in_lambda}
    assert "aws.clients" in importers


ALONE = (
    *("asgi_server", "command_runner", "database_helper", "django_settings", "import_probe", "interfaces"),
    *("secret_reader", "web_handler"),
)
"""Modules of ``packaging`` that run in zips, or in a process that does not have this library."""


@pytest.mark.parametrize(
    "module",
    [
        *(f"packaging.{name}" for name in ALONE),
        *("packaging.node_check", "transforms.sam_probe", "local.runtime.sitecustomize"),
    ],
)
def test_modules_that_run_without_the_library_do_not_import_it(root: Path, module: str) -> None:
    assert not [name for name in imports(modules(root)[module]) if name.split(".")[0] == PACKAGE]


def test_pure_modules_touch_nothing(root: Path) -> None:
    checked = 0
    for name, file in modules(root).items():
        if name.split(".")[0] in PURE and name not in READS:
            checked += 1
            assert not IMPURE & set(imports(file)), name
            assert not {"stacks.ui", "stacks.cli"} & set(imports(file)), name
    assert checked > len(PURE)


def test_only_the_screen_prints(root: Path) -> None:
    for name, file in modules(root).items():
        if name not in PRINTS and not name.startswith("commands"):
            calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
            assert not [call for call in calls if ast.unparse(call.func) in {"print", "sys.stdout.write"}], name


KIND_ROOMS = {
    "described": "model",
    "model": "model",
    "rules": "description",
    "resources": "parts",
    "prices": "prices",
    "suppressions": "suppressions",
}
"""Module of a kind's folder → the room that asks for it."""


def room_of(name: str) -> str:
    """The room that a module is in; modules of kinds are in the rooms that ask for them."""
    room, *inside = name.split(".")
    return next((KIND_ROOMS[part] for part in inside if part in KIND_ROOMS), room) if room == "kinds" else room


def rooms(root: Path) -> list[str]:
    """The rooms of the house as ARCHITECTURE.md lists them, from the ground up."""
    page = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`stacks/.*?) \|", page, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"[a-z_]+(?=\.py|/`)", cell)]


def test_rooms_know_only_rooms_below_them(root: Path) -> None:
    height = {room: floor for floor, room in enumerate(rooms(root))}
    upward = {
        (name, result)
        for name, file in modules(root).items()
        for result in imports(file, also_types=True)
        if result.startswith("stacks.") and name != "__init__"
        for room, other in [(room_of(name), room_of(result.removeprefix("stacks.")))]
        if height[other] > height[room]
    }
    assert upward == set()


def test_templates_of_others_are_seen_as_stacks_alone(root: Path) -> None:
    importers = {
        room_of(name)
        for name, file in modules(root).items()
        for result in imports(file, also_types=True)
        if result.startswith("stacks.foreign")
    }
    assert importers == {"foreign", "extension"}


_KEYS = re.compile(r"(?:base|data|backend|frontend|frontend-edge|frontend-logs-edge|-edge|backend-|artifacts-)")
_PARTS = {"startswith", "endswith", "removeprefix", "removesuffix", "partition"}


def test_nothing_follows_from_how_the_key_of_a_stack_looks(root: Path) -> None:
    """``stages.stacks`` alone reads keys; all others read the fields of a ``Stack``."""
    results = {
        f"{name}:{node.lineno}"
        for name, file in modules(root).items()
        if name != "stages.stacks"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PARTS
        for argument in node.args
        for text in ast.walk(argument)
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and _KEYS.fullmatch(text.value)
    }
    assert results == set()


def test_modules_do_not_import_each_other_in_circles(root: Path) -> None:
    files = modules(root)
    graph = {
        name: {result.removeprefix("stacks.") for result in imports(file, also_types=True)} & files.keys() - {name}
        for name, file in files.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(files)


@pytest.mark.parametrize("module", ["stacks", "stacks.rendering", "stacks.commands.render", "stacks.cli"])
def test_rendering_needs_neither_boto3_nor_cfn_lint_nor_rich_nor_pydantic(root: Path, module: str) -> None:
    heavy = ("boto3", "botocore", "cfnlint", "rich", "pydantic")
    code = f"import {module}, sys; print({{name for name in {heavy} if name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_files_are_small(root: Path) -> None:
    large = {name: lines for name, file in modules(root).items() if (lines := file.read_text().count("\n")) > 400}
    assert large == {}


def test_functions_fit_a_screen(root: Path) -> None:
    long = [
        f"{name}.{node.name}"
        for name, file in modules(root).items()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 50
    ]
    assert long == []


def test_public_names_are_documented(root: Path) -> None:
    bare = []
    for name, file in modules(root).items():
        tree = ast.parse(file.read_text())
        bare += [] if ast.get_docstring(tree) else [name]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                bare += [] if ast.get_docstring(node) else [f"{name}.{node.name}"]
    assert bare == []


def test_every_room_of_the_house_is_on_the_map(root: Path) -> None:
    """ARCHITECTURE.md names every module that stands directly in the package, or the folder it is in."""
    assert sorted(rooms(root)) == sorted({name.split(".")[0] for name in modules(root)} - {"__init__"})


OTHER_GRAMMARS = {
    "description.environment": "${env:NAME} of a description",
    "description.statements": "policy variables of IAM",
    "kinds.workflows.definition": "names in a workflow's definition",
    "local.front.imported": "stage variables of API Gateway",
    "local.front.localize": "the host of an API in the text of one Fn::Sub",
    "model.texts": "${env:NAME} of a description",
    "roles.arns": "the parts of an ARN",
    "roles.by_name": "the ARN formats of IAM's service authorization reference",
    "checks.rights": "ARNs of buckets, as texts with references",
}
"""Modules with a regular expression for something else that is written ``${…}``."""


def test_intrinsic_functions_and_yaml_are_read_in_one_room(root: Path) -> None:
    for name, file in modules(root).items():
        text = file.read_text(encoding="utf-8")
        if name.startswith(("intrinsics.", "migrating.")):  # the latter reads the Serverless Framework's own variables
            continue
        assert name in OTHER_GRAMMARS or not re.search(r"\\\$\\?\{", text), name
        assert not re.search(r"yaml\.(safe_)?(load|compose)|cfn_flip import", text), name
        patterns = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.MatchMapping)]
        keys = {key.value for node in patterns for key in node.keys if isinstance(key, ast.Constant)}
        assert not keys & {"Ref", "Fn::Sub", "Fn::GetAtt", "Fn::GetStackOutput"}, name


def test_our_own_code_is_never_patched(root: Path) -> None:
    for file in (root / "tests").rglob("*.py"):
        assert (
            not re.search(r"mock\.patch|from unittest\.mock import|mocker\.patch", file.read_text())
            or file.name == "test_walls.py"
        )


def private_uses(tree: ast.Module) -> Iterator[str]:
    """What a module takes of another although it is private there: ``from a import _b``, or ``a._b``."""
    modules_of = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {PACKAGE, "tests", "tools"}:
            yield from (f"{node.module}.{alias.name}" for alias in node.names if is_private(alias.name))
            modules_of |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            modules_of |= {alias.asname for alias in node.names if alias.asname and alias.name.startswith(PACKAGE)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and isinstance(node.value, ast.Name):
            yield from {ast.unparse(node)} if node.value.id in modules_of else ()


PRIVATE = re.compile(r"^ *from .*import.*\b_[A-Za-z]|^ +_\w+,$|\b(?!self\b|cls\b)\w+\._[A-Za-z]", re.MULTILINE)
"""What looks like it; parsing takes longer than looking."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def test_nothing_takes_a_private_name_of_another_module(root: Path) -> None:
    """Tests look at tables of a module by its name (``limits._CAPACITY``), and import nothing private."""
    uses = {
        f"{file.relative_to(root)}: {use}"
        for folder in (PACKAGE, "tools", "benchmarks", "tests")
        for file in (root / folder).rglob("*.py")
        if PRIVATE.search(text := file.read_text(encoding="utf-8"))
        for use in private_uses(ast.parse(text))
        if folder != "tests" or use.startswith(PACKAGE)
    }
    assert uses == set()


@pytest.mark.parametrize(
    "source",
    [
        "from stacks.app import _x",
        "from stacks import app\napp._x",
        "import stacks.app as a\na._x()",
        "from tools.a import b, _c",
    ],
)
def test_a_private_name_of_another_module_is_noticed(source: str) -> None:
    assert len(list(private_uses(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source", ["from stacks.app import x", "self._x", "from stacks import app\napp.__name__", "import os\nos._exit(0)"]
)
def test_own_and_foreign_private_names_are_no_concern(source: str) -> None:
    assert list(private_uses(ast.parse(source))) == []


def test_files_of_tests_have_different_names(root: Path) -> None:
    """Pytest imports them without their folders, and refuses the second of a name."""
    counts = Counter(file.name for file in (root / "tests").rglob("test_*.py"))
    assert {name for name, count in counts.items() if count > 1} == set()
