"""IAM policies and ARNs. The one place that knows how policies are written.

Every ARN takes its partition, region and account from CloudFormation, so a template works in any of them.
awacs keeps only the last of two conditions with the same operator; ``when`` takes each operator once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awacs.aws
from awacs.aws import Action, Allow, Condition, Deny, PolicyDocument, Principal, Statement
from troposphere import AWSHelperFn, GetAtt, Join, Sub

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.json_types import JsonDict

Value = AWSHelperFn | str
"""A text, or a CloudFormation function such as ``Ref("Topic")``."""

ACCOUNT = "${AWS::AccountId}"


def when(**operators: JsonDict) -> Condition:
    """``when(ArnLike={"aws:SourceArn": arn}, StringEquals={...})``: all must hold.

    >>> when(Bool={"aws:SecureTransport": "false"}).JSONrepr()
    {'Bool': {'aws:SecureTransport': 'false'}}

    Raises:
        AttributeError: for an operator that awacs does not have.
    """
    return Condition([getattr(awacs.aws, name)(values) for name, values in operators.items()])


def arn(service: str, resource: str, *, region: str = "${AWS::Region}", account: str = ACCOUNT) -> Sub:
    """``arn("dynamodb", "table/notes-dev-*")`` in the stack's partition, region and account.

    >>> arn("dynamodb", "table/notes-dev-*").to_dict()
    {'Fn::Sub': 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/notes-dev-*'}
    """
    return Sub(f"arn:${{AWS::Partition}}:{service}:{region}:{account}:{resource}")


def actions(*names: str) -> list[Action]:
    """``actions("s3:GetObject")`` as awacs actions."""
    return [Action(*name.split(":", 1)) for name in names]


def allow(*names: str, on: Value | Sequence[Value], **more: Any) -> Statement:
    """A statement that allows the actions on the resources; ``more`` goes to awacs (Principal, Condition, Sid).

    >>> allow("s3:GetObject", on="arn:aws:s3:::files/*").properties["Resource"]
    ['arn:aws:s3:::files/*']

    Raises:
        TypeError: for an action without a service, as ``GetObject``.
    """
    return Statement(Effect=Allow, Action=actions(*names), Resource=_list(on), **more)


def deny(*names: str, on: Value | Sequence[Value], **more: Any) -> Statement:
    """A statement that denies the actions on the resources.

    >>> deny("s3:*", on="*", Sid="Nothing").properties["Effect"]
    'Deny'
    """
    return Statement(Effect=Deny, Action=actions(*names), Resource=_list(on), **more)


def _list(resources: Value | Sequence[Value]) -> list[Value]:
    return [resources] if isinstance(resources, str | AWSHelperFn) else list(resources)


def policy(*statements: Statement) -> PolicyDocument:
    """A policy document of the statements.

    >>> print(policy(allow("s3:ListAllMyBuckets", on="*")).to_json(indent=None))
    {"Statement": [{"Action": ["s3:ListAllMyBuckets"], "Effect": "Allow", "Resource": ["*"]}], "Version": "2012-10-17"}
    """
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def service(name: str) -> Principal:
    """An AWS service, as ``service("lambda")``."""
    return Principal("Service", [f"{name}.amazonaws.com"])


def trust(name: str, condition: Condition | None = None) -> PolicyDocument:
    """The trust policy of a role that one AWS service may take, as ``trust("lambda")``.

    >>> trust("lambda").properties["Statement"][0].properties["Principal"].data
    {'Service': ['lambda.amazonaws.com']}
    """
    more = {} if condition is None else {"Condition": condition}
    return policy(Statement(Effect=Allow, Action=actions("sts:AssumeRole"), Principal=service(name), **more))


def objects_of(bucket: str) -> Join:
    """The ARN of every object of a bucket of this template (the form that Control Tower's rules read)."""
    return Join("", [GetAtt(bucket, "Arn"), "/*"])
