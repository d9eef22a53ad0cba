"""Endpoints: how private subnets reach AWS services without the internet, and whose resources they reach there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal
from troposphere import GetAtt, Ref, Sub, ec2

from stacks import naming
from stacks.parts.base.network import private_subnets, private_tables
from stacks.parts.policies import ACCOUNT, allow, policy, tagged, when
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from awacs.aws import PolicyDocument
    from troposphere import Template

    from stacks.app import Stage, Vpc
    from stacks.json_types import JsonDict


UNSIGNED = frozenset({"cognito-idp", "sts"})
"""Services some of whose operations are called without a signature, such as SignUp: ``authtype: none`` in botocore's
service models. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""


def add_endpoints(template: Template, stage: Stage, vpc: Vpc) -> None:
    """S3 and DynamoDB by gateway endpoints, which are free, and the described services by interface endpoints."""
    template.add_resource(_gateway_endpoint("S3", "s3", vpc, stage))
    template.add_resource(_gateway_endpoint("DynamoDB", "dynamodb", vpc, stage))
    if vpc.endpoints:
        template.add_resource(_group(stage, vpc))
    for service in sorted(set(vpc.endpoints)):
        template.add_resource(_interface_endpoint(service, vpc, stage))


def _gateway_endpoint(title: str, service: str, vpc: Vpc, stage: Stage) -> ec2.VPCEndpoint:
    return ec2.VPCEndpoint(
        f"{title}Endpoint",
        VpcId=Ref("Vpc"),
        VpcEndpointType="Gateway",
        ServiceName=Sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
        RouteTableIds=[Ref(table) for table in private_tables(vpc)],
        PolicyDocument=_inside(service),
        Tags=tagged(stage, STACK),
    )


def _interface_endpoint(service: str, vpc: Vpc, stage: Stage) -> ec2.VPCEndpoint:
    """The service under the name that SDKs ask for anyway."""
    return ec2.VPCEndpoint(
        f"{naming.words(service)}Endpoint",
        VpcId=Ref("Vpc"),
        VpcEndpointType="Interface",
        ServiceName=Sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
        PrivateDnsEnabled=True,
        SubnetIds=private_subnets(vpc),
        SecurityGroupIds=[GetAtt("EndpointSecurityGroup", "GroupId")],
        PolicyDocument=_inside(service),
        Tags=tagged(stage, STACK),
    )


def _inside(service: str) -> PolicyDocument:
    """Open for this account's principals and this account's resources only; who does not sign is not a principal."""
    account = Sub(ACCOUNT)
    principal = "StringEqualsIfExists" if service in UNSIGNED else "StringEquals"
    keys = {"StringEquals": {"aws:ResourceAccount": account}}
    keys.setdefault(principal, {})["aws:PrincipalAccount"] = account
    inside = when(**keys)
    return policy(allow(f"{service}:*", on="*", Principal=Principal("*"), Condition=inside))


def _group(stage: Stage, vpc: Vpc) -> ec2.SecurityGroup:
    https: JsonDict = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": vpc.cidr}
    return ec2.SecurityGroup(
        "EndpointSecurityGroup",
        GroupDescription=f"Endpoints of {naming.prefix(stage)}: HTTPS from the network itself",
        VpcId=Ref("Vpc"),
        SecurityGroupIngress=[ec2.SecurityGroupRule(Description="HTTPS, from the network", **https)],
        SecurityGroupEgress=[ec2.SecurityGroupRule(Description="HTTPS, within the network", **https)],
        Tags=tagged(stage, STACK),
    )
