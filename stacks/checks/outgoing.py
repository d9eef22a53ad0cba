"""Invariants about what leaves a stage's account, and what foreign comes into it: sinks, layers, code, lasting keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.documents import statements
from stacks.checks.places import ValuePlace, places
from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import leaves, text
from stacks.json_types import at, items, mapping
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARN = re.compile(r"arn:[\w${}:.-]+?:[a-z0-9-]*:[\w${}.-]*:(\d{12}):|//sqs\.[\w.-]+/(\d{12})/")
_ACCOUNT = re.compile(r"\d{12}")
_NAMED = {
    "CertificateArn", "AcmCertificateArn", "RegionalCertificateArn", "ConnectionArn", "WebACLId", "ProviderARNs",
    "Layers", "Dimensions",
}  # fmt: skip
"""Properties that name what already exists; what they name is reported by rules of their own, or is the account's.

Dimensions only select a metric: one of another account needs its ``AccountId``.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""
_JUDGED = {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "Policy", "ResourcePolicy", "AccessPolicy"}
"""Documents that ``REACH-PRINCIPAL`` reads."""
_ADDRESSES = {"InvocationEndpoint", "IntegrationUri", "ApiEndpoint", "AuthorizationEndpoint", "oidc_issuer", "Issuer"}
"""Properties with the address of what is asked; callbacks of sign-ins may lead to a developer's machine."""
_ISSUER = re.compile(r"(?:https://)?(?:token\.actions\.githubusercontent\.com|gitlab\.com|api\.bitbucket\.org/)")
"""The issuers that ``base.ci`` knows."""
_ACCOUNTS = re.compile(
    r"(?:aws)?(?:bucket)?account(?:id|ids|s|number|numbers)?|trustedsigners|principals?", re.IGNORECASE
)
_BUCKET = re.compile(r"(?:.*bucket(?:name|arn)?|bucketarn)", re.IGNORECASE)
_S3 = re.compile(
    r"(?:s3://|arn:[\w-]+:s3:::|https?://s3[.-](?:[\w-]+\.)*amazonaws\.com(?:\.cn)?/)(?P<path>[a-z0-9][a-z0-9.-]+)(?![\w$.-])"
    r"|(?<![\w$}.-])(?P<host>[a-z0-9][a-z0-9.-]*)\.s3[.-](?:[\w-]+\.)*amazonaws\.com"
)
"""A bucket in an address, its name written out: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"""
_FETCHED = {"TemplateURL", "LoadTemplateFromURL", "SchemaHandlerPackage", "ModulePackage"}
"""Properties with the address of what is deployed."""


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
        for place in places(resource.properties, leave=_JUDGED):
            for account in _accounts(place):
                if account not in partners:
                    yield resource.hit(place.path, f"names the account {account}")
            if what := _bucket(resource, place) or _sent(resource, place):
                yield resource.hit(place.path, what)
        if resource.type == "AWS::SNS::Subscription" and resource.at("Protocol") == "http":
            yield resource.hit("Protocol", "sends messages without TLS")
    for provider in stacks.of("AWS::IAM::OIDCProvider"):
        issuer = text(provider.at("Url")) or ""
        if issuer and not _ISSUER.match(issuer):
            yield provider.hit("Url", f"trusts tokens of {issuer}")


@rule(
    "REACH-INTO",
    why="what the role writes or calls there is in the hands of another account",
    fix="Name a resource of this account by ${AWS::AccountId}; suppress this where it is intended",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
)
def roles_stay_in_the_account(stacks: Stacks) -> Iterator[Hit]:
    """No policy of a role allows something on what another account owns, but the pipelines' own accounts.

    What a description's own statements name is in the boundary as well. A role of the stage that is only passed to a
    service is in the stage's account, however that is written: IAM passes no role of another account.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    allowed = [entry for entry in statements(stacks, "identity") if entry.allows]
    bounding = [entry for entry in allowed if "boundary" in entry.document.owner.id.lower()]
    known = {place for entry in bounding for target in entry.resources for place in _owners(target)}
    partners = known | partner_accounts(stacks)
    own_roles = _role_names(stacks)
    for statement in allowed:
        passable = own_roles if set(statement.actions) == {"iam:passrole"} else frozenset()
        targets = (target for target in statement.resources if target.rpartition(":")[2] not in passable)
        for target in targets:
            for owner in _owners(target):
                if owner not in partners:
                    yield statement.hit(f"reaches into what {owner} may own")


def _role_names(stacks: Stacks) -> frozenset[str]:
    """The stage's roles that have a name, as their ARNs end: ``role/notes-dev/platform/notes-dev-data-deploy``."""
    return frozenset(
        f"role{text(role.at('Path')) or '/'}{name}"
        for role in stacks.of("AWS::IAM::Role")
        if (name := text(role.at("RoleName")))
    )


