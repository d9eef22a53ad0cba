"""Which tokens the roles of a CI service accept: its own, and none of a list of attacks.

A token is what STS sees of it: the issuer, and the claims that AWS has condition keys for. Without any one of the
conditions an attack succeeds, so that a test here fails.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests.ci.conftest import ACCOUNT, BITBUCKET, ENVIRONMENT, REPOSITORY, WORKSPACE
from tests.pipelines.policies import plain
from tests.roles.simulator import holds

if TYPE_CHECKING:
    from collections.abc import Callable

Token = tuple[str, dict[str, str]]
"""Issuer without ``https://``, claims."""
PLANNER, DEPLOYER = "CiPlannerRole", "CiDeployerRole"
GITHUB, GITLAB = "token.actions.githubusercontent.com", "gitlab.com"
PIPELINES = "api.bitbucket.org/2.0/workspaces/someone/pipelines-config/identity/oidc"
OTHER = "90a1b2c3-d4e5-46f7-8899-aabbccddeeff"


def from_github(sub: str, ref: str, repository: str = "someone/notes", **more: str) -> Token:
    return GITHUB, {"aud": "sts.amazonaws.com", "sub": sub, "ref": ref, "repository": repository, **more}


MAIN, PULL = "refs/heads/main", "refs/pull/7/merge"
PUSH = from_github("repo:someone/notes:ref:refs/heads/main", MAIN)
REQUEST = from_github("repo:someone/notes:pull_request", PULL)
PRODUCTION = from_github("repo:someone/notes:environment:production", MAIN, environment="production")
NUMBERED = "repo:someone@12/notes@34"
ATTACKS_ON_GITHUB = {
    "another repository": from_github("repo:someone/other:ref:refs/heads/main", MAIN, "someone/other"),
    "another owner": from_github("repo:evil/notes:ref:refs/heads/main", MAIN, "evil/notes"),
    "an owner whose name ends like ours": from_github("repo:not-someone/notes:ref:refs/heads/main", MAIN, "x/notes"),
    "a repository whose name begins like ours": from_github(
        "repo:someone/notes-2:ref:refs/heads/main", MAIN, "someone/notes-2"
    ),
    "our repository in another case": from_github("repo:Someone/Notes:ref:refs/heads/main", MAIN, "Someone/Notes"),
    "a repository whose name ends like ours": from_github(
        "repo:someone/x-notes:ref:refs/heads/main", MAIN, "someone/x-notes"
    ),
    "a repository that is called like ours with a pattern": from_github(
        "repo:someone/note*:ref:refs/heads/main", MAIN, "someone/note*"
    ),
    "our branch in another case": from_github("repo:someone/notes:ref:refs/heads/Main", "refs/heads/Main"),
    "a merge queue's branch": from_github(
        "repo:someone/notes:ref:refs/heads/gh-readonly-queue/main/pr-7", "refs/heads/gh-readonly-queue/main/pr-7"
    ),
    "another branch": from_github("repo:someone/notes:ref:refs/heads/evil", "refs/heads/evil"),
    "a branch whose name begins like ours": from_github("repo:someone/notes:ref:refs/heads/main2", "refs/heads/main2"),
    "a tag that is called like the branch": from_github("repo:someone/notes:ref:refs/tags/main", "refs/tags/main"),
    "a pull request": REQUEST,
    "a pull request from a fork, in the fork": from_github("repo:evil/notes:pull_request", PULL, "evil/notes"),
    "an environment": PRODUCTION,
    "another environment": from_github("repo:someone/notes:environment:evil", MAIN, environment="evil"),
    "a subject customized to the branch alone": from_github("ref:refs/heads/main", MAIN),
    "a subject customized to the owner": from_github("repository_owner:someone", MAIN),
    "a subject customized to look like ours": from_github(
        "repo:someone/notes:ref:refs/heads/main", MAIN, "evil/customized"
    ),
    "a subject customized to hide the branch": from_github("repo:someone/notes:ref:refs/heads/main", "refs/heads/evil"),
    "immutable ids of another repository": from_github("repo:someone@1/notes@2:ref:refs/heads/main", MAIN),
    "another audience": (GITHUB, {**PUSH[1], "aud": "https://github.com/someone"}),
    "another provider with our claims": (GITLAB, PUSH[1]),
    "an enterprise server with our claims": ("evil.example/_services/token", PUSH[1]),
    "no claims": (GITHUB, {}),
}


def accepts(role: str, token: Token, resources: dict[str, Any]) -> bool:
    """Whether STS would let the token take the role; nobody but web identities may."""
    (statement,) = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    (provider,) = plain(statement["Principal"]["Federated"], resources)
    issuer, claims = token
    context = {f"{issuer}:{claim}": value for claim, value in claims.items()}
    trusted = provider == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"
    return trusted and holds(plain(statement.get("Condition", {}), resources), context)


def test_a_push_to_the_branch_deploys_and_a_pull_request_plans(github: dict[str, Any]) -> None:
    assert accepts(DEPLOYER, PUSH, github)
    assert accepts(PLANNER, REQUEST, github)


@pytest.mark.parametrize("attack", ATTACKS_ON_GITHUB)
def test_github_may_not_deploy_as(attack: str, github: dict[str, Any]) -> None:
    assert not accepts(DEPLOYER, ATTACKS_ON_GITHUB[attack], github)


