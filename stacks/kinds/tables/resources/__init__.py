"""Tables in the data stack, the rights to use them, and the streams by which they start functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, awslambda, dynamodb

from stacks import naming, wiring
from stacks.blocks.policies import allow, arn
from stacks.kinds.tables import TABLES
from stacks.kinds.tables.resources.table import key_id, table, table_parts
from stacks.parts.backend.app_alarms import alarm
from stacks.parts.backend.routes import after_alias, called
from stacks.parts.kinds import Right
from stacks.parts.policies import KEY_USE, tagged, through_dynamodb
from stacks.stages.stacks import BACKEND, DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Statement
    from troposphere import AWSObject, Template, cloudwatch

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value
    from stacks.json_types import JsonDict

_TRIES = 5
# What a stream's event source mapping reads with, in the function's role.
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
_STREAMS = ("dynamodb:ListStreams",)
"""Checked when the mapping is created; IAM knows it for no single stream."""


def add(template: Template, stage: Stage) -> None:
    """Put the described tables and what belongs to them into the data template, with names and ARNs as outputs."""
    listened = {name for function in stage.backend.functions.values() for name in function.events.tables}
    for name, described in stage.data.tables.items():
        resource = table(name, described, stage)
        template.add_resource(resource)
        for part in table_parts(name, described, stage):
            template.add_resource(part)
        template.add_output(wiring.table_name_output(name).declare(Ref(resource), f"Name of table {name}"))
        template.add_output(wiring.table_arn_output(name).declare(GetAtt(resource, "Arn"), f"ARN of table {name}"))
        if described.encryption == "own":
            key = GetAtt(key_id(name), "Arn")
            template.add_output(wiring.table_key(name).declare(key, f"ARN of the key of table {name}"))
        if stage.alarms:
            template.add_resource(_alarm(name, stage))
        if name in listened:
            resource.StreamSpecification = dynamodb.StreamSpecification(StreamViewType="NEW_AND_OLD_IMAGES")
            stream = GetAtt(resource, "StreamArn")
            template.add_output(wiring.table_stream(name).declare(stream, f"Changes of table {name}"))


def _alarm(name: str, stage: Stage) -> cloudwatch.Alarm:
    return alarm(
        naming.logical_id(name, "ThrottlesAlarm"),
        stage,
        stack=DATA,
        metric=("AWS/DynamoDB", "ThrottledRequests"),
        dimensions={"TableName": naming.table_name(name, stage)},
        threshold=1,
        description=f"Table {name} refused requests: see its capacity or its ceiling",
    )


def identity(name: str, stage: Stage) -> Value:
    """What a function learns about a table: its name."""
    return naming.table_name(name, stage)


def arns(name: str, stage: Stage) -> list[Value]:
    """The ARN of a table."""
    return [Sub(naming.table_arn(name, stage))]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every table of the stage."""
    return [arn("dynamodb", f"table/{naming.prefix(stage)}-*")]


def rights(_name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """The rights to tables with their indexes and keys, and to the streams that start the function."""
    for name, access in function.tables.items():
        yield from _use(name, access, stage)
    for name in function.events.tables:
        every = arn("dynamodb", f"table/{naming.prefix(stage)}-*/stream/*")
        yield Right(actions=_STREAM, on=wiring.table_stream(name).read(stage), every=every)
    if function.events.tables:
        yield Right(actions=_STREAMS, on="*", every="*")


def _use(name: str, access: str, stage: Stage) -> Iterator[Right]:
    described, result = stage.data.tables[name], naming.table_arn(name, stage)
    has_indexes = described.global_indexes or described.local_indexes
    yield Right(actions=TABLES.uses[access], on=[Sub(result), Sub(f"{result}/index/*")] if has_indexes else Sub(result))
    if described.encryption == "own":
        yield Right(actions=KEY_USE, on=wiring.table_key(name).read(stage), condition=through_dynamodb(stage))


def boundary_statements(stage: Stage) -> Iterator[Statement]:
    """The tables' own keys, which people use with the credentials of an identity pool, too."""
    if any(described.encryption == "own" for described in stage.data.tables.values()):
        yield allow(*KEY_USE, on=arn("kms", "key/*"), Condition=through_dynamodb(stage))


def listen(name: str, table: str, stage: Stage) -> Iterator[AWSObject]:
    """Changes of a table: a batch that fails is halved, tried again, and at last reported to the dead letters."""
    function = stage.backend.functions[name]
    failed: JsonDict = {}
    if function.keeps_dead_letters:
        queue = awslambda.OnFailure(Destination=GetAtt(naming.logical_id(name, "DeadLetters"), "Arn"))
        failed = {"DestinationConfig": awslambda.DestinationConfig(OnFailure=queue)}
    yield awslambda.EventSourceMapping(
        naming.pair_id(name, "From", table, "Table"),
        FunctionName=called(name, function),
        EventSourceArn=wiring.table_stream(table).read(stage),
        StartingPosition="LATEST",
        BatchSize=function.events.batch,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=_TRIES,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        Tags=tagged(stage, BACKEND),
        **after_alias(name, function),
        **failed,
    )
