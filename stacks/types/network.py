"""Types of networks."""

from __future__ import annotations

from stacks.types.record import OnlyIf, Type, TypeScope, Wait, arn

_GATEWAYS = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html"
_ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"
NETWORK: dict[str, Type] = {
    "AWS::EC2::EIP": Type(
        scope=TypeScope((arn("ec2", "*/*"),)),
        only_if=(
            OnlyIf("TransferAddress", ("ec2:AcceptAddressTransfer",), "handler"),
            OnlyIf("InstanceId", ("ec2:AssociateAddress", "ec2:DisassociateAddress"), "handler"),
        ),
    ),
    "AWS::EC2::FlowLog": Type(
        scope=TypeScope((arn("ec2", "*/*"),)),
        linked_role="delivery.logs.amazonaws.com",
        hands_roles={"DeliverLogsPermissionArn": "vpc-flow-logs"},
        only_if=(OnlyIf("LogDestinationType~s3", ("s3:GetBucketPolicy", "s3:PutBucketPolicy"), "handler"),),
    ),
    "AWS::EC2::InternetGateway": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::NatGateway": Type(
        wait=Wait("a NAT gateway takes about 2 minutes", _GATEWAYS),
        scope=TypeScope((arn("ec2", "*/*"),)),
        only_if=(
            OnlyIf(
                "SecondaryAllocationIds",
                ("ec2:AssociateNatGatewayAddress", "ec2:DisassociateNatGatewayAddress"),
                "handler",
            ),
            OnlyIf(
                "SecondaryPrivateIpAddresses",
                ("ec2:AssignPrivateNatGatewayAddress", "ec2:UnassignPrivateNatGatewayAddress"),
                "handler",
            ),
        ),
    ),
    "AWS::EC2::Route": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::RouteTable": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::SecurityGroup": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::Subnet": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::SubnetRouteTableAssociation": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::VPC": Type(scope=TypeScope((arn("ec2", "*/*"),))),
    "AWS::EC2::VPCEndpoint": Type(
        wait=Wait("an endpoint takes about 2 minutes", _ENDPOINTS),
        scope=TypeScope((arn("ec2", "*/*"),)),
        only_if=(
            OnlyIf("ServiceNetworkArn", ("vpc-lattice:CreateServiceNetworkVpcEndpointAssociation",), "handler"),
            OnlyIf("ServiceRegion", ("vpce:AllowMultiRegion",), "handler"),
        ),
    ),
    "AWS::EC2::VPCGatewayAttachment": Type(
        scope=TypeScope((arn("ec2", "*/*"),)),
        only_if=(
            OnlyIf(
                "VpnGatewayId", ("ec2:AttachVpnGateway", "ec2:DescribeVpnGateways", "ec2:DetachVpnGateway"), "handler"
            ),
        ),
    ),
}
