"""What is intended of subscriptions, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.when import Suppression, without

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::SNS::Subscription": (
        Suppression(
            reason="an e-mail is for a person, who cannot read a queue, or the description says 'dead_letters: false'",
            when=without("RedrivePolicy"),
            nag=("SNSRedrivePolicy",),
        ),
    ),
}
