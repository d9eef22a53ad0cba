"""What Cognito refuses: sign-in settings of pools and clients that do not fit together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import number, own, plain
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import known_list, text, texts
from stacks.json_types import at, items

if TYPE_CHECKING:
    from collections.abc import Iterator

_POOL, _CLIENT = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"
_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide"
_REFERENCE = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference"
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_LIVES = {
    "AccessToken": (300, 86_400, "hours"),
    "IdToken": (300, 86_400, "hours"),
    "RefreshToken": (3_600, 315_360_000, "days"),
}
"""Token → the seconds it lives at least and at most, and its unit when none is written."""


@refusal(
    "CLIENT-CALLBACK",
    why="Cognito refuses an address that is not https, and the code would travel unencrypted",
    fix="Use https, without '#'; http is for localhost only",
    source=f"{_GUIDE}/user-pool-settings-client-apps.html",
)
def callbacks_are_https(stacks: Stacks) -> Iterator[Hit]:
    """Callback and logout addresses are https, or http on this machine; an application's own scheme is taken, too."""
    for client in stacks.of(_CLIENT):
        for name in ("CallbackURLs", "LogoutURLs", "DefaultRedirectURI"):
            for url in texts(client.properties.get(name)):
                if re.match(r"http://(?!(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$))", url):
                    yield client.hit(name, f"{url!r} is not https")
                elif "#" in url:
                    yield client.hit(name, f"{url!r} has a fragment")
                elif plain(url, client.region) and not re.match(r"[A-Za-z][A-Za-z0-9.+-]*:", url):
                    yield client.hit(name, f"{url!r} has no scheme")
        default = text(client.at("DefaultRedirectURI"))
        if default and default not in texts(client.at("CallbackURLs")):
            yield client.hit("DefaultRedirectURI", f"{default!r} is not among CallbackURLs")


@refusal(
    "CLIENT-SECRET",
    why="Cognito refuses client_credentials for a client without a secret",
    fix="Set GenerateSecret to true",
    source=f"{_GUIDE}/user-pool-settings-client-apps.html",
)
def machines_have_secrets(stacks: Stacks) -> Iterator[Hit]:
    """A client with the flow client_credentials has a secret."""
    for client in stacks.of(_CLIENT):
        machine = "client_credentials" in texts(client.properties.get("AllowedOAuthFlows"))
        if machine and client.properties.get("GenerateSecret") not in (True, "true"):
            yield client.hit("GenerateSecret", "signs itself in without a secret")


@refusal(
    "CLIENT-OAUTH",
    why="Cognito refuses OAuth flows without scopes, callbacks or AllowedOAuthFlowsUserPoolClient, and "
    "client_credentials together with another flow",
    fix="Set AllowedOAuthFlowsUserPoolClient to true, AllowedOAuthScopes, and CallbackURLs for code and implicit",
    source=f"{_REFERENCE}/API_CreateUserPoolClient.html",
)
def oauth_settings_are_complete(stacks: Stacks) -> Iterator[Hit]:
    """A client with OAuth flows has what they need."""
    for client in stacks.of(_CLIENT):
        flows = texts(known_list(client.at("AllowedOAuthFlows")))
        if not flows:
            continue
        if "client_credentials" in flows and len(set(flows)) > 1:
            yield client.hit("AllowedOAuthFlows", f"has client_credentials with {', '.join(sorted(set(flows)))}")
        if client.at("AllowedOAuthFlowsUserPoolClient") in (None, False, "false"):
            yield client.hit("AllowedOAuthFlowsUserPoolClient", "is not true")
        if not client.at("AllowedOAuthScopes"):
            yield client.hit("AllowedOAuthScopes", "is missing")
        if {"code", "implicit"} & set(flows) and not client.at("CallbackURLs"):
            yield client.hit("CallbackURLs", "is missing")
        own_scopes = {"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"}
        if flows == ["client_credentials"] and own_scopes & set(texts(client.at("AllowedOAuthScopes"))):
            yield client.hit("AllowedOAuthScopes", "names scopes of people for client_credentials")


@refusal(
    "CLIENT-FLOWS",
    why="Cognito refuses flows with and without ALLOW_ together",
    fix="Use the names that begin with ALLOW_",
    source=f"{_REFERENCE}/API_CreateUserPoolClient.html",
)
def flows_are_of_one_generation(stacks: Stacks) -> Iterator[Hit]:
    """The flows of a client are all of the new kind or all of the old one."""
    for client in stacks.of(_CLIENT):
        flows = texts(known_list(client.at("ExplicitAuthFlows")))
        new = [flow for flow in flows if flow.startswith("ALLOW_")]
        if new and len(new) < len(flows):
            yield client.hit("ExplicitAuthFlows", f"mixes {new[0]} with names without ALLOW_")


