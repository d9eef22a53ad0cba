"""Workflows, and the roles they run with: exactly what their tasks do with the things that they name."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, iam, stepfunctions

from stacks import naming
from stacks.blocks.policies import allow, arn, policy
from stacks.blocks.senders import trust_from
from stacks.errors import DescriptionError
from stacks.kinds import KINDS
from stacks.kinds.functions import FUNCTIONS
from stacks.kinds.workflows import WORKFLOWS
from stacks.kinds.workflows.definition import REFERENCE, references, tasks
from stacks.parts.kinds import resources_of
from stacks.parts.policies import managed_policy, tagged, with_described
from stacks.stages.moved import original_name
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Statement
    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.blocks.policies import Value
    from stacks.json_types import JsonObject
    from stacks.kinds.workflows.model import Workflow

_OTHERS = {kind.name: kind for kind in KINDS}


def add(template: Template, stage: Stage) -> None:
    """Put the described workflows with their roles into the backend template."""
    for name, workflow in stage.backend.workflows.items():
        for resource in _workflow(name, workflow, stage):
            template.add_resource(resource)


def _workflow(name: str, workflow: Workflow, stage: Stage) -> Iterator[AWSObject]:
    title, definition = naming.logical_id(name, "Workflow"), _read(name, workflow)
    rights = with_described(policy(*_rights(definition, stage)), workflow.statements)
    document = managed_policy(f"{title}Policy", stage, STACK, rights)
    has_rights = any(tasks(definition)) or workflow.statements
    if has_rights:
        yield document
    yield iam.Role(
        f"{title}Role",
        Path=naming.role_path(stage, STACK),
        AssumeRolePolicyDocument=trust_from("states", arn("states", f"stateMachine:{naming.prefix(stage)}-*")),
        ManagedPolicyArns=[Ref(document)] if has_rights else [],
        PermissionsBoundary=Sub(naming.boundary_arn(stage)),
        Tags=tagged(stage, STACK),
    )
    values = {_key(text): _value(text, stage) for _, text in references(definition)}
    text = json.dumps(definition, indent=2, ensure_ascii=False)
    yield stepfunctions.StateMachine(
        title,
        StateMachineName=f"{naming.prefix(stage)}-{name}",
        StateMachineType="STANDARD",
        RoleArn=GetAtt(f"{title}Role", "Arn"),
        DefinitionString=REFERENCE.sub(lambda match: f"${{{_key(match[1])}}}", text),
        DefinitionSubstitutions=dict(sorted(values.items())),
        Tags=tagged(stage, STACK),
    )


def _read(name: str, workflow: Workflow) -> JsonObject:
    """The definition, which the loader has read.

    Raises:
        DescriptionError: for an application built in Python that names a file.
    """
    if isinstance(workflow.definition, str):
        what = f"names the file {workflow.definition}, which has not been read"
        fix = "Read the description with 'stacks.load', or give the mapping itself"
        raise DescriptionError(f"backend.workflows.{name}.definition", what, fix)
    result: JsonObject = workflow.definition
    return result


def _key(text: str) -> str:
    """The name of a substitution: ``tablesOrders`` for ``tables.orders``."""
    group, _, name = text.partition(".")
    return naming.logical_id(name, group.capitalize())


def _written(text: str, stage: Stage) -> tuple[str, str]:
    """The group and, as it was first deployed, the name of what is referred to."""
    group, _, name = text.partition(".")
    return group, original_name(stage, f"{_OTHERS[group].group}.{name}")


def _value(text: str, stage: Stage) -> Value:
    """The value of a reference. Functions and workflows by their names, so that they may start each other."""
    group, name = _written(text, stage)
    if group in {FUNCTIONS.name, WORKFLOWS.name}:
        return _arns_of(group, name, stage)[0]
    return resources_of(_OTHERS[group]).identity(name, stage)


def _arns_of(group: str, name: str, stage: Stage) -> list[Value]:
    """The ARNs that the right to use a thing is for."""
    return [_arn(name, stage)] if group == WORKFLOWS.name else resources_of(_OTHERS[group]).arns(name, stage)


def _rights(definition: JsonObject, stage: Stage) -> Iterator[Statement]:
    names_by_action: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for task in tasks(definition):
        names_by_action[task.action] |= dict.fromkeys(_written(f"{task.group}.{name}", stage) for name in task.names)
    for action, named in sorted(names_by_action.items()):
        if named:
            yield allow(action, on=[result for group, name in sorted(named) for result in _arns_of(group, name, stage)])


def _arn(name: str, stage: Stage) -> Sub:
    return arn("states", f"stateMachine:{naming.prefix(stage)}-{name}")


def identity(name: str, _stage: Stage) -> Value:
    """What a function learns about a workflow: its ARN."""
    return Ref(naming.logical_id(name, "Workflow"))


def arns(name: str, _stage: Stage) -> list[Value]:
    """The ARN that the right to start a workflow is for."""
    return [Ref(naming.logical_id(name, "Workflow"))]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every workflow of the stage."""
    return [_arn("*", stage)]


def boundary_statements(stage: Stage) -> Iterator[Statement]:
    """The most that roles of workflows may do: what tasks of any workflow do, to any such thing of the stage."""
    actions: dict[str, dict[str, None]] = defaultdict(dict)
    for name, workflow in stage.backend.workflows.items():
        for task in tasks(_read(name, workflow)):
            if task.group:
                actions[task.group][task.action] = None
    for group, needed in sorted(actions.items()):
        yield allow(*sorted(needed), on=resources_of(_OTHERS[group]).all_arns(stage))
