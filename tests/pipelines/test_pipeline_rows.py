"""Several stages in a row: one pipeline for each stack, which goes on from one stage to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.checks.run import check
from stacks.cli import main
from stacks.errors import DescriptionError
from stacks.linting import lint
from stacks.loading import validated
from tests.pipelines.conftest import ACCOUNT
from tests.pipelines.policies import allowed, plain, statements
from tests.pipelines.test_pipeline_templates import actions, commands_of, of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.app import App
    from stacks.template.rendered import Rendered

CODE = f"arn:aws:s3:::notes-prod-code-{ACCOUNT}-us-east-1-an"
BRANCH = {"repository": "someone/notes", "notify": "team@example.com"}


@pytest.fixture(scope="session")
def in_a_row(root: Path) -> Callable[..., App]:
    """Make the example with dev, staging and prod in a row, some of what they say of their pipelines given."""

    def make(**pipelines: dict[str, Any]) -> App:
        data = yaml.safe_load((root / "app.yaml").read_text())
        rows: dict[str, dict[str, Any]] = {
            "dev": {"approval": False},
            "staging": {"after": "dev"},
            "prod": {"after": "staging"},
        }
        places = {"dev": "eu-west-1", "staging": "eu-west-1", "prod": "us-east-1"}
        stages = {
            name: {
                "region": region,
                "account": ACCOUNT,
                "base": {
                    "trail": True if name == "dev" else "existing",
                    "api_gateway_logs": "existing" if name == "staging" else True,
                    "pipelines": {**BRANCH, **rows[name], **pipelines.get(name, {})},
                },
            }
            for name, region in places.items()
        }
        return validated({**data, "stages": stages})

    return make


@pytest.fixture(scope="session")
def stages(in_a_row: Callable[..., App]) -> dict[str, dict[str, Rendered]]:
    """Stage → stack → what is rendered of the row."""
    app = in_a_row()
    return {name: {stack.stack: stack for stack in render(app, stage)} for name, stage in app.stages.items()}


@pytest.fixture(scope="session")
def dev(stages: dict[str, dict[str, Rendered]]) -> dict[str, Any]:
    """The base template with the pipelines of the row."""
    return dict(stages["dev"]["base"].template)


def test_a_pipeline_goes_from_stage_to_stage_and_each_decides_on_its_question(dev: dict[str, Any]) -> None:
    deploying = ["Build", "Prepare", "Approve", "Execute"]
    assert actions(dev, "DataPipeline") == [
        ("Source", "Source"),
        *(("dev", action) for action in deploying if action != "Approve"),
        *((stage, action) for stage in ("staging", "prod") for action in deploying),
    ]
    publishing = [stage for stage, action in actions(dev, "FrontendPipeline") if action == "Publish"]
    assert publishing == ["dev", "staging", "prod"]


def test_only_the_first_build_tests_and_each_looks_at_its_own_stage(dev: dict[str, Any]) -> None:
    first, last = commands_of(dev, "BackendBuild"), commands_of(dev, "ProdBackendBuild")
    assert [any("pytest" in command for command in commands) for commands in (first, last)] == [True, False]
    assert "python build.py permissions backend --check --stage prod" in last
    assert "python build.py pipeline prepare backend --stage prod" in last


def test_each_stage_is_deployed_with_its_own_template_parameters_and_role_in_its_own_region(
    dev: dict[str, Any],
) -> None:
    stage = dev["Resources"]["BackendPipeline"]["Properties"]["Stages"][3]
    prepare = next(action for action in stage["Actions"] if action["Name"] == "Prepare")
    assert (prepare["Region"], prepare["Configuration"]["StackName"]) == ("us-east-1", "notes-prod-backend")
    assert prepare["Configuration"]["TemplatePath"] == "Build3::templates_out/prod/backend.yaml"
    assert prepare["Configuration"]["TemplateConfiguration"] == "Build3::templates_out/prod/backend.parameters.json"
    role = f"arn:aws:iam::{ACCOUNT}:role/notes-prod/platform/notes-prod-backend-deploy"
    assert plain(prepare["Configuration"]["RoleArn"], {}) == role
    spec = yaml.safe_load(dev["Resources"]["ProdBackendBuild"]["Properties"]["Source"]["BuildSpec"])
    assert spec["artifacts"]["files"] == [f"templates_out/prod/backend{end}" for end in (".yaml", ".parameters.json")]


def test_later_stages_have_deploy_roles_and_no_pipelines(stages: dict[str, dict[str, Rendered]]) -> None:
    for name in ("staging", "prod"):
        template = dict(stages[name]["base"].template)
        assert of(template, "AWS::CodePipeline::Pipeline") == of(template, "AWS::CodeBuild::Project") == {}
        roles = [resource for resource in template["Resources"] if resource.endswith("DeployRole")]
        assert {"DataDeployRole", "BackendDeployRole", "FrontendDeployRole"} <= set(roles)
        assert template["Resources"]["BackendDeployRole"]["Properties"]["RoleName"] == f"notes-{name}-backend-deploy"


def own(stage: str, region: str) -> str:
    return f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/notes-{stage}-backend/1"


OWN_CHANGE_SET = {"cloudformation:ChangeSetName": "pipeline"}
TO_CLOUDFORMATION = {"iam:PassedToService": "cloudformation.amazonaws.com"}
PROD = f"arn:aws:iam::{ACCOUNT}:role/notes-prod/platform/notes-prod-backend-deploy"


def test_a_pipeline_passes_each_stages_role_to_that_stages_stack_only(dev: dict[str, Any]) -> None:
    def may(action: str, on: str, **context: str) -> bool:
        return allowed("BackendPipelineRole", action, on, context, dev["Resources"])

    prod, staging = own("prod", "us-east-1"), own("staging", "eu-west-1")
    assert may("cloudformation:CreateChangeSet", prod, **OWN_CHANGE_SET, **{"cloudformation:RoleArn": PROD})
    assert may("cloudformation:ExecuteChangeSet", prod, **OWN_CHANGE_SET)
    assert may("iam:PassRole", PROD, **TO_CLOUDFORMATION)
    assert not may("cloudformation:CreateChangeSet", staging, **OWN_CHANGE_SET, **{"cloudformation:RoleArn": PROD})
    assert not may(
        "cloudformation:CreateChangeSet", own("prod", "eu-west-1"), **OWN_CHANGE_SET, **{"cloudformation:RoleArn": PROD}
    )
    assert not may("iam:PassRole", PROD.replace("backend", "data"), **TO_CLOUDFORMATION)


def test_the_build_of_a_stage_reaches_nothing_of_another(dev: dict[str, Any]) -> None:
    kept = f"arn:aws:s3:::notes-dev-code-{ACCOUNT}-eu-west-1-an/backend-notes-dev"

    def may(role: str, action: str, on: str) -> bool:
        return allowed(role, action, on, {"s3:if-none-match": "*"}, dev["Resources"])

    assert may("ProdBackendBuildRole", "s3:PutObject", f"{CODE}/code/web/1.zip")
    assert may("ProdBackendBuildRole", "s3:PutObject", f"{kept}/Build3/1")
    assert may("ProdBackendBuildRole", "cloudformation:GetTemplate", own("prod", "us-east-1"))
    assert not may("BackendBuildRole", "s3:PutObject", f"{CODE}/code/web/1.zip")
    assert not may("BackendBuildRole", "s3:PutObject", f"{kept}/Build3/1")
    assert not may("ProdBackendBuildRole", "s3:PutObject", f"{kept}/Build/1")
    assert not may("ProdBackendBuildRole", "cloudformation:GetTemplate", own("dev", "eu-west-1"))
    site = f"arn:aws:s3:::notes-prod-site-{ACCOUNT}-us-east-1-an/index.html"
    assert may("ProdFrontendPublishRole", "s3:PutObject", site)
    assert not may("FrontendPublishRole", "s3:PutObject", site)
    for role in ("ProdBackendBuildRole", "ProdFrontendPublishRole", "BackendPipelineRole"):
        assert all(statement["Effect"] == "Allow" for statement in statements(role, dev["Resources"]))


def test_the_templates_of_a_row_pass_lint_and_our_rules(in_a_row: Callable[..., App]) -> None:
    app = in_a_row()
    for stage in app.stages.values():
        findings = lint([stack for stack in render(app, stage) if stack.stack.startswith(("base", "artifacts"))])
        assert [str(finding) for finding in findings] == []
        assert [str(finding) for finding in check(render(app, stage))] == []


MISTAKES = [
    ({"prod": {"after": "stagign"}}, "after", "'stagign' is not a stage. Did you mean 'staging'?"),
    ({"prod": {"after": "prod"}}, "after", "the stages form a circle"),
    ({"prod": {"after": "dev"}}, "after", "'staging' comes after 'dev' already. Set 'after: staging'"),
    ({"prod": {"branch": "other"}}, "branch", "differs from stage 'dev', whose pipelines go on to this one"),
    ({"prod": {"tests": "true"}}, "tests", "differs from stage 'dev'"),
    ({"prod": {"allow_replacement": ["a-b"]}}, "allow_replacement[0]", "'a-b' is not a logical id"),
]


@pytest.mark.parametrize(("pipelines", "where", "message"), MISTAKES, ids=[row[2][:30] for row in MISTAKES])
def test_a_mistake_in_a_row_is_reported_once(
    in_a_row: Callable[..., App], pipelines: dict[str, Any], where: str, message: str
) -> None:
    with pytest.raises(DescriptionError) as raised:
        in_a_row(**pipelines)
    (problem,) = raised.value.problems
    assert problem.where.endswith(f"base.pipelines.{where}")
    assert message in str(problem)


def test_a_row_over_accounts_says_both(root: Path) -> None:
    data = yaml.safe_load((root / "app.yaml").read_text())
    stages = {
        "dev": {"region": "eu-west-1", "base": {"pipelines": BRANCH}},
        "prod": {"region": "us-east-1", "account": "2" * 12, "base": {"pipelines": {**BRANCH, "after": "dev"}}},
    }
    with pytest.raises(DescriptionError, match=r"only one of the two says its account\. Set 'account' for both"):
        validated({**data, "stages": stages})


@pytest.mark.parametrize(
    ("action", "stage", "message"),
    [
        (
            "status",
            "prod",
            "stage prod: the pipelines of another stage go on to it, after 'dev'. Name the first stage of the row.",
        ),
        ("run", "dev", "pipeline run: runs on this machine only. Add --local; in AWS a push starts a pipeline."),
    ],
)
def test_the_command_says_what_it_cannot_run(
    action: str, stage: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = {
        "dev": {"region": "eu-west-1", "base": {"pipelines": BRANCH}},
        "prod": {"region": "us-east-1", "base": {"pipelines": {**BRANCH, "after": "dev"}}},
    }
    described = {"name": "notes", "stages": stages, "data": {"buckets": {"files": {}}}}
    (tmp_path / "app.yaml").write_text(yaml.safe_dump(described))
    assert main(["pipeline", action, "--stage", stage, "--app", str(tmp_path / "app.yaml")]) == 2
    assert capsys.readouterr().err == f"{message}\n"
