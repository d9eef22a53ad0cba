"""A template that nests local templates: they are uploaded with their own files, and told where those are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import StacksError
from stacks.loading import load
from stacks.packaging import package
from stacks.release.code import bundles, code_parameters
from stacks.rendering import render

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATES = {
    "out/top.json": {"Resources": {"Jobs": ("AWS::CloudFormation::Stack", {"TemplateURL": "jobs/jobs.json"})}},
    "out/jobs/jobs.json": {
        "Resources": {
            "Work": ("AWS::Lambda::Function", {"Code": "work", "Runtime": "nodejs24.x"}),
            "Deep": ("AWS::CloudFormation::Stack", {"TemplateURL": "deep.json", "Parameters": {"Size": "1"}}),
        }
    },
    "out/jobs/deep.json": {
        "Parameters": {"Size": {"Type": "String"}},
        "Resources": {"Script": ("AWS::Glue::Job", {"Command": {"ScriptLocation": "work/job.py"}})},
    },
}


def _project(root: Path, **changed: Any) -> Path:
    for file, template in {**TEMPLATES, **changed}.items():
        resources = {name: {"Type": kind, "Properties": body} for name, (kind, body) in template["Resources"].items()}
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(json.dumps({**template, "Resources": resources}))
    (root / "out/jobs/work").mkdir(exist_ok=True)
    (root / "out/jobs/work/job.py").write_text("1")
    stages = {"dev": {"region": "eu-west-1"}}
    (root / "app.yaml").write_text(
        json.dumps({"name": "shop", "stages": stages, "backend": {"template": "out/top.json"}})
    )
    return root / "app.yaml"


def _uploaded(root: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The backend stack, and the parameters of packaged code."""
    app = load(_project(root))
    stage = app.stages["dev"]
    messages: list[str] = []
    built = package(bundles(stage, root), root=root, out=root / ".build", say=messages.append)
    rendered = render(app, stage)
    (backend,) = (stack for stack in rendered if stack.stack == "backend")
    return dict(backend.template), dict(code_parameters(stage, rendered, built)["backend"])


def test_the_outermost_stack_has_a_parameter_for_every_file_and_all_get_values(tmp_path: Path) -> None:
    backend, parameters = _uploaded(tmp_path)
    assert sorted(backend["Parameters"]) == sorted(parameters)
    assert sorted(parameters) == [
        "JobsDeepScriptCommandScriptLocationArtifact",
        "JobsDeepTemplateURLArtifact",
        "JobsTemplateURLArtifact",
        "JobsWorkCodeArtifact",
    ]


def test_a_nested_stack_gets_the_bucket_and_the_keys_of_its_files(tmp_path: Path) -> None:
    backend, _ = _uploaded(tmp_path)
    jobs = backend["Resources"]["Jobs"]["Properties"]
    assert jobs["Parameters"]["WorkCodeArtifact"] == {"Ref": "JobsWorkCodeArtifact"}
    assert jobs["Parameters"]["ArtifactBucket"]["Fn::Sub"].startswith("shop-dev-code-")
    assert jobs["TemplateURL"]["Fn::Sub"][0].startswith("https://s3.${AWS::Region}.${AWS::URLSuffix}/")


def test_each_nested_template_is_uploaded_with_its_own_files_as_parameters(tmp_path: Path) -> None:
    app = load(_project(tmp_path))
    texts = {bundle.source: bundle.text or "" for bundle in bundles(app.stages["dev"], tmp_path)}
    assert "S3Bucket: !Ref ArtifactBucket" in texts["out/jobs/jobs.json"]
    assert "DeepScriptCommandScriptLocationArtifact:" in texts["out/jobs/jobs.json"]
    assert "ScriptCommandScriptLocationArtifact:" in texts["out/jobs/deep.json"]


def test_sams_application_of_a_local_template_is_a_nested_stack(tmp_path: Path) -> None:
    top = {"Resources": {"A": ("AWS::Serverless::Application", {"Location": "jobs/deep.json", "Tags": {"a": "b"}})}}
    file = _project(tmp_path, **{"out/top.json": {**top, "Transform": "AWS::Serverless-2016-10-31"}})
    app = load(file)
    body = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend").template["Resources"][
        "A"
    ]
    assert body["Type"] == "AWS::CloudFormation::Stack"
    assert body["Properties"]["Tags"] == [{"Key": "a", "Value": "b"}]
    assert body["Properties"]["TemplateURL"]["Fn::Sub"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("jobs/none.json", r"Jobs.TemplateURL is out/jobs/none.json, which does not exist"),
        ("../../top.json", r"Jobs.TemplateURL is \.\./top.json, outside the project"),
        ("top.json", r"^out/top.json: nests itself, by Jobs\. Name another template there"),
    ],
)
def test_a_nested_template_that_cannot_be_taken_is_reported(tmp_path: Path, url: str, message: str) -> None:
    top = {"Resources": {"Jobs": ("AWS::CloudFormation::Stack", {"TemplateURL": url})}}
    with pytest.raises(StacksError, match=message):
        load(_project(tmp_path, **{"out/top.json": top}))
