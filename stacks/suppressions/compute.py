"""What is intended of functions, APIs, events and queues, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.graph import (
    calls,
    is_called_unawaited,
    reads_queue,
    reads_stream,
    starts_or_reports,
)
from stacks.suppressions.when import (
    PAID,
    Suppression,
    both,
    has_api,
    has_mark,
    has_named_layers,
    has_no_resource,
    has_open_address,
    has_resource,
    has_routes,
    is_generated,
    is_judged_otherwise,
    is_packaged,
    is_public,
    is_public_route,
    is_public_url,
    neither_api,
    routes,
    runs_on,
    unless,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUBLIC = "the description says 'public: true': the application itself decides who may see what"
BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::Lambda::Function": (
        Suppression(
            reason="the description puts it into no network: it takes no connections, and has nothing private to reach",
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
            reason="its callers wait for the answer and see a failure: there is nothing to keep for later",
            when=both(without("DeadLetterConfig"), unless(is_called_unawaited)),
            checkov=("CKV_AWS_116",),
            nag=("LambdaDLQ",),
        ),
        Suppression(
            reason="the description says 'dead_letters: false': events that failed three times are dropped",
            when=both(without("DeadLetterConfig"), is_called_unawaited),
            checkov=("CKV_AWS_116",),
            nag=("LambdaDLQ",),
        ),
        Suppression(
            reason="variables hold names and ARNs, never secrets; encrypted with Lambda's own key",
            when=without("KmsKeyArn"),
            checkov=("CKV_AWS_173",),
        ),
        Suppression(
            reason="the runtime is Lambda's newest Python, which is newer than cdk-nag's list",
            when=runs_on(newest=True),
            nag=("L1", "LambdaLatestVersion"),
        ),
        Suppression(
            reason="the description chose this 'runtime'; AWS still patches it, or FN-RUNTIME would report it",
            when=runs_on(newest=False),
            nag=("L1", "LambdaLatestVersion"),
        ),
        Suppression(reason=f"tracing is {PAID}", when=without("TracingConfig"), nag=("LambdaTracing",)),
        Suppression(
            reason="code signing is not described; the key of the code ends with its hash, and is written once",
            when=both(without("CodeSigningConfigArn"), is_packaged),
            own=("FN-SIGNING",),
        ),
        Suppression(
            reason="the description names the layer under 'layers': its owner is trusted with the function",
            when=has_named_layers,
            own=("FN-FOREIGN",),
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
            reason="the stack 'frontend' puts a web ACL before it, which scanners of one template do not see",
            when=both(has_no_resource("AWS::WAFv2::WebACLAssociation"), has_mark("frontend")),
            nag=("APIG3", "APIGWAssociatedWithWAF"),
        ),
        Suppression(
            reason="the description says 'direct_api: true': callers may go around the web ACL of the site",
            when=both(has_no_resource("AWS::WAFv2::WebACLAssociation"), has_mark("direct")),
            nag=("APIG3", "APIGWAssociatedWithWAF"),
        ),
        Suppression(
            reason=f"a web ACL is {PAID}, or there is no site that has one",
            when=both(has_no_resource("AWS::WAFv2::WebACLAssociation"), unless(has_mark("frontend", "direct"))),
            nag=("APIG3", "APIGWAssociatedWithWAF"),
        ),
    ),
    "AWS::ApiGateway::RestApi": (
        Suppression(
            reason="CloudFront reaches the API by its own address; 'direct_api: true' lets others do so, too",
            when=has_open_address("AWS::ApiGateway::DomainName"),
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
            reason="the description says who may call it, and that is not a user of the pool",
            when=has_routes(is_judged_otherwise),
            parts=routes(is_judged_otherwise),
            nag=("COG4",),
        ),
    ),
    "AWS::ApiGatewayV2::Api": (
        Suppression(
            reason="CloudFront reaches the API by its own address; 'direct_api: true' lets others do so, too",
            when=has_open_address("AWS::ApiGatewayV2::DomainName"),
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
    "AWS::SNS::Subscription": (
        Suppression(
            reason="sends e-mail: what a mail server refuses is of no use to a queue, and the next message is sent",
            when=lambda properties, _: properties.get("Protocol") in ("email", "email-json"),
            nag=("SNSRedrivePolicy",),
        ),
    ),
    "AWS::CloudWatch::Alarm": (
        Suppression(
            reason="CodeDeploy watches it while it shifts a function to new code, and goes back when it rings",
            when=both(without("AlarmActions"), has_resource("AWS::CodeDeploy::DeploymentGroup")),
            nag=("CloudWatchAlarmAction",),
        ),
    ),
    "AWS::Lambda::Permission": (
        Suppression(
            reason="everyone may call this function at its own URL: the description says 'public' and 'auth: none'",
            when=is_public_url,
            nag=("LambdaFunctionPublicAccessProhibited",),
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
            when=reads_queue,
            nag=("LambdaEventSourceMappingDestination",),
        ),
        Suppression(
            reason="the description says 'dead_letters: false': a batch that failed too often is dropped",
            when=reads_stream,
            nag=("LambdaEventSourceMappingDestination",),
        ),
    ),
    "AWS::Events::Rule": (
        Suppression(
            reason="the function keeps what it failed to handle in dead letters of its own",
            when=calls(keeping=True),
            nag=("EventBusDLQ",),
        ),
        Suppression(
            reason="the description says 'dead_letters: false': events that failed three times are dropped",
            when=calls(keeping=False),
            nag=("EventBusDLQ",),
        ),
        Suppression(
            reason="starts pipelines or reports them: what is lost is seen in the pipeline's own history",
            when=starts_or_reports,
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
            when=both(is_generated, has_no_resource("AWS::CloudFront::Distribution")),
            nag=("SMG4", "SecretsManagerRotationEnabled"),
        ),
        Suppression(
            reason="CloudFront and the web ACL read it when they are deployed: rotated alone, it would close the site",
            when=both(is_generated, has_resource("AWS::CloudFront::Distribution")),
            nag=("SMG4", "SecretsManagerRotationEnabled"),
        ),
    ),
}