@refusal(
    "CLIENT-LIFETIME",
    why="Cognito refuses access and ID tokens outside of 5 minutes to a day, refresh tokens outside of an hour to ten "
    "years, and access tokens that outlive them",
    fix="Correct the number, or its unit in TokenValidityUnits",
    source=f"{_GUIDE}/amazon-cognito-user-pools-using-tokens-with-identity-providers.html",
)
def tokens_live_as_long_as_cognito_allows(stacks: Stacks) -> Iterator[Hit]:
    """Tokens live as long as Cognito allows, access tokens shorter than refresh tokens."""
    for client in stacks.of(_CLIENT):
        lives = {}
        for token, (least, most, unit) in _LIVES.items():
            value = number(client.at(f"{token}Validity"))
            seconds = _SECONDS.get(text(client.at("TokenValidityUnits", token)) or unit)
            if value is None or seconds is None or (token == "RefreshToken" and value == 0):  # noqa: S105 - a name
                continue
            lives[token] = value * seconds
            if not least <= lives[token] <= most:
                yield client.hit(f"{token}Validity", f"is {lives[token]:,.0f} s, {least:,} to {most:,} are allowed")
        refresh = lives.get("RefreshToken")  # 30 days by default, longer than any other token
        for token in ("AccessToken", "IdToken"):
            if token in lives and refresh is not None and lives[token] > refresh:
                yield client.hit(f"{token}Validity", "is longer than the refresh token lives")


@refusal(
    "USERS-NAMES",
    why="Cognito refuses aliases together with user names that are addresses",
    fix="Set UsernameAttributes or AliasAttributes, not both",
    source=f"{_GUIDE}/user-pool-settings-attributes.html",
)
def pools_have_one_kind_of_name(stacks: Stacks) -> Iterator[Hit]:
    """A pool's people sign in with an address, or with a name and aliases."""
    for pool in stacks.of(_POOL):
        if pool.at("UsernameAttributes") and pool.at("AliasAttributes"):
            yield pool.hit("AliasAttributes", "is set together with UsernameAttributes")


@refusal(
    "USERS-FACTORS",
    why="Cognito refuses a second factor that it cannot send, and recovery by the factor alone",
    fix="Set EnabledMfas, an SmsConfiguration for SMS_MFA, an EmailConfiguration of type DEVELOPER for EMAIL_OTP, and "
    "another recovery than the factor's",
    source=f"{_GUIDE}/user-pool-settings-mfa.html",
)
def factors_can_be_sent(stacks: Stacks) -> Iterator[Hit]:
    """A pool that asks for a second factor can send it, and recovers accounts by another way."""
    for pool in stacks.of(_POOL):
        factors = texts(known_list(pool.at("EnabledMfas")))
        if text(pool.at("MfaConfiguration")) in {"ON", "OPTIONAL"}:
            if pool.at("EnabledMfas") is None and not pool.at("SmsConfiguration"):
                yield pool.hit("EnabledMfas", "is missing, and so is SmsConfiguration for SMS, which it would be")
            if "SMS_MFA" in factors and not pool.at("SmsConfiguration"):
                yield pool.hit("SmsConfiguration", "is missing for SMS_MFA")
            if "EMAIL_OTP" in factors:
                yield from _by_mail(pool)
        for name in _unsent(pool):
            yield pool.hit("SmsConfiguration", f"is missing for {name}")


def _by_mail(pool: Resource) -> Iterator[Hit]:
    if pool.at("EmailConfiguration", "EmailSendingAccount") != "DEVELOPER":
        yield pool.hit("EmailConfiguration", "is not of type DEVELOPER, which EMAIL_OTP needs")
    if pool.at("UserPoolTier") == "LITE":
        yield pool.hit("UserPoolTier", "is LITE, which has no EMAIL_OTP")
    ways = [text(at(way, "Name")) for way in known_list(pool.at("AccountRecoverySetting", "RecoveryMechanisms"))]
    if ways == ["verified_email"]:
        yield pool.hit("AccountRecoverySetting", "recovers by e-mail alone, which is the second factor")


def _unsent(pool: Resource) -> Iterator[str]:
    if "phone_number" in texts(known_list(pool.at("AutoVerifiedAttributes"))) and not pool.at("SmsConfiguration"):
        yield "the verification of phone_number"


