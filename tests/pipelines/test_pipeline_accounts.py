"""A row over two accounts: what each lets the other do, and nothing next to it."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.checks import Template
from stacks.checks.outgoing import roles_stay_in_the_account
from stacks.checks.run import check
from stacks.linting import lint
from stacks.loading import validated
from stacks.naming import words
from tests.pipelines.policies import ACCOUNT, REGION, allowed, plain, statements
from tests.pipelines.test_pipeline_templates import commands_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stacks.template.rendered import Rendered

OTHER, FAR = "222222222222", "us-west-2"
FAMILIES = ("data", "backend", "frontend")
Templates = dict[str, dict[str, "Rendered"]]


@pytest.fixture(scope="module")
def stages(root: Path) -> Templates:
    """Stage → stack → what is rendered: dev in one account, test and prod in another, prod far away."""
    data = yaml.safe_load((root / "app.yaml").read_text())
    places = {
        "dev": (REGION, ACCOUNT, {}),
        "test": (REGION, OTHER, {"after": "dev"}),
        "prod": (FAR, OTHER, {"after": "test"}),
    }
    options = {"repository": "someone/notes", "stacks": list(FAMILIES)}
    described = {
        name: {
            "region": region,
            "account": account,
            "base": {"trail": "existing" if name == "prod" else True, "pipelines": {**options, **more}},
        }
        for name, (region, account, more) in places.items()
    }
    app = validated({**data, "stages": described})
    return {name: {stack.stack: stack for stack in render(app, stage)} for name, stage in app.stages.items()}


def resources(stages: Templates, stage: str, stack: str = "base") -> dict[str, Any]:
    """The resources of a stack, filled in for the account that it is deployed to."""
    account = ACCOUNT if stage == "dev" else OTHER
    text = json.dumps(stages[stage][stack].template["Resources"])
    loads: dict[str, Any] = json.loads(text.replace("${AWS::AccountId}", account))
    return loads


def role(stage: str, family: str, kind: str, account: str = OTHER) -> str:
    return f"arn:aws:iam::{account}:role/notes-{stage}/platform/notes-{stage}-{family}-{kind}"


def role_at_home(stage: str, family: str, kind: str) -> str:
    """A role of the pipelines' account, for a stage."""
    return f"arn:aws:iam::{ACCOUNT}:role/notes-dev/platform/notes-{stage}-{family}-{kind}"


def actions_of(stages: Templates, family: str, stage: int) -> dict[str, dict[str, Any]]:
    action = resources(stages, "dev")[f"{words(family)}Pipeline"]["Properties"]["Stages"][stage]["Actions"]
    return {entry["Name"]: entry for entry in action}


def test_changes_are_applied_by_a_role_of_the_other_account_and_builds_stay_at_home(stages: Templates) -> None:
    for family in FAMILIES:
        for number, stage in ((2, "test"), (3, "prod")):
            actions = actions_of(stages, family, number)
            for name in ("Prepare", "Execute"):
                assert plain(actions[name]["RoleArn"], {}) == role(stage, family, "pipeline")
            assert plain(actions["Prepare"]["Configuration"]["RoleArn"], {}) == role(stage, family, "deploy")
            assert "RoleArn" not in actions["Build"]
            assert actions["Prepare"].get("Region") == (FAR if stage == "prod" else None)
        assert all("RoleArn" not in action for action in actions_of(stages, family, 1).values())


@pytest.mark.parametrize("stage", ["test", "prod"])
@pytest.mark.parametrize(("kind", "title"), [("pipeline", "Pipeline"), ("build", "Build"), ("publish", "Publish")])
def test_each_role_there_is_taken_by_one_role_at_home(stages: Templates, stage: str, kind: str, title: str) -> None:
    for family in ("frontend",) if kind == "publish" else FAMILIES:
        properties = resources(stages, stage)[f"{words(family)}{title}Role"]["Properties"]
        assert properties["RoleName"] == f"notes-{stage}-{family}-{kind}"
        (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert plain(statement["Principal"], {}) == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}
        taker = role_at_home("dev" if kind == "pipeline" else stage, family, kind)
        assert plain(statement["Condition"], {}) == {"ArnEquals": {"aws:PrincipalArn": taker}}


