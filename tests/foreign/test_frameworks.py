"""What chalice, the Serverless Framework and Zappa really wrote becomes a backend stack that the others refer to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cli import main
from stacks.deploy.plan import make_plan
from stacks.errors import StacksError
from stacks.foreign.outputs import with_stage
from stacks.limits import within_limits
from stacks.loading import load
from stacks.packaging import host_target, package
from stacks.release.code import bundles, code_parameters, packaged_code
from stacks.rendering import render
from stacks.roles import derive
from stacks.transforms.sam import TRANSFORM, without_sam
from tests.foreign.frameworks import BACKENDS, project

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.template.rendered import Rendered


def _rendered(file: Path) -> dict[str, Rendered]:
    app = load(file)
    return {stack.stack: stack for stack in render(app, app.stages["dev"])}


def _backend(file: Path) -> dict[str, Any]:
    return dict(_rendered(file)["backend"].template)


@pytest.mark.parametrize("framework", BACKENDS)
def test_the_site_refers_to_the_frameworks_api_and_its_stage(tmp_path: Path, framework: str) -> None:
    stacks = _rendered(project(tmp_path, framework))
    assert {"ApiId", "ApiStage"} <= stacks["backend"].template["Outputs"].keys()
    origins = stacks["frontend"].template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
    assert next(origin["OriginPath"] for origin in origins if origin["Id"] == "api")["Fn::Sub"] == "/${BackendApiStage}"


@pytest.mark.parametrize("framework", BACKENDS)
def test_its_deploy_role_is_derived_and_its_limits_are_known(tmp_path: Path, framework: str) -> None:
    app = load(project(tmp_path, framework))
    rendered = without_sam(render(app, app.stages["dev"]))
    (backend,) = (stack for stack in rendered if stack.stack == "backend")
    actions = derive(app.stages["dev"], backend).actions
    assert {"lambda:CreateFunction", "iam:CreateRole", "apigateway:POST"} <= {*actions}
    assert ("cloudformation:CreateChangeSet" in actions) == (framework == "chalice")
    assert within_limits(rendered) == ()


@pytest.mark.parametrize("framework", BACKENDS)
def test_every_role_is_under_the_stacks_path_and_in_the_boundary(tmp_path: Path, framework: str) -> None:
    roles = [body for body in _backend(project(tmp_path, framework))["Resources"].values() if "Role" in body["Type"]]
    assert roles
    for role in roles:
        assert role["Properties"]["Path"] == "/shop-dev/backend/"
        assert role["Properties"]["PermissionsBoundary"]["Fn::Sub"].endswith("-boundary")


@pytest.mark.parametrize("framework", BACKENDS)
def test_its_code_is_packaged_and_uploaded(tmp_path: Path, framework: str) -> None:
    app = load(project(tmp_path, framework))
    stage = app.stages["dev"]
    messages: list[str] = []
    built = package(
        bundles(stage, tmp_path), root=tmp_path, out=tmp_path / ".build", target=host_target(), say=messages.append
    )
    rendered = render(app, stage)
    parameters = code_parameters(stage, rendered, built)
    (backend,) = (stack for stack in rendered if stack.stack == "backend")
    assert parameters["backend"].keys() == backend.template["Parameters"].keys()
    assert make_plan(rendered, code=packaged_code(parameters, built)).steps


def test_a_zip_of_the_serverless_framework_goes_up_as_it_is_since_its_version_names_its_hash(tmp_path: Path) -> None:
    app = load(project(tmp_path, "serverless"))
    bundle = next(entry for entry in bundles(app.stages["dev"], tmp_path) if entry.source == "out/hello.zip")
    messages: list[str] = []
    (built,) = package([bundle], root=tmp_path, out=tmp_path / ".build", say=messages.append)
    assert built.path.read_bytes() == (tmp_path / "out/hello.zip").read_bytes()


def test_the_serverless_frameworks_bucket_is_nowhere(tmp_path: Path) -> None:
    assert "ServerlessDeploymentBucket" not in json.dumps(_backend(project(tmp_path, "serverless")))


def test_the_arn_in_zappas_settings_becomes_our_functions(tmp_path: Path) -> None:
    body = _backend(project(tmp_path, "zappa"))
    assert "111111111111" not in json.dumps(body)
    assert body["Resources"]["ANY1"]["Properties"]["Integration"]["Uri"] == {
        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${WebFunction.Arn}/invocations"
    }
    assert "Credentials" not in body["Resources"]["ANY1"]["Properties"]["Integration"]
    assert body["Resources"]["Api"]["Properties"]["BinaryMediaTypes"] == ["*/*"]


def test_a_changed_api_of_zappa_is_deployed_again(tmp_path: Path) -> None:
    file = project(tmp_path, "zappa")
    first = {name for name in _backend(file)["Resources"] if name.startswith("ApiDeployment")}
    changed = (tmp_path / "out/zappa.json").read_text().replace('"ApiKeyRequired": false', '"ApiKeyRequired": true')
    (tmp_path / "out/zappa.json").write_text(changed)
    second = {name for name in _backend(file)["Resources"] if name.startswith("ApiDeployment")}
    assert (len(first), len(second), len(first | second)) == (1, 1, 2)


def test_zappas_http_api_calls_our_function_too(tmp_path: Path) -> None:
    body = _backend(project(tmp_path, "zappa-v2"))["Resources"]
    assert body["IntegrationV2"]["Properties"]["IntegrationUri"] == {"Fn::Sub": "${WebFunction.Arn}"}
    assert body["ApiInvokePermissionV2"]["Properties"]["FunctionName"] == {"Fn::Sub": "${WebFunction.Arn}"}


@pytest.mark.parametrize(
    ("framework", "backend", "message"),
    [
        ("zappa", {"functions": {}}, r"backend.template: is an API of Zappa, .* Describe one function with 'wsgi'"),
        (
            "zappa",
            {"functions": {"web": {"wsgi": "src/app.py:app", "public": True}}},
            r"says who may call what, and so does function 'web' with 'public'\. Leave it out: Zappa's settings say it",
        ),
        (
            "zappa-authorizer",
            BACKENDS["zappa"] | {"template": "out/zappa-authorizer.json"},
            r"Authorizer asks Zappa's own handler, which is not in our package",
        ),
        (
            "chalice",
            {"functions": {"web": {"wsgi": "src/app.py:app"}}},
            r"backend.template: has functions of its own, and the description has others",
        ),
    ],
)
def test_what_does_not_fit_between_template_and_functions_is_reported(
    tmp_path: Path, framework: str, backend: dict[str, Any], message: str
) -> None:
    with pytest.raises(StacksError, match=message):
        load(project(tmp_path, framework, **backend))


REST = "AWS::ApiGateway::RestApi"


@pytest.mark.parametrize(
    ("resources", "stage"),
    [
        ({"S": ("AWS::ApiGateway::Stage", {"RestApiId": {"Ref": "A"}, "StageName": "x"})}, "S"),
        ({"D": ("AWS::ApiGateway::Deployment", {"RestApiId": {"Ref": "A"}, "StageName": "x"})}, "D.StageName"),
        ({"D": ("AWS::ApiGateway::Deployment", {"RestApiId": {"Ref": "A"}})}, None),
        ({"D": ("AWS::ApiGateway::Deployment", {"RestApiId": {"Ref": "B"}, "StageName": "x"})}, None),
        ({"S": ("AWS::ApiGatewayV2::Stage", {"ApiId": {"Ref": "A"}, "StageName": "x"})}, "S"),
        ({"S": ("AWS::ApiGatewayV2::Stage", {"ApiId": {"Ref": "A"}, "StageName": "$default"})}, None),
        ({"A": ("AWS::Serverless::Api", {"StageName": "x"})}, "A.StageName"),
        ({"A": ("AWS::Serverless::HttpApi", {})}, None),
    ],
)
def test_the_stage_of_a_named_api_is_found(resources: dict[str, Any], stage: str | None) -> None:
    template = {"Resources": {name: {"Type": kind, "Properties": result} for name, (kind, result) in resources.items()}}
    assert with_stage({"ApiId": "A"}, template).get("ApiStage") == stage


def test_a_stack_seen_without_sam_says_which_transform_it_needs(tmp_path: Path) -> None:
    app = load(project(tmp_path, "chalice"))
    seen = {stack.stack: stack.macros for stack in without_sam(render(app, app.stages["dev"]))}
    assert (seen["backend"], seen["base"]) == ((TRANSFORM,), ())


@pytest.mark.parametrize(
    ("framework", "open_to_templates"), [("chalice", True), ("serverless", True), ("zappa", False)]
)
def test_the_boundary_leaves_rights_to_the_template_but_none_to_more_rights(
    tmp_path: Path, framework: str, *, open_to_templates: bool
) -> None:
    base = _rendered(project(tmp_path, framework))["base"].template["Resources"]
    statements = base["ApplicationBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    closed = [statement["NotAction"] for statement in statements if "NotAction" in statement]
    assert bool(closed) == open_to_templates
    assert all({"iam:*", "sts:*", "cloudformation:*", "cloudtrail:*"} <= {*entry} for entry in closed)


def test_a_nested_stacks_roles_are_bounded_and_its_rights_derived(tmp_path: Path) -> None:
    file = project(tmp_path, "serverless", template="out/top.json", outputs={})
    top = {
        "Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "serverless.json"}}}
    }
    (tmp_path / "out/top.json").write_text(json.dumps(top))
    app = load(file)
    stage = app.stages["dev"]
    inner = next(bundle.text or "" for bundle in bundles(stage, tmp_path) if bundle.source == "out/serverless.json")
    assert "PermissionsBoundary:" in inner
    (backend,) = (stack for stack in render(app, stage) if stack.stack == "backend")
    assert {"lambda:CreateFunction", "iam:CreateRole"} <= {*derive(stage, backend).actions}


def test_a_pipeline_of_a_sam_backend_may_run_the_transform_and_its_role_is_derived_from_what_it_makes(
    tmp_path: Path,
) -> None:
    file = project(tmp_path, "chalice")
    described = json.loads(file.read_text())
    described["base"] = {"pipelines": {"repository": "me/shop", "stacks": ["backend"]}}
    file.write_text(json.dumps(described))
    base = json.dumps(_rendered(file)["base"].template["Resources"])
    assert "CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND" in base
    assert "aws:transform/Serverless-2016-10-31" in base
    assert "lambda:CreateFunction" in base


@pytest.mark.parametrize("framework", BACKENDS)
def test_what_our_rules_find_in_a_frameworks_template_is_reported_and_stops_nothing(
    tmp_path: Path, framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "--app", str(project(tmp_path, framework))]) == 0
    assert "advice on a template from elsewhere does not fail" in capsys.readouterr().out
    assert main(["lint", "--format", "json", "--app", str(tmp_path / "app.yaml")]) == 0
    assert {entry["fails"] for entry in json.loads(capsys.readouterr().out)} == {False}
