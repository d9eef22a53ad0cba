"""What a description says of topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import EmailAddress, Name, Plain, single
from stacks.values import value

TopicAccess = Literal["publish"]


@value
class Topic(Described):
    """An SNS topic, encrypted. Functions subscribe with ``events: {topics: [NAME]}``."""

    email: Annotated[tuple[EmailAddress, ...], single] = ()
    """Addresses that get each message by e-mail, as ``team@example.com`` or a list. Each has to confirm once."""
    queues: tuple[Name, ...] = ()
    """Queues that get each message, as it was published."""


@value
class OfBackend(Described):
    """Topics in the section ``backend``."""

    topics: Mapping[Name, Annotated[Topic, Plain]] = field(default_factory=dict)
    """SNS topics: what functions publish goes to queues, functions and e-mail addresses."""


@value
class OfFunction(Described):
    """Topics that a function uses."""

    topics: Mapping[Name, TopicAccess] = field(default_factory=dict)
    """The topics it publishes to, as ``orders: publish``; it gets their ARNs, as ``ORDERS_TOPIC_ARN``."""


@value
class OfEvents(Described):
    """Topics that start a function."""

    topics: tuple[Name, ...] = ()
    """Topics: it gets each message."""