def _owners(target: str) -> Iterator[str]:
    """The accounts and buckets that a resource of a policy writes out; connections are named by people."""
    if not re.match(r"arn:[^:]+:(?:codestar-|code)connections:", target):
        yield from (match[1] or match[2] for match in _ARN.finditer(target))
        yield from (match["path"] or match["host"] for match in _S3.finditer(target))


def partner_accounts(stacks: Stacks) -> set[str]:
    """Accounts that the stage's own pipelines deploy to, or that deploy it: named by roles of actions and trusts."""
    deploying = (
        role
        for role in stacks.of("AWS::IAM::Role")
        if any(word in role.id.lower() for word in ("deploy", "build", "pipeline", "publish"))
    )
    lines = [
        *(line for resource in stacks.of("AWS::CodePipeline::Pipeline") for line in leaves(resource.properties)),
        *(line for role in deploying for line in leaves(role.at("AssumeRolePolicyDocument"))),
    ]
    return {result for line in lines for result in re.findall(r":iam::(\d{12}):role/", line)}


def _accounts(place: ValuePlace) -> Iterator[str]:
    """The accounts that a text writes out."""
    if _ACCOUNTS.fullmatch(place.name) and _ACCOUNT.fullmatch(place.text):
        yield place.text
    elif not _NAMED & set(place.names):
        yield from (match[1] or match[2] for match in _ARN.finditer(place.text))


def _bucket(resource: Resource, place: ValuePlace) -> str | None:
    """What is wrong with a text that names a bucket, with neither a reference nor the account in its name."""
    if "S3BucketOwner" in place.around:
        return None  # AWS compares the owner that the description names
    if match := _S3.search(place.text):
        return f"names the bucket {match['path'] or match['host']}, which may be anybody's"
    kept = place.name == "Location" and resource.type.startswith("AWS::Code") and "://" not in place.text
    makes = place.path in {"BucketName", "TableBucketName", "VectorBucketName"} and "Bucket" in resource.type
    named = (kept or _BUCKET.fullmatch(place.name)) and not makes and place.is_literal
    return f"names the bucket {place.text}, which may be anybody's" if named and place.text else None


def _sent(resource: Resource, place: ValuePlace) -> str | None:
    """What is wrong with the address that something is asked or sent to."""
    if place.name in _ADDRESSES and place.text.startswith("http://"):
        return f"asks {place.text} without TLS"
    if place.name in _FETCHED and place.is_literal:
        return f"takes what it deploys from {place.text}"
    if resource.type == "AWS::S3::Bucket" and place.name == "HostName" and place.is_literal:
        return f"sends visitors to {place.text}"
    is_log = resource.type == "AWS::KinesisFirehose::DeliveryStream" and place.name == "Url"
    is_topic = resource.type in {"AWS::SNS::Subscription", "AWS::SNS::Topic"} and place.name == "Endpoint"
    if (is_log or is_topic) and place.is_literal and re.match("https?://", place.text):
        return f"sends what it gets to {place.text}"
    return None


