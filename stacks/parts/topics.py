"""A topic that tells one address by e-mail what one AWS service sends: under a key of the stack's own, over TLS only.

Its name is fixed, so that the key's policy can name the topic before it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Principal, Statement
from troposphere import Ref, Sub, sns

from stacks.parts.policies import allow, arn, deny, policy, service, tagged, when
from stacks.parts.senders import from_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage


def email_topic(  # noqa: PLR0913 - a topic is this many decisions
    title: str, app: App, stage: Stage, *, stack: str, name: str, key: str, email: str, sender: str, source: Sub
) -> Iterator[Any]:
    """The topic ``name`` under the key ``key`` (logical id); the service ``sender`` may publish for ``source``."""
    yield sns.Topic(
        title,
        TopicName=name,
        KmsMasterKeyId=Ref(key),
        Subscription=[sns.Subscription(Protocol="email", Endpoint=email)],
        Tags=tagged(app, stage, stack),
    )
    insecure, sent = when(Bool={"aws:SecureTransport": "false"}), from_source(sender, "topic", source)
    document = policy(
        deny("sns:Publish", on=Ref(title), Sid="TlsOnly", Principal=Principal("*"), Condition=insecure),
        allow("sns:Publish", on=Ref(title), Sid="Sender", Principal=service(sender), Condition=sent),
    )
    yield sns.TopicPolicy(f"{title}Policy", Topics=[Ref(title)], PolicyDocument=document)


def used_by_topic(name: str, sender: str) -> Statement:
    """What the key lets the service do: SNS names the topic in the encryption context of each call.

    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
    """
    to_topic = when(StringEquals={"kms:EncryptionContext:aws:sns:topicArn": arn("sns", name)})
    verbs = ("kms:Decrypt", "kms:GenerateDataKey*")
    return allow(*verbs, on="*", Sid="Topic", Principal=service(sender), Condition=to_topic)