@pytest.mark.parametrize("attack", [name for name in ATTACKS_ON_GITHUB if name != "a pull request"])
def test_github_may_not_plan_as(attack: str, github: dict[str, Any]) -> None:
    assert not accepts(PLANNER, ATTACKS_ON_GITHUB[attack], github)


def test_an_environment_deploys_from_its_branch_only(resources: Callable[..., dict[str, Any]]) -> None:
    result = resources(github="someone/notes", environment="production")
    assert accepts(DEPLOYER, PRODUCTION, result)
    elsewhere = from_github("repo:someone/notes:environment:production", "refs/heads/evil", environment="production")
    for token in (elsewhere, PUSH, REQUEST, ATTACKS_ON_GITHUB["another environment"]):
        assert not accepts(DEPLOYER, token, result)


def test_immutable_subjects_are_those_of_one_repository_for_ever(resources: Callable[..., dict[str, Any]]) -> None:
    result = resources(github="someone@12/notes@34")
    own = from_github(f"{NUMBERED}:ref:refs/heads/main", MAIN, repository_id="34")
    assert accepts(DEPLOYER, own, result)
    assert accepts(PLANNER, from_github(f"{NUMBERED}:pull_request", PULL, repository_id="34"), result)
    again = from_github("repo:someone@56/notes@78:ref:refs/heads/main", MAIN, repository_id="78")
    for token in (again, PUSH, (own[0], {**own[1], "repository_id": "78"}), *ATTACKS_ON_GITHUB.values()):
        assert not accepts(DEPLOYER, token, result)


def from_gitlab(path: str, ref: str, kind: str = "branch", aud: str = "https://gitlab.com") -> Token:
    return GITLAB, {"aud": aud, "sub": f"project_path:{path}:ref_type:{kind}:ref:{ref}"}


def test_gitlab_deploys_from_the_branch_of_the_project(resources: Callable[..., dict[str, Any]]) -> None:
    result = resources(gitlab="group/sub/notes")
    assert accepts(DEPLOYER, from_gitlab("group/sub/notes", "main"), result)
    assert accepts(PLANNER, from_gitlab("group/sub/notes", "feature"), result)
    attacks = [
        from_gitlab("group/other", "main"),
        from_gitlab("evil/sub/notes", "main"),
        from_gitlab("group/sub/notes", "main", "tag"),
        from_gitlab("group/sub/notes", "main", aud="https://evil.example"),
        ("gitlab.evil.example", from_gitlab("group/sub/notes", "main")[1]),
        PUSH,
    ]
    for token in attacks:
        assert not accepts(DEPLOYER, token, result)
        assert not accepts(PLANNER, token, result)
    for ref in ("feature", "main-2", "feature/main"):
        assert not accepts(DEPLOYER, from_gitlab("group/sub/notes", ref), result)


def from_bitbucket(*uuids: str, aud: str = WORKSPACE, issuer: str = PIPELINES) -> Token:
    sub = ":".join(f"{{{uuid}}}" for uuid in (*uuids, OTHER.replace("9", "7")))
    return issuer, {"aud": f"ari:cloud:bitbucket::workspace/{aud}", "sub": sub}


def test_bitbucket_deploys_in_the_environment_of_the_repository(resources: Callable[..., dict[str, Any]]) -> None:
    result = resources(bitbucket=BITBUCKET, environment="production")
    assert accepts(DEPLOYER, from_bitbucket(REPOSITORY, ENVIRONMENT), result)
    assert accepts(PLANNER, from_bitbucket(REPOSITORY), result)
    for token in (
        from_bitbucket(OTHER, ENVIRONMENT),
        from_bitbucket(OTHER),
        from_bitbucket(REPOSITORY, ENVIRONMENT, aud=OTHER),
        from_bitbucket(REPOSITORY, ENVIRONMENT, issuer=PIPELINES.replace("someone", "evil")),
        PUSH,
    ):
        assert not accepts(DEPLOYER, token, result)
        assert not accepts(PLANNER, token, result)
    assert not accepts(DEPLOYER, from_bitbucket(REPOSITORY, OTHER), result)
    assert not accepts(DEPLOYER, from_bitbucket(REPOSITORY), result)


def _equal(resources: dict[str, Any]) -> dict[str, str]:
    (statement,) = resources[DEPLOYER]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    equals: dict[str, str] = statement["Condition"]["StringEquals"]
    return equals


def test_every_condition_keeps_an_attack_out(github: dict[str, Any]) -> None:
    trust = github[DEPLOYER]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    for claim in trust["Condition"]["StringEquals"]:
        weaker = copy.deepcopy(github)
        del weaker[DEPLOYER]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"][
            claim
        ]
        assert any(accepts(DEPLOYER, token, weaker) for token in ATTACKS_ON_GITHUB.values()), claim


def test_the_provider_of_the_account_is_trusted_without_making_one(resources: Callable[..., dict[str, Any]]) -> None:
    result = resources(github="someone/notes", provider="existing")
    assert "CiProvider" not in result
    assert accepts(DEPLOYER, PUSH, result)


def test_the_provider_outlives_the_stage_but_not_a_failed_creation(github: dict[str, Any]) -> None:
    provider = github["CiProvider"]
    assert (provider["DeletionPolicy"], provider["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert provider["Properties"]["Url"] == f"https://{GITHUB}"
    assert provider["Properties"]["ClientIdList"] == ["sts.amazonaws.com"]
