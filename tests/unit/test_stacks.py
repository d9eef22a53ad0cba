"""What a stage's stacks are, told by values and not by how their keys look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import naming, render, wiring
from stacks.deploy.functions import after_deploy
from stacks.kinds import KINDS
from stacks.loading import validated
from stacks.picture.narrow import stack_picture
from stacks.pipelines.pipeline import pipelines_of
from stacks.prices.floor import template_lines
from stacks.stages.kinds import described_at, title_of
from stacks.stages.rows import chosen, row
from stacks.stages.stacks import Supplied, is_reserved, rank, section_of, stack_at, stacks_of
from stacks.wiring import Output

if TYPE_CHECKING:
    from stacks.app import App, Stage

_CONNECTION = "arn:aws:codeconnections:eu-west-1:111122223333:connection/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
_WEB = {"wsgi": "src/app.py:app", "public": True, "commands": True, "after_deploy": ["flask db upgrade"]}
_OUTPUTS_BY_NAME = (
    wiring.table_name_output,
    wiring.table_arn_output,
    wiring.table_stream,
    wiring.table_key,
    wiring.database_host,
    wiring.database_arn,
    wiring.bucket_name_output,
    wiring.bucket_arn_output,
    wiring.function_url_output,
)
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
    result = {stack.key: (stack.name, stack.region, stack.section, stack.is_generated) for stack in stacks_of(stage)}
    assert result == {
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
    announced = {(stack.key, stack.name, stack.region) for stack in stacks_of(stage)}
    assert {(stack.stack, stack.name, stack.region) for stack in render(app, stage)} == announced


@pytest.mark.parametrize("key", ["search-2", "my-edge", "backendish", "data-3", "artifact", "frontend-2"])
def test_a_users_stack_is_the_users_whatever_its_key_looks_like(key: str) -> None:
    pipelines = {"repository": "me/shop", "connection": _CONNECTION, "stacks": ["data", key]}
    app, stage = described(stacks=own(key), base={"pipelines": pipelines})
    stack = stack_at(key, stage)
    assert (stack.section, stack.part_of, stack.region, stack.publishes) == ("stacks", key, "eu-west-1", ())
    assert section_of(key) == "stacks"
    assert [line.option for line in template_lines(key, {"Resources": {"TrailKey": {"Type": "AWS::KMS::Key"}}})] == [""]
    assert isinstance(stack.origin, Supplied)
    assert [rendered_stack.key for rendered_stack in chosen(stage)] == ["data", key]
    rendered = {rendered_stack.stack: rendered_stack for rendered_stack in render(app, stage)}
    base = rendered["base"]
    roles = [body["Properties"]["RoleName"] for body in base.template["Resources"].values() if "RoleName" in str(body)]
    assert f"shop-dev-{key}-deploy" in roles
    assert [box.tone for box in stack_picture(rendered[key]).boxes] == ["own"]
    assert after_deploy(stage, [key]) == ()


def test_a_users_stack_is_not_deployed_by_the_pipeline_of_one_that_it_continues() -> None:
    pipelines = {"repository": "me/shop", "connection": _CONNECTION, "stacks": ["search", "search-2"]}
    app, stage = described(stacks=own("search", "search-2"), base={"pipelines": pipelines})
    rendered = [
        (entry, [rendered_stack for rendered_stack in render(app, entry) if rendered_stack.stack != "base"])
        for entry in row(app, stage)
    ]
    deployed = {line.key: [stack.stack for stack in line.stacks] for line in pipelines_of(rendered)}
    assert deployed == {"search": ["search"], "search-2": ["search-2"]}


def test_a_part_of_the_backend_has_the_names_rights_and_pipeline_of_the_whole() -> None:
    app, stage = described(
        backend={"stacks": 3, "functions": {name: {"handler": "src/web.py:handle"} for name in "abcdef"}},
        base={"pipelines": {"repository": "me/shop", "connection": _CONNECTION}},
    )
    parts = [stack.stack for stack in render(app, stage) if stack.stack.startswith("backend-")]
    assert len(parts) > 1
    for part in (stack_at(key, stage) for key in parts):
        assert (part.part_of, part.section, part.deployed_by, part.publishes) == (
            "backend",
            "backend",
            "pipeline",
            ("code",),
        )


def test_stacks_that_left_the_description_are_known_by_their_keys() -> None:
    _, stage = described()
    stacks = [stack_at(key, stage) for key in ("frontend-logs-edge", "artifacts-eu-central-1", "backend-7", "gone")]
    assert [(stack.region, stack.section) for stack in stacks] == [
        ("us-east-1", "frontend"),
        ("eu-central-1", "base"),
        ("eu-west-1", "backend"),
        ("eu-west-1", "stacks"),
    ]
    assert [stack.is_platform for stack in stacks] == [False, True, False, False]
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
    result = {}
    for name, frontend in (("files", {"site": "site"}), ("none", {"cdn": True})):
        app, stage = described(frontend=frontend, base={"pipelines": pipelines})
        base = next(stack for stack in render(app, stage) if stack.stack == "base")
        result[name] = "FrontendPublish" in str(base.template)
    assert result == {"files": True, "none": False}


def test_outputs_keep_their_names_because_deployed_stacks_read_them() -> None:
    assert [output("a-b") for output in _OUTPUTS_BY_NAME] == [
        Output("data", "ABTableName"),
        Output("data", "ABTableArn"),
        Output("data", "ABTableStreamArn"),
        Output("data", "ABTableKeyArn"),
        Output("data", "ABDatabaseHost"),
        Output("data", "ABDatabaseArn"),
        Output("data", "ABBucketName"),
        Output("data", "ABBucketArn"),
        Output("backend", "ABFunctionUrl"),
    ]
    assert wiring.artifact_copies_key("eu-west-3") == Output("artifacts-eu-west-3", "PipelineKeyArn", "eu-west-3")
    assert wiring.user_pool_client("web", "frontend") == Output("frontend", "WebClientId")
    assert wiring.private_subnet(2) == Output("base", "PrivateSubnet2Id")


def test_the_role_of_code_deploy_is_among_those_of_base() -> None:
    _, stage = described()
    arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/shop-dev/platform/shop-dev-code-deploy"
    assert naming.code_deploy_role_arn(stage) == arn


def test_a_resource_comes_from_the_thing_whose_name_and_kind_title_it() -> None:
    _, stage = described()
    assert described_at("NotesTableKey", stage) == ["data.tables.notes"]
    assert described_at("WebFunctionRole", stage) == ["backend.functions.web"]
    assert described_at("NotesBucket", stage) == []
    titles = {kind.name: title_of(kind, "a-b") for kind in KINDS if kind.name in {"tables", "users"}}
    assert titles == {"tables": "ABTable", "users": "UserPool"}
