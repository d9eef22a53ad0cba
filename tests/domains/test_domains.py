"""How far a stage's own domains are, and zones that are made once and removed only when nothing is lost."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from stacks.commands.domain import described_zone, domain_name, only_zone
from stacks.domains.name_servers import published
from stacks.domains.readiness import OwnDomain, domain_checks, own_domains, refuse_if_used, zone_of
from stacks.domains.zones import Record, Zone
from stacks.errors import DeployError, UsageError
from stacks.loading import validated

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = ("ns-1.awsdns-01.org", "ns-2.awsdns-02.net")
ZONE = Zone(id="Z0123456789", name="example.com", name_servers=SERVERS)
SITE = OwnDomain(of="site", names=("example.com",), zone=ZONE.id, certificate=None, region="us-east-1")
PROOF = Record(name="_1f.example.com", type="CNAME", value="_2e.acm-validations.aws.")
SITE_RECORD = Record(name="example.com", type="A", value="d1.cloudfront.net")


class Kept:
    """Zones in memory, as ``Zones`` says."""

    def __init__(self, *zones: Zone, records: tuple[Record, ...] = (), certificate: str | None = None) -> None:
        self.zones, self.held, self.state = list(zones), records, certificate

    def zone(self, zone_id: str) -> Zone | None:
        """By its id."""
        return next((zone for zone in self.zones if zone.id == zone_id), None)

    def named(self, name: str) -> tuple[Zone, ...]:
        """By their name."""
        return tuple(zone for zone in self.zones if zone.name == name)

    def make(self, name: str, reference: str) -> Zone:
        """One more."""
        assert reference
        self.zones.append(Zone(id=f"Z{len(self.zones)}", name=name, name_servers=SERVERS))
        return self.zones[-1]

    def records(self, zone_id: str) -> tuple[Record, ...]:
        """The same for every zone."""
        assert zone_id
        return self.held

    def remove_zone(self, zone_id: str) -> None:
        """One less."""
        self.zones = [zone for zone in self.zones if zone.id != zone_id]

    def certificate(self, name: str, region: str, arn: str | None) -> str | None:
        """The same for every name."""
        assert (name, region) != (arn, "")
        return self.state


def reported(zones: Kept, *servers: str, domain: OwnDomain = SITE) -> dict[str, tuple[str, bool]]:
    """Each line of a status, and whether it is bad."""
    return {
        check.what.partition(" in ")[0]: (check.detail, check.bad)
        for check in domain_checks(domain, zones, lambda _: servers)
    }


def test_a_domain_that_works_has_nothing_bad() -> None:
    lines = reported(Kept(ZONE, records=(SITE_RECORD,), certificate="issued"), *reversed(SERVERS))
    assert lines == {
        "zone": ("Z0123456789, example.com", False),
        "name servers": ("the registrar names the zone's", False),
        "record": ("A exists", False),
        "certificate": ("issued", False),
    }


def test_other_name_servers_are_reported_before_anyone_waits_for_a_certificate() -> None:
    text, bad = reported(Kept(ZONE, certificate="pending validation"), "ns.old.net")["name servers"]
    assert bad
    assert text.startswith("the world is sent to ns.old.net: enter ns-1.awsdns-01.org, ns-2.awsdns-02.net at")
    assert reported(Kept(ZONE))["name servers"][0].startswith("none are delegated: enter ns-1")


def test_without_network_the_zones_own_name_servers_are_reported() -> None:
    def ask(name: str) -> tuple[str, ...]:
        raise DeployError(name, "cannot be asked for (LifetimeTimeout)", "Check the network")

    (line,) = (check for check in domain_checks(SITE, Kept(ZONE), ask) if check.what == "name servers")
    assert line.detail == f"cannot be asked for (LifetimeTimeout); the zone's are {', '.join(SERVERS)}"
    assert not line.bad


def test_a_zone_that_is_missing_or_of_another_domain_is_bad() -> None:
    assert reported(Kept())["zone"] == (
        "Z0123456789 is not in this account: make one with 'domain create NAME' and describe its id",
        True,
    )
    other = Zone(id=ZONE.id, name="ample.com", name_servers=SERVERS)
    assert reported(Kept(other))["zone"] == ("Z0123456789 is of ample.com, and cannot hold example.com", True)


@pytest.mark.parametrize(("state", "bad"), [("issued", False), ("pending validation", False), ("failed", True)])
def test_the_state_of_the_certificate_is_reported(state: str, *, bad: bool) -> None:
    assert reported(Kept(ZONE, certificate=state), *SERVERS)["certificate"] == (state, bad)


def test_a_described_certificate_that_is_missing_is_bad_and_one_of_the_stack_comes_later() -> None:
    elsewhere = OwnDomain(of="api", names=("a.example.com",), zone=None, certificate="arn:x", region="eu-west-1")
    assert reported(Kept(), domain=elsewhere)["certificate"] == ("does not exist", True)
    assert reported(Kept(ZONE), *SERVERS)["certificate"] == ("not there yet: the stack makes it", False)


def test_a_zone_is_created_once() -> None:
    zones = Kept()
    first, new = zone_of("example.com", zones, "1")
    assert (new, zone_of("example.com", zones, "2")) == (True, (first, False))
    zones.make("example.com", "3")
    with pytest.raises(DeployError, match=r"exists 2 times \(Z0, Z1\)"):
        zone_of("example.com", zones, "4")


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        ((), "is not in this account. Correct the name, or use the account it is in."),
        ((ZONE, ZONE), "exists 2 times (Z0123456789, Z0123456789). Delete the right one by its id in Route 53."),
    ],
)
def test_only_a_zone_that_exists_once_is_deleted(zones: tuple[Zone, ...], message: str) -> None:
    assert only_zone("example.com", Kept(ZONE)) == ZONE
    with pytest.raises(DeployError) as caught:
        only_zone("example.com", Kept(*zones))
    assert str(caught.value) == f"zone of example.com: {message}"


def test_a_zone_that_holds_more_than_acms_proofs_is_kept() -> None:
    refuse_if_used(ZONE, Kept(ZONE, records=(PROOF,)))
    with pytest.raises(DeployError, match=r"still holds example\.com A\. Destroy the stage"):
        refuse_if_used(ZONE, Kept(ZONE, records=(PROOF, SITE_RECORD)))


def test_the_domains_are_those_of_the_description_and_its_zone_needs_no_name() -> None:
    domain = {"zone": ZONE.id}
    functions = {"web": {"handler": "src/a.py:b", "routes": ["GET /api/a"], "auth": "iam"}}
    app = validated(
        {
            "name": "notes",
            "stages": {"dev": {"region": "eu-west-1"}},
            "backend": {"functions": functions, "api": {"domain": {"name": "api.example.com", **domain}}},
            "frontend": {
                "site": "site",
                "waf": {"direct_api": True},
                "domain": {"name": "example.com", "www": True, **domain},
            },
        }
    )
    stage = app.stages["dev"]
    assert [(own_domain.of, own_domain.names, own_domain.region) for own_domain in own_domains(stage)] == [
        ("site", ("example.com", "www.example.com"), "us-east-1"),
        ("api", ("api.example.com",), "eu-west-1"),
    ]
    assert described_zone(stage, Kept(ZONE)) == "example.com"
    assert described_zone(stage, Kept()) is None


@pytest.mark.parametrize("name", ["", "example", "https://example.com", "Example.com", "-a.com", "a..com"])
def test_what_is_no_domain_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        domain_name(name)
    fix = "Write one such as example.com, in lower case."
    assert str(caught.value) == f"domain {name!r}: is not a domain. {fix}"


def test_a_zone_needs_a_name() -> None:
    with pytest.raises(UsageError, match=r"^domain: needs the name of the zone\. Name it, as 'domain create "):
        domain_name(None)


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    """A resolver on this machine that knows example.com and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                wire, sender = server.recvfrom(4096)
                if not wire:
                    return
                asked = dns.message.from_wire(wire)
                answer = dns.message.make_response(asked)
                if asked.question[0].name.to_text() == "example.com.":
                    answer.answer = [dns.rrset.from_text("example.com.", 60, "IN", "NS", "NS2.x.org.", "ns1.x.org.")]
                else:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                server.sendto(answer.to_wire(), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        result = dns.resolver.Resolver(configure=False)
        result.nameservers, result.port = ["127.0.0.1"], server.getsockname()[1]
        yield result
        server.sendto(b"", server.getsockname())
        thread.join()


def test_the_name_servers_that_the_world_is_sent_to_are_asked_for(resolver: dns.resolver.Resolver) -> None:
    assert published("example.com", resolver) == ("ns1.x.org", "ns2.x.org")
    assert published("nobody.example", resolver) == ()


def test_a_resolver_that_cannot_be_reached_is_reported_without_a_traceback() -> None:
    nobody = dns.resolver.Resolver(configure=False)
    nobody.nameservers = []
    with pytest.raises(DeployError, match=r"name servers of example\.com: cannot be asked for"):
        published("example.com", nobody)