@rule(
    "TEMPLATE-MACRO",
    why="somebody else's function, or a file in a bucket, decides what is deployed after everything was checked",
    fix="Write the result into the template",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html",
)
def templates_are_what_is_deployed(stacks: Stacks) -> Iterator[Hit]:
    """No template is changed by a macro that AWS does not have, or by one that reads a file."""
    for target in stacks.targets:
        for index, transform in enumerate(items(target.template.get("Transform"))):
            name = text(transform) or text(at(transform, "Name")) or ""
            if name not in _MACROS:
                path = f"Transform[{index}]"
                yield Hit(
                    stack=target.stack, logical_id="template", path=path, what=f"is changed by {name or 'a macro'}"
                )
    for resource in stacks.resources:
        for path, name in _transforms(resource.body, ""):
            if name not in _MACROS:
                yield resource.hit(path, f"is changed by {name or 'a macro'}")


_MACROS = {
    "AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16", "AWS::ServiceCatalog",
}  # fmt: skip


def _transforms(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inside in value.items():
            place = f"{path}.{name}" if path else str(name)
            if name == "Fn::Transform":
                yield path, text(at(inside, "Name")) or ""
            else:
                yield from _transforms(inside, place)
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from _transforms(inside, f"{path}[{index}]")


@rule(
    "FN-FOREIGN",
    why="anyone who owns it decides what runs with the function's rights",
    fix="Package the code with the function, or describe the layer under 'layers'",
    source="https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html",
)
def functions_run_their_own_code(stacks: Stacks) -> Iterator[Hit]:
    """A function's layers and code are the stage's; nothing in its variables replaces what runs."""
    for resource in stacks.of("AWS::Lambda::Function"):
        for index, layer in enumerate(items(resource.at("Layers"))):
            if isinstance(layer, str) or _ARN.search(text(layer) or ""):
                yield resource.hit(
                    f"Layers[{index}]", f"is of another account or version than the stage's: {text(layer)}"
                )
        bucket, image = resource.at("Code", "S3Bucket"), text(resource.at("Code", "ImageUri")) or ""
        if isinstance(bucket, str):
            yield resource.hit("Code.S3Bucket", f"names the bucket {bucket}, which may be anybody's")
        if re.match(r"\d{12}\.dkr\.|public\.ecr|docker\.io", image):
            yield resource.hit("Code.ImageUri", "is of another account")
        for name in mapping(resource.at("Environment", "Variables")):
            if what := _replaces(name):
                yield resource.hit(f"Environment.Variables.{name}", what)
    for entry in stacks.of("AWS::Lambda::CodeSigningConfig"):
        if entry.at("CodeSigningPolicies", "UntrustedArtifactOnDeployment") != "Enforce":
            yield entry.hit("CodeSigningPolicies", "lets code in that nobody signed")


def _replaces(variable: str) -> str | None:
    """What a variable of the environment does to a function that AWS and the application do not expect."""
    if variable in _LOADED or variable.startswith(("LD_", "PYTHON")):
        return "replaces what the runtime loads"
    return "sends the function's requests elsewhere, or trusts others" if _ASKS_OTHERS.fullmatch(variable) else None


_ASKS_OTHERS = re.compile(
    r"AWS_ENDPOINT_URL\w*|AWS_CA_BUNDLE|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL)_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
    r"|NODE_TLS_REJECT_UNAUTHORIZED|GIT_SSL_NO_VERIFY|(?:ALL|HTTPS?)_PROXY",
    re.IGNORECASE,
)
_LOADED = {"AWS_LAMBDA_EXEC_WRAPPER", "PATH", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "BASH_ENV", "ENV"}


@rule(
    "IAM-LASTING",
    why="a key or password that does not expire leaks one day, and its use goes unnoticed",
    fix="Let people and programs take roles: IAM Identity Center, OpenID Connect",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
)
def nobody_gets_lasting_credentials(stacks: Stacks) -> Iterator[Hit]:
    """No template makes a user of IAM, a key of one, or a provider that signs in for others."""
    for resource in stacks.resources:
        if credential := known(resource.type).credential:
            yield resource.hit("Properties", f"makes {credential}")
    for entry in stacks.resources:
        for line in leaves(entry.properties):
            if ".SecretAccessKey}" in line:
                yield entry.hit("Properties", "hands on a secret access key")
                break


RULES = (
    data_stays_in_the_account,
    roles_stay_in_the_account,
    templates_are_what_is_deployed,
    functions_run_their_own_code,
    nobody_gets_lasting_credentials,
)
