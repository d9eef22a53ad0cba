"""What roles of a CI service do, done to a neighbour: another account, region, stage or application.

Each request of their own work is changed in one thing, and is refused; so is each without what its conditions ask.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.ci.test_ci_roles import deploying, reading
from tests.ci.test_ci_trust import DEPLOYER, PLANNER
from tests.pipelines.policies import ACCOUNT, REGION, allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pipelines.test_pipeline_roles import Request

NEIGHBOURS: dict[str, Callable[[str], str]] = {
    "another account": lambda on: on.replace(ACCOUNT, "222222222222"),
    "another region": lambda on: on.replace(f":{REGION}:", ":eu-north-1:").replace(f"-{REGION}-an", "-eu-north-1-an"),
    "another stage": lambda on: re.sub(r"(notes[-/])dev", r"\1prod", on).replace("/dev/", "/prod/"),
    "a stage whose name continues ours": lambda on: re.sub(r"(notes[-/])dev", r"\1dev2", on),
    "a stage whose name continues ours with a hyphen": lambda on: re.sub(r"(notes[-/])dev", r"\1dev-eu", on),
    "another application": lambda on: re.sub(r"notes([-/]dev)", r"shop\1", on),
    "an application whose name continues ours": lambda on: re.sub(r"notes([-/]dev)", r"notes-api\1", on),
    "an application whose name ends like ours": lambda on: re.sub(r"notes([-/]dev)", r"my-notes\1", on),
}

ACCEPTED = {
    "a stage whose name continues ours with a hyphen": {
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
        "dynamodb:DescribeTable",
    }
}
"""Stacks that left the description are looked at, whatever they are called; docs/security.md says so."""


def done_to(change: Callable[[str], str], requests: list[Request]) -> Iterator[Request]:
    for documents, action, on, context in requests:
        if (changed := change(on)) != on:
            yield documents, action, changed, context


CI = [*reading(PLANNER), *reading(DEPLOYER), *deploying()]


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_ci_does_nothing_to(neighbour: str, github: dict[str, Any]) -> None:
    attacks = list(done_to(NEIGHBOURS[neighbour], CI))
    assert len(attacks) > 20
    assert {attack[1] for attack in attacks if allowed(*attack, github)} <= ACCEPTED.get(neighbour, set())


def test_ci_does_nothing_without_what_its_conditions_ask(github: dict[str, Any]) -> None:
    asked = ("cloudformation:RoleArn", "iam:PassedToService", "aws:ResourceTag/stack", "aws:RequestedRegion")
    bare: list[Request] = [(*request[:3], {}) for request in CI if set(request[3]) & set(asked)]
    assert len(bare) > 10
    assert [request for request in bare if allowed(*request, github)] == []
