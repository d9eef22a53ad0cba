"""The most that the application may ever do, and the role that API Gateway logs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, apigateway, iam

from stacks import naming, wiring
from stacks.kinds import KINDS
from stacks.parts.backend.rights import within_boundary
from stacks.parts.kinds import always, resources_of
from stacks.parts.policies import allow, arn, deny, managed_policy, policy, tagged, trust, when
from stacks.stages.kinds import described
from stacks.stages.stacks import BASE as STACK
from stacks.stages.stacks import stacks_of

if TYPE_CHECKING:
    from awacs.aws import PolicyDocument, Statement
    from troposphere import Template

    from stacks.app import Stage
    from stacks.json_types import JsonDict


def add_boundary(template: Template, stage: Stage) -> None:
    """The permissions boundary of every function's role."""
    boundary = managed_policy("ApplicationBoundary", stage, "platform", boundary_document(stage))
    boundary.ManagedPolicyName = naming.boundary_name(stage)
    boundary.Description = f"The most that functions of {naming.prefix(stage)} may ever do"
    template.add_resource(boundary)
    template.add_output(wiring.BOUNDARY.declare(Ref(boundary), "Permissions boundary of every function's role"))


def boundary_document(stage: Stage) -> PolicyDocument | JsonDict:
    """What the boundary of a stage allows."""
    return within_boundary(_boundary(stage), stage)


def _boundary(stage: Stage) -> PolicyDocument:
    """Run-time work on the stage's own things; no IAM, no STS, no administration of anything."""
    prefix = naming.prefix(stage)
    return policy(
        allow("logs:CreateLogStream", "logs:PutLogEvents", on=arn("logs", f"log-group:/aws/lambda/{prefix}-*")),
        *always(stage),
        _others_with_our_name(stage),
    )


def _others_with_our_name(stage: Stage) -> Statement:
    """What is called like the stage's own things but carries the tag of a stack of another application.

    An application ``shop-prod`` in the account of the stage ``prod`` of ``shop`` has such names.
    """
    prefix = naming.prefix(stage)
    patterns = {
        "dynamodb": f"table/{prefix}-*",
        "lambda": f"function:{prefix}-*",
        "logs": f"log-group:/aws/lambda/{prefix}-*",
        "sqs": f"{prefix}-*",
    }
    others = (kind for kind in KINDS if kind.by_prefix and kind.service not in patterns and described(kind, stage))
    kinds = [(kind.service, resources_of(kind).all_arns(stage)) for kind in others]
    own = sorted({stack.name for stack in stacks_of(stage)})
    foreign = when(StringNotEquals={"aws:ResourceTag/stack": own}, Null={"aws:ResourceTag/stack": "false"})
    arns = [
        *(arn(service, pattern) for service, pattern in patterns.items()),
        *(entry for _, some in kinds for entry in some),
    ]
    services = [*patterns, *(service for service, _ in kinds)]
    return deny(*(f"{service}:*" for service in services), on=arns, Sid="OthersWithOurName", Condition=foreign)


def add_api_gateway_account(template: Template, stage: Stage) -> None:
    """API Gateway writes execution logs, and the access logs of REST APIs, with one role per account and region.

    The role reaches API Gateway's own groups and those below ``/aws/apigateway/``, where ours are. *Unproven*: whether
    API Gateway takes a role with less than AWS's managed policy for it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    groups = [arn("logs", f"log-group:{name}*") for name in ("API-Gateway-Execution-Logs_", "/aws/apigateway/")]
    writes = policy(
        allow("logs:DescribeLogGroups", on=arn("logs", "log-group:*")),
        allow(
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "logs:PutLogEvents",
            on=groups,
        ),
    )
    # The account's setting outlives the stack, since other APIs use it; so does what it names.
    kept: JsonDict = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    template.add_resource(managed_policy("ApiGatewayLogPolicy", stage, "platform", writes, **kept))
    template.add_resource(
        iam.Role(
            "ApiGatewayLogRole",
            Path=naming.role_path(stage, "platform"),
            AssumeRolePolicyDocument=trust("apigateway"),
            ManagedPolicyArns=[Ref("ApiGatewayLogPolicy")],
            Tags=tagged(stage, STACK),
            **kept,
        )
    )
    template.add_resource(
        apigateway.Account(
            "ApiGatewayAccount",
            CloudWatchRoleArn=GetAtt("ApiGatewayLogRole", "Arn"),
            **kept,
        )
    )
