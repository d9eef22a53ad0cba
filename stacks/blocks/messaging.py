"""Queues and topics: encrypted, over TLS only, and nothing is lost without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Principal
from troposphere import GetAtt, Ref, sns, sqs

from stacks.blocks.policies import Value, allow, deny, policy, service, when
from stacks.blocks.properties import set_properties
from stacks.blocks.senders import from_source

if TYPE_CHECKING:
    from awacs.aws import Statement

    from stacks.json_types import JsonObject

_KEPT = 14 * 86_400
"""Seconds that SQS keeps a message, at most (MessageRetentionPeriod)."""


def queue(
    title: str, *, tries: int = 5, visibility_timeout: int = 30, tags: JsonObject | None = None
) -> tuple[sqs.Queue, sqs.QueuePolicy, sqs.Queue, sqs.QueuePolicy]:
    """A queue with its policy, and the queue of its dead letters with its policy.

    Args:
        title: The logical id; that of the dead letters is ``<title>DeadLetters``.
        tries: How often a message is received before it counts as a dead letter, 1 to 1,000.
        visibility_timeout: Seconds that a received message is hidden, 0 to 43,200; six times a function's timeout.
            https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        tags: Tags by name.

    >>> [resource.title for resource in queue("Jobs", tries=3)]
    ['Jobs', 'JobsPolicy', 'JobsDeadLetters', 'JobsDeadLettersPolicy']
    """
    dead, dead_policy = secured_queue(f"{title}DeadLetters", tags=tags)
    redrive = sqs.RedrivePolicy(deadLetterTargetArn=GetAtt(dead, "Arn"), maxReceiveCount=tries)
    resource, policy = secured_queue(title, tags=tags, VisibilityTimeout=visibility_timeout, RedrivePolicy=redrive)
    return resource, policy, dead, dead_policy


def secured_queue(
    title: str, *, tags: JsonObject | None = None, **properties: Any
) -> tuple[sqs.Queue, sqs.QueuePolicy]:
    """A single queue, encrypted with SQS's key, that keeps messages for 14 days, and the policy that asks for TLS.

    It has no fixed name, so that CloudFormation can replace it. ``properties`` go to ``AWS::SQS::Queue``.
    """
    resource = sqs.Queue(
        title,
        MessageRetentionPeriod=_KEPT,
        SqsManagedSseEnabled=True,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        **set_properties(tags=tags),
        **properties,
    )
    tls_only = deny(
        "sqs:*",
        on=GetAtt(title, "Arn"),
        Sid="TlsOnly",
        Principal=Principal("*"),
        Condition=when(Bool={"aws:SecureTransport": "false"}),
    )
    return resource, sqs.QueuePolicy(f"{title}Policy", Queues=[Ref(title)], PolicyDocument=policy(tls_only))


def topic(title: str, *, tags: JsonObject | None = None) -> tuple[sns.Topic, sns.TopicPolicy]:
    """A topic that roles of the account publish to, encrypted with ``alias/aws/sns``, and the policy that asks for TLS.

    It has no fixed name, so that CloudFormation can replace it. AWS services cannot publish to it, because they cannot
    use that key; IAM principals of the account need no right to it.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html

    >>> made, rights = topic("Orders", tags={"app": "shop"})
    >>> made.to_dict()["Properties"]["KmsMasterKeyId"]
    'alias/aws/sns'
    """
    resource = sns.Topic(title, KmsMasterKeyId="alias/aws/sns", **set_properties(tags=tags))
    return resource, sns.TopicPolicy(f"{title}Policy", Topics=[Ref(title)], PolicyDocument=policy(_tls_only(title)))


def _tls_only(topic: str) -> Statement:
    insecure = when(Bool={"aws:SecureTransport": "false"})
    return deny("sns:Publish", on=Ref(topic), Sid="TlsOnly", Principal=Principal("*"), Condition=insecure)


def email_topic(  # noqa: PLR0913 - a topic is this many decisions
    title: str,
    *,
    email: str,
    sender: str,
    source: Value,
    key: Value = "alias/aws/sns",
    name: Value | None = None,
    tags: JsonObject | None = None,
) -> tuple[sns.Topic, sns.TopicPolicy]:
    """A topic that sends what one AWS service publishes to an e-mail address, encrypted and over TLS only.

    Args:
        title: The logical id.
        email: The address, which has to confirm the subscription once.
        sender: The service that publishes, as ``cloudwatch``. Services cannot use ``alias/aws/sns``: they need a key of
            your own whose policy lets them. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        source: The ARN of what the service publishes for, such as an alarm.
        key: The key that encrypts messages.
        name: The topic's name; CloudFormation makes one when it is not given.
        tags: Tags by name.

    Raises:
        KeyError: for a service whose condition keys are not known here (``stacks.blocks.senders``).

    >>> from stacks import arn
    >>> source = arn("cloudwatch", "alarm:shop-dev-*")
    >>> made, rights = email_topic("Alerts", email="me@example.com", sender="cloudwatch", source=source)
    >>> made.to_dict()["Properties"]["Subscription"]
    [{'Protocol': 'email', 'Endpoint': 'me@example.com'}]
    """
    resource = sns.Topic(
        title,
        KmsMasterKeyId=key,
        Subscription=[sns.Subscription(Protocol="email", Endpoint=email)],
        **set_properties(tags=tags, TopicName=name),
    )
    sent = from_source(sender, "topic", source)
    document = policy(
        _tls_only(title),
        allow(
            "sns:Publish",
            on=Ref(title),
            Sid="Sender",
            Principal=service(sender),
            Condition=sent,
        ),
    )
    return resource, sns.TopicPolicy(f"{title}Policy", Topics=[Ref(title)], PolicyDocument=document)
