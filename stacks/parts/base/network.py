"""The network: subnets, and the ways to the internet that were asked for.

The n-th private subnet has the n-th block of addresses and the n-th public one the n-th block after the eighth, so
that a third zone, or public subnets, move nothing.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from troposphere import GetAtt, GetAZs, Ref, Select, ec2

from stacks.parts.base.shared import platform_network, platform_subnets
from stacks.parts.policies import tagged
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, Template

    from stacks.app import Stage, Vpc

_SUBNET_PREFIX = 20
_FIRST_BLOCK = {"Private": 0, "Public": 8}
_ANYWHERE = "0.0.0.0/0"


def vpc_id(vpc: Vpc) -> Ref | str:
    """The network, for a property of the base template."""
    return platform_network() if vpc.is_of_platform else vpc.existing or Ref("Vpc")


def private_subnets(vpc: Vpc) -> list[Ref | str]:
    """The private subnets, in the order of their zones, for a property of the base template."""
    if vpc.is_of_platform:
        return [*platform_subnets()]
    return [*vpc.subnets] if vpc.existing else [Ref(f"PrivateSubnet{zone}") for zone in _zones(vpc)]


def private_tables(vpc: Vpc) -> list[str]:
    """The route tables of the private subnets, in the order of their zones.

    Each subnet has its own, so that other NAT gateways change routes: a subnet cannot move to another table in one
    update, since CloudFormation makes the new association before it deletes the old one.
    """
    return [f"PrivateRoutes{zone}" for zone in _zones(vpc)]


def _zones(vpc: Vpc) -> range:
    return range(1, vpc.zones + 1)


def add_network(template: Template, stage: Stage, vpc: Vpc) -> None:
    """The network with its subnets and routes."""
    tags = tagged(stage, STACK)
    template.add_resource(ec2.VPC("Vpc", CidrBlock=vpc.cidr, EnableDnsHostnames=True, EnableDnsSupport=True, Tags=tags))
    for table in private_tables(vpc):
        template.add_resource(ec2.RouteTable(table, VpcId=Ref("Vpc"), Tags=tags))
    for resource in _subnets("Private", private_tables(vpc), vpc, stage):
        template.add_resource(resource)
    if vpc.is_public:
        _add_public_side(template, vpc, stage)


def _subnets(kind: str, tables: list[str], vpc: Vpc, stage: Stage) -> Iterator[AWSObject]:
    """A subnet in each zone, with the zone's route table of ``tables``."""
    blocks = [*IPv4Network(vpc.cidr).subnets(new_prefix=_SUBNET_PREFIX)][_FIRST_BLOCK[kind] :]
    for zone, table in enumerate(tables):
        title = f"{kind}Subnet{zone + 1}"
        yield ec2.Subnet(
            title,
            VpcId=Ref("Vpc"),
            AvailabilityZone=Select(zone, GetAZs("")),
            CidrBlock=str(blocks[zone]),
            MapPublicIpOnLaunch=False,
            Tags=tagged(stage, STACK),
        )
        yield ec2.SubnetRouteTableAssociation(f"{title}Routes", SubnetId=Ref(title), RouteTableId=Ref(table))


def _add_public_side(template: Template, vpc: Vpc, stage: Stage) -> None:
    tags = tagged(stage, STACK)
    template.add_resource(ec2.InternetGateway("InternetGateway", Tags=tags))
    attached = ec2.VPCGatewayAttachment(
        "InternetGatewayAttachment", VpcId=Ref("Vpc"), InternetGatewayId=Ref("InternetGateway")
    )
    template.add_resource(attached)
    template.add_resource(ec2.RouteTable("PublicRoutes", VpcId=Ref("Vpc"), Tags=tags))
    template.add_resource(
        ec2.Route(
            "PublicRoute",
            RouteTableId=Ref("PublicRoutes"),
            DestinationCidrBlock=_ANYWHERE,
            GatewayId=Ref("InternetGateway"),
            DependsOn=attached.title,
        )
    )
    for resource in _subnets("Public", ["PublicRoutes"] * vpc.zones, vpc, stage):
        template.add_resource(resource)
    for resource in _nat(vpc, stage):
        template.add_resource(resource)


def _nat(vpc: Vpc, stage: Stage) -> Iterator[AWSObject]:
    """NAT gateways in public subnets, and the way from each private subnet to its zone's, or to the only one."""
    gateways = vpc.nat_gateways
    tags = tagged(stage, STACK)
    for number in range(1, gateways + 1):
        yield ec2.EIP(f"NatAddress{number}", Domain="vpc", Tags=tags, DependsOn="InternetGatewayAttachment")
        yield ec2.NatGateway(
            f"NatGateway{number}",
            AllocationId=GetAtt(f"NatAddress{number}", "AllocationId"),
            SubnetId=Ref(f"PublicSubnet{number}"),
            Tags=tags,
            DependsOn="PublicRoute",
        )
    for zone, table in enumerate(private_tables(vpc) if gateways else (), start=1):
        yield ec2.Route(
            f"NatRoute{zone}",
            RouteTableId=Ref(table),
            DestinationCidrBlock=_ANYWHERE,
            NatGatewayId=Ref(f"NatGateway{min(zone, gateways)}"),
        )
