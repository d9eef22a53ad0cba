"""What keeps callers from going around the site's web ACL: the API's own address lets through only what came by it.

The distribution adds ``x-origin-verify`` to what it sends to the API; a regional web ACL on the API's stage blocks all
that does not carry it. The key is a secret that Secrets Manager makes up; CloudFormation puts it into both places
(``{{resolve:…}}``), so no template, parameter or output shows it, and no function has to know of it.

Why so: a REST API cannot close its own address without a domain of its own, its resource policy cannot read headers,
and a check in the functions would let every refused call run and be paid. HTTP APIs take no web ACL: a description that
wants both is refused.
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-string-match.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Sub, Template, secretsmanager, wafv2

from stacks import naming, wiring
from stacks.parts.frontend.waf import LOG_PREFIX, logged, protected, visible
from stacks.parts.logs import log_group
from stacks.parts.policies import tagged
from stacks.stages.stacks import FRONTEND as STACK

if TYPE_CHECKING:
    from stacks.app import Stage

HEADER = "x-origin-verify"
"""CloudFront refuses to add headers that begin with x-edge- or x-amz-.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html"""
_KEY = "{{resolve:secretsmanager:${EdgeKey}:SecretString}}"


def edge_key() -> Sub:
    """The key, read when the stack is deployed."""
    return Sub(_KEY)


def add_gate(template: Template, stage: Stage) -> None:
    """Put key, web ACL and its association with the API's stage into the frontend template."""
    template.add_resource(
        secretsmanager.Secret(
            "EdgeKey",
            Description=f"What the distribution of {naming.prefix(stage)} shows to the API",
            GenerateSecretString=secretsmanager.GenerateSecretString(ExcludePunctuation=True, PasswordLength=64),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            Tags=tagged(stage, STACK),
        )
    )
    acl = template.add_resource(
        wafv2.WebACL(
            "ApiGate",
            Name=f"{naming.prefix(stage)}-api",
            Scope="REGIONAL",
            DefaultAction=wafv2.DefaultAction(Block=wafv2.BlockAction()),
            Rules=[_from_the_site()],
            VisibilityConfig=visible(f"{naming.prefix(stage)}-api"),
            DataProtectionConfig=protected(HEADER),
            Tags=tagged(stage, STACK),
        )
    )
    name = f"{LOG_PREFIX}{naming.prefix(stage)}-api"
    group = template.add_resource(log_group("GateLogGroup", stage, stack=STACK, name=name))
    template.add_resource(logged(acl, group, name="GateLog", hidden=[HEADER]))
    api = Sub(
        f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}::/restapis/${{Api}}/stages/{naming.api_stage_name(stage)}",
        Api=wiring.API.read(stage),
    )
    template.add_resource(wafv2.WebACLAssociation("ApiGateAssociation", ResourceArn=api, WebACLArn=GetAtt(acl, "Arn")))


def _from_the_site() -> wafv2.WebACLRule:
    shown = wafv2.ByteMatchStatement(
        FieldToMatch=wafv2.FieldToMatch(SingleHeader=wafv2.SingleHeader(Name=HEADER)),
        PositionalConstraint="EXACTLY",
        SearchString=edge_key(),
        TextTransformations=[wafv2.TextTransformation(Priority=0, Type="NONE")],
    )
    return wafv2.WebACLRule(
        Name="from-the-site",
        Priority=0,
        Action=wafv2.RuleAction(Allow=wafv2.AllowAction()),
        Statement=wafv2.Statement(ByteMatchStatement=shown),
        VisibilityConfig=visible("from-the-site"),
    )
