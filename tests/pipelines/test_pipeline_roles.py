"""What pipelines and builds may do: all of their own work, and none of a list of attacks.

Widening any one statement of any of their policies lets an attack through, so that a test here fails.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.naming import words
from stacks.pipelines.pipeline import uncut
from tests.pipelines.policies import ACCOUNT, NAMES, REGION, allowed, arn, plain, statements

BUCKET = f"arn:aws:s3:::notes-dev-code-{ACCOUNT}-{REGION}-an"
SITE = f"arn:aws:s3:::notes-dev-site-{ACCOUNT}-{REGION}-an"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/PipelineKey"
S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
OWN_CHANGE_SET = {"cloudformation:ChangeSetName": "pipeline"}
FAMILIES = ("data", "backend", "frontend-edge", "frontend", "frontend-logs-edge")
OTHER = dict(zip(FAMILIES, (*FAMILIES[1:], "data"), strict=True))
EDGE = "us-east-1"
COPIES = f"arn:aws:s3:::notes-dev-code-{ACCOUNT}-{EDGE}-an"
S3_COPIES = {"kms:ViaService": f"s3.{EDGE}.amazonaws.com"}
Request = tuple[str, str, str, dict[str, str]]
"""Role, action, resource, context."""


def published(name: str) -> str:
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/notes/{name}"


def stack(name: str) -> str:
    region = EDGE if name.endswith("-edge") else REGION
    return f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/0a1b"


def kept_in(bucket: str, family: str) -> str:
    """Where CodePipeline keeps artifacts: under the first 20 characters of the pipeline's name."""
    return f"{bucket}/{NAMES[family][:20]}"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/notes-dev/platform/{name}"


def project(name: str) -> str:
    return f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}"


