"""What a function says it uses → the statements of its role; and the most that any function of a stage may do.

Actions are named one by one and resources are the ones described. What a description may add by itself
(``statements``) is judged in ``backend_rules``. The boundary grows only with what the stage describes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt

from stacks import naming
from stacks.intrinsics.functions import has_function
from stacks.model.statements import CLOSED
from stacks.parts.kinds import boundary_statements, described_statements, role_statements
from stacks.parts.policies import allow, arn, deny, policy, when, with_described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import PolicyDocument, Statement

    from stacks.app import Stage
    from stacks.json_types import JsonDict, StatementData
    from stacks.model.backend import Function

# What Lambda attaches a function to a network with, in the function's role; the function's own code is denied it.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
_TRACE = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")


def role_policy(name: str, function: Function, stage: Stage) -> PolicyDocument | JsonDict:
    """The policy of a function's role."""
    document = policy(*_statements(name, function, stage))
    return with_described(document, function.statements)


def _statements(name: str, function: Function, stage: Stage) -> Iterator[Statement]:
    group = naming.logical_id(name, "LogGroup")
    yield allow("logs:CreateLogStream", "logs:PutLogEvents", on=GetAtt(group, "Arn"))
    yield from role_statements(name, function, stage)
    yield from _on_everything(tracing=function.tracing, vpc=function.vpc)
    if function.vpc:
        itself = when(ArnEquals={"lambda:SourceFunctionArn": arn("lambda", f"function:{naming.prefix(stage)}-{name}")})
        yield deny(*_NETWORK, on="*", Sid="LambdaOnlyNotItsCode", Condition=itself)


def _on_everything(*, tracing: bool, vpc: bool) -> Iterator[Statement]:
    """Rights that AWS knows for no single resource."""
    if tracing:
        yield allow(*_TRACE, on="*")
    if vpc:
        yield allow(*_NETWORK, on="*")


def within_boundary(document: PolicyDocument, stage: Stage) -> PolicyDocument | JsonDict:
    """The boundary's document with what functions of the stage declare in addition to logs, tables and secrets."""
    functions = stage.backend.functions.values()
    document.Statement = [*document.Statement, *_uses(stage)]
    statements = [statement for function in functions for statement in function.statements] + described_statements(
        stage
    )
    extra: list[StatementData] = []
    for entry in (*statements, *_of_people(stage), *_of_template(stage)):
        unnamed = {key: _bounding(value, entry, stage) for key, value in entry.items() if key != "Sid"}
        extra += [unnamed] if unnamed not in extra else []
    return with_described(document, extra)


def _bounding(value: object, statement: StatementData, stage: Stage) -> Any:
    """A statement's value as base knows it: resources of other stacks become all of the account that its actions name.

    A boundary grants nothing; the role's own policy names the resource exactly.
    """
    if not has_function(value):
        return value
    actions = statement.get("Action", ())
    services = sorted({action.partition(":")[0] for action in ([actions] if isinstance(actions, str) else actions)})
    by_service = {"s3": f"arn:${{AWS::Partition}}:s3:::{naming.prefix(stage)}-*"}
    default = "arn:${{AWS::Partition}}:{0}:*:${{AWS::AccountId}}:*"
    texts = [entry for entry in (value if isinstance(value, list | tuple) else [value]) if isinstance(entry, str)]
    return [*texts, *(by_service.get(service, default.format(service)) for service in services)]


def _of_template(stage: Stage) -> tuple[StatementData, ...]:
    """What roles of a template from elsewhere grant is said there: all that leads to no other rights and no deployment.

    A boundary grants nothing. SAM writes rights as names of policies, which only its transform looks up.
    """
    elsewhere = stage.backend.template and not stage.backend.functions
    closed = [f"{service}:*" for service in sorted(CLOSED)]
    return ({"Effect": "Allow", "NotAction": closed, "Resource": "*"},) if elsewhere else ()


def _of_people(stage: Stage) -> tuple[StatementData, ...]:
    """What the description lets people do by themselves, signed in or not."""
    credentials = stage.data.users.credentials if stage.data.users else None
    return (*credentials.statements, *credentials.guests) if credentials else ()


def _uses(stage: Stage) -> Iterator[Statement]:
    functions = stage.backend.functions.values()
    yield from boundary_statements(stage)
    joins = any(function.vpc for function in functions)
    yield from _on_everything(tracing=any(function.tracing for function in functions), vpc=joins)
    if joins:
        # Lambda itself attaches functions to networks; what their code asks comes with the function's ARN.
        yield deny(*_NETWORK, on="*", Sid="LambdaOnly", Condition=when(Null={"lambda:SourceFunctionArn": "false"}))
