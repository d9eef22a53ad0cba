"""Invariants about doors that are opened wider than a stage asks for: browsers, networks, trusts, builds, mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.documents import statements, trusted
from stacks.checks.places import places
from stacks.checks.rule import Hit, Stacks, rule
from stacks.checks.values import text, texts
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_BUILD = "https://docs.aws.amazon.com/codebuild/latest/userguide"
_PROJECT = "AWS::CodeBuild::Project"
_ORIGINS = {"alloworigins", "allowedorigins", "accesscontrolalloworigins"}
_CREDENTIALS = {"allowcredentials", "accesscontrolallowcredentials"}
_METHODS = {"allowmethods", "allowedmethods"}
_EVERY_ORIGIN = {"*", "https://*", "http://*", "null", "https://*.*"}
_WRITES = {"PUT", "POST", "DELETE", "PATCH", "*"}


@rule(
    "CORS-OPEN",
    why="any page that somebody opens could read answers, or write, with what their browser holds",
    fix="Name the origins of the site",
    source="https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html",
)
def browsers_ask_from_the_sites_own_pages(stacks: Stacks) -> Iterator[Hit]:
    """Where every origin is allowed, credentials are not, nor is writing into a bucket."""
    for resource in stacks.resources:
        for path, cors in _cors(resource.properties, ""):
            writes = resource.type == "AWS::S3::Bucket" and _WRITES & set(_named(cors, _METHODS))
            if "true" in _named(cors, _CREDENTIALS) or writes:
                yield resource.hit(path, "lets the pages of every origin in")
    for response in stacks.of("AWS::ApiGateway::GatewayResponse"):
        headers = {key.lower(): text(entry) for key, entry in mapping(response.at("ResponseParameters")).items()}
        answered = [str(header) for key, header in headers.items() if key.endswith("access-control-allow-origin")]
        if "'*'" in answered and any(key.endswith("allow-credentials") for key in headers):
            yield response.hit("ResponseParameters", "lets the pages of every origin in")


def _cors(value: object, path: str) -> Iterator[tuple[str, JsonObject]]:
    """Every mapping that allows all origins."""
    if isinstance(value, dict):
        if _EVERY_ORIGIN & set(_named(value, _ORIGINS)):
            yield path, value
        for name, inside in value.items():
            yield from _cors(inside, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from _cors(inside, f"{path}[{index}]")


def _named(value: JsonObject, names: set[str]) -> list[str]:
    """The texts of the properties with these names, whatever their case; CloudFront keeps lists under ``Items``."""
    matching = [inside for name, inside in value.items() if str(name).lower() in names]
    return [item for inside in matching for item in texts(at(inside, "Items") if isinstance(inside, dict) else inside)]


@rule(
    "NET-OPEN",
    why="it can be reached from the whole internet",
    fix="Name the networks or security groups that come, and keep what holds data out of public subnets",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
)
def networks_let_in_whom_they_name(stacks: Stacks) -> Iterator[Hit]:
    """No database is public, no endpoint service takes everybody, and no group opens more than 80 and 443 to all."""
    for resource in stacks.resources:
        if resource.at("PubliclyAccessible") in {True, "true"}:
            yield resource.hit("PubliclyAccessible", "is reached from the internet")
        if "*" in texts(resource.at("AllowedPrincipals")):
            yield resource.hit("AllowedPrincipals", "lets every account connect")
        if at(resource.at("ClientAuthentication"), "Unauthenticated", "Enabled") is True:
            yield resource.hit("ClientAuthentication", "lets clients in that nobody knows")
    for entry in stacks.of("AWS::EC2::SecurityGroupIngress"):
        ports = {entry.at("FromPort"), entry.at("ToPort")}
        everybody = {text(entry.at("CidrIp")), text(entry.at("CidrIpv6"))} & {"0.0.0.0/0", "::/0"}
        if everybody and not ports <= {80, 443, "80", "443"}:
            yield entry.hit("CidrIp", "lets the whole internet in")


@rule(
    "TRUST-OTHERS",
    why="anyone who may start the other service acts with the role's rights",
    fix="Let the service alone take the role that uses it",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
)
def roles_are_taken_by_one_kind_of_service(stacks: Stacks) -> Iterator[Hit]:
    """A role that Lambda or CloudFormation takes is taken by nothing else; machines take those of a profile."""
    functions = {
        (resource.stack, (text(resource.at("Role")) or "")[2:].partition(".")[0])
        for resource in stacks.of("AWS::Lambda::Function")
    }
    profiles = {
        (resource.stack, name[2:-1])
        for resource in stacks.of("AWS::IAM::InstanceProfile")
        for name in texts(resource.at("Roles"))
    }
    for role in stacks.of("AWS::IAM::Role"):
        services, here = trusted(role), (role.stack, role.id)
        own = {"lambda", "edgelambda"} if here in functions else services
        own = {"cloudformation"} if "cloudformation" in services else own
        others = services - own - ({"ec2"} if here in profiles else set())
        if "ec2" in services and here not in profiles:
            others |= {"ec2"}
        if others:
            yield role.hit("AssumeRolePolicyDocument", f"lets {min(others)} take it, too")


@rule(
    "BOUNDARY-WIDE",
    why="a boundary that allows everything bounds nothing",
    fix="Name the stage's boundary",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
)
def boundaries_are_the_stages(stacks: Stacks) -> Iterator[Hit]:
    """A permissions boundary is none of AWS's policies."""
    for role in stacks.of("AWS::IAM::Role"):
        if ":iam::aws:policy/" in (text(role.at("PermissionsBoundary")) or ""):
            yield role.hit("PermissionsBoundary", "is a policy that AWS wrote for everybody")


