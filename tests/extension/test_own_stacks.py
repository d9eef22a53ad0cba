"""Stacks of your own: a Python module or a template file, connected to the generated stacks."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from stacks import load, render
from stacks.app import App, Backend, Stage
from stacks.commands.planning import planned
from stacks.deploy.plan import UploadArtifact
from stacks.errors import StacksError
from stacks.extension.apply import completed
from stacks.loading import validated
from stacks.model.extension import OwnStack
from stacks.roles import derive
from stacks.stages.stacks import stack_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extension.conftest import Project

_MODULE = """\
from troposphere import Template, sns
from stacks import Output


def template(app, stage):
    made = Template()
    made.add_resource(sns.Topic("Found", DisplayName=Output("data", "UserPoolId").read(stage)))
    return made
"""
_TEMPLATE = """\
Parameters: {Topic: {Type: String}, Size: {Type: String}}
Resources:
  Mail:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: !Sub "${Size}@example.com"}
"""
_LEGACY = """\
  resources: {Alerts: {Type: AWS::SNS::Topic}}
  outputs: {AlertsArn: !Ref Alerts}
stacks:
  legacy: {template: infra/legacy.yaml, parameters: {Topic: !GetAtt backend.AlertsArn, Size: big}}
"""


def test_a_module_makes_a_stack_that_is_deployed_after_what_it_reads(project: Project) -> None:
    rendered = project("stacks: {search: {module: infra/search.py}}\n", {"infra/search.py": _MODULE})
    assert rendered["search"].name == "shop-dev-search"
    assert rendered["search"].needs == ("data",)
    assert list(rendered).index("data") < list(rendered).index("search")


def test_a_template_file_reads_outputs_by_its_parameters(project: Project) -> None:
    legacy = project(_LEGACY, {"infra/legacy.yaml": _TEMPLATE})["legacy"]
    assert legacy.needs == ("backend",)
    assert legacy.parameters == {"Size": "big"}


def test_the_generated_stacks_read_an_own_stack(project: Project) -> None:
    more = """\
      environment: {TOPIC: !GetAtt search.Topic}
