"""Rules about what belongs together: a bucket and its policy, a web ACL and its log, a network and its flow log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.documents import statements
from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import text, texts
from stacks.forecast.stateful import KEPT, stateful_types
from stacks.json_types import at, items, mapping
from stacks.template.openapi import routes_of
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUCKET = "AWS::S3::Bucket"
_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide"
_MODERN = ("TLSv1.2_", "TLSv1.3_")


@rule(
    "BUCKET-TLS",
    why="objects and credentials could travel unencrypted",
    fix="Add a policy that denies s3:* where aws:SecureTransport is false",
    source=f"{_HUB}/s3-controls.html#s3-5",
)
def buckets_refuse_plain_http(stacks: Stacks) -> Iterator[Hit]:
    """Every bucket has a policy that denies requests without TLS."""
    covered = {
        (bucket.stack, bucket.id)
        for statement in statements(stacks, "resource")
        if not statement.allows and "aws:securetransport" in statement.keys
        for bucket in [stacks.meant(statement.document.owner.at("Bucket"), statement.document.owner, _BUCKET)]
        if bucket
    }
    for bucket in stacks.of(_BUCKET):
        if (bucket.stack, bucket.id) not in covered:
            yield bucket.hit("BucketPolicy", "takes requests without TLS")


@rule(
    "BUCKET-LOG",
    why="nothing records who read what",
    fix="Set LoggingConfiguration to the bucket of access logs",
    source=f"{_HUB}/s3-controls.html#s3-9",
)
def buckets_write_access_logs(stacks: Stacks) -> Iterator[Hit]:
    """Every bucket but those that logs go to writes an access log."""
    resources = list(stacks.of(_BUCKET))
    targets = [
        stacks.meant(resource.at("LoggingConfiguration", "DestinationBucketName"), resource, _BUCKET)
        for resource in resources
    ]
    for bucket in resources:
        if bucket not in targets and not bucket.at("LoggingConfiguration", "DestinationBucketName"):
            yield bucket.hit("LoggingConfiguration", "writes no access log")


@rule(
    "DATA-KEPT",
    why="what is in it goes with the stack, or with a change that replaces it",
    fix="Set DeletionPolicy and UpdateReplacePolicy to Retain",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
)
def data_outlives_its_stack(stacks: Stacks) -> Iterator[Hit]:
    """What holds data is retained when its stack is deleted, and when it is replaced."""
    for resource in stacks.resources:
        record = known(resource.type)
        if resource.type in stateful_types() and (record.erasure or record.deleted_by_people):
            defaults = {"DeletionPolicy": record.deletion_default, "UpdateReplacePolicy": ""}
            for name, default in defaults.items():
                if str(resource.body.get(name, default)) not in KEPT:
                    yield resource.hit(name, "is deleted with all that is in it")


@rule(
    "CDN-HTTPS",
    why="pages and cookies could be read and changed on the way",
    fix="Set ViewerProtocolPolicy to redirect-to-https in every behaviour",
    source=f"{_HUB}/cloudfront-controls.html#cloudfront-3",
)
def viewers_use_https(stacks: Stacks) -> Iterator[Hit]:
    """No behaviour of a distribution answers over plain HTTP."""
    for resource in stacks.of("AWS::CloudFront::Distribution"):
        config = mapping(resource.at("DistributionConfig"))
        for behavior in [config.get("DefaultCacheBehavior"), *items(config.get("CacheBehaviors"))]:
            if text(at(behavior, "ViewerProtocolPolicy")) not in {"redirect-to-https", "https-only"}:
                yield resource.hit("DistributionConfig", "answers over plain HTTP")


@rule(
    "CDN-TLS",
    why="old versions of TLS can be broken",
    fix="Set MinimumProtocolVersion to TLSv1.2_2021 or newer, and SslSupportMethod to sni-only",
    source=f"{_HUB}/cloudfront-controls.html#cloudfront-15",
)
def own_certificates_come_with_modern_tls(stacks: Stacks) -> Iterator[Hit]:
    """A distribution with its own certificate speaks TLS 1.2 or newer."""
    for resource in stacks.of("AWS::CloudFront::Distribution"):
        viewer = mapping(resource.at("DistributionConfig", "ViewerCertificate"))
        modern = str(viewer.get("MinimumProtocolVersion")).startswith(_MODERN)
        if viewer.get("AcmCertificateArn") and not modern:
            yield resource.hit(
                "DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "speaks old versions of TLS"
            )
        if viewer.get("AcmCertificateArn") and viewer.get("SslSupportMethod") != "sni-only":
            yield resource.hit("DistributionConfig.ViewerCertificate.SslSupportMethod", "pays for addresses of its own")


@rule(
    "CDN-ORIGIN",
    why="a bucket without signed reads would have to be public; an origin without TLS is read on the way",
    fix="Give buckets an OriginAccessControlId, other origins https-only with TLSv1.2",
    source=f"{_HUB}/cloudfront-controls.html#cloudfront-13",
)
def origins_are_private_and_encrypted(stacks: Stacks) -> Iterator[Hit]:
    """Buckets are read with signed requests, other origins over TLS 1.2."""
    for resource in stacks.of("AWS::CloudFront::Distribution"):
        for index, origin in enumerate(items(resource.at("DistributionConfig", "Origins"))):
            place, custom = f"DistributionConfig.Origins[{index}]", mapping(at(origin, "CustomOriginConfig"))
            if at(origin, "S3OriginConfig") is not None and not at(origin, "OriginAccessControlId"):
                yield resource.hit(place, "is a bucket that is read without signatures")
            if custom and custom.get("OriginProtocolPolicy") != "https-only":
                yield resource.hit(place, "is asked over plain HTTP")
            if set(texts(custom.get("OriginSSLProtocols"))) & {"SSLv3", "TLSv1", "TLSv1.1"}:
                yield resource.hit(place, "is asked with old versions of TLS")


@rule(
    "OAC-SIGNS",
    why="a bucket read without signatures would have to be public",
    fix="Set SigningBehavior to always, SigningProtocol to sigv4",
    source=f"{_HUB}/cloudfront-controls.html#cloudfront-13",
)
def origin_access_always_signs(stacks: Stacks) -> Iterator[Hit]:
    """Origin access control signs every request."""
    for resource in stacks.of("AWS::CloudFront::OriginAccessControl"):
        for name, wanted in (("SigningBehavior", "always"), ("SigningProtocol", "sigv4")):
            if resource.at("OriginAccessControlConfig", name) != wanted:
                yield resource.hit(f"OriginAccessControlConfig.{name}", "does not sign every request")


@rule(
    "WAF-LOG",
    why="nothing records what was blocked and what was allowed",
    fix="Add a LoggingConfiguration to a group named aws-waf-logs-…",
    source=f"{_HUB}/waf-controls.html#waf-11",
)
def web_acls_are_logged(stacks: Stacks) -> Iterator[Hit]:
    """Every web ACL that lets through what no rule names is logged."""
    logged = {
        (resource.stack, text(resource.at("ResourceArn"))) for resource in stacks.of("AWS::WAFv2::LoggingConfiguration")
    }
    for acl in stacks.of("AWS::WAFv2::WebACL"):
        if (acl.stack, f"${{{acl.id}.Arn}}") not in logged and acl.at("DefaultAction", "Block") is None:
            yield acl.hit("LoggingConfiguration", "is not logged")


@rule(
    "API-AUTH",
    why="anyone can call the route",
    fix="Give it an authorizer, or suppress this with the reason why everyone may call it",
    source=f"{_HUB}/apigateway-controls.html#apigateway-8",
)
def routes_ask_who_calls(stacks: Stacks) -> Iterator[Hit]:
    """Every route but the browser's preflight (OPTIONS) says who may call it."""
    for resource in stacks.of("AWS::ApiGateway::Method"):
        if text(resource.at("AuthorizationType")) in {None, "NONE"} and resource.at("HttpMethod") != "OPTIONS":
            yield resource.hit("AuthorizationType", "lets everyone call")
    for entry in stacks.of("AWS::ApiGatewayV2::Route"):
        if text(entry.at("AuthorizationType")) in {None, "NONE"} and not (text(entry.at("RouteKey")) or "").startswith(
            "OPTIONS "
        ):
            yield entry.hit("AuthorizationType", "lets everyone call")
    for item in stacks.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        for route in routes_of(item.properties):
            if route.is_open and not route.is_preflight:
                yield item.hit(f"{route.place}.security", "lets everyone call", part=route.text)


