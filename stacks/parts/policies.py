"""IAM policies and ARNs. The one place that knows how policies are written.

Every ARN takes its partition, region and account from CloudFormation, so a template works in any of them.
awacs keeps only the last of two conditions with the same operator; ``when`` takes each operator once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awacs.aws
from awacs.aws import Action, Allow, Condition, Deny, PolicyDocument, Principal, Statement
from troposphere import AWSHelperFn, GetAtt, Join, Sub, Tags, iam

from stacks import naming
from stacks.intrinsics import is_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stacks.app import App, Stage

Resource = AWSHelperFn | str

ACCOUNT = "${AWS::AccountId}"


def when(**operators: dict[str, Any]) -> Condition:
    """``when(ArnLike={"aws:SourceArn": arn}, StringEquals={...})``: all must hold."""
    return Condition([getattr(awacs.aws, name)(values) for name, values in operators.items()])


def arn(service: str, resource: str, *, region: str = "${AWS::Region}", account: str = ACCOUNT) -> Sub:
    """``arn("dynamodb", "table/notes-dev-*")`` in the stack's partition, region and account."""
    return Sub(f"arn:${{AWS::Partition}}:{service}:{region}:{account}:{resource}")


def actions(*names: str) -> list[Action]:
    """``actions("s3:GetObject")`` as awacs actions."""
    return [Action(*name.split(":", 1)) for name in names]


def allow(*names: str, on: Resource | Sequence[Resource], **more: Any) -> Statement:
    """A statement that allows the actions on the resources; ``more`` goes to awacs (Principal, Condition, Sid)."""
    return Statement(Effect=Allow, Action=actions(*names), Resource=_list(on), **more)


def deny(*names: str, on: Resource | Sequence[Resource], **more: Any) -> Statement:
    """A statement that denies the actions on the resources."""
    return Statement(Effect=Deny, Action=actions(*names), Resource=_list(on), **more)


def _list(resources: Resource | Sequence[Resource]) -> list[Resource]:
    return [resources] if isinstance(resources, str | AWSHelperFn) else list(resources)


def policy(*statements: Statement) -> PolicyDocument:
    """A policy document of the statements."""
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def with_described(
    document: PolicyDocument, extra: Iterable[Mapping[str, Any]], **more: Any
) -> PolicyDocument | dict[str, Any]:
    """The document with statements that the description brings as they are, each with ``more``.

    CloudFormation fills in ``${AWS::Region}`` and the like, IAM ``${cognito-identity.amazonaws.com:sub}``.
    """
    raw = [{**one, **more} for one in extra]
    if not raw:
        return document
    texts = [{key: value if key in {"Sid", "Effect"} else _filled(value) for key, value in one.items()} for one in raw]
    return {"Version": document.Version, "Statement": [*document.Statement, *texts]}


def _filled(value: Any) -> Any:
    if is_function(value):
        return value
    if isinstance(value, list | tuple):
        return [_filled(item) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, str) and "${AWS::" in value:
        return Sub(value.replace("${cognito-identity", "${!cognito-identity"))
    return value


def service(name: str) -> Principal:
    """An AWS service, as ``service("lambda")``."""
    return Principal("Service", [f"{name}.amazonaws.com"])


def trust(name: str, condition: Condition | None = None) -> PolicyDocument:
    """Who may take a role: one AWS service."""
    more = {} if condition is None else {"Condition": condition}
    return policy(Statement(Effect=Allow, Action=actions("sts:AssumeRole"), Principal=service(name), **more))


def objects_of(bucket: str) -> Join:
    """The ARN of every object of a bucket of this template (the form that Control Tower's rules read)."""
    return Join("", [GetAtt(bucket, "Arn"), "/*"])


def managed_policy(
    title: str, app: App, stage: Stage, stack: str, document: PolicyDocument | dict[str, Any], **more: Any
) -> Any:
    """A managed policy under the stack's own IAM path; it needs no name to be found there."""
    return iam.ManagedPolicy(title, Path=naming.role_path(app, stage, stack), PolicyDocument=document, **more)


def tagged(app: App, stage: Stage, stack: str) -> Tags:
    """The tags of a resource; a new value each time, since troposphere's ``+`` changes its right operand."""
    return Tags(**naming.tags(app, stage, stack))
