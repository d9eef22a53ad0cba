"""What a function says it uses → the statements of its role; and the most that any function of a stage may do.

Actions are named one by one and resources are the ones described. What a description may add by itself
(``statements``) is judged in ``backend_rules``. The boundary grows only with what the stage describes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, Sub

from stacks import naming, wiring
from stacks.intrinsics.functions import has_function
from stacks.kinds.queues import QUEUES
from stacks.model.statements import CLOSED
from stacks.parts.kinds import boundary_statements, described_statements, role_statements
from stacks.parts.policies import allow, arn, deny, policy, when, with_described

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from awacs.aws import Condition, PolicyDocument, Statement

    from stacks.app import Stage
    from stacks.model.backend import Access, Function

_READ = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
_WRITE = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
TABLE_USE: dict[Access, tuple[str, ...]] = {"read": _READ, "write": _WRITE, "read-write": (*_READ, *_WRITE)}
# What a stream's event source mapping reads with, in the function's role.
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
_STREAMS = ("dynamodb:ListStreams",)
"""Checked when the mapping is created; IAM knows it for no single stream."""
_LOOK = ("AdminGetUser", "AdminListGroupsForUser", "ListGroups", "ListUsers", "ListUsersInGroup")
_CHANGE = (
    "AdminAddUserToGroup",
    "AdminCreateUser",
    "AdminDeleteUser",
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminRemoveUserFromGroup",
    "AdminResetUserPassword",
    "AdminUpdateUserAttributes",
    "AdminUserGlobalSignOut",
)
"""Nothing that signs somebody in: who may set passwords or start sessions can be anybody."""
_USERS: dict[Access, tuple[str, ...]] = {"read": _LOOK, "write": _CHANGE, "read-write": (*_LOOK, *_CHANGE)}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
KEY_USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
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


def role_policy(name: str, function: Function, stage: Stage) -> PolicyDocument | dict[str, Any]:
    """The policy of a function's role."""
    document = policy(*_statements(name, function, stage))
    return with_described(document, function.statements)


def _statements(name: str, function: Function, stage: Stage) -> Iterator[Statement]:
    group = naming.logical_id(name, "LogGroup")
    yield allow("logs:CreateLogStream", "logs:PutLogEvents", on=GetAtt(group, "Arn"))
    for table, access in function.tables.items():
        yield from _table(table, access, stage)
    for table in function.events.tables:
        yield allow(*_STREAM, on=wiring.table_stream(table).read(stage))
    if function.events.tables:
        yield allow(*_STREAMS, on="*")
    yield from role_statements(function, "data", stage)
    if function.users:
        yield _accounts(function.users, on=wiring.USER_POOL_ARN.read(stage))
    yield from role_statements(function, "backend", stage)
    if function.keeps_dead_letters:
        yield allow("sqs:SendMessage", on=GetAtt(naming.logical_id(name, "DeadLetters"), "Arn"))
    if function.invoke:
        yield allow("lambda:InvokeFunction", on=[function_arn(called, stage) for called in function.invoke])
    yield from _secrets(function, stage)
    yield from _on_everything(tracing=function.tracing, vpc=function.vpc)
    if function.vpc:
        itself = when(ArnEquals={"lambda:SourceFunctionArn": arn("lambda", f"function:{naming.prefix(stage)}-{name}")})
        yield deny(*_NETWORK, on="*", Sid="LambdaOnlyNotItsCode", Condition=itself)


def _table(name: str, access: Access, stage: Stage) -> Iterator[Statement]:
    described, found = stage.data.tables[name], naming.table_arn(name, stage)
    has_indexes = described.global_indexes or described.local_indexes
    yield allow(*TABLE_USE[access], on=[Sub(found), Sub(f"{found}/index/*")] if has_indexes else Sub(found))
    if described.encryption == "own":
        yield allow(*KEY_USE, on=wiring.table_key(name).read(stage), Condition=through_dynamodb(stage))


def through_dynamodb(stage: Stage) -> Condition:
    """Keys of tables are used through DynamoDB and by nothing else."""
    return when(StringEquals={"kms:ViaService": f"dynamodb.{stage.region}.amazonaws.com"})


def _accounts(access: Access, *, on: Any, **more: Any) -> Statement:
    return allow(*(f"cognito-idp:{name}" for name in _USERS[access]), on=on, **more)


def _secrets(function: Function, stage: Stage) -> Iterator[Statement]:
    kept = [name for name in function.secrets if stage.backend.secrets[name].kind != "parameter"]
    parameters = [name for name in function.secrets if stage.backend.secrets[name].kind == "parameter"]
    if kept:
        yield allow("secretsmanager:GetSecretValue", on=[secret_arn(one, stage) for one in kept])
    if parameters:
        found = [arn("ssm", f"parameter{naming.parameter_name(one, stage)}") for one in parameters]
        yield from _parameters(found, stage)


def _parameters(arns: Sequence[Sub], stage: Stage) -> Iterator[Statement]:
    """Parameter Store decrypts with its caller's rights, and names the parameter to the key.

    https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
    """
    yield allow("ssm:GetParameter", on=arns)
    only_so = when(
        StringEquals={"kms:ViaService": f"ssm.{stage.region}.amazonaws.com"},
        StringLike={"kms:EncryptionContext:PARAMETER_ARN": list(arns)},
    )
    yield allow("kms:Decrypt", on=arn("kms", "key/*"), Condition=only_so)


