"""What is meant to be of functions, APIs, events and queues, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.when import (
    PAID,
    Suppression,
    alone,
    always,
    beside,
    both,
    has_api,
    has_routes,
    is_judged_otherwise,
    is_open_beside,
    is_preflight_route,
    is_public,
    is_public_route,
    is_public_url,
    neither_api,
    routes,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUBLIC = "the description says 'public: true': the application itself decides who may see what"
_PREFLIGHT = "browsers ask this before they send a token; the answer names methods and headers, no data"
BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::Lambda::Function": (
        Suppression(
            reason="reaches AWS services only, each by its own role; a network would add cost and no barrier",
            when=without("VpcConfig"),
            checkov=("CKV_AWS_117",),
            nag=("LambdaInsideVPC",),
        ),
        Suppression(
            reason="the account's concurrency is shared; the API's rate limit bounds what callers can start",
            when=both(without("ReservedConcurrentExecutions"), has_api),
            checkov=("CKV_AWS_115",),
            nag=("LambdaConcurrency",),
        ),
        Suppression(
            reason="the account's concurrency is shared; no API calls it, and its own events bound what they start",
            when=both(without("ReservedConcurrentExecutions"), neither_api),
            checkov=("CKV_AWS_115",),
            nag=("LambdaConcurrency",),
        ),
        Suppression(
            reason="answers requests: the caller sees a failure, there is nothing to keep for later",
            when=without("DeadLetterConfig"),
            checkov=("CKV_AWS_116",),
            nag=("LambdaDLQ",),
        ),
        Suppression(
            reason="variables hold names and ARNs, never secrets; encrypted with Lambda's own key",
            when=without("KmsKeyArn"),
            checkov=("CKV_AWS_173",),
        ),
        Suppression(
            reason="the runtime is the description's choice; the newest one is newer than cdk-nag's list",
            when=always,
            nag=("L1", "LambdaLatestVersion"),
        ),
        Suppression(reason=f"tracing is {PAID}", when=without("TracingConfig"), nag=("LambdaTracing",)),
        Suppression(
            reason="code is addressed by its hash and its bucket denied to functions; there is no signing profile",
            when=without("CodeSigningConfigArn"),
            own=("FN-SIGNING",),
        ),
    ),
    "AWS::Logs::LogGroup": (
        Suppression(
            reason=f"encrypted with CloudWatch's key; an own one is {PAID}",
            when=without("KmsKeyId"),
            checkov=("CKV_AWS_158",),
            nag=("CloudWatchLogGroupEncrypted",),
        ),
    ),
    "AWS::ApiGateway::Stage": (
        Suppression(
            reason=f"tracing is {PAID}",
            when=without("TracingEnabled"),
            checkov=("CKV_AWS_73",),
            nag=("APIGWXrayEnabled",),
        ),
        Suppression(
            reason="answers differ by user: a cache would have to be keyed by token, and costs by the hour",
            when=without("CacheClusterEnabled"),
            checkov=("CKV_AWS_120",),
            nag=("APIGWCacheEnabledAndEncrypted",),
        ),
        Suppression(
            reason="the integrations are Lambda functions, which see no client certificate",
            when=without("ClientCertificateId"),
            nag=("APIGWSSLEnabled",),
        ),
        Suppression(
            reason="the web ACL stands at CloudFront in front of it; a second one is a paid option that is off",
            when=alone("AWS::WAFv2::WebACLAssociation"),
            nag=("APIG3", "APIGWAssociatedWithWAF"),
        ),
    ),
    "AWS::ApiGateway::RestApi": (
        Suppression(
            reason="CloudFront reaches the API by its own address; 'direct_api: true' lets others do so, too",
            when=is_open_beside("AWS::ApiGateway::DomainName"),
            own=("API-ENDPOINT",),
        ),
        Suppression(
            reason=_PUBLIC,
            when=has_routes(is_public_route),
            parts=routes(is_public_route),
            checkov=("CKV_AWS_59",),
            nag=("APIG4",),
            own=("API-AUTH",),
        ),
        Suppression(
            reason=_PREFLIGHT,
            when=has_routes(is_preflight_route),
            parts=routes(is_preflight_route),
            nag=("APIG4", "COG4"),
        ),
        Suppression(
            reason="the description says who may call it, and that is not a user of the pool",
            when=has_routes(is_judged_otherwise),
            parts=routes(is_judged_otherwise),
            nag=("COG4",),
        ),
    ),
    "AWS::ApiGatewayV2::Api": (
        Suppression(
            reason="CloudFront reaches the API by its own address; 'direct_api: true' lets others do so, too",
            when=is_open_beside("AWS::ApiGatewayV2::DomainName"),
            own=("API-ENDPOINT",),
        ),
    ),
    "AWS::ApiGatewayV2::Route": (
        Suppression(
            reason=_PUBLIC,
            when=is_public,
            nag=("APIG4",),
            own=("API-AUTH",),
        ),
    ),
    "AWS::Lambda::Permission": (
        Suppression(
            reason="everyone may call this function at its own URL: the description says 'public' and 'auth: none'",
            when=is_public_url,
            checkov=("CKV_AWS_301",),
            own=("FN-PUBLIC",),
        ),
    ),
    "AWS::Lambda::Url": (
        Suppression(
            reason="everyone may call this function at its own URL: the description says 'public' and 'auth: none'",
            when=lambda properties, _: properties.get("AuthType") == "NONE",
            checkov=("CKV_AWS_258",),
            own=("FN-URL",),
        ),
    ),
    "AWS::Lambda::EventSourceMapping": (
        Suppression(
            reason="the queue hands on what failed too often, as its redrive policy says",
            when=without("DestinationConfig"),
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
            reason=f"encrypted with Secrets Manager's key; an own one is {PAID}",
            when=without("KmsKeyId"),
            checkov=("CKV_AWS_149",),
            nag=("SecretsManagerUsingKMSKey",),
        ),
        Suppression(
            reason="generated for this stage alone and used nowhere else; rotating it would end every session",
            when=both(alone("AWS::SecretsManager::RotationSchedule"), alone("AWS::CloudFront::Distribution")),
            nag=("SMG4", "SecretsManagerRotationEnabled"),
        ),
        Suppression(
            reason="CloudFront and the web ACL read it when they are deployed: rotated alone, it would close the site",
            when=both(alone("AWS::SecretsManager::RotationSchedule"), beside("AWS::CloudFront::Distribution")),
            nag=("SMG4", "SecretsManagerRotationEnabled"),
        ),
    ),
}
