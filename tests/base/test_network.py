"""The network of a base: subnets, ways out, endpoints, flow logs; made, or named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.loading import validated
from stacks.parts.base.prices import standing_costs
from stacks.rendering import render
from tests.base.conftest import described

if TYPE_CHECKING:
    from tests.base.conftest import Rendering

VPC, SUBNETS = "vpc-0123456789abcdef0", ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
BACKEND = {
    "functions": {
        "hello": {"handler": "code/hello.py:run", "routes": ["GET /hello"], "public": True, "vpc": True},
    }
}


def resources(rendering: Rendering, **vpc: Any) -> dict[str, Any]:
    result: dict[str, Any] = rendering({"trail": False, "vpc": vpc or True})["base"].template["Resources"]
    return result


def of(result: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: body["Properties"] for name, body in result.items() if body["Type"] == f"AWS::EC2::{kind}"}


def test_a_network_has_no_way_to_the_internet_unless_asked(rendering: Rendering) -> None:
    result = resources(rendering)
    assert len(of(result, "Subnet")) == 2
    kinds = {body["Type"] for body in result.values()}
    assert not {f"AWS::EC2::{kind}" for kind in ("InternetGateway", "NatGateway", "Route", "EIP")} & kinds


@pytest.mark.parametrize("zones", [2, 3])
def test_more_zones_and_public_subnets_move_no_addresses(rendering: Rendering, zones: int) -> None:
    few = of(resources(rendering), "Subnet")
    many = of(resources(rendering, zones=zones, public_subnets=True), "Subnet")
    assert few.items() <= many.items()
    assert len({body["CidrBlock"] for body in many.values()}) == len(many) == 2 * zones
    assert {body["MapPublicIpOnLaunch"] for body in many.values()} == {False}


def test_public_subnets_lead_to_the_internet_and_private_ones_do_not(rendering: Rendering) -> None:
    result = resources(rendering, public_subnets=True)
    (route,) = of(result, "Route").values()
    assert (route["RouteTableId"], route["GatewayId"]) == ({"Ref": "PublicRoutes"}, {"Ref": "InternetGateway"})
    tables = {name: body["RouteTableId"]["Ref"] for name, body in of(result, "SubnetRouteTableAssociation").items()}
    assert tables == {
        "PrivateSubnet1Routes": "PrivateRoutes1",
        "PrivateSubnet2Routes": "PrivateRoutes2",
        "PublicSubnet1Routes": "PublicRoutes",
        "PublicSubnet2Routes": "PublicRoutes",
    }


@pytest.mark.parametrize(("nat", "gateways"), [("none", 0), ("one", 1), ("each-zone", 3)])
def test_private_subnets_go_out_through_as_many_gateways_as_asked(
    rendering: Rendering, nat: str, gateways: int
) -> None:
    result = resources(rendering, zones=3, nat=nat)
    assert len(of(result, "NatGateway")) == len(of(result, "EIP")) == gateways
    ways = [body for body in of(result, "Route").values() if "NatGatewayId" in body]
    used = {body["NatGatewayId"]["Ref"] for body in ways}
    assert (len(ways), used) == (3 if gateways else 0, set(of(result, "NatGateway")))
    stands_in = {body["SubnetId"]["Ref"] for body in of(result, "NatGateway").values()}
    assert all(subnet.startswith("PublicSubnet") for subnet in stands_in)


@pytest.mark.parametrize("later", ["none", "each-zone"])
def test_other_gateways_move_no_subnet_to_another_route_table(rendering: Rendering, later: str) -> None:
    before, after = (resources(rendering, public_subnets=True, nat=nat) for nat in ("one", later))
    kind = "SubnetRouteTableAssociation"
    assert of(before, kind) == of(after, kind)


def test_gateway_endpoints_are_in_every_private_route_table(rendering: Rendering) -> None:
    result = resources(rendering, zones=3, nat="each-zone")
    for name in ("S3Endpoint", "DynamoDBEndpoint"):
        tables = [ids["Ref"] for ids in result[name]["Properties"]["RouteTableIds"]]
        assert tables == ["PrivateRoutes1", "PrivateRoutes2", "PrivateRoutes3"]


def test_every_endpoint_is_for_this_account_only(rendering: Rendering) -> None:
    result = of(resources(rendering, endpoints=["secretsmanager", "sqs"]), "VPCEndpoint")
    assert result.keys() == {"S3Endpoint", "DynamoDBEndpoint", "SecretsmanagerEndpoint", "SqsEndpoint"}
    for name, body in result.items():
        (statement,) = body["PolicyDocument"]["Statement"]
        account = {"Fn::Sub": "${AWS::AccountId}"}
        wanted = {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}
        assert statement["Condition"] == {"StringEquals": wanted}, name
        assert statement["Action"] == [f"{body['ServiceName']['Fn::Sub'].rpartition('.')[2]}:*"], name


def test_interface_endpoints_are_reached_over_https_from_the_network_itself(rendering: Rendering) -> None:
    result = resources(rendering, cidr="10.7.0.0/16", endpoints=["sqs"])
    endpoint, group = result["SqsEndpoint"]["Properties"], result["EndpointSecurityGroup"]["Properties"]
    assert endpoint["PrivateDnsEnabled"] is True
    assert endpoint["SubnetIds"] == [{"Ref": "PrivateSubnet1"}, {"Ref": "PrivateSubnet2"}]
    (rule,) = group["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"], rule["CidrIp"]) == (443, 443, "10.7.0.0/16")


def test_flow_logs_go_to_the_log_bucket(rendering: Rendering) -> None:
    result = resources(rendering)
    assert result["FlowLog"]["Properties"]["LogDestinationType"] == "s3"
    sids = [statement["Sid"] for statement in result["LogBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]]
    assert "FlowLogs" in sids


def test_flow_logs_in_cloudwatch_need_no_right_on_the_bucket(rendering: Rendering) -> None:
    result = resources(rendering, flow_logs="cloudwatch")
    assert result["FlowLog"]["Properties"]["LogGroupName"] == {"Ref": "FlowLogGroup"}
    (trusted,) = result["FlowLogRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert set(trusted["Condition"]) == {"StringEquals", "ArnLike"}
    sids = [statement["Sid"] for statement in result["LogBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]]
    assert "FlowLogs" not in sids


def test_functions_run_in_a_network_that_already_exists(rendering: Rendering) -> None:
    base = {"trail": False, "vpc": {"existing": VPC, "subnets": SUBNETS}}
    stacks = rendering(base, backend=BACKEND)
    result, outputs = stacks["base"].template["Resources"], stacks["base"].template["Outputs"]
    assert {name for name, body in result.items() if body["Type"].startswith("AWS::EC2::")} == {"FunctionSecurityGroup"}
    assert result["FunctionSecurityGroup"]["Properties"]["VpcId"] == VPC
    assert [outputs[f"PrivateSubnet{number}Id"]["Value"] for number in (1, 2)] == SUBNETS
    network = stacks["backend"].template["Resources"]["HelloFunction"]["Properties"]["VpcConfig"]
    assert len(network["SubnetIds"]) == 2


def test_what_costs_while_nothing_happens_is_reported_with_its_price() -> None:
    app = validated(described({"vpc": {"zones": 3, "nat": "each-zone", "endpoints": ["sqs", "sns"]}}))
    stacks = render(app, app.stages["dev"])
    nat, endpoints = standing_costs(app.stages["dev"], stacks)
    assert list(standing_costs(app.stages["dev"], [stack for stack in stacks if stack.stack != "base"])) == []
    assert nat.startswith("dev: base.vpc.nat: 3 NAT gateways for 110 USD a month")  # 3 x 0.05 x 730
    assert endpoints.startswith("dev: base.vpc.endpoints: 2 endpoints in 3 zones for 44 USD a month")  # 6 x 0.01 x 730
    assert "list prices of us-east-1, November 2025; eu-west-1 may differ" in nat


@pytest.mark.parametrize("vpc", [True, False, {"existing": VPC}])
def test_a_network_without_gateways_costs_nothing_that_would_have_to_be_reported(vpc: object) -> None:
    app = validated(described({"vpc": vpc}))
    assert list(standing_costs(app.stages["dev"], render(app, app.stages["dev"]))) == []
