"""What is intended of the account: trail, network, pipelines and rights, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.graph import names_any, names_patterns
from stacks.suppressions.when import (
    PAID,
    Suppression,
    always,
    deploys_unasked,
    joins_networks,
    names_what_it_leaves_out,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::CodeBuild::Project": (
        Suppression(
            reason="the source comes from CodePipeline, which reads it through a connection",
            when=always,
            nag=("CodeBuildProjectSourceRepoUrl",),
        ),
    ),
    "AWS::CloudTrail::Trail": (
        Suppression(
            reason=f"kept in a bucket, locked to applications; a copy in CloudWatch is {PAID}",
            when=without("CloudWatchLogsLogGroupArn"),
            nag=("CloudTrailCloudWatchLogsEnabled",),
        ),
        Suppression(
            reason="the description says 'encryption: aws': S3's own key, and a bucket that is denied to applications",
            when=without("KMSKeyId"),
            checkov=("CKV_AWS_35",),
            nag=("CloudTrailEncryptionEnabled",),
            own=("TRAIL-KEY",),
        ),
    ),
    "AWS::CodePipeline::Pipeline": (
        Suppression(
            reason="the description says 'approval: false': its first stage deploys whatever is pushed",
            when=deploys_unasked,
            own=("PIPELINE-APPROVAL",),
        ),
    ),
    "AWS::EC2::Route": (
        Suppression(
            reason="the description asks for public subnets, or for NAT gateways, which are in them",
            when=lambda properties, _: "GatewayId" in properties,
            nag=("VPCNoUnrestrictedRouteToIGW",),
        ),
    ),
    "AWS::EC2::VPC": (
        Suppression(
            reason="CloudFormation cannot change the default security group; nothing here uses it",
            when=always,
            nag=("VPCDefaultSecurityGroupClosed",),
        ),
    ),
    "AWS::IAM::ManagedPolicy": (
        Suppression(
            reason="Lambda joins functions to a network with the function's own role, which has no network to name",
            when=joins_networks,
            checkov=("CKV_AWS_111",),
            own=("IAM-ANY",),
        ),
        Suppression(
            reason="a boundary: the roles in a template from elsewhere say themselves what they may do inside it",
            when=names_what_it_leaves_out,
            own=("IAM-STAR",),
        ),
        Suppression(
            reason="the stage's own name prefix, or ids that AWS makes up, bound by conditions",
            when=names_patterns,
            nag=("IAM5",),
        ),
        Suppression(
            reason="actions that name no resource in IAM; IAM-ANY reports what could name one",
            when=names_any,
            nag=("IAM5",),
        ),
    ),
}
