"""SES identities: the domains and addresses that functions send e-mail from."""

from __future__ import annotations

from stacks.kinds.kind import Kind

SENDERS = Kind(
    name="senders",
    singular="sender",
    title="SES identity",
    section="backend",
    type="AWS::SES::EmailIdentity",
    suffix="Sender",
    service="ses",
    endpoint=None,
    uses={"send": ("ses:SendEmail", "ses:SendRawEmail")},
    variable=("SENDER", "the domain or address"),
    by_prefix=False,
    parts=("prices", "resources"),
)
