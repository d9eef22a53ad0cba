"""Topics, what subscribes to them, and what lets them deliver: encrypted, over TLS only.

A topic gets no fixed name, so that CloudFormation can replace it; the name it makes starts with the stack's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, awslambda, sns

from stacks import naming
from stacks.blocks import messaging
from stacks.blocks.policies import allow, arn, service
from stacks.blocks.senders import from_source
from stacks.parts.backend.app_alarms import alarm
from stacks.parts.backend.routes import after_alias, called, called_arn
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Statement
    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.blocks.policies import Value
    from stacks.json_types import JsonDict
    from stacks.kinds.topics.model import Topic


def add(template: Template, stage: Stage) -> None:
    """Put the described topics with their subscribers into the backend template; functions bring their own."""
    for name, topic in stage.backend.topics.items():
        for resource in _topic(name, topic, stage):
            template.add_resource(resource)


def _topic(name: str, topic: Topic, stage: Stage) -> Iterator[AWSObject]:
    title = naming.logical_id(name, "Topic")
    yield from messaging.topic(title, tags=naming.tags(stage, STACK))
    for address in topic.email:
        digest = hashlib.sha256(address.encode()).hexdigest()[:6]
        yield sns.SubscriptionResource(
            naming.logical_id(name, f"TopicEmail{digest}"), TopicArn=Ref(title), Protocol="email", Endpoint=address
        )
    for queue in topic.queues:
        queue_title = naming.logical_id(queue, "Queue")
        yield sns.SubscriptionResource(
            naming.pair_id(queue, "From", name, "TopicSubscription"),
            TopicArn=Ref(title),
            Protocol="sqs",
            Endpoint=GetAtt(queue_title, "Arn"),
            RawMessageDelivery=True,
            RedrivePolicy=_redrive(f"{queue_title}DeadLetters"),
        )
    if stage.alarms:
        yield alarm(
            f"{title}Alarm",
            stage,
            metric=("AWS/SNS", "NumberOfNotificationsFailed"),
            dimensions={"TopicName": GetAtt(title, "TopicName")},
            threshold=1,
            description=f"A message of topic {name} could not be delivered: see the subscriber and its dead letters",
        )


def identity(name: str, _stage: Stage) -> Value:
    """What a function learns about a topic: its ARN."""
    return Ref(naming.logical_id(name, "Topic"))


def arns(name: str, _stage: Stage) -> list[Value]:
    """The ARN that the rights to use a topic are for."""
    return [Ref(naming.logical_id(name, "Topic"))]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every topic of the stage."""
    return [arn("sns", f"{naming.prefix(stage)}-*")]


def listen(name: str, topic: str, stage: Stage) -> Iterator[AWSObject]:
    """The subscription of a function, and the topic's permission to call it.

    A message that Lambda does not take (the function is throttled for hours, say) goes to the function's dead letters,
    like one that the function fails to handle. https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
    """
    function = stage.backend.functions[name]
    title = naming.pair_id(name, "From", topic, "Topic")
    source = Ref(naming.logical_id(topic, "Topic"))
    subscription = sns.SubscriptionResource(
        title, TopicArn=source, Protocol="lambda", Endpoint=called_arn(name, function)
    )
    if function.keeps_dead_letters:
        subscription.RedrivePolicy = _redrive(naming.logical_id(name, "DeadLetters"))
    yield subscription
    yield awslambda.Permission(
        f"{title}Permission",
        FunctionName=called(name, function),
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=source,
        **after_alias(name, function),
    )


def queue_statements(queue: str, stage: Stage) -> Iterator[Statement]:
    """What a queue's policy allows for topics that send to it, as subscriber or as dead letters (logical id)."""
    for topic in _senders(queue, stage):
        title = naming.logical_id(topic, "Topic")
        yield allow(
            "sqs:SendMessage",
            on=GetAtt(queue, "Arn"),
            Sid=f"From{title}",
            Principal=service("sns"),
            Condition=from_source("sns", "queue", Ref(title)),
        )


def _senders(queue: str, stage: Stage) -> list[str]:
    """The topics that send to the queue with a logical id."""
    senders = {}
    for name, topic in stage.backend.topics.items():
        for other in topic.queues:
            title = naming.logical_id(other, "Queue")
            senders[name] = name in senders or queue in {title, f"{title}DeadLetters"}
    for name, function in stage.backend.functions.items():
        if function.keeps_dead_letters and naming.logical_id(name, "DeadLetters") == queue:
            senders |= dict.fromkeys(function.events.topics, True)
    return sorted(name for name, sends in senders.items() if sends)


def _redrive(queue: str) -> JsonDict:
    return {"deadLetterTargetArn": GetAtt(queue, "Arn")}
