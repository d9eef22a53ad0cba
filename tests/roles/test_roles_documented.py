"""What deploy roles reach that neither a name of the stage nor its tag binds is documented, and nothing else is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from stacks.rendering import render
from stacks.roles import derive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stacks.app import App

_OWN = re.compile(r"notes[-/]dev")
_NAMED_BY_THE_DESCRIPTION = re.compile(r":/domainnames/|:hostedzone/|:layer:tools:|/managedruleset/")
"""Domains, zones, layers of others and rule groups of AWS: each by its own name."""
_BINDING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike")
_BY_NAME = frozenset({"lambda:CreateEventSourceMapping"})
"""Bound to names that begin like the stage's, of which IAM is told no tag: on the list all the same."""
_ALIASES = frozenset({"kms:CreateAlias", "kms:UpdateAlias"})
"""Of templates with aliases, which no option makes (``test_roles_of_keys``)."""


def _documented(root: Path) -> set[str]:
    page = (root / "docs" / "pipelines.md").read_text()
    table = page.partition("## What a deploy role can still reach")[2].partition("Beyond single calls")[0]
    return set(
        re.findall(r"`([a-z0-9-]+:[A-Z]\w+)`", "".join(row.split("|")[1] for row in table.splitlines() if "|" in row))
    )


def _unbound(statement: Mapping[str, Any]) -> Iterator[str]:
    conditions = [keys for name, keys in statement.get("Condition", {}).items() if name in _BINDING]
    if _OWN.search(json.dumps(conditions)):
        return
    for arn in _list(statement["Resource"]):
        if not (_OWN.search(arn) or _NAMED_BY_THE_DESCRIPTION.search(arn)):
            yield from _list(statement["Action"])


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.fixture(scope="module")
def unbound(apps: tuple[App, ...]) -> set[str]:
    """Actions that some statement allows on things of others."""
    return {
        action
        for app in apps
        for stack in render(app, app.stages["dev"])
        if stack.stack != "base" and not stack.stack.startswith("artifacts-")
        for document in derive(app.stages["dev"], stack).documents()
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in _unbound(statement)
    }


def test_every_call_that_reaches_things_of_others_is_documented(unbound: set[str], root: Path) -> None:
    assert unbound - _documented(root) == set()


def test_every_documented_call_is_made_by_a_role(unbound: set[str], root: Path) -> None:
    then = {"kms:PutKeyPolicy", "kms:TagResource"}  # bound to the tag, which the first of them gives
    assert _documented(root) - unbound - _BY_NAME - _ALIASES - then == set()


def test_a_statement_without_a_bound_is_noticed() -> None:
    wide = {"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "arn:aws:kms:eu-west-1:1:key/*"}
    assert list(_unbound(wide)) == ["kms:PutKeyPolicy"]
    assert list(_unbound({**wide, "Condition": {"StringEquals": {"aws:ResourceTag/stack": "notes-dev-data"}}})) == []
    assert list(_unbound({**wide, "Condition": {"StringEqualsIfExists": {"aws:ResourceTag/stack": "notes-dev-data"}}}))
