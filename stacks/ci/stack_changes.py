"""Stacks and their deploy roles → the statements by which a CI service changes them through CloudFormation. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Sub

from stacks import naming
from stacks.parts.policies import allow, arn, when
from stacks.pipelines.building import passes_roles
from stacks.pipelines.pipeline import stack_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from awacs.aws import Statement

    from stacks.app import Stage
    from stacks.template.rendered import Rendered

_CHANGE_SETS = {"cloudformation:ChangeSetName": "stacks-*"}
"""What the deployer calls its change sets (``stacks.aws.change_sets``)."""


def changes_stacks(
    stacks: Sequence[Rendered], roles: Mapping[str, Any], on: Sequence[Any], verbs: Sequence[str]
) -> Iterator[Statement]:
    """The deployer's change sets of some stacks, with the role of each, and CloudFormation's ``verbs`` on them.

    ``roles`` is stack → ARN of its deploy role, ``on`` are the ARNs of the stacks.
    """
    for stack in stacks:
        yield from _changes(stack, roles[stack.stack])
    change_sets = ("DeleteChangeSet", "DescribeChangeSet", "ExecuteChangeSet")
    own = when(StringLikeIfExists=_CHANGE_SETS)
    yield allow(*(f"cloudformation:{verb}" for verb in change_sets), on=on, Condition=own)
    yield allow(*(f"cloudformation:{verb}" for verb in verbs), on=on)
    yield passes_roles([roles[stack.stack] for stack in stacks])


def _changes(stack: Rendered, role: object) -> Iterator[Statement]:
    """The deployer's change sets of one stack, with that stack's role.

    CloudFormation does not send the change set's name with every request about one that exists (aws-cdk#1034).
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    """
    own = when(StringLike=_CHANGE_SETS, ArnEquals={"cloudformation:RoleArn": role})
    yield allow("cloudformation:CreateChangeSet", on=stack_arn(stack.name, stack.region), Condition=own)
    for macro in stack.macros:
        name = macro.removeprefix("AWS::")
        transform = f"arn:${{AWS::Partition}}:cloudformation:{stack.region}:aws:transform/{name}"
        yield allow("cloudformation:CreateChangeSet", on=Sub(transform))


def runs_commands(stage: Stage) -> Iterator[Statement]:
    """Running the commands of ``after_deploy``; nothing where no function has any."""
    running = [name for name, function in stage.backend.functions.items() if function.after_deploy]
    names = [f"function:{naming.prefix(stage)}-{name}:{naming.COMMANDS_ALIAS}" for name in running]
    if names:
        yield allow("lambda:InvokeFunction", on=[arn("lambda", name) for name in names])
