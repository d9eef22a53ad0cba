"""``domain create|status|delete`` against the Route 53 and ACM of a local AWS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import REGION, Running

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.emulator
NAME = "example.com"
PROOF = {"Name": "_1f.example.com", "Type": "CNAME", "TTL": 300}
PROVED = {**PROOF, "ResourceRecords": [{"Value": "_2e.acm-validations.aws."}]}
OTHER = {"Name": "www.example.com", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}


def domain(account: Running, *words: str) -> subprocess.CompletedProcess[str]:
    """``python build.py domain …`` of the stage dev."""
    options = ("--stage", "dev", "--endpoint-url", account.emulator.endpoint_url)
    done = account.project.run("domain", *words, *options)
    assert "Traceback" not in done.stderr
    return done


def change(account: Running, zone: str, action: str, record: dict[str, Any]) -> None:
    changes: Any = [{"Action": action, "ResourceRecordSet": record}]
    account.client("route53", REGION).change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def test_a_zone_is_created_once_reported_and_removed_when_it_holds_nothing_else(own_account: Running) -> None:
    route53 = own_account.client("route53", REGION)
    value = domain(own_account, "create", NAME)
    assert value.returncode == 0, value.stderr
    (zone,) = re.findall(r"zone: (Z[A-Z0-9]+)", value.stdout)
    servers = route53.get_hosted_zone(Id=zone)["DelegationSet"]["NameServers"]
    assert all(f"  {server.rstrip('.')}\n" in value.stdout for server in servers)
    assert f"Zone {zone} of {NAME} already exists" in domain(own_account, "create", NAME).stdout

    file = own_account.project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    described = f"  dev:\n    frontend: {{domain: {{name: {NAME}, zone: {zone}}}}}\n"
    file.write_text(text.replace("  dev:\n", described, 1), encoding="utf-8")
    status = domain(own_account, "status")
    assert status.stderr == ""
    result = status.stdout
    assert f"{zone}, {NAME}" in result
    assert all(server.rstrip(".") in result for server in servers)
    assert "certificate in us-east-1" in result
    assert "not there yet: the stack makes it" in result

    acm = own_account.client("acm", "us-east-1")
    acm.request_certificate(DomainName=NAME, ValidationMethod="DNS")
    assert re.search(r"certificate in us-east-1 +(issued|pending validation)\n", domain(own_account, "status").stdout)

    change(own_account, zone, "CREATE", PROVED)
    change(own_account, zone, "CREATE", OTHER)
    kept = domain(own_account, "delete", NAME, "--yes")
    assert (kept.returncode, "still holds www.example.com A" in kept.stderr) == (1, True)
    change(own_account, zone, "DELETE", OTHER)
    asked = domain(own_account, "delete")
    assert (asked.returncode, "Add --yes to agree" in asked.stderr) == (2, True)
    assert f"Zone {zone} of {NAME} is removed" in domain(own_account, "delete", "--yes").stdout
    assert route53.list_hosted_zones()["HostedZones"] == []
    gone = domain(own_account, "status")
    assert (gone.returncode, f"{zone} is not in this account" in gone.stdout) == (1, True)
    assert "is not in this account" in domain(own_account, "delete", NAME, "--yes").stderr


def test_a_stage_without_a_domain_shows_how_to_describe_one(account: Running) -> None:
    done = domain(account, "status")
    assert done.returncode == 2
    assert "has no domain. Describe 'frontend.domain' or 'backend.api.domain'." in done.stderr
