"""Workflows: a role with exactly the rights that the tasks of a definition need, whatever states they are in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.errors import DescriptionError, StacksError
from stacks.loading import load, validated
from stacks.rendering import render
from tests.backend.describing import problems_of, stacks_of

if TYPE_CHECKING:
    from pathlib import Path

DEFINITION = """
StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters: {FunctionName: "${functions.charge}"}
    Next: Both
  Both:
    Type: Parallel
    Next: Each
    Branches:
      - StartAt: Keep
        States:
          Keep:
            Type: Task
            Resource: arn:aws:states:::dynamodb:putItem
            Parameters: {TableName: "${tables.notes}", Item: {owner: {S: x}}}
            End: true
      - StartAt: Send
        States:
          Send:
            Type: Task
            Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
            Arguments: {QueueUrl: "${queues.jobs}", MessageBody: x}
            End: true
  Each:
    Type: Map
    Next: Put
    ItemProcessor:
      StartAt: Tell
      States:
        Tell:
          Type: Task
          Resource: arn:aws:states:::sns:publish
          Parameters: {TopicArn: "${topics.news}", Message: x}
          End: true
  Put:
    Type: Task
    Resource: arn:aws:states:::events:putEvents
    Parameters: {Entries: [{EventBusName: "${buses.shop}", Source: x, DetailType: x, Detail: {}}]}
    Next: Again
  Again:
    Type: Task
    Resource: arn:aws:states:::states:startExecution
    Parameters: {StateMachineArn: "${workflows.order}"}
    End: true
"""
BACKEND = """
queues: {jobs: true}
topics: {news: true}
buses: {shop: true}
functions:
  web: {handler: "a.py:b", workflows: {order: start}}
  charge: {handler: "a.py:b"}
"""


def described(definition: str = DEFINITION, more: str = "") -> str:
    """The text of a backend with a workflow."""
    workflow = {"order": {"definition": yaml.safe_load(definition)}}
    return f"workflows: {json.dumps(workflow)}\n{BACKEND}{more}"


def statements(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy."""
    results: list[dict[str, Any]] = resource["Properties"]["PolicyDocument"]["Statement"]
    return results


def test_a_role_has_the_rights_that_the_tasks_need_and_no_others() -> None:
    backend = stacks_of(described())["backend"]["Resources"]
    result = {statement["Action"][0]: statement["Resource"] for statement in statements(backend["OrderWorkflowPolicy"])}
    assert result.keys() == {
        *("lambda:InvokeFunction", "dynamodb:PutItem", "sqs:SendMessage", "sns:Publish"),
        *("events:PutEvents", "states:StartExecution"),
    }
    assert "function:notes-dev-charge" in str(result["lambda:InvokeFunction"])
    assert "table/notes-dev-notes" in str(result["dynamodb:PutItem"])
    assert result["sqs:SendMessage"] == [{"Fn::GetAtt": ["JobsQueue", "Arn"]}]
    assert result["sns:Publish"] == [{"Ref": "NewsTopic"}]
    assert result["events:PutEvents"] == [{"Fn::GetAtt": ["ShopBus", "Arn"]}]
    assert "stateMachine:notes-dev-order" in str(result["states:StartExecution"])


