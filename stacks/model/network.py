"""The network of ``base``: one that is made, or one that the account has already."""

from __future__ import annotations

from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Between, Text
from stacks.values import value

__all__ = ["Vpc"]

VpcId = Annotated[
    str,
    Text(r"vpc-[0-9a-f]{8,17}|platform", "is not an id of a VPC", "Copy it from the console, as vpc-0123456789abcdef0"),
]
SubnetId = Annotated[
    str,
    Text(r"subnet-[0-9a-f]{8,17}", "is not an id of a subnet", "Copy it from the console, as subnet-0123456789abcdef0"),
]
EndpointService = Literal[
    "cognito-idp", "events", "kms", "lambda", "logs", "secretsmanager", "sns", "sqs", "ssm", "states", "sts", "xray"
]
"""Services that have interface endpoints with policies.
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"""


@value
class Vpc(Described):
    """A private network: subnets in two or three zones, S3 and DynamoDB by gateway endpoints, flow logs."""

    existing: VpcId | None = None
    """A network that the account has already: base then makes none. ``platform`` is that of ``base.platform``."""
    subnets: tuple[SubnetId, ...] = ()
    """Of an existing network: the private subnets that functions run in, one in each zone."""
    cidr: Annotated[
        str,
        Text(
            r"\d{1,3}(?:\.\d{1,3}){3}/16",
            "is not a /16 network",
            "Write a private one such as 10.0.0.0/16",
            rule="CIDR-SIZE",
        ),
    ] = "10.0.0.0/16"
    """The network's addresses; each subnet gets a sixteenth of them."""
    zones: Annotated[int, Between(2, 3)] = 2
    """Availability zones, each with one private subnet."""
    public_subnets: bool = False
    """Also a public subnet in each zone, with a way to and from the internet. A NAT gateway brings them."""
    nat: Literal["none", "one", "each-zone"] = "none"
    """How private subnets reach the internet: not at all, through a NAT gateway that all share, or through one in
    each zone. Each costs about 37 USD a month before traffic."""
    endpoints: tuple[EndpointService, ...] = ()
    """Services that private subnets reach without the internet, in addition to S3 and DynamoDB. Each costs about
    7 USD a month and zone."""
    flow_logs: Literal["s3", "cloudwatch"] = "s3"
    """Where all traffic is noted: the log bucket, or the dearer CloudWatch Logs, where it can be searched at once."""

    @property
    def is_ours(self) -> bool:
        """Whether base makes it."""
        return self.existing is None

    @property
    def is_of_platform(self) -> bool:
        """Whether another application makes it."""
        return self.existing == "platform"

    @property
    def is_public(self) -> bool:
        """Whether it has public subnets, which contain NAT gateways."""
        return self.public_subnets or self.nat != "none"

    @property
    def nat_gateways(self) -> int:
        """How many it has."""
        return {"none": 0, "one": 1, "each-zone": self.zones}[self.nat]