@rule(
    "BUILD-READS",
    why="the owner of what the build reads decides what is deployed",
    fix="Let the build read the pipeline's artifact (CODEPIPELINE), and packages from indexes with TLS",
    source=f"{_BUILD}/security-best-practices.html",
)
def builds_read_the_pipelines_artifact(stacks: Stacks) -> Iterator[Hit]:
    """A build that a pipeline starts reads nothing else; none is started by anybody, or shown to everybody."""
    for resource in stacks.of(_PROJECT):
        if resource.at("Artifacts", "Type") == "CODEPIPELINE" and resource.at("Source", "Type") != "CODEPIPELINE":
            yield resource.hit("Source.Type", "reads another source than its pipeline hands on")
        if items(resource.at("SecondarySources")):
            yield resource.hit("SecondarySources", "reads more than its pipeline hands on")
        if at(resource.at("Triggers"), "Webhook") is True:
            yield resource.hit("Triggers.Webhook", "is started by anyone who pushes or opens a pull request")
        if resource.at("Source", "InsecureSsl") is True:
            yield resource.hit("Source.InsecureSsl", "does not check who sends the source")
        if resource.at("ResourceAccessRole") is not None:
            yield resource.hit("ResourceAccessRole", "lets everybody read logs and artifacts")
        for index, variable in enumerate(items(resource.at("Environment", "EnvironmentVariables"))):
            name, content = text(at(variable, "Name")) or "", text(at(variable, "Value")) or ""
            if (_INDEX.fullmatch(name) and content.startswith("http://")) or _UNCHECKED.fullmatch(name):
                yield resource.hit(f"Environment.EnvironmentVariables[{index}]", f"takes packages unchecked: {name}")


_INDEX = re.compile(r"(?:PIP|UV|NPM_CONFIG|YARN)_\w*(?:INDEX|REGISTRY)\w*", re.IGNORECASE)
_UNCHECKED = re.compile(
    r"PIP_TRUSTED_HOST|UV_INSECURE_HOST|GIT_SSL_NO_VERIFY|NODE_TLS_REJECT_UNAUTHORIZED|NPM_CONFIG_STRICT_SSL",
    re.IGNORECASE,
)


@rule(
    "PIPELINE-WEBHOOK",
    why="anybody could have the pipeline deploy, as often as they like",
    fix="Set Authentication to GITHUB_HMAC, or name the networks of the repository's host",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-webhook.html",
)
def pipelines_are_started_by_the_repository(stacks: Stacks) -> Iterator[Hit]:
    """A webhook of a pipeline checks who calls it."""
    for resource in stacks.of("AWS::CodePipeline::Webhook"):
        open_to = text(resource.at("AuthenticationConfiguration", "AllowedIPRange")) or ""
        if resource.at("Authentication") == "UNAUTHENTICATED" or re.fullmatch(r"[\d.:]+/[0-7]", open_to):
            yield resource.hit("Authentication", "lets everybody start the pipeline")


