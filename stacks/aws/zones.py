"""The ``Zones`` that are Route 53 and ACM, in the account of a ``BotoCloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.clients import aws_errors
from stacks.aws.cloud import BotoCloud
from stacks.domains.zones import Record, Zone, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict, JsonObject, ResourceData


class BotoZones(BotoCloud):
    """Route 53 and ACM; see ``Zones``."""

    def zone(self, zone_id: str) -> Zone | None:
        """See ``Zones.zone``."""
        client = self._route53()
        with aws_errors(f"zone {zone_id}"):
            try:
                result = client.get_hosted_zone(Id=zone_id)
            except client.exceptions.NoSuchHostedZone:
                return None
        return _zone(result)

    def named(self, name: str) -> tuple[Zone, ...]:
        """See ``Zones.named``."""
        with aws_errors(f"zones of {name}"):
            result = self._route53().list_hosted_zones_by_name(DNSName=name)["HostedZones"]
        public = [
            entry["Id"] for entry in result if plain(entry["Name"]) == name and not entry["Config"].get("PrivateZone")
        ]
        return tuple(zone for zone in (self.zone(_bare(zone_id)) for zone_id in public) if zone)

    def make(self, name: str, reference: str) -> Zone:
        """See ``Zones.make``."""
        with aws_errors(f"zone of {name}"):
            return _zone(self._route53().create_hosted_zone(Name=name, CallerReference=reference))

    def records(self, zone_id: str) -> tuple[Record, ...]:
        """See ``Zones.records``."""
        return tuple(_record(entry) for entry in self._sets(zone_id))

    def remove_zone(self, zone_id: str) -> None:
        """See ``Zones.remove_zone``."""
        gone = [entry for entry in self._sets(zone_id) if _record(entry).is_proof]
        with aws_errors(f"zone {zone_id}"):
            if gone:
                changes = [{"Action": "DELETE", "ResourceRecordSet": entry} for entry in gone]
                self._route53().change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
            self._route53().delete_hosted_zone(Id=zone_id)

    def certificate(self, name: str, region: str, arn: str | None) -> str | None:
        """See ``Zones.certificate``."""
        client = self._client("acm", region)
        with aws_errors(f"certificate of {name}"):
            if arn is None:
                pages = client.get_paginator("list_certificates").paginate()
                listed = (entry for page in pages for entry in page["CertificateSummaryList"])
                arn = next((origin["CertificateArn"] for origin in listed if plain(origin["DomainName"]) == name), None)
            if arn is None:
                return None
            try:
                result = client.describe_certificate(CertificateArn=arn)["Certificate"]
            except client.exceptions.ResourceNotFoundException:
                return None
        return str(result["Status"]).lower().replace("_", " ")

    def _sets(self, zone_id: str) -> list[JsonDict]:
        with aws_errors(f"zone {zone_id}"):
            return list(self._own_sets(zone_id))

    def _own_sets(self, zone_id: str) -> Iterator[JsonDict]:
        name = plain(self._route53().get_hosted_zone(Id=zone_id)["HostedZone"]["Name"])
        for page in self._route53().get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
            for resource in page["ResourceRecordSets"]:
                if not (resource["Type"] in {"NS", "SOA"} and plain(resource["Name"]) == name):
                    yield resource

    def _route53(self) -> Any:
        return self._client("route53")


def _zone(result: JsonObject) -> Zone:
    zone, servers = result["HostedZone"], result.get("DelegationSet", {}).get("NameServers", ())
    return Zone(id=_bare(zone["Id"]), name=plain(zone["Name"]), name_servers=tuple(sorted(map(plain, servers))))


def _bare(zone_id: str) -> str:
    return zone_id.rpartition("/")[2]


def _record(resource: ResourceData) -> Record:
    values = [record["Value"] for record in resource.get("ResourceRecords", ())]
    value = values[0] if values else str(resource.get("AliasTarget", {}).get("DNSName", ""))
    return Record(name=plain(resource["Name"]), type=str(resource["Type"]), value=value)
