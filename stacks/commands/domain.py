"""``domain create|status|delete``: the hosted zone of a stage's own domains, and how far they are.

Certificates and records come and go with the stacks; the zone is created here, once, because its name servers have to
be set at a registrar.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import uuid4

from stacks.commands.asking import agreed
from stacks.commands.aws import connected, endpoint
from stacks.commands.common import described, stage
from stacks.domains.name_servers import published
from stacks.domains.readiness import domain_checks, own_domains, refuse_if_used, zone_of
from stacks.errors import DeployError, UsageError
from stacks.reporting import answer, done
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import Stage
    from stacks.domains.zones import Zone, Zones

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def run(arguments: Namespace) -> int:
    """Create the zone, show the state of the domains, or remove the zone."""
    chosen = stage(described(arguments), arguments.stage)
    if arguments.action == "status":
        return _status(chosen, _zones(arguments, chosen))
    zones = _zones(arguments, chosen)
    name = domain_name(arguments.name or described_zone(chosen, zones))
    return _create(name, zones) if arguments.action == "create" else _delete(name, arguments, zones)


def described_zone(chosen: Stage, zones: Zones) -> str | None:
    """The name of the zone that the stage's domains are described with, if there is a single one and it exists."""
    ids = {domain.zone for domain in own_domains(chosen) if domain.zone}
    zone = zones.zone(ids.pop()) if len(ids) == 1 else None
    return zone.name if zone else None


def domain_name(name: str | None) -> str:
    """The name of a zone.

    Raises:
        UsageError: it is missing, or no domain.
    """
    if name is None:
        raise UsageError("domain", "needs the name of the zone", "Name it, as 'domain create example.com'")
    if not _HOST.fullmatch(name):
        raise UsageError(f"domain {name!r}", "is not a domain", "Write one such as example.com, in lower case")
    return name


def _status(chosen: Stage, zones: Zones) -> int:
    domains = list(own_domains(chosen))
    if not domains:
        raise UsageError(
            "domain status", f"stage {chosen.name} has no domain", "Describe 'frontend.domain' or 'backend.api.domain'"
        )
    checks = [check for domain in domains for check in domain_checks(domain, zones, published)]
    rows = [(check.name, check.what, check.detail) for check in checks]
    answer([asdict(check) for check in checks], lambda: table(rows, ("domain", "what", "state")))
    return 1 if any(check.bad for check in checks) else 0


def _create(name: str, zones: Zones) -> int:
    zone, new = zone_of(name, zones, str(uuid4()))
    print(f"Zone {zone.id} of {name} {'is made, 0.50 USD a month' if new else 'already exists'}.")
    print("Enter these name servers at the registrar, then 'domain status' shows when they are in effect:")
    print("\n".join(f"  {server}" for server in zone.name_servers))
    print(f"Describe the domain with 'zone: {zone.id}'.")
    done(zone=zone.id, name=name, created=new, name_servers=zone.name_servers)
    return 0


def _delete(name: str, arguments: Namespace, zones: Zones) -> int:
    zone = only_zone(name, zones)
    refuse_if_used(zone, zones)
    if not agreed(arguments, f"{name} will be known nowhere, unless its registrar has other name servers. Remove it?"):
        print("Nothing was removed.")
        return 1
    zones.remove_zone(zone.id)
    done(zone=zone.id, name=name)
    print(f"Zone {zone.id} of {name} is removed. Take its name servers away at the registrar, too.")
    return 0


def only_zone(name: str, zones: Zones) -> Zone:
    """The zone of a domain. Raises ``DeployError`` when it does not exist, or more than once."""
    results = zones.named(name)
    if not results:
        raise DeployError(f"zone of {name}", "is not in this account", "Correct the name, or use the account it is in")
    if len(results) > 1:
        listed = ", ".join(zone.id for zone in results)
        what = f"exists {len(results)} times ({listed})"
        raise DeployError(f"zone of {name}", what, "Delete the right one by its id in Route 53")
    return results[0]


def _zones(arguments: Namespace, chosen: Stage) -> Zones:
    from stacks.aws.zones import BotoZones  # noqa: PLC0415 - brings boto3

    return connected(BotoZones, chosen, endpoint(arguments))