def _on_everything(*, tracing: bool, vpc: bool) -> Iterator[Statement]:
    """Rights that AWS knows for no single resource."""
    if tracing:
        yield allow(*_TRACE, on="*")
    if vpc:
        yield allow(*_NETWORK, on="*")


def invoked_name(name: str, stage: Stage) -> str:
    """What another function calls a function: its name, with its alias if it has one."""
    alias = ":live" if stage.backend.functions[name].has_alias else ""
    return f"{naming.prefix(stage)}-{name}{alias}"


def function_arn(name: str, stage: Stage) -> Sub:
    """The ARN of what is called, known before the function is there."""
    return arn("lambda", f"function:{invoked_name(name, stage)}")


def secret_id(name: str, stage: Stage) -> Ref | str:
    """What a function asks for: the ARN of a generated secret, the name of a given one; a parameter's starts with /."""
    match stage.backend.secrets[name].kind:
        case "generated":
            return Ref(naming.logical_id(name, "Secret"))
        case "given":
            return naming.secret_name(name, stage)
        case "parameter":
            return naming.parameter_name(name, stage)


def secret_arn(name: str, stage: Stage) -> Ref | Sub:
    """A secret's ARN; Secrets Manager adds six characters to the name of one that CloudFormation does not make."""
    if stage.backend.secrets[name].kind == "generated":
        return Ref(naming.logical_id(name, "Secret"))
    return arn("secretsmanager", f"secret:{naming.secret_name(name, stage)}-??????")


def within_boundary(document: PolicyDocument, stage: Stage) -> PolicyDocument | dict[str, Any]:
    """The boundary's document with what functions of the stage say they use beside logs, tables and secrets."""
    functions = stage.backend.functions.values()
    document.Statement = [*document.Statement, *_uses(stage)]
    said = [one for function in functions for one in function.statements] + described_statements(stage)
    extra: list[Mapping[str, Any]] = []
    for one in (*said, *_of_people(stage), *_of_template(stage)):
        unnamed = {key: _bounding(value, one, stage) for key, value in one.items() if key != "Sid"}
        extra += [unnamed] if unnamed not in extra else []
    return with_described(document, extra)


def _bounding(value: Any, statement: Mapping[str, Any], stage: Stage) -> Any:
    """A statement's value as base knows it: resources of other stacks become all of the account that its actions name.

    A boundary grants nothing; the role's own policy names the resource exactly.
    """
    if not has_function(value):
        return value
    actions = statement.get("Action", ())
    services = sorted({one.partition(":")[0] for one in ([actions] if isinstance(actions, str) else actions)})
    whole = {"s3": f"arn:${{AWS::Partition}}:s3:::{naming.prefix(stage)}-*"}
    default = "arn:${{AWS::Partition}}:{0}:*:${{AWS::AccountId}}:*"
    texts = [one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, str)]
    return [*texts, *(whole.get(service, default.format(service)) for service in services)]


def _of_template(stage: Stage) -> tuple[Mapping[str, Any], ...]:
    """What roles of a template from elsewhere grant is said there: all that leads to no other rights and no deployment.

    A boundary grants nothing. SAM writes rights as names of policies, which only its transform looks up.
    """
    elsewhere = stage.backend.template and not stage.backend.functions
    closed = [f"{service}:*" for service in sorted(CLOSED)]
    return ({"Effect": "Allow", "NotAction": closed, "Resource": "*"},) if elsewhere else ()


def _of_people(stage: Stage) -> tuple[Mapping[str, Any], ...]:
    """What the description lets people do by themselves, signed in or not."""
    credentials = stage.data.users.credentials if stage.data.users else None
    return (*credentials.statements, *credentials.guests) if credentials else ()


def _uses(stage: Stage) -> Iterator[Statement]:
    functions = stage.backend.functions.values()
    ours = naming.prefix(stage)
    if any(function.events.tables for function in functions):
        yield allow(*_STREAM, on=arn("dynamodb", f"table/{ours}-*/stream/*"))
        yield allow(*_STREAMS, on="*")
    yield from boundary_statements(stage)
    queues = any(function.queues or function.events.queues for function in functions)
    if not queues and any(function.keeps_dead_letters for function in functions):
        yield allow(*QUEUES.uses["send-receive"], on=arn("sqs", f"{ours}-*"))
    if any(function.users for function in functions):
        ours_only = when(StringEquals={"aws:ResourceTag/app": stage.app_name, "aws:ResourceTag/stage": stage.name})
        yield _accounts("read-write", on=arn("cognito-idp", "userpool/*"), Condition=ours_only)
    zoned = any(schedule.zone for function in functions for schedule in function.events.schedules)
    if zoned or any(function.invoke for function in functions):
        yield allow("lambda:InvokeFunction", on=arn("lambda", f"function:{ours}-*"))
    if any(secret.kind == "parameter" for secret in stage.backend.secrets.values()):
        yield from _parameters([arn("ssm", f"parameter{naming.parameter_prefix(stage)}*")], stage)
    if any(table.encryption == "own" for table in stage.data.tables.values()):
        yield allow(*KEY_USE, on=arn("kms", "key/*"), Condition=through_dynamodb(stage))
    joins = any(function.vpc for function in functions)
    yield from _on_everything(tracing=any(function.tracing for function in functions), vpc=joins)
    if joins:
        # Lambda itself attaches functions to networks; what their code asks comes with the function's ARN.
        yield deny(*_NETWORK, on="*", Sid="LambdaOnly", Condition=when(Null={"lambda:SourceFunctionArn": "false"}))