@rule(
    "API-VALIDATOR",
    why="what no function expects reaches a function",
    fix="Set RequestValidatorId, or x-amazon-apigateway-request-validator in the body",
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html",
)
def requests_are_validated(stacks: Stacks) -> Iterator[Hit]:
    """Every method of a REST API that reaches a function validates its requests."""
    for resource in stacks.of("AWS::ApiGateway::Method"):
        if resource.at("Integration", "Type") != "MOCK" and not resource.at("RequestValidatorId"):
            yield resource.hit("RequestValidatorId", "takes requests as they come")
    for entry in stacks.of("AWS::ApiGateway::RestApi"):
        for route in routes_of(entry.properties):
            if not (route.is_answered_here or route.validated):
                yield entry.hit(route.place, "takes requests as they come", part=route.text)


@rule(
    "TABLE-CEILING",
    why="a loop or an attack costs as much as it can send",
    fix="Set OnDemandThroughput, or provision capacity",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html",
)
def tables_on_demand_have_a_ceiling(stacks: Stacks) -> Iterator[Hit]:
    """A table paid by request has a most of requests."""
    for table in stacks.of("AWS::DynamoDB::Table"):
        if table.at("BillingMode") == "PAY_PER_REQUEST" and not table.at("OnDemandThroughput"):
            yield table.hit("OnDemandThroughput", "has no ceiling for its bill")


