"""What a description says of senders of e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from stacks.model.described import Described
from stacks.model.frontend import SiteHostName, ZoneId
from stacks.model.texts import EmailAddress, Mistake, Name, ShortFor
from stacks.values import value


def _sender(described: object) -> Any:
    return {"email" if "@" in described else "domain": described} if isinstance(described, str) else described


@value
class Sender(Described):
    """A domain or an address that functions send e-mail from, by SES in the stage's region.

    A new account sends to verified addresses only, until AWS is asked for production access:
    https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
    """

    domain: SiteHostName | None = None
    """Any address of this domain. It is verified by three records in its DNS (DKIM)."""
    email: EmailAddress | None = None
    """This address alone. SES sends it a message, with a link to confirm."""
    zone: ZoneId | None = None
    """The hosted zone of Route 53 that gets the domain's records; without one, the outputs list them."""
    existing: bool = False
    """The account has this identity in the region already: another stage or application created it."""

    def __post_init__(self) -> None:
        if (self.domain is None) == (self.email is None):
            result = "neither 'domain' nor 'email'" if self.domain is None else "both 'domain' and 'email'"
            raise Mistake(f"has {result}", "Give one: 'domain: example.com' or 'email: shop@example.com'")
        if self.zone and (self.email or self.existing):
            raise Mistake("has a 'zone', which is for the records of a new domain", "Leave 'zone' out")

    @property
    def identity(self) -> str:
        """What SES knows it as."""
        return self.domain or self.email or ""

    @property
    def claim(self) -> str | None:
        """What an account has once in a region."""
        return None if self.existing else self.identity


@value
class OfBackend(Described):
    """Senders in the section ``backend``."""

    senders: Mapping[Name, Annotated[Sender, ShortFor(_sender, ("string",))]] = field(default_factory=dict)
    """Domains and addresses that functions send e-mail from, by SES: ``shop: example.com``."""


@value
class OfFunction(Described):
    """Senders that a function uses."""

    senders: Mapping[Name, Literal["send"]] = field(default_factory=dict)
    """The domains and addresses it sends e-mail from, as ``shop: send``; it gets them as ``SHOP_SENDER``."""
