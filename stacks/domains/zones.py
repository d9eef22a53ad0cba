"""Hosted zones, their records, and certificates: a small protocol, in our own words.

The stacks make the records and certificates of a domain; only the zone itself, whose name servers are set at a
registrar, is created and removed through this. ``aws.zones.BotoZones`` is Route 53 and ACM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

_PROOFS = ".acm-validations.aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A public hosted zone; names are in small letters and without a closing dot."""

    id: str
    name: str
    name_servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A set of records of one name and type; ``value`` is the first."""

    name: str
    type: str
    value: str

    @property
    def is_proof(self) -> bool:
        """Whether it proved a domain to ACM, which leaves such records behind when the certificate is deleted."""
        return self.type == "CNAME" and plain(self.value).endswith(_PROOFS)


class Zones(Protocol):
    """The zones and certificates of an account. Every method may raise ``DeployError``."""

    def zone(self, zone_id: str) -> Zone | None:
        """Return a zone by its id, ``None`` when there is none."""

    def named(self, name: str) -> tuple[Zone, ...]:
        """List the public zones of that very name."""

    def make(self, name: str, reference: str) -> Zone:
        """Make a public zone; asked again with the same ``reference``, AWS refuses instead of making a second."""

    def records(self, zone_id: str) -> tuple[Record, ...]:
        """List what a zone holds besides its own NS and SOA."""

    def remove_zone(self, zone_id: str) -> None:
        """Remove a zone, and the proofs that ACM left in it."""

    def certificate(self, name: str, region: str, arn: str | None) -> str | None:
        """Return the state of the certificate ``arn``, or of any for ``name``, as ``issued``; ``None`` without one."""


def plain(name: str) -> str:
    """A name as zones and records have it here."""
    return name.lower().rstrip(".")