stacks: {search: {template: infra/search.yaml}}
"""
    own = "Resources: {Found: {Type: AWS::SNS::Topic}}\nOutputs: {Topic: {Value: !Ref Found}}\n"
    backend = project(more, {"infra/search.yaml": own})["backend"]
    assert "search" in backend.needs
    variables = backend.template["Resources"]["WorkerFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["TOPIC"] == {"Ref": "SearchTopic"}


def test_an_own_stack_may_live_in_another_region(project: Project) -> None:
    own = {"infra/a.yaml": "Resources: {Found: {Type: AWS::SNS::Topic}}\n"}
    assert project("stacks: {far: {template: infra/a.yaml, region: us-east-1}}\n", own)["far"].region == "us-east-1"


@pytest.mark.parametrize(("region", "named"), [("us-east-1", {"Region": "us-east-1"}), ("eu-west-1", {})])
def test_a_reference_names_the_region_of_another_stack_where_it_differs(region: str, named: dict[str, str]) -> None:
    stage = Stage(name="dev", region="eu-west-1", stacks={"far": OwnStack(template={}, region=region)})
    stage = App(name="shop", stages={"dev": stage}).stages["dev"]
    written = {"Name": {"Fn::GetAtt": ["far", "Topic"]}, "Own": {"Ref": "far"}}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": written}}}
    properties = completed(template, stack_at("backend", stage), stage)["Resources"]["Topic"]["Properties"]
    read = {"StackName": "shop-dev-far", "OutputName": "Topic", **named}
    assert properties == {"Name": {"Fn::GetStackOutput": read}, "Own": {"Ref": "far"}}


@pytest.mark.parametrize(
    ("more", "files", "message"),
    [
        (
            "stacks: {search: {module: infra/search.py}}\n",
            {},
            "app.yaml:14: stacks.search.module: there is no file infra/search.py. Create it, or correct the path.",
        ),
        (
            "stacks: {search: {}}\n",
            {},
            (
                "app.yaml:14: stacks.search: has neither 'module' nor 'template'. "
                "Give one: 'module: infra/search.py' or 'template: infra/search.yaml'."
            ),
        ),
        (
            "stacks: {search: {module: infra/search.py}}\n",
            {"infra/search.py": "def template(app, stage):\n    return 'x'\n"},
            (
                "stacks.search.module: infra/search.py: template() returned str, not a template with resources. "
                "Return a troposphere.Template that has at least one resource."
            ),
        ),
        (
            "stacks: {search: {module: infra/search.py}}\n",
            {"infra/search.py": "def templat(app, stage): ...\n"},
            "stacks.search.module: infra/search.py has no function 'template'. Did you mean 'templat'?",
        ),
        (
            "stacks: {legacy: {template: infra/legacy.yaml, parameters: {Topc: x, Size: big}}}\n",
            {"infra/legacy.yaml": _TEMPLATE},
            "stacks.legacy.parameters.Topc: is not a parameter of the template. Did you mean 'Topic'?",
        ),
        (
            "stacks: {one: {template: infra/one.yaml}, two: {template: infra/two.yaml}}\n",
            {
                "infra/one.yaml": "Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt two.X}}}\n"
                "Outputs: {X: {Value: !Ref A}}\n",
                "infra/two.yaml": "Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt one.X}}}\n"
                "Outputs: {X: {Value: !Ref A}}\n",
            },
            "circle",
        ),
    ],
)
def test_a_mistake_is_one_clear_message(project: Project, more: str, files: dict[str, str], message: str) -> None:
    with pytest.raises(StacksError) as caught:
        project(more, files)
    assert message in str(caught.value)


def test_a_template_of_another_framework_and_own_functions_work_side_by_side(project: Project) -> None:
    sam = """\
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Legacy:
        Type: AWS::Serverless::Function
        Properties: {Runtime: python3.13, Handler: old.run, CodeUri: old}
    """
    files = {"legacy/template.yaml": sam, "legacy/old/old.py": "def run(event, context): ...\n"}
    rendered = project("stacks: {legacy: {template: legacy/template.yaml}}\n", files)
    assert "WorkerFunction" in rendered["backend"].template["Resources"]
    legacy = rendered["legacy"].template["Resources"]["Legacy"]["Properties"]
    assert (legacy["RolePath"], "Bucket" in legacy["CodeUri"]) == ("/shop-dev/legacy/", True)


_WITH_CODE = """\
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Work:
    Type: AWS::Lambda::Function
    Properties:
      {FunctionName: shop-dev-work, Code: src, Handler: worker.work, Runtime: python3.13, Role: !GetAtt Role.Arn}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
