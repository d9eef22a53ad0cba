"""What e-mails cost that functions send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.prices.list_prices import Price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

EMAIL = Price(1.0e-4, "e-mail", "https://aws.amazon.com/ses/pricing/")


def uses(stage: Stage, emails: float) -> Iterator[tuple[str, float, str, Price]]:
    """What is paid when functions with routes send so many e-mails from each of their senders."""
    senders = {
        name for function in stage.backend.functions.values() if function.all_routes for name in function.senders
    }
    if senders:
        yield "SES e-mails", emails * len(senders), "e-mails", EMAIL
