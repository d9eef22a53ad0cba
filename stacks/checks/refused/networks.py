"""What EC2 refuses: address ranges that are none, too large, too small or overlap."""

from __future__ import annotations

import ipaddress
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from stacks.checks.refused.reading import number, own, plain, values_at
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import network_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_VPC, _SUBNET, _GROUP = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"
_EC2 = "https://docs.aws.amazon.com/vpc/latest/userguide"
_LARGEST, _SMALLEST = 16, 28
"""Prefixes of IPv4 ranges of networks and subnets ("VPC CIDR blocks")."""
IpNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_RANGES: dict[str, tuple[str, ...]] = {
    _VPC: ("CidrBlock",),
    "AWS::EC2::VPCCidrBlock": ("CidrBlock",),
    _SUBNET: ("CidrBlock", "Ipv6CidrBlock"),
    _GROUP: (
        "SecurityGroupIngress.*.CidrIp",
        "SecurityGroupIngress.*.CidrIpv6",
        "SecurityGroupEgress.*.CidrIp",
        "SecurityGroupEgress.*.CidrIpv6",
    ),
    "AWS::EC2::SecurityGroupIngress": ("CidrIp", "CidrIpv6"),
    "AWS::EC2::SecurityGroupEgress": ("CidrIp", "CidrIpv6"),
    "AWS::EC2::Route": ("DestinationCidrBlock", "DestinationIpv6CidrBlock"),
    "AWS::EC2::NetworkAclEntry": ("CidrBlock", "Ipv6CidrBlock"),
    "AWS::EC2::PrefixList": ("Entries.*.Cidr",),
    "AWS::WAFv2::IPSet": ("Addresses.*",),
}
"""Type → the properties that hold address ranges. One rule reads them, for types of which no record says more."""


@refusal(
    "CIDR",
    why="AWS refuses what is not an address range",
    fix="Write an address, '/' and a prefix: 10.0.0.0/16, fd00::/64",
    source=f"{_EC2}/vpc-cidr-blocks.html",
)
def ranges_are_ranges(stacks: Stacks) -> Iterator[Hit]:
    """Every address range that is written out is one, of the right version."""
    for resource in stacks.of(*_RANGES):
        for path in _RANGES[resource.type]:
            for place, value in values_at(resource.properties, path):
                written = plain(value, resource.region)
                if written is None:
                    continue
                network = network_of(written) if "/" in written else None
                version = 6 if "Ipv6" in path else 4
                if network is None:
                    yield resource.hit(place, f"{written!r} is not an address range")
                elif network.version != version and resource.type not in {"AWS::WAFv2::IPSet", "AWS::EC2::PrefixList"}:
                    yield resource.hit(place, f"{written!r} is not of IPv{version}")
                elif resource.type == "AWS::WAFv2::IPSet" and network.prefixlen == 0:
                    yield resource.hit(place, f"{written!r} is every address, which WAF refuses")


@refusal(
    "CIDR-SIZE",
    why="EC2 refuses networks and subnets larger than /16 or smaller than /28",
    fix="Use a prefix from /16 to /28",
    source=f"{_EC2}/vpc-cidr-blocks.html",
)
def networks_have_a_size_ec2_takes(stacks: Stacks) -> Iterator[Hit]:
    """Networks and subnets have between 16 and 65,536 addresses."""
    for resource in stacks.of(_VPC, "AWS::EC2::VPCCidrBlock", _SUBNET):
        network = _range(resource)
        if network and network.version == 4 and not _LARGEST <= network.prefixlen <= _SMALLEST:  # noqa: PLR2004 - IPv4
            yield resource.hit("CidrBlock", f"is /{network.prefixlen}")


def _range(resource: Resource) -> IpNetwork | None:
    written = plain(resource.at("CidrBlock"), resource.region) or ""
    return network_of(written) if "/" in written else None


@refusal(
    "SUBNET-RANGE",
    why="EC2 refuses a subnet outside of its network, and two that overlap",
    fix="Divide the network's range among its subnets",
    source=f"{_EC2}/subnet-sizing.html",
)
def subnets_divide_their_network(stacks: Stacks) -> Iterator[Hit]:
    """Subnets lie in their network and do not overlap."""
    subnets = [(item, result) for item in stacks.of(_SUBNET) if (result := _range(item))]
    for resource, network in subnets:
        vpc = own(stacks, resource.at("VpcId"), resource, _VPC)
        network_of_vpc = _range(vpc) if vpc else None
        more = any(own(stacks, block.at("VpcId"), block, _VPC) is vpc for block in stacks.of("AWS::EC2::VPCCidrBlock"))
        if vpc and network_of_vpc and not more and not _is_in(network, network_of_vpc):
            yield resource.hit("CidrBlock", f"{network} is not in {network_of_vpc} of {vpc.id}")
    for (entry, first), (other, second) in combinations(subnets, 2):
        same = entry.stack == other.stack and text(entry.at("VpcId")) == text(other.at("VpcId"))
        if same and first.overlaps(second):
            yield other.hit("CidrBlock", f"{second} overlaps {first} of {entry.id}")


def _is_in(network: IpNetwork, outer: IpNetwork) -> bool:
    return network.version == outer.version and network.network_address in outer and network.broadcast_address in outer


@refusal(
    "PORT-RANGE",
    why="EC2 refuses ports outside of 0 to 65535, a range that ends before it begins, and TCP or UDP without ports",
    fix="Set FromPort and ToPort, the smaller one first; -1 is for ICMP and all protocols",
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html",
)
def ports_are_ports(stacks: Stacks) -> Iterator[Hit]:
    """Rules of security groups name ports that there are."""
    for resource in stacks.of(_GROUP):
        for path in ("SecurityGroupIngress.*", "SecurityGroupEgress.*"):
            for place, entry in values_at(resource.properties, path):
                if problem := _ports(entry):
                    yield resource.hit(place, problem)
    for item in stacks.of("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        if problem := _ports(item.properties):
            yield item.hit("FromPort", problem)


def _ports(entry: object) -> str | None:
    if not isinstance(entry, dict):
        return None
    first, last = number(entry.get("FromPort")), number(entry.get("ToPort"))
    protocol = str(text(entry.get("IpProtocol"))).lower()
    if protocol in {"tcp", "udp", "6", "17"} and (entry.get("FromPort") is None or entry.get("ToPort") is None):
        return "names no ports"
    for port in (first, last):
        if port is not None and not -1 <= port <= 65_535:  # noqa: PLR2004 - TCP's own
            return f"names port {port:g}"
    if first is not None and last is not None and first > last and protocol not in {"icmp", "icmpv6", "1", "58"}:
        return f"begins at {first:g} and ends at {last:g}"
    return None


RULES = (ranges_are_ranges, networks_have_a_size_ec2_takes, subnets_divide_their_network, ports_are_ports)
