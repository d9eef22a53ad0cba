"""What a stage's stacks are, told by values and not by how their keys look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.deploy.functions import after_deploy
from stacks.loading import validated
from stacks.pipelines.pipeline import pipelines_of
from stacks.stages.rows import chosen, row
from stacks.stages.stacks import Given, is_reserved, rank, stack_at, stacks_of

if TYPE_CHECKING:
    from stacks.app import App, Stage

_CONNECTION = "arn:aws:codeconnections:eu-west-1:111122223333:connection/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
_WEB = {"wsgi": "src/app.py:app", "public": True, "commands": True, "after_deploy": ["flask db upgrade"]}
_ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}


def described(**more: Any) -> tuple[App, Stage]:
    data = {
        "name": "shop",
        "stages": {"dev": {"region": "eu-west-1"}},
        "data": {"tables": {"notes": {"partition_key": "id"}}},
        "backend": {"functions": {"web": _WEB}},
        **more,
    }
    app = validated(data)
    return app, app.stages["dev"]


def own(*keys: str, **fields: Any) -> dict[str, Any]:
    return {key: {"template": {"Resources": {"Role": _ROLE}}, **fields} for key in keys}


def test_each_stack_has_its_region_section_and_maker() -> None:
    _, stage = described(frontend={"site": "site"}, stacks=own("search", region="eu-central-1"))
    found = {one.key: (one.name, one.region, one.section, one.is_generated) for one in stacks_of(stage)}
    assert found == {
        "base": ("shop-dev-base", "eu-west-1", "base", True),
        "data": ("shop-dev-data", "eu-west-1", "data", True),
        "backend": ("shop-dev-backend", "eu-west-1", "backend", True),
        "frontend-edge": ("shop-dev-frontend-edge", "us-east-1", "frontend", True),
        "frontend": ("shop-dev-frontend", "eu-west-1", "frontend", True),
        "frontend-logs-edge": ("shop-dev-frontend-logs-edge", "us-east-1", "frontend", True),
        "search": ("shop-dev-search", "eu-central-1", "stacks", False),
    }


def test_rendering_gives_the_stacks_that_the_values_announce() -> None:
    app, stage = described(frontend={"site": "site"}, stacks=own("search", region="eu-central-1"))
    announced = {(one.key, one.name, one.region) for one in stacks_of(stage)}
    assert {(one.stack, one.name, one.region) for one in render(app, stage)} == announced


@pytest.mark.parametrize("key", ["search-2", "my-edge", "backendish", "data-3", "artifact", "frontend-2"])
def test_a_users_stack_is_the_users_whatever_its_key_looks_like(key: str) -> None:
    pipelines = {"repository": "me/shop", "connection": _CONNECTION, "stacks": ["data", key]}
    app, stage = described(stacks=own(key), base={"pipelines": pipelines})
    stack = stack_at(key, stage)
    assert (stack.section, stack.whole, stack.region, stack.publishes) == ("stacks", key, "eu-west-1", ())
    assert isinstance(stack.origin, Given)
    assert [one.key for one in chosen(stage)] == ["data", key]
    base = next(one for one in render(app, stage) if one.stack == "base")
    roles = [body["Properties"]["RoleName"] for body in base.template["Resources"].values() if "RoleName" in str(body)]
    assert f"shop-dev-{key}-deploy" in roles
    assert after_deploy(stage, [key]) == ()


def test_a_users_stack_is_not_deployed_by_the_pipeline_of_one_that_it_continues() -> None:
    pipelines = {"repository": "me/shop", "connection": _CONNECTION, "stacks": ["search", "search-2"]}
    app, stage = described(stacks=own("search", "search-2"), base={"pipelines": pipelines})
    rendered = [(one, [each for each in render(app, one) if each.stack != "base"]) for one in row(app, stage)]
    deployed = {line.key: [one.stack for one in line.stacks] for line in pipelines_of(rendered)}
    assert deployed == {"search": ["search"], "search-2": ["search-2"]}


def test_a_part_of_the_backend_has_the_names_rights_and_pipeline_of_the_whole() -> None:
    app, stage = described(
        backend={"stacks": 3, "functions": {name: {"handler": "src/web.py:handle"} for name in "abcdef"}},
        base={"pipelines": {"repository": "me/shop", "connection": _CONNECTION}},
    )
    parts = [one.stack for one in render(app, stage) if one.stack.startswith("backend-")]
    assert len(parts) > 1
    for part in (stack_at(key, stage) for key in parts):
        assert (part.whole, part.section, part.deployed_by, part.publishes) == (
            "backend",
            "backend",
            "pipeline",
            ("code",),
        )


def test_stacks_that_left_the_description_are_known_by_their_keys() -> None:
    _, stage = described()
    found = [stack_at(key, stage) for key in ("frontend-logs-edge", "artifacts-eu-central-1", "backend-7", "gone")]
    assert [(one.region, one.section) for one in found] == [
        ("us-east-1", "frontend"),
        ("eu-central-1", "base"),
        ("eu-west-1", "backend"),
        ("eu-west-1", "stacks"),
    ]
    assert [one.is_platform for one in found] == [False, True, False, False]
    keys = ["gone", "backend-7", "artifacts-eu-central-1", "frontend-edge", "base", "data", "backend", "frontend"]
    assert sorted(keys, key=rank)[:3] == ["base", "artifacts-eu-central-1", "data"]
    assert max(keys, key=rank) == "gone"


@pytest.mark.parametrize("key", ["base", "frontend-edge", "backend-1", "backend-x", "artifacts-eu-west-1"])
def test_keys_of_this_library_are_refused_for_users_stacks(key: str) -> None:
    assert is_reserved(key)
    with pytest.raises(Exception, match="is the name of a generated stack"):
        described(stacks=own(key))


def test_a_frontend_without_files_has_a_pipeline_that_publishes_nothing() -> None:
    pipelines = {"repository": "me/shop", "connection": _CONNECTION}
    found = {}
    for name, frontend in (("files", {"site": "site"}), ("none", {"cdn": True})):
        app, stage = described(frontend=frontend, base={"pipelines": pipelines})
        base = next(one for one in render(app, stage) if one.stack == "base")
        found[name] = "FrontendPublish" in str(base.template)
    assert found == {"files": True, "none": False}