@rule(
    "API-CACHE",
    why="API Gateway would give the answer for one caller to the next",
    fix="Leave CachingEnabled out; answers that are for everybody are kept by the CDN",
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",
)
def apis_keep_no_answers(stacks: Stacks) -> Iterator[Hit]:
    """No stage of a REST API keeps answers."""
    for resource in stacks.of("AWS::ApiGateway::Stage"):
        for index, settings in enumerate(items(resource.at("MethodSettings"))):
            if at(settings, "CachingEnabled") is True:
                yield resource.hit(f"MethodSettings[{index}].CachingEnabled", "keeps answers")


@rule(
    "MAIL-SIGNED",
    why="anybody's mail looks like the site's, or is read on its way",
    fix="Verify the domain, leave SigningEnabled on and set TlsPolicy to REQUIRE",
    source="https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim.html",
)
def mail_is_signed_and_encrypted(stacks: Stacks) -> Iterator[Hit]:
    """An identity of SES is a domain or an address, and signs; mail is sent and taken with TLS."""
    for resource in stacks.of("AWS::SES::EmailIdentity"):
        named = text(resource.at("EmailIdentity")) or ""
        if not re.search(r"[$]|[^@\s]\.[^.\s]", named) or "*" in named:
            yield resource.hit("EmailIdentity", "is neither a domain nor an address")
        if resource.at("DkimAttributes", "SigningEnabled") is False:
            yield resource.hit("DkimAttributes.SigningEnabled", "sends mail unsigned")
    for entry in stacks.of("AWS::SES::ConfigurationSet", "AWS::SES::ReceiptRule"):
        for place in places(entry.properties):
            if place.name == "TlsPolicy" and place.text.lower() == "optional":
                yield entry.hit(place.path, "sends or takes mail without TLS")


@rule(
    "TRAIL-GONE",
    why="who changed what is recorded nowhere, though everything is prepared for it",
    fix="Keep the trail, or take its bucket and policy away as well",
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail.html",
)
def buckets_for_a_trail_have_one(stacks: Stacks) -> Iterator[Hit]:
    """Where CloudTrail may write into a bucket of the stage, there is a trail."""
    if any(stacks.of("AWS::CloudTrail::Trail")):
        return
    for statement in statements(stacks, "resource"):
        is_bucket = statement.document.owner.type == "AWS::S3::BucketPolicy"
        if is_bucket and statement.allows and "cloudtrail" in statement.services and statement.gives("s3:putobject"):
            yield statement.hit("lets a trail write, and there is none")


@rule(
    "SECRET-SHORT",
    why="a short password, or one of few characters, can be guessed",
    fix="Leave PasswordLength out (32), and exclude few characters",
    source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html",
)
def generated_secrets_are_long(stacks: Stacks) -> Iterator[Hit]:
    """Secrets Manager generates at least 16 characters, of more than one kind."""
    for resource in stacks.of("AWS::SecretsManager::Secret"):
        settings = resource.at("GenerateSecretString")
        length = at(settings, "PasswordLength")
        if isinstance(length, int) and length < _SHORTEST:
            yield resource.hit("GenerateSecretString.PasswordLength", f"is {length}, of {_SHORTEST} at least")
        kinds = [name for name in ("Lowercase", "Uppercase", "Numbers") if at(settings, f"Exclude{name}") is True]
        if len(kinds) > 1:
            yield resource.hit("GenerateSecretString", "is made of one kind of characters")


_SHORTEST = 16


RULES = (
    browsers_ask_from_the_sites_own_pages,
    networks_let_in_whom_they_name,
    roles_are_taken_by_one_kind_of_service,
    boundaries_are_the_stages,
    builds_read_the_pipelines_artifact,
    pipelines_are_started_by_the_repository,
    apis_keep_no_answers,
    mail_is_signed_and_encrypted,
    buckets_for_a_trail_have_one,
    generated_secrets_are_long,
)
