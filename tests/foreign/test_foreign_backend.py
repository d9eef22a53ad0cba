"""``backend: {template: …}`` from the description to what is deployed."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from stacks.deploy.plan import DeployStack, UploadArtifact, make_plan
from stacks.errors import StacksError
from stacks.loading import load, validated
from stacks.packaging import package
from stacks.release.code import bundles, code_parameters, packaged_code
from stacks.rendering import render

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App
    from stacks.template.rendered import Rendered

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello/
      Handler: app.go
      Runtime: nodejs24.x
      Events: {A: {Type: Api, Properties: {Path: /, Method: get}}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {DefinitionUri: api.yaml}
  Again:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./hello, Handler: app.go, Runtime: nodejs24.x}
"""


def _write(root: Path, text: str = SAM, **backend: Any) -> Path:
    files = {"hello/app.js": "x", "hello/node_modules/m/i.js": "y", "hello/.env": "KEY=1", "api.yaml": "z"}
    for name, content in {**files, "template.yaml": text}.items():
        (root / "sam" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "sam" / name).write_text(content)
    described = {
        "name": "shop",
        "stages": {"dev": {"region": "eu-west-1"}},
        "backend": {"template": "sam/template.yaml", **backend},
    }
    (root / "app.yaml").write_text(json.dumps(described))
    return root / "app.yaml"


def _backend(app: App) -> Rendered:
    return next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend")


def test_local_files_are_uploaded_once_and_named_by_parameters(tmp_path: Path) -> None:
    app = load(_write(tmp_path))
    stage = app.stages["dev"]
    messages: list[str] = []
    artifacts = package(bundles(stage, tmp_path), root=tmp_path, out=tmp_path / ".build", say=messages.append)
    rendered = render(app, stage)
    plan = make_plan(rendered, code=packaged_code(code_parameters(stage, rendered, artifacts), artifacts))
    uploads = [step for step in plan.steps if isinstance(step, UploadArtifact)]
    deploy = next(step for step in plan.steps if isinstance(step, DeployStack) and step.stack == "backend")
    assert sorted(deploy.parameters) == ["AgainCodeUriArtifact", "ApiDefinitionUriArtifact", "HelloCodeUriArtifact"]
    assert deploy.parameters["AgainCodeUriArtifact"] == deploy.parameters["HelloCodeUriArtifact"]
    assert (len(uploads), deploy.needs) == (2, ("base", "backend"))
    with zipfile.ZipFile(next(step.path for step in uploads if "hello" in step.key)) as zipped:
        assert zipped.namelist() == ["app.js", "node_modules/m/i.js"]
    assert next(step.path for step in uploads if "api" in step.key).read_bytes() == b"z"
    assert any(".env" in message for message in messages)


def test_the_artifact_bucket_is_the_base_stacks(tmp_path: Path) -> None:
    body = _backend(load(_write(tmp_path))).template
    bucket = body["Resources"]["Hello"]["Properties"]["CodeUri"]["Bucket"]
    assert bucket == {"Fn::Sub": "shop-dev-code-${AWS::AccountId}-${AWS::Region}-an"}


@pytest.mark.parametrize(
    ("of", "value"),
    [
        ("Api", {"Ref": "Api"}),
        ("Hello.Arn", {"Fn::GetAtt": ["Hello", "Arn"]}),
        ("ServerlessRestApi", {"Ref": "ServerlessRestApi"}),
    ],
)
def test_an_output_for_the_other_stacks_is_added(tmp_path: Path, of: str, value: Any) -> None:
    body = _backend(load(_write(tmp_path, outputs={"ApiId": of}))).template
    assert body["Outputs"]["ApiId"]["Value"] == value


def test_an_output_may_be_another_one_of_the_template(tmp_path: Path) -> None:
    file = _write(tmp_path, SAM + "Outputs: {Id: {Value: !Ref Api}}\n", outputs={"ApiId": "Id"})
    assert _backend(load(file)).template["Outputs"]["ApiId"]["Value"] == {"Ref": "Api"}


def test_values_for_the_templates_parameters_are_kept_with_it(tmp_path: Path) -> None:
    file = _write(tmp_path, SAM + "Parameters: {Stage: {Type: String}}\n", parameters={"Stage": "dev"})
    assert _backend(load(file)).parameters == {"Stage": "dev"}


