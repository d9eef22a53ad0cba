"""A topic that e-mails the messages of one AWS service to one address: under a key of the stack's own, over TLS only.

Its name is fixed, so that the key's policy can name the topic before it exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Ref, Sub

from stacks import naming
from stacks.blocks import messaging
from stacks.parts.policies import allow, arn, service, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Statement
    from troposphere import AWSObject

    from stacks.app import Stage


def email_topic(  # noqa: PLR0913 - a topic is this many decisions
    title: str, stage: Stage, *, stack: str, name: str, key: str, email: str, sender: str, source: Sub
) -> Iterator[AWSObject]:
    """The topic ``name`` under the key ``key`` (logical id); the service ``sender`` may publish for ``source``."""
    tags = naming.tags(stage, stack)
    yield from messaging.email_topic(
        title, email=email, sender=sender, source=source, key=Ref(key), name=name, tags=tags
    )


def used_by_topic(name: str, sender: str) -> Statement:
    """What the key lets the service do: SNS names the topic in the encryption context of each call.

    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
    """
    to_topic = when(StringEquals={"kms:EncryptionContext:aws:sns:topicArn": arn("sns", name)})
    verbs = ("kms:Decrypt", "kms:GenerateDataKey*")
    return allow(*verbs, on="*", Sid="Topic", Principal=service(sender), Condition=to_topic)