@rule(
    "FN-PUBLIC",
    why="any account can call the function",
    fix="Name the service in Principal, and what it comes for in SourceArn",
    source=f"{_HUB}/lambda-controls.html#lambda-1",
)
def functions_are_called_by_named_principals(stacks: Stacks) -> Iterator[Hit]:
    """No permission is for everybody."""
    for resource in stacks.of("AWS::Lambda::Permission"):
        if resource.at("Principal") == "*":
            yield resource.hit("Principal", "lets everybody call the function")


@rule(
    "NET-FLOW",
    why="nothing records which addresses were connected",
    fix="Add a flow log with TrafficType ALL",
    source=f"{_HUB}/ec2-controls.html#ec2-6",
)
def networks_are_watched(stacks: Stacks) -> Iterator[Hit]:
    """Every VPC has a flow log of all traffic."""
    watched = {
        (resource.stack, text(resource.at("ResourceId")))
        for resource in stacks.of("AWS::EC2::FlowLog")
        if resource.at("TrafficType") == "ALL"
    }
    for vpc in stacks.of("AWS::EC2::VPC"):
        if (vpc.stack, f"${{{vpc.id}}}") not in watched:
            yield vpc.hit("FlowLog", "has no flow log of all traffic")


@rule(
    "KEY-OPEN",
    why="any account could use the key, the table or whatever the policy is of",
    fix="Name the principals, or add a condition",
    source=f"{_HUB}/kms-controls.html#kms-5",
)
def keys_are_for_somebody(stacks: Stacks) -> Iterator[Hit]:
    """No key policy allows everybody without a condition; nor does another resource's policy."""
    for statement in statements(stacks, "resource"):
        everybody = "*" in [
            *texts(statement.content.get("Principal")),
            *texts(at(statement.content, "Principal", "AWS")),
        ]
        if statement.allows and everybody and not statement.keys:
            yield statement.hit("lets everybody in")


@rule(
    "IAM-INLINE",
    why="a policy inside a role is found by no list of policies, and counts towards a smaller limit",
    fix="Make it an AWS::IAM::ManagedPolicy",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
)
def policies_are_managed(stacks: Stacks) -> Iterator[Hit]:
    """Roles, users and groups have no inline policies."""
    for resource in stacks.of("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        if items(resource.at("Policies")):
            yield resource.hit("Policies", "has a policy inside it")
    for entry in stacks.of("AWS::IAM::Policy", "AWS::IAM::RolePolicy"):
        yield entry.hit("PolicyDocument", "is a policy inside a role")


@rule(
    "PIPELINE-TYPE",
    why="version 1 has no triggers by branch and no variables, and costs even when it does not run",
    fix="Set PipelineType to V2",
    source="https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types.html",
)
def pipelines_are_of_version_two(stacks: Stacks) -> Iterator[Hit]:
    """A pipeline is of type V2."""
    for resource in stacks.of("AWS::CodePipeline::Pipeline"):
        if resource.at("PipelineType") != "V2":
            yield resource.hit("PipelineType", "is of version 1")


def _names(resource: Resource) -> list[str]:
    return texts(resource.properties.get("Queues")) + texts(resource.properties.get("Topics"))


@rule(
    "MESSAGE-TLS",
    why="messages and credentials could travel unencrypted",
    fix="Add a policy that denies everything where aws:SecureTransport is false",
    source=f"{_HUB}/sqs-controls.html",
)
def queues_and_topics_refuse_plain_http(stacks: Stacks) -> Iterator[Hit]:
    """Every queue and topic has a policy that denies requests without TLS."""
    covered = {
        (statement.document.owner.stack, name)
        for statement in statements(stacks, "resource")
        if not statement.allows and "aws:securetransport" in statement.keys
        for name in _names(statement.document.owner)
    }
    for resource in stacks.of("AWS::SQS::Queue", "AWS::SNS::Topic"):
        if (resource.stack, f"${{{resource.id}}}") not in covered:
            yield resource.hit("Policy", "takes requests without TLS")


RULES = (
    buckets_refuse_plain_http,
    buckets_write_access_logs,
    data_outlives_its_stack,
    viewers_use_https,
    own_certificates_come_with_modern_tls,
    origins_are_private_and_encrypted,
    origin_access_always_signs,
    web_acls_are_logged,
    routes_ask_who_calls,
    requests_are_validated,
    tables_on_demand_have_a_ceiling,
    functions_are_called_by_named_principals,
    networks_are_watched,
    keys_are_for_somebody,
    policies_are_managed,
    pipelines_are_of_version_two,
    queues_and_topics_refuse_plain_http,
)
