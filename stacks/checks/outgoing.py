"""Invariants about what leaves a stage's account, and what foreign comes into it: sinks, layers, code, lasting keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from stacks.checks.rule import Hit, Stacks, rule
from stacks.checks.values import at, items, leaves, mapping, text, texts
from stacks.intrinsics.functions import is_function

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_ARN = re.compile(r"arn:[\w${}:.-]+?:[a-z0-9-]*:[\w${}.-]*:(\d{12}):|//sqs\.[\w.-]+/(\d{12})/")
_ACCOUNT = re.compile(r"\d{12}")
_NAMED = {
    "CertificateArn", "AcmCertificateArn", "RegionalCertificateArn", "ConnectionArn", "WebACLId", "SourceArn",
    "ProviderARNs", "Layers",
}  # fmt: skip
"""Properties that name what already exists; what they name is reported by rules of their own, or is the account's."""
_JUDGED = {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "Policy", "ResourcePolicy", "AccessPolicy"}
"""Documents that ``REACH-PRINCIPAL`` reads."""
_ADDRESSES = {"InvocationEndpoint", "IntegrationUri", "ApiEndpoint", "AuthorizationEndpoint", "oidc_issuer", "Issuer"}
"""Properties with the address of what is asked; callbacks of sign-ins may lead to a developer's machine."""
_ISSUER = re.compile(r"(?:https://)?(?:token\.actions\.githubusercontent\.com|gitlab\.com|api\.bitbucket\.org/)")
"""The issuers that ``base.ci`` knows."""
_ACCOUNTS = {"account", "accountid", "accounts", "accountids", "awsaccountid", "awsaccountids", "bucketaccountid"}
_BUCKETS = {"S3BucketName", "DestinationBucketName", "BucketARN", "BucketArn", "S3Bucket"}


@rule(
    "REACH-OUT",
    why="what the resource sends, or who it asks, is in the hands of another account",
    fix="Name a resource of the stage, or of this account by ${AWS::AccountId}; suppress this where it is intended",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
)
def data_stays_in_the_account(stacks: Stacks) -> Iterator[Hit]:
    """No property but a policy names another account, or a bucket by a name that anybody may have taken."""
    partners = partner_accounts(stacks)
    for resource in stacks.resources:
        if resource.type in {"AWS::Lambda::Permission", "AWS::Events::EventBusPolicy"}:
            continue  # REACH-FUNCTION and REACH-PRINCIPAL
        for path, account in _accounts(resource.properties):
            if account not in partners:
                yield resource.hit(path, f"names the account {account}")
        for path, name in _buckets(resource.properties):
            yield resource.hit(path, f"names the bucket {name}, which may be anybody's")
        for path, url in _unencrypted(resource.properties):
            yield resource.hit(path, f"asks {url} without TLS")
        issuer = (text(resource.at("Url")) or "") if resource.type == "AWS::IAM::OIDCProvider" else ""
        if issuer and not _ISSUER.match(issuer):
            yield resource.hit("Url", f"trusts tokens of {issuer}")
        if resource.type == "AWS::SNS::Subscription" and resource.at("Protocol") == "http":
            yield resource.hit("Protocol", "sends messages without TLS")


def partner_accounts(stacks: Stacks) -> set[str]:
    """Accounts that the stage's own pipelines deploy to, or that deploy it: named by roles of actions and trusts."""
    deploying = (
        role
        for role in stacks.of("AWS::IAM::Role")
        if any(word in role.id.lower() for word in ("deploy", "build", "pipeline", "publish"))
    )
    lines = [
        *(line for one in stacks.of("AWS::CodePipeline::Pipeline") for line in leaves(one.properties)),
        *(line for role in deploying for line in leaves(role.at("AssumeRolePolicyDocument"))),
    ]
    return {found for line in lines for found in re.findall(r":iam::(\d{12}):role/", line)}


class _Place(NamedTuple):
    path: str
    """``DistributionConfig.Origins[0]``"""
    key: str
    """The last property on the way: empty for an item of a list."""
    value: Any
    holder: Mapping[str, Any]
    """The mapping that the property is in."""


