"""What scanners report and is meant to be: one list, each entry with its reason. Pure.

A paid option that is off, or a choice of the description, is suppressed where it is rendered (``stacks.suppressing``
writes it into the template), so that whoever scans the template reads why. ``make scan`` proves that nothing is left
over, and nothing stale here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Findings on resources of a type that are meant to be ``when`` the resource, in its template, is so."""

    reason: str
    """At least 20 characters, no closing full stop."""
    when: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
    """Judges the properties of the resource, given all resources of the template."""
    checkov: tuple[str, ...] = ()
    nag: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


def _without(*path: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    """The property is not there, or false."""

    def lacks(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
        value: Any = properties
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return not value

    return lacks


def _always(_: Mapping[str, Any], __: Mapping[str, Any]) -> bool:
    return True


def _alone(kind: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    """The template has no resource of a type."""
    return lambda _, resources: all(body.get("Type") != kind for body in resources.values())


def _is_open_beside(domain: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    """The API's own address is open although the template has a domain for it."""
    return lambda properties, resources: (
        not properties.get("DisableExecuteApiEndpoint")
        and any(body.get("Type") == domain for body in resources.values())
    )


def _is_preflight(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    return properties.get("HttpMethod") == "OPTIONS"


def _is_public(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    return properties.get("AuthorizationType") == "NONE" and not _is_preflight(properties, _)


def _has_other_authorizer(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    return properties.get("AuthorizationType") != "COGNITO_USER_POOLS" and not _is_preflight(properties, _)


def _has_wildcards(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    return "*" in json.dumps(properties.get("PolicyDocument"))


def _never_asks(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    actions = (action for stage in properties.get("Stages", ()) for action in stage["Actions"])
    return all(action["ActionTypeId"]["Category"] != "Approval" for action in actions)


def _signs_up_everyone(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    return properties.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly") is not True


def _has_own_kms_key(properties: Mapping[str, Any]) -> bool:
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ())
    return any("KMSMasterKeyID" in rule.get("ServerSideEncryptionByDefault", {}) for rule in rules)


def _has_no_rule_groups(properties: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
    statements = (one.get("Statement", {}) for one in properties.get("Rules", ()))
    return not any("ManagedRuleGroupStatement" in statement for statement in statements)


def _is_delivered(_: Mapping[str, Any], resources: Mapping[str, Any]) -> bool:
    """The template delivers the distribution's log, or says which stack of us-east-1 does."""
    return any(
        body.get("Type") == "AWS::Logs::Delivery" or "AccessLog" in body.get("Metadata", {})
        for body in resources.values()
    )


def _has_no_log(properties: Mapping[str, Any], resources: Mapping[str, Any]) -> bool:
    return "Logging" not in properties.get("DistributionConfig", {}) and not _is_delivered(properties, resources)


_PAID = "a paid option that is off in the description"

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::Lambda::Function": (
        Suppression(
            reason="reaches AWS services only, each by its own role; a network would add cost and no barrier",
            when=_without("VpcConfig"),
            checkov=("CKV_AWS_117",),
            nag=("LambdaInsideVPC",),
        ),
        Suppression(
            reason="the account's concurrency is shared; the API's rate limit bounds what callers can start",
            when=_without("ReservedConcurrentExecutions"),
            checkov=("CKV_AWS_115",),
            nag=("LambdaConcurrency",),
        ),
        Suppression(
            reason="answers requests: the caller sees a failure, there is nothing to keep for later",
            when=_without("DeadLetterConfig"),
            checkov=("CKV_AWS_116",),
            nag=("LambdaDLQ",),
        ),
        Suppression(
            reason="variables hold names and ARNs, never secrets; encrypted with Lambda's own key",
            when=_without("KmsKeyArn"),
            checkov=("CKV_AWS_173",),
        ),
        Suppression(
            reason="the runtime is the description's choice; the newest one is newer than cdk-nag's list",
            when=_always,
            nag=("L1", "LambdaLatestVersion"),
        ),
        Suppression(reason=f"tracing is {_PAID}", when=_without("TracingConfig"), nag=("LambdaTracing",)),
        Suppression(
            reason="code is addressed by its hash and its bucket denied to functions; there is no signing profile",
            when=_without("CodeSigningConfigArn"),
            own=("FN-SIGNING",),
        ),
    ),
    "AWS::Logs::LogGroup": (
        Suppression(
            reason=f"encrypted with CloudWatch's key; an own one is {_PAID}",
            when=_without("KmsKeyId"),
            checkov=("CKV_AWS_158",),
            nag=("CloudWatchLogGroupEncrypted",),
        ),
    ),
    "AWS::ApiGateway::Stage": (
        Suppression(
            reason=f"tracing is {_PAID}",
            when=_without("TracingEnabled"),
            checkov=("CKV_AWS_73",),
            nag=("APIGWXrayEnabled",),
        ),
        Suppression(
            reason="answers differ by user: a cache would have to be keyed by token, and costs by the hour",
            when=_without("CacheClusterEnabled"),
            checkov=("CKV_AWS_120",),
            nag=("APIGWCacheEnabledAndEncrypted",),
        ),
        Suppression(
            reason="the integrations are Lambda functions, which see no client certificate",
            when=_without("ClientCertificateId"),
            nag=("APIGWSSLEnabled",),
        ),
        Suppression(
            reason="the web ACL stands at CloudFront in front of it; a second one is a paid option that is off",
            when=_alone("AWS::WAFv2::WebACLAssociation"),
            nag=("APIG3", "APIGWAssociatedWithWAF"),
        ),
    ),
    "AWS::ApiGateway::RestApi": (
        Suppression(
            reason="CloudFront reaches the API by its own address; 'direct_api: true' lets others do so, too",
            when=_is_open_beside("AWS::ApiGateway::DomainName"),
            own=("API-ENDPOINT",),
        ),
    ),
    "AWS::ApiGatewayV2::Api": (
        Suppression(
            reason="CloudFront reaches the API by its own address; 'direct_api: true' lets others do so, too",
            when=_is_open_beside("AWS::ApiGatewayV2::DomainName"),
            own=("API-ENDPOINT",),
        ),
    ),
    "AWS::ApiGateway::Method": (
        Suppression(
            reason="the description says 'public: true': the application itself decides who may see what",
            when=_is_public,
            checkov=("CKV_AWS_59",),
            nag=("APIG4",),
            own=("API-AUTH",),
        ),
        Suppression(
            reason="browsers ask this before they send a token; the answer names methods and headers, no data",
            when=_is_preflight,
            nag=("APIG4", "COG4"),
        ),
        Suppression(
            reason="the description says who may call it, and that is not a user of the pool",
            when=_has_other_authorizer,
            nag=("COG4",),
        ),
    ),
    "AWS::ApiGatewayV2::Route": (
        Suppression(
            reason="the description says 'public: true': the application itself decides who may see what",
            when=_is_public,
            nag=("APIG4",),
            own=("API-AUTH",),
        ),
    ),
    "AWS::CodeBuild::Project": (
        Suppression(
            reason="the source comes from CodePipeline, which reads it through a connection",
            when=_always,
            nag=("CodeBuildProjectSourceRepoUrl",),
        ),
    ),
    "AWS::SQS::Queue": (
        Suppression(
            reason=f"encrypted with SQS's own key; one of the account is {_PAID}",
            when=_without("KmsMasterKeyId"),
            checkov=("CKV_AWS_27",),
        ),
        Suppression(
            reason="holds dead letters itself: there is nothing to hand them on to",
            when=_without("RedrivePolicy"),
            nag=("SQSRedrivePolicy",),
        ),
    ),
    "AWS::Lambda::EventSourceMapping": (
        Suppression(
            reason="the queue hands on what failed too often, as its redrive policy says",
            when=_without("DestinationConfig"),
            nag=("LambdaEventSourceMappingDestination",),
        ),
    ),
    "AWS::Events::Rule": (
        Suppression(
            reason="the function keeps what it failed to handle in dead letters of its own",
            when=lambda properties, _: any("DeadLetterConfig" not in one for one in properties.get("Targets", ())),
            nag=("EventBusDLQ",),
        ),
    ),
    "AWS::SecretsManager::Secret": (
        Suppression(
            reason=f"encrypted with Secrets Manager's key; an own one is {_PAID}",
            when=_without("KmsKeyId"),
            checkov=("CKV_AWS_149",),
            nag=("SecretsManagerUsingKMSKey",),
        ),
        Suppression(
            reason="generated for this stage alone and used nowhere else; rotating it would end every session",
            when=_alone("AWS::SecretsManager::RotationSchedule"),
            nag=("SMG4", "SecretsManagerRotationEnabled"),
        ),
    ),
    "AWS::CloudFront::Distribution": (
        Suppression(
            reason="requests are logged by a delivery of CloudWatch Logs in us-east-1, which scanners do not look for",
            when=_is_delivered,
            checkov=("CKV_AWS_86",),
            nag=("CFR3",),
        ),
        Suppression(
            reason=f"requests are logged by API Gateway and the web ACL; access logs of the edge are {_PAID}",
            when=_has_no_log,
            checkov=("CKV_AWS_86",),
            nag=("CFR3",),
        ),
        Suppression(
            reason="has no domain of its own: CloudFront's certificate comes with its own TLS policy",
            when=_without("DistributionConfig", "ViewerCertificate", "AcmCertificateArn"),
            checkov=("CKV_AWS_174",),
            nag=("CFR4",),
        ),
        Suppression(
            reason="the audience is the whole world; restrict it where that is not so",
            when=_without("DistributionConfig", "Restrictions", "GeoRestriction", "Locations"),
            nag=("CFR1",),
        ),
        Suppression(
            reason=f"the web ACL is {_PAID}",
            when=_without("DistributionConfig", "WebACLId"),
            checkov=("CKV_AWS_68",),
            nag=("CFR2",),
        ),
    ),
    "AWS::S3::Bucket": (
        Suppression(
            reason="one region by design; contents are versioned, and made again or backed up elsewhere",
            when=_without("ReplicationConfiguration"),
            nag=("S3BucketReplicationEnabled",),
        ),
        Suppression(
            reason=f"encrypted with S3's own key; one of the account is {_PAID}",
            when=lambda properties, _: not _has_own_kms_key(properties),
            nag=("S3DefaultEncryptionKMS",),
        ),
        Suppression(
            reason="this is the bucket that access logs go to; logging itself would never end",
            when=_without("LoggingConfiguration"),
            checkov=("CKV_AWS_18",),
        ),
    ),
    "AWS::DynamoDB::Table": (
        Suppression(
            reason=f"encrypted with a key of AWS; one of the table's own is {_PAID}",
            when=_without("SSESpecification", "KMSMasterKeyId"),
            checkov=("CKV_AWS_119",),
        ),
        Suppression(
            reason=f"restorable to any second of 35 days; a backup plan is {_PAID}",
            when=_alone("AWS::Backup::BackupSelection"),
            nag=("DynamoDBInBackupPlan",),
        ),
    ),
    "AWS::Backup::BackupVault": (
        Suppression(
            reason="encrypted with AWS Backup's key; copies of tables with own keys stay under those",
            when=_without("EncryptionKeyArn"),
            checkov=("CKV_AWS_166",),
        ),
    ),
    "AWS::WAFv2::WebACL": (
        Suppression(
            reason="stands behind the web ACL at the edge, which has the rule groups, and lets nothing else through",
            when=_has_no_rule_groups,
            checkov=("CKV_AWS_192",),
        ),
    ),
    "AWS::Cognito::UserPool": (
        Suppression(
            reason="the description leaves the second factor to each user, or to nobody",
            when=lambda properties, _: properties.get("MfaConfiguration") != "ON",
            nag=("COG2",),
        ),
        Suppression(
            reason=f"threat protection, paid by user, is {_PAID}",
            when=_without("UserPoolAddOns"),
            nag=("COG8",),
            own=("USERS-THREATS",),
        ),
        Suppression(
            reason="the description says 'self_sign_up: true': the application is open to everyone",
            when=_signs_up_everyone,
            own=("USERS-SIGN-UP",),
        ),
    ),
    "AWS::CloudTrail::Trail": (
        Suppression(
            reason=f"kept in a bucket, locked to applications; a copy in CloudWatch is {_PAID}",
            when=_without("CloudWatchLogsLogGroupArn"),
            nag=("CloudTrailCloudWatchLogsEnabled",),
        ),
    ),
    "AWS::CodePipeline::Pipeline": (
        Suppression(
            reason="the description says 'approval: false': this stage deploys whatever is pushed",
            when=_never_asks,
            own=("PIPELINE-APPROVAL",),
        ),
    ),
    "AWS::EC2::VPC": (
        Suppression(
            reason="CloudFormation cannot change the default security group; nothing here uses it",
            when=_always,
            nag=("VPCDefaultSecurityGroupClosed",),
        ),
    ),
    "AWS::IAM::ManagedPolicy": (
        Suppression(
            reason="the stage's own name prefix, or ids that AWS makes up, bound by conditions",
            when=_has_wildcards,
            nag=("IAM5",),
        ),
    ),
}
CFN_LINT = {
    "config": {"ignore_checks": ["I1022"]},
    "reason": "Control Tower's rules read the ARN of a bucket's objects only as Fn::Join",
}
"""What cfn-lint's informational rules are told where a template has bucket policies."""