def test_at_home_each_role_takes_its_own_role_there_and_no_other(stages: Templates) -> None:
    known = resources(stages, "dev")
    for family, other in zip(FAMILIES, (*FAMILIES[1:], FAMILIES[0]), strict=True):
        title = words(family)
        for stage in ("test", "prod"):
            prefix = words(stage)
            assert allowed(f"{title}PipelineRole", "sts:AssumeRole", role(stage, family, "pipeline"), {}, known)
            assert allowed(f"{prefix}{title}BuildRole", "sts:AssumeRole", role(stage, family, "build"), {}, known)
            for taker in (f"{title}PipelineRole", f"{prefix}{title}BuildRole", f"{title}BuildRole"):
                for wrong in (
                    role(stage, other, "pipeline"),
                    role(stage, other, "build"),
                    role(stage, family, "deploy"),
                ):
                    assert not allowed(taker, "sts:AssumeRole", wrong, {}, known), (taker, wrong)
        assert not allowed(f"Test{title}BuildRole", "sts:AssumeRole", role("prod", family, "build"), {}, known)
        for action in ("cloudformation:CreateChangeSet", "iam:PassRole", "cloudformation:GetTemplate"):
            for named in (f"{title}PipelineRole", f"Prod{title}BuildRole"):
                assert not any(
                    OTHER in str(plain(statement["Resource"], known)) and action in str(statement["Action"])
                    for statement in statements(named, known)
                )


def may(stages: Templates, stage: str, named: str, action: str, on: str, **context: str) -> bool:
    """Whether a role of the other account may do it."""
    return allowed(named, action, on, context, resources(stages, stage))


def test_the_role_there_changes_its_own_stack_and_reads_its_own_artifacts(stages: Templates) -> None:
    own_change_set = {"cloudformation:ChangeSetName": "pipeline"}
    for stage, region in (("test", REGION), ("prod", FAR)):
        for family, other in zip(FAMILIES, (*FAMILIES[1:], FAMILIES[0]), strict=True):
            named = f"{words(family)}PipelineRole"
            own = f"arn:aws:cloudformation:{region}:{OTHER}:stack/notes-{stage}-{family}/1"
            deploy = role(stage, family, "deploy")
            kept = f"arn:aws:s3:::notes-dev-code-{ACCOUNT}-{region}-an"
            key = f"arn:aws:kms:{region}:{ACCOUNT}:key/1"
            context = {**own_change_set, "cloudformation:RoleArn": deploy}
            assert may(stages, stage, named, "cloudformation:CreateChangeSet", own, **context)
            assert may(
                stages, stage, named, "iam:PassRole", deploy, **{"iam:PassedToService": "cloudformation.amazonaws.com"}
            )
            assert may(stages, stage, named, "s3:GetObject", f"{kept}/{family}-notes-dev/Build2/1")
            assert may(stages, stage, named, "kms:Decrypt", key, **{"kms:ViaService": f"s3.{region}.amazonaws.com"})
            assert not may(stages, stage, named, "kms:Decrypt", key)
            assert not may(stages, stage, named, "s3:PutObject", f"{kept}/{family}-notes-dev/Build2/1")
            assert not may(stages, stage, named, "s3:GetObject", f"{kept}/{other}-notes-dev/Build2/1")
            assert not may(
                stages, stage, named, "cloudformation:CreateChangeSet", own.replace(family, other), **context
            )
            assert not may(stages, stage, named, "iam:PassRole", role(stage, other, "deploy"))
            assert not may(stages, stage, named, "sts:AssumeRole", deploy)


