"""A stage's own domains → how far each is: zone, delegation, certificate, records. And its zone, made and removed.

The stacks make and delete certificates and records. What they cannot do is here: the zone itself, and telling whether
the registrar sends the world to it, before anyone waits for a certificate that cannot be issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.errors import DeployError, shortened
from stacks.naming import EDGE_REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.app import Stage
    from stacks.domains.zones import Record, Zone, Zones

_MOST_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDomain:
    """A domain that a stage describes: of its ``site`` or its ``api``."""

    of: str
    names: tuple[str, ...]
    zone: str | None
    certificate: str | None
    region: str
    """Where its certificate has to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainCheck:
    """One line of a status: what was checked, its state, and whether it keeps the domain from working."""

    name: str
    what: str
    detail: str
    bad: bool = False


def own_domains(stage: Stage) -> Iterator[OwnDomain]:
    """The domains of a stage: the site's, then the API's."""
    site, api = stage.frontend.domain, stage.backend.api.domain
    if site:
        yield OwnDomain(of="site", names=site.names, zone=site.zone, certificate=site.certificate, region=EDGE_REGION)
    if api:
        region = EDGE_REGION if stage.backend.api.endpoint == "edge" else stage.region
        yield OwnDomain(of="api", names=(api.name,), zone=api.zone, certificate=api.certificate, region=region)


def domain_checks(domain: OwnDomain, zones: Zones, ask: Callable[[str], tuple[str, ...]]) -> Iterator[DomainCheck]:
    """The progress of a domain. ``ask`` returns the name servers that the parent zone names, as ``published``."""
    name = domain.names[0]
    if domain.zone is None:
        yield DomainCheck(name=name, what="zone", detail="elsewhere: enter the records that the outputs list")
    else:
        yield from _zone_standing(domain, domain.zone, zones, ask)
    state = zones.certificate(name, domain.region, domain.certificate)
    missing = "does not exist" if domain.certificate else "not there yet: the stack makes it"
    bad = state not in {None, "issued", "pending validation"} or (state is None and domain.certificate is not None)
    yield DomainCheck(name=name, what=f"certificate in {domain.region}", detail=state or missing, bad=bad)


def _zone_standing(
    domain: OwnDomain, zone_id: str, zones: Zones, ask: Callable[[str], tuple[str, ...]]
) -> Iterator[DomainCheck]:
    name, zone = domain.names[0], zones.zone(zone_id)
    if zone is None:
        detail = f"{zone_id} is not in this account: make one with 'domain create NAME' and describe its id"
        yield DomainCheck(name=name, what="zone", detail=detail, bad=True)
        return
    fits = name == zone.name or name.endswith(f".{zone.name}")
    detail = f"{zone.id}, {zone.name}" if fits else f"{zone.id} is of {zone.name}, and cannot hold {name}"
    yield DomainCheck(name=name, what="zone", detail=detail, bad=not fits)
    yield _delegation(name, zone, ask)
    held = {(record.name, record.type) for record in zones.records(zone.id)}
    for item in domain.names:
        exists = (item, "A") in held
        yield DomainCheck(
            name=item, what="record", detail="A exists" if exists else "not there yet: the stack makes it"
        )


def _delegation(name: str, zone: Zone, ask: Callable[[str], tuple[str, ...]]) -> DomainCheck:
    what = "name servers"
    enter = f"enter {', '.join(zone.name_servers)} at the registrar of {zone.name}"
    try:
        results = ask(zone.name)
    except DeployError as error:
        (problem,) = error.problems
        detail = f"{problem.what}; the zone's are {', '.join(zone.name_servers)}"
        return DomainCheck(name=name, what=what, detail=detail)
    if set(results) == set(zone.name_servers):
        return DomainCheck(name=name, what=what, detail="the registrar names the zone's")
    if not results:
        return DomainCheck(name=name, what=what, detail=f"none are delegated: {enter}", bad=True)
    return DomainCheck(name=name, what=what, detail=f"the world is sent to {', '.join(results)}: {enter}", bad=True)


def zone_of(name: str, zones: Zones, reference: str) -> tuple[Zone, bool]:
    """The zone of ``name``, and whether it was made now.

    Raises:
        DeployError: there are several already, of which only the registrar's can be right.
    """
    results = zones.named(name)
    if len(results) > 1:
        listed = ", ".join(zone.id for zone in results)
        fix = "Keep the one whose name servers the registrar has, and delete the others"
        raise DeployError(f"zone of {name}", f"exists {len(results)} times ({listed})", fix)
    return (results[0], False) if results else (zones.make(name, reference), True)


def others_in(zone: Zone, zones: Zones) -> tuple[Record, ...]:
    """What a zone holds that goes with nothing of ours: all but its own NS, SOA and what ACM left behind."""
    return tuple(record for record in zones.records(zone.id) if not record.is_proof)


def refuse_if_used(zone: Zone, zones: Zones) -> None:
    """Raise ``DeployError`` when a zone holds anything that would be lost with it."""
    held = others_in(zone, zones)
    if held:
        records = shortened([f"{record.name} {record.type}" for record in held], _MOST_LISTED)
        fix = "Destroy the stage whose stacks made them, or remove them yourself"
        raise DeployError(f"zone {zone.id} of {zone.name}", f"still holds {records}", fix)