def test_a_changed_template_is_noticed_although_the_description_is_the_same(tmp_path: Path) -> None:
    file = _write(tmp_path)
    load(file)
    _write(tmp_path, SAM.replace("app.go", "app.other"))
    assert _backend(load(file)).template["Resources"]["Hello"]["Properties"]["Handler"] == "app.other"


def test_a_template_built_in_python_needs_no_file() -> None:
    template = {"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "x"}}}}
    app = validated({"name": "a", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"template": template}})
    assert _backend(app).template["Resources"] == template["Resources"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("      CodeUri: hello/\n", ""), r"app.yaml:1: backend.template: Hello.CodeUri is missing, so the function"),
        (("hello/", "gone/"), r"Hello.CodeUri is sam/gone, which does not exist\. Build with your framework"),
        (("hello/", "../../x"), r"Hello.CodeUri is \.\./x, outside the project"),
        (
            ("Transform: AWS::Serverless-2016-10-31\n", ""),
            r"has resources of SAM, and no Transform\. Write 'Transform: ",
        ),
        (("Resources:", "Things:"), r"^sam/template.yaml: is not a template"),
    ],
)
def test_what_cannot_be_deployed_is_reported_when_the_description_is_loaded(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    text = SAM.replace(*change)
    with pytest.raises(StacksError, match=message):
        load(_write(tmp_path, text))


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ({"outputs": {"ApiId": "Apj"}}, r"^backend.outputs.ApiId: there is no output or resource 'Apj'\. .*'Api'"),
        ({"parameters": {"Stage": "x"}}, r"^backend.parameters.Stage: the template declares no such parameter"),
    ],
)
def test_what_names_nothing_in_the_template_is_reported(tmp_path: Path, backend: dict[str, Any], message: str) -> None:
    app = load(_write(tmp_path, **backend))
    with pytest.raises(StacksError, match=message):
        render(app, app.stages["dev"])


def test_a_parameter_without_a_value_is_reported(tmp_path: Path) -> None:
    app = load(_write(tmp_path, SAM + "Parameters: {Stage: {Type: String}}\n"))
    with pytest.raises(StacksError, match=r"^backend.parameters.Stage: the template's parameter has no value"):
        render(app, app.stages["dev"])


def _with_site(root: Path, **outputs: str) -> tuple[dict[str, Any], Path]:
    file = _write(root, outputs=outputs)
    (root / "site").mkdir(exist_ok=True)
    (root / "site/index.html").write_text("x")
    described = json.loads(file.read_text())
    described["frontend"] = {"site": {"folder": "site", "path": "/app"}, "waf": False}
    file.write_text(json.dumps(described))
    return described, file


@pytest.mark.parametrize(
    ("outputs", "path"),
    [
        ({"ApiId": "Api"}, None),
        (
            {"ApiId": "ServerlessRestApi", "ApiStage": "ServerlessRestApiProdStage"},
            {"Fn::Sub": "/${BackendApiStage}"},
        ),
    ],
)
def test_the_site_reaches_the_api_that_is_named(tmp_path: Path, outputs: dict[str, str], path: Any) -> None:
    _, file = _with_site(tmp_path, **outputs)
    app = load(file)
    frontend = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "frontend")
    origins = frontend.template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
    (api,) = [origin for origin in origins if origin["Id"] == "api"]
    assert (frontend.needs, api.get("OriginPath")) == (("backend", "base"), path)


def test_an_api_that_can_be_called_around_the_web_acl_has_to_be_accepted(tmp_path: Path) -> None:
    described, file = _with_site(tmp_path, ApiId="Api")
    file.write_text(json.dumps({**described, "frontend": {**described["frontend"], "waf": True}}))
    with pytest.raises(StacksError, match=r"backend.outputs: is an API of another framework.*direct_api: true"):
        load(file)


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ({"secrets": {"key": True}}, r"backend.template: is given together with secrets\. Move"),
        (
            {"template": None, "outputs": {"A": "B"}},
            r"backend.outputs.A: names something in .template., which is not given",
        ),
        ({"template": "../t.yaml"}, r"is not a template file inside the project"),
        ({"template": "t.txt"}, r"is not a template file inside the project"),
    ],
)
def test_what_does_not_go_with_a_template_is_reported(tmp_path: Path, backend: dict[str, Any], message: str) -> None:
    with pytest.raises(StacksError, match=message):
        load(_write(tmp_path, **backend))
