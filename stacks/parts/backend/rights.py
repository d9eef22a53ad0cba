"""What a function says it uses → the statements of its role; and the most that any function of a stage may do.

Actions are named one by one and resources are the ones described. What a description may add by itself
(``statements``) is judged in ``backend_rules``. The boundary grows only with what the stage describes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Join, Ref, Sub

from stacks import naming, wiring
from stacks.parts.policies import allow, arn, deny, policy, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from awacs.aws import Condition, PolicyDocument, Statement

    from stacks.app import App, Stage
    from stacks.model.backend import Access, Function, QueueAccess

_READ = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
_WRITE = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_TABLE: dict[Access, tuple[str, ...]] = {"read": _READ, "write": _WRITE, "read-write": (*_READ, *_WRITE)}
# What a stream's event source mapping reads with, in the function's role.
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
_GET, _PUT = ("s3:GetObject",), ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject")
_FILES: dict[Access, tuple[str, ...]] = {"read": _GET, "write": _PUT, "read-write": (*_GET, *_PUT)}
_SEND = ("sqs:SendMessage",)
_RECEIVE = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_QUEUE: dict[QueueAccess, tuple[str, ...]] = {
    "send": _SEND,
    "receive": _RECEIVE,
    "send-receive": (*_SEND, *_RECEIVE),
}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
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


def role_policy(name: str, function: Function, app: App, stage: Stage) -> PolicyDocument | dict[str, Any]:
    """The policy of a function's role."""
    document = policy(*_statements(name, function, app, stage))
    return _with(document, function.statements)


def _statements(name: str, function: Function, app: App, stage: Stage) -> Iterator[Statement]:
    group = naming.logical_id(name, "LogGroup")
    yield allow("logs:CreateLogStream", "logs:PutLogEvents", on=GetAtt(group, "Arn"))
    for table, access in function.tables.items():
        yield from _table(table, access, app, stage)
    for table in function.events.tables:
        yield allow(*_STREAM, on=wiring.table_stream(table).read(app, stage))
    for bucket, access in function.buckets.items():
        yield from _bucket(bucket, access, app, stage)
    for queue, use in _queues(function).items():
        yield allow(*_QUEUE[use], on=GetAtt(naming.logical_id(queue, "Queue"), "Arn"))
    if function.keeps_dead_letters:
        yield allow(*_SEND, on=GetAtt(naming.logical_id(name, "DeadLetters"), "Arn"))
    if function.invoke:
        yield allow("lambda:InvokeFunction", on=[function_arn(called, app, stage) for called in function.invoke])
    if function.secrets:
        yield allow("secretsmanager:GetSecretValue", on=[secret_arn(one, app, stage) for one in function.secrets])
    yield from _on_everything(tracing=function.tracing, vpc=function.vpc)
    if function.vpc:
        itself = when(
            ArnEquals={"lambda:SourceFunctionArn": arn("lambda", f"function:{naming.prefix(app, stage)}-{name}")}
        )
        yield deny(*_NETWORK, on="*", Sid="LambdaOnlyNotItsCode", Condition=itself)


def _table(name: str, access: Access, app: App, stage: Stage) -> Iterator[Statement]:
    described, found = stage.data.tables[name], wiring.table_arn(name).read(app, stage)
    has_indexes = described.global_indexes or described.local_indexes
    yield allow(*_TABLE[access], on=[found, Join("", [found, "/index/*"])] if has_indexes else found)
    if described.encryption == "own":
        yield allow(*_KEY, on=wiring.table_key(name).read(app, stage), Condition=_through_dynamodb(stage))


def _through_dynamodb(stage: Stage) -> Condition:
    return when(StringEquals={"kms:ViaService": f"dynamodb.{stage.region}.amazonaws.com"})


def _queues(function: Function) -> Mapping[str, QueueAccess]:
    """The queues it uses, and those whose messages start it."""
    started: dict[str, QueueAccess] = {
        name: "receive" if function.queues.get(name, "receive") == "receive" else "send-receive"
        for name in function.events.queues
    }
    return {**function.queues, **started}


def _bucket(name: str, access: Access, app: App, stage: Stage) -> Iterator[Statement]:
    found = wiring.bucket_arn(name).read(app, stage)
    if access != "write":
        yield allow("s3:ListBucket", on=found)  # without it, a file that is not there looks like one denied
    yield allow(*_FILES[access], on=Join("/", [found, "*"]))


