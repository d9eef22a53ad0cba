"""The ``Zones`` that are Route 53 and ACM, in the account of a ``BotoCloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.clients import aws_errors
from stacks.aws.cloud import BotoCloud
from stacks.domains.zones import Record, Zone, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class BotoZones(BotoCloud):
    """Route 53 and ACM; see ``Zones``."""

    def zone(self, zone_id: str) -> Zone | None:
        """See ``Zones.zone``."""
        client = self._route53()
        with aws_errors(f"zone {zone_id}"):
            try:
                found = client.get_hosted_zone(Id=zone_id)
            except client.exceptions.NoSuchHostedZone:
                return None
        return _zone(found)

    def named(self, name: str) -> tuple[Zone, ...]:
        """See ``Zones.named``."""
        with aws_errors(f"zones of {name}"):
            found = self._route53().list_hosted_zones_by_name(DNSName=name)["HostedZones"]
        public = [one["Id"] for one in found if plain(one["Name"]) == name and not one["Config"].get("PrivateZone")]
        return tuple(zone for zone in (self.zone(_bare(zone_id)) for zone_id in public) if zone)

    def make(self, name: str, reference: str) -> Zone:
        """See ``Zones.make``."""
        with aws_errors(f"zone of {name}"):
            return _zone(self._route53().create_hosted_zone(Name=name, CallerReference=reference))

    def records(self, zone_id: str) -> tuple[Record, ...]:
        """See ``Zones.records``."""
        return tuple(_record(one) for one in self._sets(zone_id))

    def remove_zone(self, zone_id: str) -> None:
        """See ``Zones.remove_zone``."""
        gone = [one for one in self._sets(zone_id) if _record(one).is_proof]
        with aws_errors(f"zone {zone_id}"):
            if gone:
                changes = [{"Action": "DELETE", "ResourceRecordSet": one} for one in gone]
                self._route53().change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
            self._route53().delete_hosted_zone(Id=zone_id)

    def certificate(self, name: str, region: str, arn: str | None) -> str | None:
        """See ``Zones.certificate``."""
        client = self._client("acm", region)
        with aws_errors(f"certificate of {name}"):
            if arn is None:
                pages = client.get_paginator("list_certificates").paginate()
                listed = (one for page in pages for one in page["CertificateSummaryList"])
                arn = next((one["CertificateArn"] for one in listed if plain(one["DomainName"]) == name), None)
            if arn is None:
                return None
            try:
                found = client.describe_certificate(CertificateArn=arn)["Certificate"]
            except client.exceptions.ResourceNotFoundException:
                return None
        return str(found["Status"]).lower().replace("_", " ")

    def _sets(self, zone_id: str) -> list[dict[str, Any]]:
        with aws_errors(f"zone {zone_id}"):
            return list(self._own_sets(zone_id))

    def _own_sets(self, zone_id: str) -> Iterator[dict[str, Any]]:
        name = plain(self._route53().get_hosted_zone(Id=zone_id)["HostedZone"]["Name"])
        for page in self._route53().get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
            for one in page["ResourceRecordSets"]:
                if not (one["Type"] in {"NS", "SOA"} and plain(one["Name"]) == name):
                    yield one

    def _route53(self) -> Any:
        return self._client("route53")


def _zone(found: Mapping[str, Any]) -> Zone:
    zone, servers = found["HostedZone"], found.get("DelegationSet", {}).get("NameServers", ())
    return Zone(id=_bare(zone["Id"]), name=plain(zone["Name"]), name_servers=tuple(sorted(map(plain, servers))))


def _bare(zone_id: str) -> str:
    return zone_id.rpartition("/")[2]


def _record(found: Mapping[str, Any]) -> Record:
    values = [one["Value"] for one in found.get("ResourceRecords", ())]
    value = values[0] if values else str(found.get("AliasTarget", {}).get("DNSName", ""))
    return Record(name=plain(found["Name"]), type=str(found["Type"]), value=value)
