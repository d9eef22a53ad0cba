"""Mistakes in ``base.ci``, each with one message at its place."""

from __future__ import annotations

from typing import Any

import pytest

from stacks import render
from stacks.deploy.collisions import refuse_collisions
from stacks.deploy.foresee import foresee_plan
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError, StacksError
from stacks.loading import validated
from stacks.testing import MemoryCloud
from tests.ci.conftest import BITBUCKET

STAGE = {"region": "eu-west-1"}


def problems(stages: dict[str, Any], **shared: Any) -> str:
    data = {"name": "notes", "data": {"tables": {"notes": {"partition_key": "id"}}}, "stages": stages, **shared}
    with pytest.raises(StacksError) as caught:
        validated(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("ci", "message"),
    [
        ({"github": "notes"}, "'notes' is not a repository of GitHub. Write owner/name"),
        ({"github": "https://github.com/someone/notes"}, "is not a repository of GitHub"),
        ({"github": "someone/*"}, "is not a repository of GitHub"),
        ({"github": "someone@12/notes"}, "is not a repository of GitHub"),
        ({"gitlab": "notes"}, "'notes' is not a project of GitLab. Write group/project"),
        ({"bitbucket": {**BITBUCKET, "repository": "notes"}}, "is not a repository of Bitbucket"),
        ({"bitbucket": {**BITBUCKET, "environment_id": "production"}}, "'production' is not a UUID"),
        ({}, "names no repository. Name one repository"),
        ({"github": "a/b", "gitlab": "a/b"}, "names github and gitlab. Name one repository"),
        ({"github": "a/b", "branch": "feature/*"}, "is not a branch"),
        ({"github": "a/b", "environment": "prod*"}, "is not the name of an environment"),
        ({"github": "a/b", "provider": "none"}, "provider"),
        ({"github": "a/b", "stacks": ["base"]}, "base has the rights of the roles, so they do not deploy it. Leave it"),
        ({"github": "a/b", "stacks": ["dat"]}, "'dat' is not a stack of the stage. Did you mean 'data'?"),
    ],
)
def test_a_mistake_is_reported_with_its_remedy(ci: dict[str, Any], message: str) -> None:
    problem = problems({"dev": STAGE}, base={"ci": ci})
    assert message in problem
    assert "base.ci" in problem


def test_two_deployers_of_a_stage_are_refused() -> None:
    both = {"ci": {"github": "a/b"}, "pipelines": {"repository": "a/b"}}
    assert "the stage has pipelines, too, and both would deploy it. Choose one" in problems({"dev": STAGE}, base=both)


def test_one_stage_of_an_account_makes_the_identity_provider() -> None:
    ci = {"ci": {"github": "a/b"}}
    problem = problems({"dev": STAGE, "prod": STAGE}, base=ci)
    assert "stage 'dev' makes the same identity provider, and an account has one" in problem
    assert "Write 'provider: existing' under 'stages.prod.base.ci'" in problem


def test_stages_of_two_accounts_make_one_each() -> None:
    ci = {"ci": {"github": "a/b"}, "trail": "existing"}
    stages = {"dev": {**STAGE, "account": "1" * 12}, "prod": {**STAGE, "account": "2" * 12}}
    tables = {"tables": {"notes": {"partition_key": "id"}}}
    app = validated({"name": "notes", "base": ci, "data": tables, "stages": stages})
    assert all(stage.base.ci and stage.base.ci.provider == "own" for stage in app.stages.values())


def test_a_provider_that_the_account_has_is_refused_with_its_option() -> None:
    data = {"name": "notes", "data": {"tables": {"notes": {"partition_key": "id"}}}, "stages": {"dev": STAGE}}
    app = validated({**data, "base": {"ci": {"github": "a/b"}}})
    memory = MemoryCloud()
    arn = f"arn:aws:iam::{memory.account()}:oidc-provider/token.actions.githubusercontent.com"
    memory.exists("AWS::IAM::OIDCProvider", arn, "eu-west-1")
    plan = make_plan(render(app, app.stages["dev"])[:1])
    foreseen = foresee_plan(plan, memory)
    with pytest.raises(DeployError, match="write 'provider: existing' under 'base"):
        refuse_collisions(plan, foreseen, memory, "dev")