def test_the_boundary_lets_the_role_do_that_with_things_of_the_stage() -> None:
    boundary = statements(stacks_of(described())["base"]["Resources"]["ApplicationBoundary"])
    allowed = {
        action: str(statement["Resource"])
        for statement in boundary
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    assert "function:notes-dev-*" in allowed["lambda:InvokeFunction"]
    assert ":notes-dev-*" in allowed["sqs:SendMessage"]
    assert ":notes-dev-*" in allowed["sns:Publish"]
    assert "event-bus/notes-dev-*" in allowed["events:PutEvents"]
    assert "stateMachine:notes-dev-*" in allowed["states:StartExecution"]


def test_references_become_substitutions() -> None:
    result = stacks_of(described())["backend"]["Resources"]["OrderWorkflow"]["Properties"]
    assert result["DefinitionSubstitutions"]["JobsQueues"] == {"Ref": "JobsQueue"}
    assert result["DefinitionSubstitutions"]["NotesTables"] == "notes-dev-notes"
    definition = json.loads(result["DefinitionString"])
    assert definition["States"]["Charge"]["Parameters"] == {"FunctionName": "${ChargeFunctions}"}
    assert list(definition["States"]) == list(yaml.safe_load(DEFINITION)["States"])


def test_the_role_is_for_workflows_of_this_stage_alone_and_inside_the_boundary() -> None:
    role = stacks_of(described())["backend"]["Resources"]["OrderWorkflowRole"]["Properties"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": ["states.amazonaws.com"]}
    assert "stateMachine:notes-dev-*" in str(trusted["Condition"])
    assert "PermissionsBoundary" in role


def test_a_function_that_starts_a_workflow_gets_its_arn_and_the_right() -> None:
    backend = stacks_of(described())["backend"]["Resources"]
    variables = backend["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["ORDER_WORKFLOW_ARN"] == {"Ref": "OrderWorkflow"}
    right = {"Effect": "Allow", "Action": ["states:StartExecution"], "Resource": [{"Ref": "OrderWorkflow"}]}
    assert right in statements(backend["WebPolicy"])


def test_a_split_backend_keeps_the_workflow_with_its_role() -> None:
    stacks = stacks_of(described(more="stacks: 4"))
    assert {"OrderWorkflow", "OrderWorkflowRole", "OrderWorkflowPolicy"} <= stacks["backend"]["Resources"].keys()


def test_a_function_as_resource_is_a_right_to_call_it() -> None:
    definition = "{StartAt: A, States: {A: {Type: Task, Resource: '${functions.charge}', End: true}}}"
    backend = stacks_of(described(definition))["backend"]["Resources"]
    (only,) = statements(backend["OrderWorkflowPolicy"])
    assert (only["Action"], "notes-dev-charge" in str(only["Resource"])) == (["lambda:InvokeFunction"], True)


def test_events_without_a_bus_go_to_the_accounts_own() -> None:
    definition = """
    StartAt: A
    States: {A: {Type: Task, Resource: 'arn:aws:states:::events:putEvents', Parameters: {Entries: []}, End: true}}
    """
    backend = stacks_of(described(definition))["backend"]["Resources"]
    assert "event-bus/default" in str(backend["OrderWorkflowPolicy"])


def test_a_workflow_without_tasks_has_a_role_without_rights() -> None:
    backend = stacks_of(described("{StartAt: A, States: {A: {Type: Succeed}}}"))["backend"]["Resources"]
    assert "OrderWorkflowPolicy" not in backend
    assert backend["OrderWorkflowRole"]["Properties"]["ManagedPolicyArns"] == []


def test_statements_allow_tasks_whose_rights_are_not_known() -> None:
    resource = "arn:aws:states:::aws-sdk:rekognition:detectLabels"
    definition = f"{{StartAt: A, States: {{A: {{Type: Task, Resource: '{resource}', End: true}}}}}}"
    text = yaml.safe_load(described(definition))
    text["workflows"]["order"]["statements"] = [
        {"Effect": "Allow", "Action": "rekognition:DetectLabels", "Resource": "*"}
    ]
    stacks = stacks_of(json.dumps(text))
    assert "rekognition:DetectLabels" in str(stacks["backend"]["Resources"]["OrderWorkflowPolicy"])
    assert "rekognition:DetectLabels" in str(stacks["base"]["Resources"]["ApplicationBoundary"])


def test_what_was_renamed_is_found_by_its_new_name_and_created_under_the_old_one() -> None:
    text = yaml.safe_load(described().replace("jobs", "tasks").replace("notes", "memos"))
    moved = {"backend.queues.jobs": "backend.queues.tasks", "data.tables.notes": "data.tables.memos"}
    stages = {"dev": {"region": "eu-west-1", "moved": moved}}
    data = {"tables": {"memos": {"partition_key": "owner"}}}
    app = validated({"name": "notes", "stages": stages, "data": data, "backend": text})
    (result,) = (stack.template["Resources"] for stack in render(app, app.stages["dev"]) if stack.stack == "backend")
    assert result["OrderWorkflow"]["Properties"]["DefinitionSubstitutions"]["TasksQueues"] == {"Ref": "JobsQueue"}
    assert "table/notes-dev-notes" in str(result["OrderWorkflowPolicy"])


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ("{}", "has no States"),
        ("{StartAt: B, States: {A: {Type: Succeed}}}", "StartAt: there is no state 'B'"),
        (DEFINITION.replace("tables.notes", "tables.note"), "there is no data.tables.note. Did you mean 'notes'?"),
        (DEFINITION.replace("tables.notes", "table.notes"), "'${table.notes}' names nothing. Write ${GROUP.NAME}"),
        (DEFINITION.replace("${queues.jobs}", "https://x"), "names none of backend.queues"),
        (DEFINITION.replace("sns:publish", "sns:publish.sync"), "are not known here. List them under"),
        (DEFINITION.replace("sns:publish", "ecs:runTask"), "the rights that arn:aws:states:::ecs:runTask needs"),
    ],
)
def test_mistakes_in_definitions_are_reported_where_they_are(definition: str, problem: str) -> None:
    problems = problems_of(described(definition))
    assert any(item.startswith("backend.workflows.order.definition") and problem in item for item in problems), problems


def test_a_file_is_read_and_its_mistakes_have_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def b(event, context): ...\n")
    (tmp_path / "order.yaml").write_text(DEFINITION)
    text = {"name": "notes", "stages": {"dev": {"region": "eu-west-1"}}, "backend": yaml.safe_load(BACKEND)}
    text["data"] = {"tables": {"notes": {"partition_key": "owner"}}}
    text["backend"]["workflows"] = {"order": "order.yaml"}
    (tmp_path / "app.yaml").write_text(json.dumps(text))
    app = load(tmp_path / "app.yaml")
    assert app.stages["dev"].backend.workflows["order"].definition["StartAt"] == "Charge"
    (tmp_path / "order.yaml").write_text(DEFINITION.replace("queues.jobs", "queues.job"))
    with pytest.raises(DescriptionError) as caught:
        load(tmp_path / "app.yaml")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("order.yaml", 25)
    (tmp_path / "order.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(DescriptionError, match=r"order\.yaml: is not UTF-8 text"):
        load(tmp_path / "app.yaml")


def test_python_that_names_a_file_is_asked_to_read_it() -> None:
    app = validated(
        {"name": "n", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"workflows": {"a": "a.json"}}}
    )
    with pytest.raises(StacksError, match=r"names the file a\.json, which has not been read"):
        render(app, app.stages["dev"])
