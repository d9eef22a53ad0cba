"""A rule that is missing in its module's table, or whose module is missing among the others, would be silently dead."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from stacks.checks.refused import ADVICE
from stacks.checks.refused import RULES as REFUSED
from stacks.checks.rule import Rule
from stacks.checks.run import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _modules(root: Path) -> Iterator[str]:
    for file in sorted((root / "stacks/checks").rglob("*.py")):
        names = (target.id for node in ast.parse(file.read_text(encoding="utf-8")).body for target in _targets(node))
        if "RULES" in names and file.stem not in {"run", "__init__"}:
            yield ".".join(file.relative_to(root).with_suffix("").parts)


def _targets(node: ast.stmt) -> Iterator[ast.Name]:
    match node:
        case ast.Assign(targets=[ast.Name() as target]) | ast.AnnAssign(target=ast.Name() as target):
            yield target
        case _:
            pass


def test_every_rule_of_every_module_is_run(root: Path) -> None:
    names = list(_modules(root))
    assert len(names) > 25
    run = {id(rule) for rule in RULES}
    listed = [(name, rule) for name in names for rule in import_module(name).RULES if isinstance(rule, Rule)]
    assert [f"{name}: {rule.id}" for name, rule in listed if id(rule) not in run] == []


def test_every_rule_that_a_module_defines_is_in_its_table(root: Path) -> None:
    for name in _modules(root):
        module = import_module(name)
        defined = {key for key, value in vars(module).items() if isinstance(value, Rule) and value not in module.RULES}
        assert defined == set(), name


@pytest.mark.parametrize("grade", ["refused", "advice"])
def test_what_aws_refuses_and_what_is_advice_are_all_run(grade: str) -> None:
    of_refused = {rule.id for rule in (*REFUSED, *ADVICE) if rule.grade == grade}
    assert of_refused <= {rule.id for rule in RULES if rule.grade == grade}
    assert len({rule.id for rule in RULES}) == len(RULES)
