"""What is intended of queues, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.graph import takes_dead_letters
from stacks.suppressions.when import PAID, Suppression, both, without

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::SQS::Queue": (
        Suppression(
            reason=f"encrypted with SQS's own key; one of the account is {PAID}",
            when=without("KmsMasterKeyId"),
            checkov=("CKV_AWS_27",),
        ),
        Suppression(
            reason="holds dead letters itself: there is nothing to hand them on to",
            when=both(without("RedrivePolicy"), takes_dead_letters),
            nag=("SQSRedrivePolicy",),
        ),
    ),
}
