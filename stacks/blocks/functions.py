"""A Lambda function with what it needs to run: a log group, a policy and a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, awslambda, iam, logs

from stacks.blocks.monitoring import log_group
from stacks.blocks.policies import allow, policy, trust
from stacks.blocks.properties import set_properties

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awacs.aws import Statement

    from stacks.blocks.policies import Value
    from stacks.json_types import JsonDict, JsonObject

_ALWAYS: JsonDict = {"Architectures": ["arm64"], "RecursiveLoop": "Terminate"}


def function(  # noqa: PLR0913 - a function is this many decisions
    title: str,
    *,
    name: str,
    code: awslambda.Code,
    handler: str,
    path: str = "/",
    statements: Sequence[Statement] = (),
    environment: Mapping[str, Value] | None = None,
    boundary: Value | None = None,
    runtime: str = "python3.14",
    memory: int = 512,
    timeout: int = 15,
    retention_days: int = 365,
    tags: JsonObject | None = None,
) -> tuple[awslambda.Function, logs.LogGroup, iam.ManagedPolicy, iam.Role]:
    """A function that logs JSON into a group of its own, and may do what ``statements`` allow and nothing else.

    Args:
        title: The start of the logical ids, which end with Function, LogGroup, Policy and Role.
        name: The function's name, at most 64 characters; its log group is ``/aws/lambda/<name>``.
        code: Where its code is.
        handler: ``module.function``.
        path: The IAM path of its role and policy, as ``/shop-dev/search/``, the only one that its deploy role manages.
        statements: What its role allows besides writing its log.
        environment: Environment variables, at most 4 KB together.
        boundary: The ARN of the role's permissions boundary.
        runtime: A runtime identifier of Lambda.
        memory: MB, 128 to 10,240.
        timeout: Seconds, 1 to 900.
        retention_days: Days that its log is kept.
        tags: Tags by name.

    >>> resources = function("Worker", name="shop-dev-worker", code=awslambda.Code(ZipFile="…"), handler="index.run")
    >>> [resource.title for resource in resources]
    ['WorkerFunction', 'WorkerLogGroup', 'WorkerPolicy', 'WorkerRole']
    """
    group = log_group(f"{title}LogGroup", name=f"/aws/lambda/{name}", retention_days=retention_days, tags=tags)
    role, rights = function_role(title, path=path, statements=statements, boundary=boundary, tags=tags)
    resource = awslambda.Function(
        f"{title}Function",
        FunctionName=name,
        Runtime=runtime,
        Handler=handler,
        Code=code,
        Role=GetAtt(role, "Arn"),
        MemorySize=memory,
        Timeout=timeout,
        **set_properties(tags=tags, Environment=_variables(environment), **_ALWAYS),
    )
    return _logging_to(group, resource), group, rights, role


def _logging_to(group: logs.LogGroup, result: awslambda.Function) -> awslambda.Function:
    """The function with its log in JSON: ``LogFormat`` is a property that troposphere 4.11 lacks."""
    result.properties["LoggingConfig"] = {"LogFormat": "JSON", "LogGroup": Ref(group)}
    return result


def _variables(environment: Mapping[str, Value] | None) -> awslambda.Environment | None:
    return awslambda.Environment(Variables=dict(sorted(environment.items()))) if environment else None


def function_role(
    title: str,
    *,
    path: str,
    statements: Sequence[Statement],
    boundary: Value | None,
    tags: JsonObject | None,
) -> tuple[iam.Role, iam.ManagedPolicy]:
    """The role ``<title>Role`` that Lambda may take, and ``<title>Policy`` with the right to log and ``statements``."""
    writes = allow("logs:CreateLogStream", "logs:PutLogEvents", on=Sub(f"${{{title}LogGroup.Arn}}"))
    rights = iam.ManagedPolicy(f"{title}Policy", Path=path, PolicyDocument=policy(writes, *statements))
    role = iam.Role(
        f"{title}Role",
        Path=path,
        AssumeRolePolicyDocument=trust("lambda"),
        ManagedPolicyArns=[Ref(rights)],
        **set_properties(tags=tags, PermissionsBoundary=boundary),
    )
    return role, rights
