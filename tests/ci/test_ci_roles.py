"""What the roles of a CI service may do: all of their own work, and none of a list of attacks.

Widening any one statement of their policies lets an attack through, so that a test here fails.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.checks.run import RULES, check
from stacks.naming import words
from tests.ci.test_ci_trust import DEPLOYER, PLANNER
from tests.pipelines.policies import ACCOUNT, REGION, allowed, plain, statements
from tests.pipelines.test_pipeline_roles import BUCKET, EDGE, FAMILIES, SITE, Request, published, role, stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.app import App

OWN_CHANGE_SET = {"cloudformation:ChangeSetName": "stacks-0a1b"}
TO_CLOUDFORMATION = {"iam:PassedToService": "cloudformation.amazonaws.com"}
CDN = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
ONCE = {"s3:if-none-match": "*"}


def with_role(name: str) -> dict[str, str]:
    return {**OWN_CHANGE_SET, "cloudformation:RoleArn": role(f"notes-dev-{name}-deploy")}


def reading(name: str) -> list[Request]:
    """What both roles need to plan."""
    return [
        *((name, "cloudformation:ListStacks", "*", {"aws:RequestedRegion": region}) for region in (REGION, EDGE)),
        *((name, "cloudformation:DescribeStacks", stack(f"notes-dev-{item}"), {}) for item in ("base", *FAMILIES)),
        *((name, "cloudformation:GetTemplate", stack(f"notes-dev-{item}"), {}) for item in ("base", *FAMILIES)),
        *((name, "ssm:GetParameters", published(f"dev/{read}"), {}) for read in ("data/UserPoolId", "backend/ApiId")),
    ]


def deploying() -> list[Request]:
    """What ``deploy --deploy-roles`` needs beyond reading."""
    results: list[Request] = []
    for item in FAMILIES:
        own, deploy = stack(f"notes-dev-{item}"), role(f"notes-dev-{item}-deploy")
        results += [
            (DEPLOYER, "cloudformation:CreateChangeSet", own, with_role(item)),
            *(
                (DEPLOYER, f"cloudformation:{verb}ChangeSet", own, OWN_CHANGE_SET)
                for verb in ("Describe", "Delete", "Execute")
            ),
            *((DEPLOYER, f"cloudformation:{verb}ChangeSet", own, {}) for verb in ("Describe", "Delete", "Execute")),
            (DEPLOYER, "cloudformation:DescribeStackEvents", own, {}),
            (DEPLOYER, "cloudformation:ListStackResources", own, {}),
            (DEPLOYER, "iam:PassRole", deploy, TO_CLOUDFORMATION),
            (DEPLOYER, "s3:PutObject", f"{BUCKET}/templates/notes-dev-{item}/1.yaml", {}),
            (DEPLOYER, "s3:GetObject", f"{BUCKET}/templates/notes-dev-{item}/1.yaml", {}),
        ]
    return [
        *results,
        (DEPLOYER, "s3:ListBucket", BUCKET, {}),
        (DEPLOYER, "s3:PutObject", f"{BUCKET}/code/web/1.zip", ONCE),
        (DEPLOYER, "s3:GetObject", f"{BUCKET}/code/web/1.zip", {}),
        *((DEPLOYER, f"s3:{verb}Object", f"{BUCKET}/deploying.json", ONCE) for verb in ("Put", "Get", "Delete")),
        *((DEPLOYER, f"s3:{verb}Object", f"{SITE}/index.html", {}) for verb in ("Put", "Get", "Delete")),
        (DEPLOYER, "s3:ListBucketVersions", SITE, {}),
        (DEPLOYER, "cloudfront:CreateInvalidation", CDN, {"aws:ResourceTag/stack": "notes-dev-frontend"}),
        (DEPLOYER, "dynamodb:DescribeTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/notes-dev-notes", {}),
    ]


def attacks() -> list[Request]:
    """What neither role may do, each nearly allowed."""
    results: list[Request] = []
    for name in (PLANNER, DEPLOYER):
        results += [
            (name, "cloudformation:GetTemplate", stack("other-prod-base"), {}),
            (name, "cloudformation:DescribeStacks", stack("notes-prod-data"), {}),
            (name, "cloudformation:DescribeStacks", stack("notes-development-data"), {}),
            (name, "cloudformation:ListStacks", "*", {"aws:RequestedRegion": "eu-north-1"}),
            (name, "ssm:GetParameters", published("prod/data/UserPoolId"), {}),
            (name, "ssm:GetParameters", published("dev/stripe-key"), {}),
            (name, "cloudformation:CreateChangeSet", stack("notes-dev-base"), with_role("data")),
            (name, "cloudformation:ExecuteChangeSet", stack("notes-dev-base"), OWN_CHANGE_SET),
            (name, "cloudformation:CreateChangeSet", stack("notes-prod-data"), with_role("data")),
            (name, "iam:PassRole", role("notes-prod-data-deploy"), TO_CLOUDFORMATION),
            (name, "iam:PassRole", role("notes-dev-ci-deploy"), TO_CLOUDFORMATION),
            (name, "s3:PutObject", f"{BUCKET}/code/web/1.zip", {}),
            (name, "s3:DeleteObject", f"{BUCKET}/code/web/1.zip", {}),
            *((name, "s3:PutObject", f"{BUCKET}/templates/notes-dev-base/1.yaml", more) for more in ({}, ONCE)),
            (name, "s3:DeleteObject", f"{BUCKET}/templates/notes-dev-data/1.yaml", {}),
            (name, "s3:PutBucketPolicy", BUCKET, {}),
            (name, "s3:PutObject", SITE.replace("-site-", "-files-") + "/x", {}),
            (name, "s3:GetObject", BUCKET.replace("-code-", "-trail-") + "/AWSLogs/1", {}),
            (name, "s3:ListBucket", BUCKET.replace("-code-", "-logs-"), {}),
            (name, "s3:ListBucketVersions", BUCKET, {}),
            (name, "s3:DeleteObjectVersion", f"{SITE}/index.html", {}),
            (name, "cloudfront:CreateInvalidation", CDN, {"aws:ResourceTag/stack": "other"}),
            (name, "cloudfront:UpdateDistribution", CDN, {"aws:ResourceTag/stack": "notes-dev-frontend"}),
            (
                name,
                "cloudfront:CreateInvalidation",
                CDN.replace(ACCOUNT, "2" * 12),
                {"aws:ResourceTag/stack": "notes-dev-frontend"},
            ),
            (name, "dynamodb:DescribeTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/other", {}),
            (name, "lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:notes-dev-web:commands", {}),
            *((name, action, on, {**OWN_CHANGE_SET, **TO_CLOUDFORMATION, **ONCE}) for action, on in _forbidden()),
        ]
    for item, other in zip(FAMILIES, (*FAMILIES[1:], "data"), strict=True):
        own, deploy = stack(f"notes-dev-{item}"), role(f"notes-dev-{item}-deploy")
        results += [
            (PLANNER, "cloudformation:CreateChangeSet", own, with_role(item)),
            (PLANNER, "cloudformation:ExecuteChangeSet", own, OWN_CHANGE_SET),
            (PLANNER, "iam:PassRole", deploy, TO_CLOUDFORMATION),
            (DEPLOYER, "cloudformation:CreateChangeSet", own, OWN_CHANGE_SET),
            (DEPLOYER, "cloudformation:CreateChangeSet", own, with_role(other)),
            (DEPLOYER, "cloudformation:CreateChangeSet", own, {**with_role(item), **_named("pipeline")}),
            (DEPLOYER, "cloudformation:ExecuteChangeSet", own, _named("pipeline")),
            (DEPLOYER, "iam:PassRole", deploy, {"iam:PassedToService": "lambda.amazonaws.com"}),
            (DEPLOYER, "iam:PassRole", deploy, {}),
            *(
                (name, action, on, {**OWN_CHANGE_SET, **with_role(item)})
                for name in (PLANNER, DEPLOYER)
                for action, on in _ends(own)
            ),
        ]
    return [
        *results,
        (DEPLOYER, "cloudformation:DescribeStackEvents", stack("notes-prod-data"), {}),
        (DEPLOYER, "cloudformation:GetStackPolicy", stack("notes-dev-base"), {}),
        (PLANNER, "s3:GetObject", f"{BUCKET}/code/web/1.zip", {}),
        (PLANNER, "s3:PutObject", f"{SITE}/index.html", {}),
    ]


def _named(change_set: str) -> dict[str, str]:
    return {"cloudformation:ChangeSetName": change_set}


def _ends(own: str) -> list[tuple[str, str]]:
    """What takes away or unguards a stack."""
    verbs = ("DeleteStack", "UpdateStack", "CreateStack", "SetStackPolicy", "UpdateTerminationProtection")
    return [(f"cloudformation:{verb}", own) for verb in verbs]


def _forbidden() -> list[tuple[str, str]]:
    account = f"{REGION}:{ACCOUNT}"
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    return [
        ("sts:AssumeRole", role("notes-dev-data-deploy")),
        ("sts:AssumeRole", role("notes-prod-ci-deploy")),
        ("iam:UpdateAssumeRolePolicy", role("notes-dev-ci-deploy")),
        ("iam:PutRolePolicy", role("notes-dev-ci-plan")),
        ("iam:AttachRolePolicy", role("notes-dev-ci-deploy")),
        ("iam:CreateRole", role("mine")),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/notes-dev/platform/CiDeployerPolicy1"),
        ("iam:UpdateOpenIDConnectProviderThumbprint", provider),
        ("iam:AddClientIDToOpenIDConnectProvider", provider),
        ("iam:CreateOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/evil.example"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{account}:function:notes-dev-web"),
        ("lambda:InvokeFunction", f"arn:aws:lambda:{account}:function:notes-dev-web"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{account}:table/notes-dev-notes"),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{account}:table/notes-dev-notes"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{account}:secret:x"),
        ("cognito-idp:AdminCreateUser", f"arn:aws:cognito-idp:{account}:userpool/x"),
        ("logs:DeleteLogGroup", f"arn:aws:logs:{account}:log-group:/aws/lambda/notes-dev-web"),
        ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{account}:trail/notes-dev-trail"),
        ("kms:Decrypt", f"arn:aws:kms:{account}:key/1"),
    ]


def successes(requests: list[Request], resources: dict[str, Any]) -> list[Request]:
    return [request for request in requests if allowed(*request, resources)]


def test_each_role_may_do_its_own_work(github: dict[str, Any]) -> None:
    wanted = [*reading(PLANNER), *reading(DEPLOYER), *deploying()]
    assert [row for row in wanted if row not in successes(wanted, github)] == []


def test_no_attack_succeeds(github: dict[str, Any]) -> None:
    assert len(attacks()) >= 150
    assert successes(attacks(), github) == []


def test_planning_changes_nothing(github: dict[str, Any]) -> None:
    actions = {action for statement in statements(PLANNER, github) for action in statement["Action"]}
    reads = {f"cloudformation:{verb}" for verb in ("DescribeStacks", "GetTemplate", "ListStacks")}
    assert actions == {*reads, "ssm:GetParameters"}


def test_deploying_has_few_actions_and_none_without_a_resource_but_listing(github: dict[str, Any]) -> None:
    results = statements(DEPLOYER, github)
    assert len({action for result in results for action in result["Action"]}) <= 25
    assert [result["Action"] for result in results if "*" in result["Resource"]] == [["cloudformation:ListStacks"]]
    assert not [action for result in results for action in result["Action"] if "*" in action]


@pytest.mark.parametrize("name", [PLANNER, DEPLOYER])
def test_widening_any_one_statement_lets_an_attack_through(github: dict[str, Any], name: str) -> None:
    for index in range(len(statements(name, github))):
        for part in ("Resource", "Condition"):
            resources = copy.deepcopy(github)
            statement = statements(name, resources)[index]
            if (part == "Condition" and part not in statement) or statement.get(part) == ["*"]:
                continue  # ListStacks has no resource
            statement[part] = ["*"] if part == "Resource" else {}
            assert successes(attacks(), resources), (index, part, statement)


def test_a_deploy_role_for_each_stack_is_handed_to_cloudformation_only(github: dict[str, Any]) -> None:
    (passing,) = [statement for statement in statements(DEPLOYER, github) if statement["Action"] == ["iam:PassRole"]]
    assert plain(passing["Resource"], github) == [role(f"notes-dev-{item}-deploy") for item in _in_order(github)]


def _in_order(resources: dict[str, Any]) -> list[str]:
    titles = {words(item): item for item in FAMILIES}
    return [titles[name.removesuffix("DeployRole")] for name in resources if name.endswith("DeployRole")]


def test_policies_stay_within_their_limit_however_many_stacks_there_are(root: Any) -> None:
    import yaml  # noqa: PLC0415

    from stacks.loading import validated  # noqa: PLC0415

    data = yaml.safe_load((root / "app.yaml").read_text())
    stage = {**data["stages"]["dev"], "base": {"ci": {"github": "someone/notes"}}, "backend": {"stacks": 20}}
    app = validated({**data, "stages": {"dev": stage}})
    assert not [finding for finding in check(render(app, app.stages["dev"]), RULES) if finding.rule == "POLICY-SIZE"]


@pytest.mark.parametrize("ci", [{"github": "someone/notes"}, {"gitlab": "group/notes"}])
def test_the_stage_passes_every_rule(with_ci: Callable[..., App], ci: dict[str, str]) -> None:
    app = with_ci(**ci)
    assert [str(finding) for finding in check(render(app, app.stages["dev"]), RULES)] == []
