"""The flow log: every connection of the network, accepted or not, in the log bucket or in CloudWatch Logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, ec2, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.parts.logs import log_group
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage, Vpc
    from stacks.json_types import JsonDict


def add_flow_log(template: Template, stage: Stage, vpc: Vpc) -> None:
    """The flow log, and the log group it may write to."""
    where: JsonDict = {
        "LogDestinationType": "s3",
        "LogDestination": GetAtt("LogBucket", "Arn"),
        "DependsOn": "LogBucketPolicy",
    }
    if vpc.flow_logs == "cloudwatch":
        _add_group(template, stage)
        where = {
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": Ref("FlowLogGroup"),
            "DeliverLogsPermissionArn": GetAtt("FlowLogRole", "Arn"),
        }
    template.add_resource(
        ec2.FlowLog(
            "FlowLog",
            ResourceId=Ref("Vpc"),
            ResourceType="VPC",
            TrafficType="ALL",
            Tags=tagged(stage, STACK),
            **where,
        )
    )


def _add_group(template: Template, stage: Stage) -> None:
    """The log group and the role that writes it.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    group = log_group("FlowLogGroup", stage, stack=STACK, name=f"/aws/vpc/{naming.prefix(stage)}-flow-logs")
    verbs = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    writes = policy(allow(*verbs, on=GetAtt(group, "Arn")), allow("logs:DescribeLogGroups", on=arn("logs", "*")))
    template.add_resource(group)
    template.add_resource(managed_policy("FlowLogPolicy", stage, "platform", writes))
    template.add_resource(
        iam.Role(
            "FlowLogRole",
            Path=naming.role_path(stage, "platform"),
            AssumeRolePolicyDocument=trust_from("vpc-flow-logs", arn("ec2", "vpc-flow-log/*")),
            ManagedPolicyArns=[Ref("FlowLogPolicy")],
            Tags=tagged(stage, STACK),
        )
    )