def logs(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codebuild/{name}:log-stream:1"


def own_work() -> list[Request]:
    """What each role needs for a run."""
    results: list[Request] = []
    for family in FAMILIES:
        title = words(family)
        pipeline, build, deploy = f"{title}PipelineRole", f"{title}BuildRole", role(f"notes-dev-{family}-deploy")
        own, kept = stack(f"notes-dev-{family}"), kept_in(BUCKET, family)
        connection = {"codeconnections:FullRepositoryId": "someone/notes"}
        results += [
            (pipeline, "codeconnections:UseConnection", connected(), connection),
            (
                pipeline,
                "codeconnections:UseConnection",
                connected(),
                {**connection, "codeconnections:BranchName": "main"},
            ),
            (pipeline, "s3:PutObject", f"{kept}/Source/1", {}),
            (pipeline, "s3:GetObject", f"{kept}/Build/1", {}),
            # What a source behind a connection uploads with: aws-cdk#13557
            (pipeline, "s3:PutObjectAcl", f"{kept}/Source/1", {}),
            *((pipeline, f"s3:GetBucket{what}", BUCKET, {}) for what in ("Acl", "Location", "Versioning")),
            (pipeline, "kms:GenerateDataKey", KEY, S3),
            (pipeline, "kms:GenerateDataKey", KEY, {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}),
            (pipeline, "codebuild:StartBuild", project(f"notes-dev-{family}"), {}),
            (pipeline, "cloudformation:CreateChangeSet", own, {**OWN_CHANGE_SET, "cloudformation:RoleArn": deploy}),
            (pipeline, "cloudformation:DescribeChangeSet", own, OWN_CHANGE_SET),
            (pipeline, "cloudformation:DeleteChangeSet", own, OWN_CHANGE_SET),
            (pipeline, "cloudformation:ExecuteChangeSet", own, OWN_CHANGE_SET),
            # The change set's name does not come with every such request: aws-cdk#1034
            *((pipeline, f"cloudformation:{verb}ChangeSet", own, {}) for verb in ("Describe", "Delete", "Execute")),
            (pipeline, "cloudformation:DescribeStacks", own, {}),
            (pipeline, "cloudformation:DescribeStackEvents", own, {}),
            (pipeline, "codeconnections:UseConnection", connected(), {}),
            (pipeline, "iam:PassRole", deploy, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
            (pipeline, "sns:Publish", f"arn:aws:sns:{REGION}:{ACCOUNT}:notes-dev-pipelines", {}),
            (build, "logs:PutLogEvents", logs(f"notes-dev-{family}"), {}),
            (build, "s3:GetObject", f"{kept}/Source/1", {}),
            (build, "s3:PutObject", f"{kept}/Build/1", {}),
            (build, "kms:Decrypt", KEY, S3),
            (build, "cloudformation:GetTemplate", stack("notes-dev-base"), {}),
            (build, "cloudformation:DescribeStacks", stack("notes-dev-base"), {}),
            (build, "cloudformation:GetTemplate", own, {}),
            (build, "cloudformation:DescribeStacks", own, {}),
            # Stacks that left the description: in the stage's region and in us-east-1, whatever they are called.
            *((build, "cloudformation:ListStacks", "*", {"aws:RequestedRegion": region}) for region in (REGION, EDGE)),
            (build, "cloudformation:GetTemplate", stack("notes-dev-mail"), {}),
            (build, "cloudformation:GetTemplate", stack("notes-dev-old-edge"), {}),
        ]
        if family.endswith("-edge"):
            copies = kept_in(COPIES, family)
            results += [
                (pipeline, "s3:PutObject", f"{copies}/Build/1", {}),
                (pipeline, "s3:GetBucketVersioning", COPIES, {}),
                (pipeline, "kms:GenerateDataKey", KEY.replace(REGION, EDGE), S3_COPIES),
            ]
    return [*results, *_own_special_work()]


def _own_special_work() -> list[Request]:
    cdn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    return [
        ("BackendBuildRole", "s3:PutObject", f"{BUCKET}/code/web/1.zip", {"s3:if-none-match": "*"}),
        ("BackendBuildRole", "s3:ListBucket", BUCKET, {}),
        *(
            (
                f"{family}{kind}Role",
                "ssm:GetParameters",
                f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/notes/dev/{read}",
                {},
            )
            for family, read in (("Backend", "data/UserPoolId"), ("Frontend", "backend/ApiId"))
            for kind in ("Build", "Pipeline")
        ),
        ("DataBuildRole", "cloudformation:GetTemplate", stack("notes-dev-data"), {}),
        ("DataBuildRole", "cloudformation:DescribeStacks", stack("notes-dev-data"), {}),
        (
            "FrontendBuildRole",
            "cloudformation:DescribeStacks",
            stack("notes-dev-frontend-edge"),
            {},
        ),
        ("FrontendPipelineRole", "codebuild:StartBuild", project("notes-dev-frontend-publish"), {}),
        ("FrontendPublishRole", "logs:CreateLogStream", logs("notes-dev-frontend-publish"), {}),
        ("FrontendBuildRole", "s3:PutObject", f"{BUCKET}/frontend-notes-dev/Files/1", {}),
        ("FrontendPublishRole", "s3:GetObject", f"{BUCKET}/frontend-notes-dev/Files/1", {}),
        ("FrontendPublishRole", "s3:PutObject", f"{SITE}/index.html", {}),
        ("FrontendPublishRole", "s3:DeleteObject", f"{SITE}/index.html", {}),
        ("FrontendPublishRole", "s3:ListBucketVersions", SITE, {}),
        ("FrontendPublishRole", "kms:Decrypt", KEY, S3),
        ("FrontendPublishRole", "cloudformation:DescribeStacks", stack("notes-dev-frontend"), {}),
        ("FrontendPublishRole", "cloudfront:CreateInvalidation", cdn, {"aws:ResourceTag/stack": "notes-dev-frontend"}),
    ]


def connected() -> str:
    return f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/PipelineConnection"


def attacks() -> list[Request]:
    """What a role must never do, each nearly allowed."""
    results: list[Request] = []
    for family in FAMILIES:
        title, other = words(family), OTHER[family]
        pipeline, builds = f"{title}PipelineRole", [f"{title}BuildRole"]
        deploy, foreign = role(f"notes-dev-{family}-deploy"), role(f"notes-dev-{other}-deploy")
        own, elsewhere = stack(f"notes-dev-{family}"), stack(f"notes-dev-{other}")
        builds += ["FrontendPublishRole"] if family == "frontend" else []
        results += [
            (
                pipeline,
                "codeconnections:UseConnection",
                connected(),
                {"codeconnections:FullRepositoryId": "evil/notes"},
            ),
            (
                pipeline,
                "codeconnections:UseConnection",
                connected(),
                {"codeconnections:FullRepositoryId": "someone/notes", "codeconnections:BranchName": "evil"},
            ),
            (
                pipeline,
                "codeconnections:UseConnection",
                connected().replace("Pipeline", "Other"),
                {"codeconnections:FullRepositoryId": "someone/notes"},
            ),
            (pipeline, "s3:PutObject", f"{kept_in(BUCKET, other)}/Build/1", {}),
            (pipeline, "s3:PutObject", f"{kept_in(COPIES, other)}/Build/1", {}),
            (pipeline, "s3:PutObject", f"{COPIES}/code/web/1.zip", {}),
            (pipeline, "s3:GetBucketVersioning", COPIES.replace("notes", "other"), {}),
            (pipeline, "kms:Decrypt", KEY.replace(REGION, EDGE), S3),
            (pipeline, "kms:Decrypt", KEY.replace(REGION, EDGE).replace("Pipeline", "Trail"), S3_COPIES),
            (pipeline, "s3:PutObject", f"{BUCKET}/code/web/1.zip", {}),
            (pipeline, "s3:GetBucketVersioning", SITE, {}),
            (pipeline, "kms:Decrypt", KEY, {}),
            (pipeline, "kms:Decrypt", KEY.replace("Pipeline", "Trail"), S3),
            (pipeline, "codebuild:StartBuild", project(f"notes-dev-{other}"), {}),
            (pipeline, "cloudformation:CreateChangeSet", own, {**OWN_CHANGE_SET, "cloudformation:RoleArn": foreign}),
            (pipeline, "cloudformation:CreateChangeSet", own, OWN_CHANGE_SET),
            (
                pipeline,
                "cloudformation:CreateChangeSet",
                own,
                {"cloudformation:RoleArn": deploy, "cloudformation:ChangeSetName": "mine"},
            ),
            (
                pipeline,
                "cloudformation:CreateChangeSet",
                elsewhere,
                {**OWN_CHANGE_SET, "cloudformation:RoleArn": deploy},
            ),
            (pipeline, "cloudformation:ExecuteChangeSet", elsewhere, OWN_CHANGE_SET),
            (pipeline, "cloudformation:ExecuteChangeSet", own, {"cloudformation:ChangeSetName": "mine"}),
            (pipeline, "cloudformation:DescribeStacks", elsewhere, {}),
            (pipeline, "cloudformation:UpdateStack", own, {"cloudformation:RoleArn": deploy}),
            (pipeline, "cloudformation:DeleteStack", own, {"cloudformation:RoleArn": deploy}),
            (pipeline, "iam:PassRole", foreign, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
            (pipeline, "iam:PassRole", deploy, {"iam:PassedToService": "lambda.amazonaws.com"}),
            (pipeline, "iam:PassRole", deploy, {}),
            (pipeline, "sts:AssumeRole", deploy, {}),
            (pipeline, "ssm:GetParameters", published("prod/data/UserPoolId"), {}),
            (pipeline, "sns:Publish", f"arn:aws:sns:{REGION}:{ACCOUNT}:other", {}),
            (
                pipeline,
                "codepipeline:UpdatePipeline",
                f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:{NAMES[family]}",
                {},
            ),
        ]
        for build in builds:
            results += [
                (build, "logs:PutLogEvents", logs("other"), {}),
                (build, "logs:DeleteLogGroup", logs(f"notes-dev-{family}"), {}),
                (build, "s3:GetObject", f"{kept_in(BUCKET, other)}/Source/1", {}),
                (build, "s3:PutObject", f"{kept_in(BUCKET, family)}/Source/1", {}),
                (build, "s3:PutObject", f"{kept_in(BUCKET, other)}/Build/1", {}),
                (build, "s3:PutObject", f"{BUCKET}/templates/x.yaml", {}),
                (build, "s3:GetObject", f"{BUCKET}/templates/x.yaml", {}),
                (build, "s3:ListBucket", SITE.replace("-site-", "-logs-"), {}),
                (build, "kms:Decrypt", KEY, {}),
                (build, "kms:Decrypt", KEY.replace("Pipeline", "Trail"), S3),
                (
                    build,
                    "ssm:GetParameters",
                    published("prod/data/UserPoolId"),
                    {},
                ),
                (build, "cloudformation:CreateChangeSet", own, OWN_CHANGE_SET),
                (build, "cloudformation:GetTemplate", stack("other-prod-base"), {}),
                (build, "cloudformation:DescribeStacks", stack("other-prod-data"), {}),
                (build, "cloudformation:GetTemplate", stack("notes-development-data"), {}),
                (build, "cloudformation:ListStacks", "*", {"aws:RequestedRegion": "eu-north-1"}),
                (build, "iam:PassRole", deploy, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
                (build, "lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:notes-dev-web", {}),
                (build, "dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/notes-dev-notes", {}),
                (build, "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:x", {}),
            ]
        results += [
            (name, action, on, {**S3, **OWN_CHANGE_SET, "iam:PassedToService": "cloudformation.amazonaws.com"})
            for name in (pipeline, *builds)
            for action, on in forbidden_to_all(family)
        ]
    cdn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    return [
        *results,
        # Overwrite what was approved, or write something else with the same condition.
        ("BackendBuildRole", "s3:PutObject", f"{BUCKET}/code/web/1.zip", {}),
        ("BackendBuildRole", "s3:PutObject", f"{BUCKET}/templates/notes-dev-base/1.yaml", {"s3:if-none-match": "*"}),
        ("DataBuildRole", "s3:PutObject", f"{BUCKET}/code/web/1.zip", {"s3:if-none-match": "*"}),
        ("FrontendBuildRole", "s3:PutObject", f"{BUCKET}/code/web/1.zip", {}),
        ("FrontendPublishRole", "s3:PutObject", f"{BUCKET}/code/web/1.zip", {}),
        ("FrontendPublishRole", "s3:PutObject", f"{BUCKET}/frontend-notes-dev/Build/1", {}),
        # Put other files in the place of those that were approved, or build anew from the source.
        ("FrontendPublishRole", "s3:PutObject", f"{BUCKET}/frontend-notes-dev/Files/1", {}),
        ("FrontendPublishRole", "s3:GetObject", f"{BUCKET}/frontend-notes-dev/Source/1", {}),
        *(
            (f"{words(family)}BuildRole", "s3:PutObject", f"{BUCKET}/frontend-notes-dev/Files/1", {})
            for family in FAMILIES
            if family != "frontend"
        ),
        ("BackendBuildRole", "s3:DeleteObject", f"{BUCKET}/code/web/1.zip", {}),
        # Publish, or rewrite the record of a release, before anybody approved: out of reach of every build.
        *(
            (f"{words(family)}BuildRole", verb, f"{SITE}/{key}", {"s3:if-none-match": "*"})
            for family in FAMILIES
            for verb in ("s3:PutObject", "s3:DeleteObject")
            for key in ("index.html", ".stacks/releases/00000001.json")
        ),
        ("FrontendBuildRole", "s3:PutObject", f"{SITE}/index.html", {}),
        ("FrontendPublishRole", "s3:PutObject", SITE.replace("-site-", "-files-") + "/x", {}),
        ("FrontendPublishRole", "s3:PutBucketPolicy", SITE, {}),
        ("FrontendPublishRole", "cloudfront:CreateInvalidation", cdn, {"aws:ResourceTag/stack": "other"}),
        (
            "FrontendPublishRole",
            "cloudfront:CreateInvalidation",
            cdn.replace(ACCOUNT, "2" * 12),
            {"aws:ResourceTag/stack": "notes-dev-frontend"},
        ),
        ("FrontendPublishRole", "cloudfront:UpdateDistribution", cdn, {"aws:ResourceTag/stack": "notes-dev-frontend"}),
    ]


def forbidden_to_all(family: str) -> list[tuple[str, str]]:
    """What neither the pipeline of a family nor its builds may do, whatever the context."""
    other, account = OTHER[family], f"{REGION}:{ACCOUNT}"
    pipelines = [f"arn:aws:codepipeline:{account}:{NAMES[item]}" for item in (family, other)]
    deploy, build = role(f"notes-dev-{family}-deploy"), role(f"notes-dev-{family}-build")
    own = stack(f"notes-dev-{family}")
    return [
        *(("codepipeline:StartPipelineExecution", pipeline) for pipeline in pipelines),
        *(("codepipeline:UpdatePipeline", pipeline) for pipeline in pipelines),
        ("codepipeline:PutApprovalResult", f"{pipelines[0]}/dev/Approve"),
        ("codepipeline:DisableStageTransition", f"{pipelines[1]}/dev"),
        ("codebuild:StartBuild", project(f"notes-dev-{other}")),
        ("codebuild:UpdateProject", project(f"notes-dev-{family}")),
        ("sts:AssumeRole", deploy),
        ("sts:AssumeRole", role("notes-prod-data-deploy")),
        ("iam:PassRole", build),
        ("iam:PassRole", role("notes-prod-data-deploy")),
        ("iam:PutRolePolicy", build),
        ("iam:CreateRole", role("mine")),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/notes-dev/platform/{family}"),
        ("cloudformation:UpdateStack", own),
        ("cloudformation:SetStackPolicy", own),
        ("cloudformation:UpdateTerminationProtection", own),
        ("cloudformation:ExecuteChangeSet", stack("notes-dev-base")),
        ("cloudformation:CreateChangeSet", stack("notes-dev-base")),
        ("s3:GetObject", f"{kept_in(BUCKET, other)}/Build/1"),
        ("s3:GetObject", f"{BUCKET}/deploying.json"),
        ("s3:DeleteObject", f"{kept_in(BUCKET, family)}/Build/1"),
        ("s3:PutBucketPolicy", BUCKET),
        ("s3:GetObject", f"{BUCKET.replace('-code-', '-trail-')}/AWSLogs/1"),
        ("kms:PutKeyPolicy", KEY),
        ("kms:CreateGrant", KEY),
        ("ssm:GetParameter", f"arn:aws:ssm:{account}:parameter/notes-dev/stripe-key"),
        ("logs:DeleteLogGroup", f"arn:aws:logs:{account}:log-group:/aws/codebuild/notes-dev-{family}"),
    ]


def successes(requests: list[Request], resources: dict[str, Any]) -> list[Request]:
    return [request for request in requests if allowed(*request, resources)]


def test_each_role_may_do_its_own_work(template: dict[str, Any]) -> None:
    wanted = own_work()
    assert [row for row in wanted if row not in successes(wanted, template["Resources"])] == []


def test_no_pipeline_reaches_the_artifacts_of_another_whose_name_continues_its_own(template: dict[str, Any]) -> None:
    for family in FAMILIES:
        for longer in ("x", "-x"):
            kept = f"{kept_in(BUCKET, family)}{longer}/Build/1"
            assert not allowed(f"{words(family)}PipelineRole", "s3:GetObject", kept, {}, template["Resources"])


PIPELINES = st.lists(st.sampled_from(["data", "edge", "frontend", "logs", "prod", "x"]), min_size=3, max_size=8)


@given(first=PIPELINES, second=PIPELINES)
def test_different_pipelines_keep_their_artifacts_in_different_folders(first: list[str], second: list[str]) -> None:
    names = [uncut("-".join(parts)) for parts in (first, second)]
    assert max(map(len, names)) <= 20
    assert (names[0] == names[1]) is (first == second)


def test_no_attack_succeeds(template: dict[str, Any]) -> None:
    assert len(attacks()) >= 100
    assert successes(attacks(), template["Resources"]) == []


ROLES = [f"{words(family)}{kind}Role" for family in FAMILIES for kind in ("Pipeline", "Build")]


@pytest.mark.parametrize("name", [*ROLES, "FrontendPublishRole"])
def test_widening_any_one_statement_lets_an_attack_through(template: dict[str, Any], name: str) -> None:
    count = len(statements(name, template["Resources"]))
    assert count >= 5
    for index in range(count):
        for part in ("Resource", "Condition"):
            resources = copy.deepcopy(template["Resources"])
            statement = statements(name, resources)[index]
            if (part == "Condition" and part not in statement) or statement.get(part) == ["*"]:
                continue  # ListStacks has no resource
            statement[part] = ["*"] if part == "Resource" else {}
            assert successes(attacks(), resources), (index, part)


@pytest.mark.parametrize("name", [*ROLES, "FrontendPublishRole"])
def test_a_role_is_taken_by_one_service_for_one_thing_of_this_account(template: dict[str, Any], name: str) -> None:
    resources = template["Resources"]
    (statement,) = resources[name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    service = "codepipeline" if name.endswith("PipelineRole") else "codebuild"
    family = next(item for item in sorted(FAMILIES, key=len, reverse=True) if name.startswith(words(item)))
    own = {"P": NAMES[family], "B": f"project/notes-dev-{family}", "U": "project/notes-dev-frontend-publish"}
    kind = "U" if "Publish" in name else name.removeprefix(words(family))[0]
    assert statement["Principal"] == {"Service": [f"{service}.amazonaws.com"]}
    sent = "IfExists" if service == "codepipeline" else ""
    assert plain(statement["Condition"], resources) == {
        f"StringEquals{sent}": {"aws:SourceAccount": ACCOUNT},
        f"ArnLike{sent}": {"aws:SourceArn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{own[kind]}"},
    }


def test_every_role_and_policy_of_base_is_under_the_platform_path(template: dict[str, Any]) -> None:
    paths = {
        body["Properties"]["Path"]
        for body in template["Resources"].values()
        if body["Type"] in {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
    }
    assert paths == {"/notes-dev/platform/"}


def test_codecommit_starts_these_pipelines_and_no_others(base: Any) -> None:
    resources = base(source="codecommit", repository="notes")["Resources"]
    pipelines = [f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:{NAMES[family]}" for family in FAMILIES]
    for pipeline in pipelines:
        assert allowed("PushRole", "codepipeline:StartPipelineExecution", pipeline, {}, resources)
    other = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:other"
    assert not allowed("PushRole", "codepipeline:StartPipelineExecution", other, {}, resources)
    rule = resources["PushRule"]["Properties"]
    assert rule["EventPattern"]["detail"]["referenceName"] == ["main"]
    assert [plain(target["Arn"], resources) for target in rule["Targets"]] == pipelines
    repository = f"arn:aws:codecommit:{REGION}:{ACCOUNT}:notes"
    assert allowed("DataPipelineRole", "codecommit:UploadArchive", repository, {}, resources)
    assert not allowed("DataPipelineRole", "codecommit:GitPush", repository, {}, resources)


def test_deploy_roles_of_the_lines_are_those_that_the_change_sets_use(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    for family in FAMILIES:
        used = [
            plain(action["Configuration"]["RoleArn"], resources)
            for stage in resources[f"{words(family)}Pipeline"]["Properties"]["Stages"]
            for action in stage["Actions"]
            if action["Configuration"].get("ActionMode") == "CHANGE_SET_REPLACE"
        ]
        assert used == [arn(f"{words(family)}DeployRole", resources)]
