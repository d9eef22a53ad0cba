"""Functions in the stage's private network: a security group that lets nothing in, and the rights Lambda needs there.

Without a NAT gateway, functions in it reach what has an endpoint there: S3, DynamoDB and what the network names.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, awslambda, ec2

from stacks import naming, wiring
from stacks.parts.base.network import private_subnets, vpc_id
from stacks.parts.base.shared import platform_parameters
from stacks.parts.policies import tagged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Stage
    from stacks.model.network import Vpc

_GROUP = "FunctionSecurityGroup"


def add_function_network(template: Template, vpc: Vpc, stage: Stage) -> None:
    """Put the functions' security group, and what the backend reads of the network, into the base template."""
    if vpc.is_of_platform and stage.base.platform:
        for parameter in platform_parameters(stage.base.platform):
            template.add_parameter(parameter)
    template.add_resource(
        ec2.SecurityGroup(
            _GROUP,
            GroupDescription=f"Functions of {naming.prefix(stage)}: HTTPS out, nothing in",
            VpcId=vpc_id(vpc),
            SecurityGroupEgress=list(_ways_out(stage)),
            Tags=tagged(stage, "base"),
        )
    )
    template.add_output(wiring.FUNCTION_GROUP.declare(GetAtt(_GROUP, "GroupId"), "Security group of functions"))
    for zone, subnet in enumerate(private_subnets(vpc), start=1):
        template.add_output(wiring.private_subnet(zone).declare(subnet, f"Private subnet of zone {zone}"))


def _ways_out(stage: Stage) -> Iterator[ec2.SecurityGroupRule]:
    """HTTPS, and PostgreSQL where a function in the network uses a database, whose host is a public one."""
    yield _way_out(443, "HTTPS, to endpoints")
    if any(function.vpc and function.databases for function in stage.backend.functions.values()):
        yield _way_out(5432, "PostgreSQL, to databases")


def _way_out(port: int, description: str) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(
        IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="0.0.0.0/0", Description=description
    )


def network_of(stage: Stage) -> awslambda.VPCConfig:
    """Where a function with ``vpc: true`` runs: every private subnet."""
    zones = len(private_subnets(stage.base.vpc)) if stage.base.vpc else 0
    return awslambda.VPCConfig(
        SubnetIds=[wiring.private_subnet(zone).read(stage) for zone in range(1, zones + 1)],
        SecurityGroupIds=[wiring.FUNCTION_GROUP.read(stage)],
    )
