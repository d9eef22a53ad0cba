"""What roles of pipelines and builds do, done to a neighbour: another account, region, stage or application."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ci.test_ci_neighbours import ACCEPTED, NEIGHBOURS, done_to
from tests.pipelines.policies import allowed
from tests.pipelines.test_pipeline_roles import own_work


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_pipelines_and_builds_do_nothing_to(neighbour: str, template: dict[str, Any]) -> None:
    attacks = list(done_to(NEIGHBOURS[neighbour], own_work()))
    assert len(attacks) > 20
    assert {attack[1] for attack in attacks if allowed(*attack, template["Resources"])} <= ACCEPTED.get(
        neighbour, set()
    )