"""
_INNER = "Resources: {Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: shop-dev-inner}}}\n"
_FILES = {"legacy.yaml": _WITH_CODE, "inner.yaml": _INNER}


def test_the_code_of_an_own_template_is_packaged_when_it_is_deployed_alone(project: Project, tmp_path: Path) -> None:
    project("stacks: {legacy: {template: legacy.yaml}}\n", _FILES)
    app = load(tmp_path / "app.yaml")
    assert stack_at("legacy", app.stages["dev"]).publishes == ("code",)
    arguments = Namespace(app=tmp_path / "app.yaml", stacks=["legacy"], endpoint_url=None)
    rendered, messages = render(app, app.stages["dev"]), list[str]()
    plan = planned(arguments, app.stages["dev"], rendered, None, messages.append).plan
    uploaded = {step.key.split("/")[1].rpartition("-")[0] for step in plan.steps if isinstance(step, UploadArtifact)}
    assert {name.partition("-")[2].rpartition("-")[0] for name in uploaded} == {"src", "inner-yaml"}


def test_who_deploys_an_own_template_may_make_what_it_nests(project: Project, tmp_path: Path) -> None:
    legacy = project("stacks: {legacy: {template: legacy.yaml}}\n", _FILES)["legacy"]
    stage = load(tmp_path / "app.yaml").stages["dev"]
    assert "sqs:CreateQueue" in derive(stage, legacy).actions


def test_a_template_given_in_python_is_held_inside_the_stage_like_one_in_a_file() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    body = {"Resources": {"Role": role}}
    stage = Stage(
        name="dev", region="eu-west-1", backend=Backend(template=body), stacks={"legacy": OwnStack(template=body)}
    )
    rendered = {
        rendered_stack.stack: rendered_stack
        for rendered_stack in render(App(name="shop", stages={"dev": stage}), stage)
    }
    for stack in ("backend", "legacy"):
        result = rendered[stack].template["Resources"]["Role"]["Properties"]
        assert result["Path"] == f"/shop-dev/{stack}/"
        assert "PermissionsBoundary" in result


def test_a_template_whose_file_was_not_read_is_one_message() -> None:
    described = {
        "name": "shop",
        "stages": {"dev": {"region": "eu-west-1"}},
        "stacks": {"legacy": {"template": "infra/legacy.yaml"}},
    }
    app = validated(described)
    with pytest.raises(StacksError, match=r"stacks\.legacy\.template: names a file, .* Load app\.yaml with"):
        render(app, app.stages["dev"])


def test_reading_templates_changes_no_type_of_the_description(project: Project, tmp_path: Path) -> None:
    project("stacks: {legacy: {template: legacy.yaml}}\n", _FILES)
    stage = load(tmp_path / "app.yaml").stages["dev"]
    assert stage.stacks["legacy"].template == "legacy.yaml"
    assert stage.templates["legacy"].nested.keys() == {"InnerJobs"}


def test_what_loading_adds_cannot_be_described(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("name: shop\nstages:\n  dev: {region: eu-west-1, templates: {}}\n")
    with pytest.raises(StacksError, match=r"app\.yaml:3: stages\.dev\.templates: is an unknown key"):
        load(tmp_path / "app.yaml")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('bye')", r"infra/own\.py:1: SystemExit: bye"),
        ("import sys; raise ValueError(sys.argv)", r"ValueError: \['infra/own\.py'\]"),
        ("import os; raise ValueError('own.py' in os.listdir('infra'))", r"ValueError: True"),
        ("from stacks.base import mine", "rename the project's, or its folder 'stacks'"),
    ],
)
def test_a_module_runs_in_the_project_s_folder_without_arguments(project: Project, code: str, message: str) -> None:
    with pytest.raises(StacksError, match=message):
        project("stacks: {own: {module: infra/own.py}}\n", {"infra/own.py": code, "stacks/base.py": "mine = 1\n"})


def test_parameters_of_a_module_are_those_of_its_template(project: Project) -> None:
    code = """
        from troposphere import Parameter, Ref, Template, sns


        def template(app, stage):
            t = Template()
            t.add_parameter(Parameter("Label", Type="String"))
            t.add_parameter(Parameter("Other", Type="String", Default="x"))
            t.add_resource(sns.Topic("Topic", DisplayName=Ref("Label"), TopicName=Ref("Other")))
            return t
        """
    described = "stacks: {own: {module: infra/own.py, parameters: {Label: a, Other: !GetAtt data.UserPoolId}}}\n"
    rendered = project(described, {"infra/own.py": code})["own"]
    assert rendered.parameters == {"Label": "a"}
    assert set(rendered.template["Parameters"]) == {"Label", "DataUserPoolId"}
    with pytest.raises(StacksError, match=r"stacks\.own\.parameters\.Label: is a parameter of the template without"):
        project("stacks: {own: {module: infra/own.py}}\n", {"infra/own.py": code})
