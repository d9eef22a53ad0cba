"""CloudFormation in the description: added, overridden, connected to other stacks, and judged with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import StacksError

if TYPE_CHECKING:
    from tests.extension.conftest import Project

_TOPIC = "  resources:\n    Alerts: {Type: AWS::SNS::Topic}\n"


def test_a_resource_joins_the_template_of_its_section(project: Project) -> None:
    assert project(_TOPIC)["backend"].template["Resources"]["Alerts"] == {"Type": "AWS::SNS::Topic"}


def test_a_function_gets_the_value_of_an_own_resource(project: Project) -> None:
    more = "      environment: {TOPIC_ARN: !Ref Alerts}\n" + _TOPIC
    function = project(more)["backend"].template["Resources"]["WorkerFunction"]
    assert function["Properties"]["Environment"]["Variables"]["TOPIC_ARN"] == {"Ref": "Alerts"}


def test_a_statement_names_an_own_resource_and_the_boundary_its_account(project: Project) -> None:
    statement = "      statements: [{Effect: Allow, Action: sns:Publish, Resource: !Ref Alerts}]\n"
    rendered = project(statement + _TOPIC)
    policy = rendered["backend"].template["Resources"]["WorkerPolicy"]["Properties"]["PolicyDocument"]
    boundary = rendered["base"].template["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]
    assert {"Ref": "Alerts"} in [allowed["Resource"] for allowed in policy["Statement"]]
    (bounded,) = [allowed["Resource"] for allowed in boundary["Statement"] if allowed["Action"] == "sns:Publish"]
    assert bounded == [{"Fn::Sub": "arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*"}]


def test_outputs_and_parameters_of_the_section_join_its_template(project: Project) -> None:
    more = _TOPIC + "  outputs: {AlertsArn: !Ref Alerts}\n  parameters: {Color: {Type: String, Default: blue}}\n"
    template = project(more)["backend"].template
    assert template["Outputs"]["AlertsArn"] == {"Value": {"Ref": "Alerts"}}
    assert template["Parameters"]["Color"] == {"Type": "String", "Default": "blue"}


def test_an_override_merges_into_a_generated_resource_and_null_removes(project: Project) -> None:
    change = "{Properties: {MemorySize: 2048, RecursiveLoop: null}, DependsOn: JobsQueue}"
    template = project(f"  overrides: {{WorkerFunction: {change}}}\n")["backend"].template
    function = template["Resources"]["WorkerFunction"]
    assert function["Properties"]["MemorySize"] == 2048
    assert "RecursiveLoop" not in function["Properties"]
    assert function["DependsOn"] == "JobsQueue"
    assert function["Properties"]["Timeout"] == 15


def test_a_stage_overrides_a_resource_that_all_stages_share(project: Project) -> None:
    stage = "stages.prod"
    more = _TOPIC + "extend: {}\n"
    assert "Alerts" in project(more, stage="prod")["backend"].template["Resources"], stage


def test_a_role_gets_the_path_and_boundary_that_its_deploy_role_asks_for(project: Project) -> None:
    more = """\
      resources:
        Own:
          Type: AWS::IAM::Role
          Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}
    """
    role = project(more.replace("      resources", "  resources", 1).replace("        Own", "    Own"))
    assert role["backend"].template["Resources"]["Own"]["Properties"]["Path"] == "/shop-dev/backend/"
    assert "PermissionsBoundary" in role["backend"].template["Resources"]["Own"]["Properties"]


def test_a_data_section_with_resources_alone_is_a_stack(project: Project) -> None:
    own = {"infra/data.yaml": "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"}
    assert "legacy" in project("stacks: {legacy: {template: infra/data.yaml}}\n", own)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "  resources: {Alerts: {Type: AWS::SNS::Topc}}\n",
            (
                "app.yaml:14: backend.resources.Alerts.Type: 'AWS::SNS::Topc' is not a resource type. "
                "Did you mean 'AWS::SNS::Topic'? [RESOURCE-SCHEMA]"
            ),
        ),
        (
            "  resources:\n    Alerts:\n      Type: AWS::SNS::Topic\n      Properties: {TopicNam: x}\n",
            (
                "app.yaml:17: backend.resources.Alerts.Properties.TopicNam: is not a property of AWS::SNS::Topic. "
                "Did you mean 'TopicName'? [RESOURCE-SCHEMA]"
            ),
        ),
        (
            "  resources: {Alerts: {Type: AWS::SNS::Topic, Properties: {Tags: [{Kee: a}]}}}\n",
            (
                "app.yaml:14: backend.resources.Alerts.Properties.Tags[0].Kee: is not a property of AWS::SNS::Topic. "
                "Did you mean 'Key'? [RESOURCE-SCHEMA]"
            ),
        ),
        (
            "  resources: {Alerts: {Properties: {}}}\n",
            "app.yaml:14: backend.resources.Alerts: has no Type. Add it, such as 'Type: AWS::SNS::Topic'.",
        ),
        (
            "  resources: {Fleet: {Type: AWS::IoTFleetWise::Campaign}}\n",
            (
                "app.yaml:14: backend.resources.Fleet.Type: AWS::IoTFleetWise::Campaign does not exist in eu-west-1. "
                "Deploy it in another region, in a stack of its own. [RESOURCE-SCHEMA]"
            ),
        ),
        (
            "  overrides: {WorkerFunction: {Type: AWS::SNS::Topic}}\n",
            (
                "app.yaml:14: backend.overrides.WorkerFunction.Type: cannot be overridden. "
                "Leave it out; a resource keeps its type."
            ),
        ),
        (
            "  parameters: {Color: {Type: String}}\n",
            (
                "app.yaml:14: backend.parameters.Color: has no Type and Default. "
                "Write both, such as '{Type: String, Default: blue}'."
            ),
        ),
        (
            "  resources: {Alerts: !Reff X}\n",
            (
                "app.yaml:14: backend.resources.Alerts: has the tag !Reff, which is not a CloudFormation function. "
                "Did you mean '!Ref'?"
            ),
        ),
        (
            "      memory: !Ref Alerts\n",
            (
                "app.yaml:14: backend.functions.worker.memory: is written with !Ref, which is not possible here. "
                "Write a plain value; CloudFormation functions belong under resources, outputs, parameters, overrides, "
                "stacks, or a function's environment and statements."
            ),
        ),
        (
            "stacks: {backend: {module: infra/a.py}}\n",
            "app.yaml:14: stacks.backend: 'backend' is the name of a generated stack. Choose another name.",
        ),
        ("root: ..\n", "app.yaml:14: root: is an unknown key. Leave it out."),
    ],
)
def test_a_mistake_is_reported_with_its_line(project: Project, more: str, message: str) -> None:
    with pytest.raises(StacksError) as caught:
        project(more, {"infra/a.py": ""})
    assert message in str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "  resources: {JobsQueue: {Type: AWS::SNS::Topic}}\n",
            (
                "backend.resources.JobsQueue: is the name of a generated resource. "
                "Choose another name, or change the generated one under backend.overrides."
            ),
        ),
        (
            "  overrides: {WorkFunction: {Properties: {Timeout: 3}}}\n",
            (
                "backend.overrides.WorkFunction: there is no generated resource 'WorkFunction'. "
                "Did you mean 'WorkerFunction'?"
            ),
        ),
        (
            "  overrides: {WorkerFunction: {Properties: {Timout: 3}}}\n",
            (
                "backend.overrides.WorkerFunction.Properties.Timout: is not a property of AWS::Lambda::Function. "
                "Did you mean 'Timeout'?"
            ),
        ),
    ],
)
def test_what_only_the_generated_template_shows_is_reported_when_rendering(
    project: Project, more: str, message: str
) -> None:
    with pytest.raises(StacksError) as caught:
        project(more)
    assert str(caught.value) == message


def test_an_output_that_another_stack_does_not_have_is_reported(project: Project) -> None:
    more = "  resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt data.UserPol}}}\n"
    with pytest.raises(StacksError, match=r"reads output 'UserPol', which stack 'shop-dev-data' does not have"):
        project(more)


def test_base_keeps_its_own_resources_when_it_has_pipelines(project: Project) -> None:
    base = "base:\n  resources: {Own: {Type: AWS::SNS::Topic}}\n  pipelines: {repository: a/b}\n"
    resources = project(base)["base"].template["Resources"]
    assert {"Own", "DataPipeline"} <= resources.keys()