def _places(value: Any, skipped: Collection[str] = (), path: str = "") -> Iterator[_Place]:
    """Every property and item inside a value but what is below the keys ``skipped``; functions are read whole."""
    if isinstance(value, dict) and not is_function(value):
        for key, inside in value.items():
            place = f"{path}.{key}" if path else str(key)
            if key not in skipped:
                yield _Place(place, str(key), inside, value)
                yield from _places(inside, skipped, place)
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield _Place(f"{path}[{index}]", "", inside, {})
            yield from _places(inside, skipped, f"{path}[{index}]")


def _accounts(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every account that is written out in properties, by its place."""
    for place in _places(properties, _NAMED | _JUDGED):
        if place.key.lower() in _ACCOUNTS:
            yield from ((place.path, account) for account in texts(place.value) if _ACCOUNT.fullmatch(account))
        elif isinstance(place.value, str) or is_function(place.value):
            yield from ((place.path, match[1] or match[2]) for match in _ARN.finditer(text(place.value) or ""))


def _unencrypted(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every address that requests go to without TLS, by its place."""
    for place in _places(properties):
        if place.key in _ADDRESSES and isinstance(place.value, str) and place.value.startswith("http://"):
            yield place.path, place.value


def _buckets(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Buckets that are written out, with neither a reference nor the account in their name."""
    for place in _places(properties, _JUDGED):
        name = at(place.value, "Bucket") if place.key == "Destination" else place.value
        is_owned = "S3BucketOwner" in place.holder  # AWS compares the owner that the description names
        if place.key in {*_BUCKETS, "Destination"} and isinstance(name, str) and name and not is_owned:
            yield place.path, name


@rule(
    "FN-FOREIGN",
    why="anyone who owns it decides what runs with the function's rights",
    fix="Package the code with the function, or describe the layer under 'layers'",
    source="https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html",
)
def functions_run_their_own_code(stacks: Stacks) -> Iterator[Hit]:
    """A function's layers and code are the stage's; nothing in its variables replaces what runs."""
    for one in stacks.of("AWS::Lambda::Function"):
        for index, layer in enumerate(items(one.at("Layers"))):
            if isinstance(layer, str) or _ARN.search(text(layer) or ""):
                yield one.hit(f"Layers[{index}]", f"is of another account or version than the stage's: {text(layer)}")
        bucket, image = one.at("Code", "S3Bucket"), text(one.at("Code", "ImageUri")) or ""
        if isinstance(bucket, str):
            yield one.hit("Code.S3Bucket", f"names the bucket {bucket}, which may be anybody's")
        if re.match(r"\d{12}\.dkr\.|public\.ecr|docker\.io", image):
            yield one.hit("Code.ImageUri", "is of another account")
        for name in mapping(one.at("Environment", "Variables")):
            if name in _LOADED or name.startswith(("LD_", "PYTHON")):
                yield one.hit(f"Environment.Variables.{name}", "replaces what the runtime loads")


_LOADED = {"AWS_LAMBDA_EXEC_WRAPPER", "PATH", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "BASH_ENV", "ENV"}


@rule(
    "IAM-LASTING",
    why="a key or password that does not expire leaks one day, and its use goes unnoticed",
    fix="Let people and programs take roles: IAM Identity Center, OpenID Connect",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
)
def nobody_gets_lasting_credentials(stacks: Stacks) -> Iterator[Hit]:
    """No template makes a user of IAM, a key of one, or a provider that signs in for others."""
    for one in stacks.of("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::SAMLProvider"):
        yield one.hit("Properties", f"makes {_LASTING[one.type]}")
    for one in stacks.resources:
        for line in leaves(one.properties):
            if ".SecretAccessKey}" in line:
                yield one.hit("Properties", "hands on a secret access key")
                break


_LASTING = {
    "AWS::IAM::User": "a user of IAM",
    "AWS::IAM::AccessKey": "an access key",
    "AWS::IAM::SAMLProvider": "a provider that decides who is signed in",
}


RULES = (data_stays_in_the_account, functions_run_their_own_code, nobody_gets_lasting_credentials)
