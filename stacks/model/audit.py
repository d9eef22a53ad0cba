"""The parts of ``base`` that watch the account: its trail, alarms on what the trail sees, a budget."""

from __future__ import annotations

from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Between, EmailAddress, Text
from stacks.values import value

__all__ = ["Alarms", "Budget", "ObjectLock", "Trail"]

ExistingTrail = Annotated[
    str,
    Text(
        r"existing|arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:\d{12}:trail/[A-Za-z0-9._-]{3,128}",
        "is not a trail",
        "Write 'existing', or the trail's ARN as the console shows it",
    ),
]
LogGroupName = Annotated[
    str, Text(r"[A-Za-z0-9_./#-]{1,512}", "is not a name of a log group", "Copy it from the console of CloudWatch", 512)
]


@value
class ObjectLock(Described):
    """Nobody deletes or changes a file of the trail's bucket before its time. It can be turned on, never off."""

    days: Annotated[int, Between(1, 36_500, "days", rule="BUCKET-LOCK-DAYS")] = 365
    mode: Literal["governance", "compliance"] = "governance"
    """``governance`` can be undone with s3:BypassGovernanceRetention; ``compliance`` cannot be undone, not even by the
    root user, and the files cost until their days are over."""


@value
class Trail(Described):
    """A record of every API call of the account, in all regions, in a bucket that applications are denied."""

    existing: ExistingTrail | None = None
    """``existing``, or the ARN of a trail that the account has already: base then makes none. ``trail: existing`` and
    ``trail: arn:…`` are short for it."""
    encryption: Literal["own", "aws"] = "own"
    """``own``: a KMS key of the trail's own, for 1 USD a month; ``aws``: S3's key, which is free."""
    cloudwatch: bool = False
    """Also write it to CloudWatch Logs (about 0.50 USD a GB), where alarms can see it."""
    object_lock: ObjectLock | None = None
    """Lock each file when it is written."""
    log_group: LogGroupName | None = None
    """Of an existing trail: the log group that it writes to, for the alarms."""

    @property
    def is_ours(self) -> bool:
        """Whether base makes it."""
        return self.existing is None

    @property
    def is_watched(self) -> bool:
        """Whether there is a log group that alarms can be set on."""
        return self.cloudwatch or self.log_group is not None


@value
class Alarms(Described):
    """An e-mail for each of the fifteen events that CIS AWS Foundations 4.1 to 4.15 name. About 7 USD a month."""

    email: EmailAddress
    """Who gets it; the address is asked to confirm once."""


@value
class Budget(Described):
    """An e-mail when the account spends 80 % or all of an amount in a month, or is going to. Two budgets are free."""

    amount: Annotated[int, Between(1, 1_000_000, "USD")]
    """USD a month, of the whole account."""
    email: EmailAddress
    """Who gets it."""
