"""What messages of topics cost. Deliveries to queues and functions are free; requests are charged by 64 KB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.prices.list_prices import Price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

_PAGE = "https://aws.amazon.com/sns/pricing/"
MESSAGE = Price(0.50e-6, "message", _PAGE)
EMAIL = Price(2.00e-5, "e-mail", _PAGE)


def uses(stage: Stage, messages: float) -> Iterator[tuple[str, float, str, Price]]:
    """What is paid when functions with routes publish so many messages to each of their topics."""
    published = {
        topic for function in stage.backend.functions.values() if function.all_routes for topic in function.topics
    }
    addresses = sum(len(stage.backend.topics[name].email) for name in published)
    if published:
        yield "SNS messages", messages * len(published), "messages", MESSAGE
    if addresses:
        yield "SNS e-mails", messages * addresses, "e-mails", EMAIL