def attacks_there(stage: str, region: str, family: str, other: str) -> list[tuple[str, str, str, dict[str, str]]]:
    """What the roles of the other account must never do, each nearly allowed."""
    title, own_change_set = words(family), {"cloudformation:ChangeSetName": "pipeline"}
    own, foreign = (f"arn:aws:cloudformation:{region}:{OTHER}:stack/notes-{stage}-{item}/1" for item in (family, other))
    deploy = role(stage, family, "deploy")
    kept = f"arn:aws:s3:::notes-dev-code-{ACCOUNT}-{region}-an/{other}-notes-dev/Build2/1"
    key = f"arn:aws:kms:{region}:{ACCOUNT}:key/1"
    site = f"arn:aws:s3:::notes-{stage}-files-{OTHER}-{region}-an"
    cdn = f"arn:aws:cloudfront::{OTHER}:distribution/E1"
    parameter = f"arn:aws:ssm:{region}:{OTHER}:parameter/notes/else/data/UserPoolId"
    acting: list[tuple[str, str, dict[str, str]]] = [
        ("cloudformation:CreateChangeSet", foreign, {**own_change_set, "cloudformation:RoleArn": deploy}),
        ("cloudformation:CreateChangeSet", own, own_change_set),
        ("cloudformation:ExecuteChangeSet", foreign, own_change_set),
        ("cloudformation:ExecuteChangeSet", own, {"cloudformation:ChangeSetName": "mine"}),
        ("cloudformation:DescribeStacks", foreign, {}),
        ("ssm:GetParameters", parameter, {}),
        ("iam:PassRole", role(stage, other, "deploy"), {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("iam:PassRole", deploy, {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("s3:GetObject", kept, {}),
        ("kms:Decrypt", key, {}),
        ("kms:Decrypt", key.replace(ACCOUNT, OTHER), {"kms:ViaService": f"s3.{region}.amazonaws.com"}),
    ]
    looking: list[tuple[str, str, dict[str, str]]] = [
        ("cloudformation:GetTemplate", foreign.replace(stage, "else"), {}),
        ("cloudformation:DescribeStacks", foreign.replace(stage, "else"), {}),
        ("cloudformation:ListStacks", "*", {"aws:RequestedRegion": "sa-east-1"}),
        ("ssm:GetParameters", parameter, {}),
        ("s3:GetObject", f"{site}/code/x", {}),
        ("s3:PutObject", f"{site}/code/x", {"s3:if-none-match": "*"}),
        ("s3:PutObject", f"arn:aws:s3:::notes-{stage}-code-{OTHER}-{region}-an/code/x", {}),
        ("s3:ListBucket", site, {}),
    ]
    publishing: list[tuple[str, str, dict[str, str]]] = [
        ("cloudformation:DescribeStacks", foreign.replace(stage, "else"), {}),
        ("s3:ListBucket", site, {}),
        ("s3:PutObject", f"{site}/x", {}),
        ("cloudfront:CreateInvalidation", cdn, {"aws:ResourceTag/stack": "other"}),
        (
            "cloudfront:CreateInvalidation",
            cdn.replace(OTHER, ACCOUNT),
            {"aws:ResourceTag/stack": f"notes-{stage}-frontend"},
        ),
    ]
    every = {"Pipeline": acting, "Build": looking, **({"Publish": publishing} if family == "frontend" else {})}
    return [(f"{title}{kind}Role", *row) for kind, some in every.items() for row in some]


@pytest.mark.parametrize(("stage", "region"), [("test", REGION), ("prod", FAR)])
def test_no_attack_there_succeeds_and_widening_any_statement_lets_one_through(
    stages: Templates, stage: str, region: str
) -> None:
    for family, other in zip(FAMILIES, (*FAMILIES[1:], FAMILIES[0]), strict=True):
        attacks = attacks_there(stage, region, family, other)
        assert [attack for attack in attacks if allowed(*attack, resources(stages, stage))] == []
        for name in sorted({named for named, *_ in attacks}):
            for index in range(len(statements(name, resources(stages, stage)))):
                for part in ("Resource", "Condition"):
                    known = resources(stages, stage)
                    statement = statements(name, known)[index]
                    if part in statement and statement[part] != ["*"]:  # ListStacks has no resource
                        statement[part] = ["*"] if part == "Resource" else {}
                        assert any(allowed(*attack, known) for attack in attacks), (name, index, part)


def lent(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements that let another account in."""
    return [statement for statement in policy["Statement"] if OTHER in str(statement["Principal"])]


@pytest.mark.parametrize(
    ("stack", "stage", "build"), [("base", "test", "Build2"), (f"artifacts-{FAR}", "prod", "Build3")]
)
def test_bucket_and_key_of_a_region_let_the_roles_in_that_deploy_there(
    stages: Templates, stack: str, stage: str, build: str
) -> None:
    known = resources(stages, "dev", stack)
    region = FAR if stage == "prod" else REGION
    bucket, key = (
        lent(known[name]["Properties"][policy])
        for name, policy in (("ArtifactBucketPolicy", "PolicyDocument"), ("PipelineKey", "KeyPolicy"))
    )
    takers = {role(stage, family, "pipeline") for family in FAMILIES}
    for results in (bucket, key):
        assert {plain(result["Condition"], known)["ArnEquals"]["aws:PrincipalArn"] for result in results} == takers
        assert all(plain(result["Principal"], known) == {"AWS": [f"arn:aws:iam::{OTHER}:root"]} for result in results)
    for statement in bucket:
        family = next(family for family in FAMILIES if f"-{family}-pipeline" in str(statement["Condition"]))
        assert statement["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]
        (resource,) = plain(statement["Resource"], known)
        assert fnmatchcase(f"{resource.split('/')[0]}/{family}-notes-dev/{build}/1", resource)
        assert not fnmatchcase(f"{resource.split('/')[0]}/{family}-notes-dev/Source/1", resource)
    for entry in key:
        assert entry["Action"] == ["kms:Decrypt"]
        assert plain(entry["Condition"], known)["StringEquals"] == {"kms:ViaService": f"s3.{region}.amazonaws.com"}


def test_a_build_for_another_account_takes_its_role_before_it_looks_there(stages: Templates) -> None:
    commands = commands_of({"Resources": resources(stages, "dev")}, "ProdBackendBuild")
    profile = next(index for index, line in enumerate(commands) if "credential_source = EcsContainer" in line)
    assert role("prod", "backend", "build") in commands[profile]
    assert commands[profile + 1] == "export AWS_CONFIG_FILE=.build/aws AWS_PROFILE=prod"
    first = next(index for index, line in enumerate(commands) if line.startswith("python build.py"))
    assert profile + 1 < first
    assert not any(
        "AWS_PROFILE" in line for line in commands_of({"Resources": resources(stages, "dev")}, "BackendBuild")
    )


def test_the_templates_pass_lint_and_checks(stages: Templates) -> None:
    for rendered in stages.values():
        stacks = [stack for stack in rendered.values() if stack.stack.startswith(("base", "artifacts"))]
        assert [str(finding) for finding in lint(stacks)] == []
        assert [
            str(finding)
            for finding in check(list(rendered.values()))
            if finding.stack in {rendered_stack.stack for rendered_stack in stacks}
        ] == []


@pytest.mark.parametrize("stage", ["dev", "test", "prod"])
@pytest.mark.parametrize("action", ["sts:AssumeRole", "iam:PassRole", "s3:PutObject"])
def test_an_account_that_no_stage_is_deployed_to_is_reported(stages: Templates, stage: str, action: str) -> None:
    stack = stages[stage]["base"]
    foreign = {"Fn::Sub": "arn:${AWS::Partition}:iam::333333333333:role/notes/platform/notes-deploy"}
    statement = {"Effect": "Allow", "Action": [action], "Resource": [foreign]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}
    described = {**stack.template, "Resources": {**stack.template["Resources"], "ForeignPolicy": policy}}
    base = Template(stack="base", region=stack.region, template=described)
    (finding,) = check([base], [roles_stay_in_the_account])
    assert (finding.logical_id, finding.what) == ("ForeignPolicy", "reaches into what 333333333333 may own")


def test_a_role_there_passes_its_own_deploy_role_and_the_same_name_may_not_be_taken(stages: Templates) -> None:
    """Only a pass stays within an account: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html."""
    stack = stages["test"]["base"]
    text = json.dumps(stack.template)
    assert '"iam:PassRole"' in text
    taken = json.loads(text.replace('"iam:PassRole"', '"sts:AssumeRole"'))
    base = Template(stack="base", region=stack.region, template=taken)
    assert {finding.logical_id for finding in check([base], [roles_stay_in_the_account])} == {
        f"{words(family)}PipelinePolicy" for family in FAMILIES
    }