@refusal(
    "USERS-TIER",
    why="Cognito refuses threat protection outside of the tier PLUS, and tokens of version 2 in LITE",
    fix="Set UserPoolTier",
    source=f"{_GUIDE}/cognito-sign-in-feature-plans.html",
)
def features_are_of_the_tier(stacks: Stacks) -> Iterator[Hit]:
    """What a pool asks for is part of its tier; without one it is ESSENTIALS."""
    for pool in stacks.of(_POOL):
        tier = text(pool.at("UserPoolTier")) or "ESSENTIALS"
        mode = text(pool.at("UserPoolAddOns", "AdvancedSecurityMode"))
        if mode in {"AUDIT", "ENFORCED"} and tier in {"LITE", "ESSENTIALS"}:
            yield pool.hit("UserPoolAddOns.AdvancedSecurityMode", f"is {mode} in the tier {tier}")
        version = pool.at("LambdaConfig", "PreTokenGenerationConfig", "LambdaVersion")
        if tier == "LITE" and version in {"V2_0", "V3_0"}:
            yield pool.hit("LambdaConfig.PreTokenGenerationConfig.LambdaVersion", f"is {version} in the tier LITE")


@refusal(
    "USERS-MAIL",
    why="Cognito refuses to send from an address of ours that it is not given",
    fix="Set SourceArn to the SES identity, or EmailSendingAccount to COGNITO_DEFAULT",
    source=f"{_REFERENCE}/API_EmailConfigurationType.html",
)
def mail_has_a_sender(stacks: Stacks) -> Iterator[Hit]:
    """A pool that sends its own mail names the identity it sends from."""
    for pool in stacks.of(_POOL):
        config = pool.at("EmailConfiguration")
        if at(config, "EmailSendingAccount") == "DEVELOPER" and not at(config, "SourceArn"):
            yield pool.hit("EmailConfiguration.SourceArn", "is missing")


@refusal(
    "USERS-SCHEMA",
    why="Cognito refuses custom attributes that are required",
    fix="Drop Required, or use a standard attribute",
    source=f"{_GUIDE}/user-pool-settings-attributes.html",
)
def custom_attributes_are_optional(stacks: Stacks) -> Iterator[Hit]:
    """Only standard attributes are required."""
    for pool in stacks.of(_POOL):
        for index, entry in enumerate(known_list(pool.at("Schema"))):
            name = text(at(entry, "Name"))
            if at(entry, "Required") in (True, "true") and name and "$" not in name and name not in _STANDARD:
                yield pool.hit(f"Schema[{index}].Required", f"is true for the custom attribute {name}")


_STANDARD = frozenset(
    (
        *("address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name"),
        *("nickname", "phone_number", "picture", "preferred_username", "profile", "sub", "updated_at", "website"),
        "zoneinfo",
    )
)


@refusal(
    "USERS-DOMAIN-CERT",
    why="Cognito takes certificates of own domains from us-east-1 only",
    fix="Request the certificate in us-east-1",
    source=f"{_GUIDE}/cognito-user-pools-add-custom-domain.html",
)
def sign_in_certificates_are_in_us_east_1(stacks: Stacks) -> Iterator[Hit]:
    """The certificate of a sign-in domain is in us-east-1."""
    for resource in stacks.of("AWS::Cognito::UserPoolDomain"):
        certificate = resource.at("CustomDomainConfig", "CertificateArn")
        match = re.match(r"arn:[^:]+:acm:([a-z0-9-]+):", text(certificate) or "")
        here = own(stacks, certificate, resource, "AWS::CertificateManager::Certificate") and resource.region
        region = match[1] if match else here
        if region and region != "us-east-1":
            yield resource.hit("CustomDomainConfig.CertificateArn", f"is a certificate in {region}")


@refusal(
    "CLIENT-ATTRIBUTES",
    why="Cognito refuses attributes that the pool does not have: Invalid write attributes specified",
    fix="Describe the attribute in the pool's Schema, or drop it",
    source=f"{_REFERENCE}/API_CreateUserPoolClient.html",
)
def client_attributes_exist(stacks: Stacks) -> Iterator[Hit]:
    """The custom attributes that a client reads and writes are those of its pool."""
    for client in stacks.of(_CLIENT):
        pool = own(stacks, client.at("UserPoolId"), client, _POOL)
        if pool is None:
            continue
        names = [text(at(entry, "Name")) for entry in known_list(pool.at("Schema"))]
        for place in ("ReadAttributes", "WriteAttributes"):
            for name in texts(items(client.at(place))):
                custom = re.fullmatch(r"(?:custom|dev):(?:custom:)?([^$]+)", name)
                unknown = "$" not in name and name not in _STANDARD and not name.endswith("_verified")
                if (custom and custom[1] not in names) or (not custom and unknown):
                    yield client.hit(place, f"{name!r} is not an attribute of {pool.id}")


RULES = (
    callbacks_are_https,
    machines_have_secrets,
    oauth_settings_are_complete,
    flows_are_of_one_generation,
    tokens_live_as_long_as_cognito_allows,
    pools_have_one_kind_of_name,
    factors_can_be_sent,
    features_are_of_the_tier,
    mail_has_a_sender,
    custom_attributes_are_optional,
    sign_in_certificates_are_in_us_east_1,
    client_attributes_exist,
)