def _on_everything(*, tracing: bool, vpc: bool) -> Iterator[Statement]:
    """Rights that AWS knows for no single resource."""
    if tracing:
        yield allow(*_TRACE, on="*")
    if vpc:
        yield allow(*_NETWORK, on="*")


def _with(document: PolicyDocument, extra: Iterable[Mapping[str, Any]]) -> PolicyDocument | dict[str, Any]:
    """The document with statements that the description brings as they are."""
    raw = [_statement(statement) for statement in extra]
    if not raw:
        return document
    return {"Version": document.Version, "Statement": [*document.Statement, *raw]}


def _statement(said: Mapping[str, Any]) -> dict[str, Any]:
    """A described statement for a template: CloudFormation fills in ``${AWS::Region}`` and the like."""
    return {key: value if key in {"Sid", "Effect"} else _filled(value) for key, value in said.items()}


def _filled(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_filled(item) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    return Sub(value) if isinstance(value, str) and "${AWS::" in value else value


def invoked_name(name: str, app: App, stage: Stage) -> str:
    """What another function calls a function: its name, with its alias if it has one."""
    alias = ":live" if stage.backend.functions[name].has_alias else ""
    return f"{naming.prefix(app, stage)}-{name}{alias}"


def function_arn(name: str, app: App, stage: Stage) -> Sub:
    """The ARN of what is called, known before the function is there."""
    return arn("lambda", f"function:{invoked_name(name, app, stage)}")


def secret_id(name: str, app: App, stage: Stage) -> Ref | str:
    """What a function asks Secrets Manager for: the ARN of a generated secret, the name of a given one."""
    generated = stage.backend.secrets[name].kind == "generated"
    return Ref(naming.logical_id(name, "Secret")) if generated else naming.secret_name(name, app, stage)


def secret_arn(name: str, app: App, stage: Stage) -> Ref | Sub:
    """A secret's ARN; Secrets Manager adds six characters to the name of one that CloudFormation does not make."""
    if stage.backend.secrets[name].kind == "generated":
        return Ref(naming.logical_id(name, "Secret"))
    return arn("secretsmanager", f"secret:{naming.secret_name(name, app, stage)}-??????")


def within_boundary(document: PolicyDocument, app: App, stage: Stage) -> PolicyDocument | dict[str, Any]:
    """The boundary's document with what functions of the stage say they use beside logs, tables and secrets."""
    functions = stage.backend.functions.values()
    document.Statement = [*document.Statement, *_uses(app, stage)]
    extra: list[Mapping[str, Any]] = []
    for function in functions:
        unnamed = ({key: value for key, value in one.items() if key != "Sid"} for one in function.statements)
        extra += [one for one in unnamed if one not in extra]
    return _with(document, extra)


def _uses(app: App, stage: Stage) -> Iterator[Statement]:
    functions = stage.backend.functions.values()
    ours = naming.prefix(app, stage)
    if any(function.events.tables for function in functions):
        yield allow(*_STREAM, on=arn("dynamodb", f"table/{ours}-*/stream/*"))
    buckets = sorted({bucket for function in functions for bucket in function.buckets})
    if buckets:
        names = [f"arn:${{AWS::Partition}}:s3:::{naming.bucket_name(app, stage, bucket)}" for bucket in buckets]
        yield allow("s3:ListBucket", on=[Sub(name) for name in names])
        yield allow(*_GET, *_PUT, on=[Sub(f"{name}/*") for name in names])
    if any(function.queues or function.events.queues or function.keeps_dead_letters for function in functions):
        yield allow(*_SEND, *_RECEIVE, on=arn("sqs", f"{ours}-*"))
    if any(function.invoke for function in functions):
        yield allow("lambda:InvokeFunction", on=arn("lambda", f"function:{ours}-*"))
    if any(table.encryption == "own" for table in stage.data.tables.values()):
        yield allow(*_KEY, on=arn("kms", "key/*"), Condition=_through_dynamodb(stage))
    yield from _on_everything(
        tracing=any(function.tracing for function in functions), vpc=any(function.vpc for function in functions)
    )
