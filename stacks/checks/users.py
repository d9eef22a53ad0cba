"""Rules for Cognito: user pools and their clients."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_POOL = "AWS::Cognito::UserPool"
_CLIENT = "AWS::Cognito::UserPoolClient"
_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide"
_MOST_REFRESH_DAYS = 30
_PER_DAY = {"seconds": 86_400, "minutes": 1_440, "hours": 24, "days": 1}


@rule(
    "USERS-SIGN-UP",
    why="anyone can make accounts, by the thousand",
    fix="Set AdminCreateUserConfig.AllowAdminCreateUserOnly to true, or suppress this with the reason why not",
    source=f"{_GUIDE}/signing-up-users-in-your-app.html",
)
def only_administrators_make_accounts(stacks: Stacks) -> Iterator[Hit]:
    """Self sign-up is off."""
    for pool in stacks.of(_POOL):
        if pool.at("AdminCreateUserConfig", "AllowAdminCreateUserOnly") is not True:
            yield pool.hit("AdminCreateUserConfig.AllowAdminCreateUserOnly", "lets anyone sign up")


@rule(
    "USERS-THREATS",
    why="stolen passwords and unusual sign-ins are not noticed",
    fix="Set UserPoolTier PLUS and UserPoolAddOns.AdvancedSecurityMode ENFORCED (paid by user)",
    source=f"{_GUIDE}/cognito-user-pool-settings-threat-protection.html",
)
def pools_look_for_threats(stacks: Stacks) -> Iterator[Hit]:
    """Threat protection is enforced."""
    for pool in stacks.of(_POOL):
        if pool.at("UserPoolAddOns", "AdvancedSecurityMode") != "ENFORCED":
            yield pool.hit("UserPoolAddOns.AdvancedSecurityMode", "has no threat protection")


@rule(
    "USERS-MFA",
    why="anyone who knows or guesses a password is signed in",
    fix="Set MfaConfiguration to ON or OPTIONAL, with EnabledMfas, or suppress this with the reason why not",
    source=f"{_GUIDE}/user-pool-settings-mfa.html",
)
def pools_offer_a_second_factor(stacks: Stacks) -> Iterator[Hit]:
    """People can add a second factor; OFF, which is also the default, is not OPTIONAL."""
    for pool in stacks.of(_POOL):
        if (text(pool.at("MfaConfiguration")) or "OFF") == "OFF":
            yield pool.hit("MfaConfiguration", "is OFF: no second factor can be added")


@rule(
    "CLIENT-EXISTENCE",
    why="the answer to a wrong password reveals which accounts exist",
    fix="Set PreventUserExistenceErrors to ENABLED",
    source=f"{_GUIDE}/cognito-user-pool-managing-errors.html",
)
def clients_do_not_tell_who_exists(stacks: Stacks) -> Iterator[Hit]:
    """Sign-in fails the same way for unknown users."""
    for client in stacks.of(_CLIENT):
        if _signs_people_in(client) and client.properties.get("PreventUserExistenceErrors") != "ENABLED":
            yield client.hit("PreventUserExistenceErrors", "reveals which users exist")


def _signs_people_in(client: Resource) -> bool:
    """Not so a client that signs itself in with its secret alone."""
    return texts(client.properties.get("AllowedOAuthFlows")) != ["client_credentials"]


@rule(
    "CLIENT-IMPLICIT",
    why="tokens in an address end up in histories, logs and referrers",
    fix="Use the flow 'code' alone",
    source=f"{_GUIDE}/federation-endpoints-oauth-grants.html",
)
def no_client_has_the_implicit_flow(stacks: Stacks) -> Iterator[Hit]:
    """OAuth's implicit flow is not allowed."""
    for client in stacks.of(_CLIENT):
        if "implicit" in texts(client.properties.get("AllowedOAuthFlows")):
            yield client.hit("AllowedOAuthFlows", "allows the implicit flow")


@rule(
    "CLIENT-PASSWORD",
    why="passwords leave the browser in the clear inside the request; SRP proves them without sending them",
    fix="Use ALLOW_USER_SRP_AUTH",
    source=f"{_GUIDE}/amazon-cognito-user-pools-authentication-flow-methods.html",
)
def passwords_are_never_sent(stacks: Stacks) -> Iterator[Hit]:
    """No flow sends a password."""
    for client in stacks.of(_CLIENT):
        flows = texts(client.properties.get("ExplicitAuthFlows"))
        sending = [flow for flow in flows if "PASSWORD_AUTH" in flow or flow == "ADMIN_NO_SRP_AUTH"]
        if sending:
            yield client.hit("ExplicitAuthFlows", f"allows {sending[0]}")


@rule(
    "CLIENT-REVOCATION",
    why="a stolen refresh token cannot be made useless",
    fix="Set EnableTokenRevocation to true",
    source=f"{_GUIDE}/token-revocation.html",
)
def tokens_can_be_revoked(stacks: Stacks) -> Iterator[Hit]:
    """Token revocation is on, and said to be."""
    for client in stacks.of(_CLIENT):
        if client.properties.get("EnableTokenRevocation") is not True:
            yield client.hit("EnableTokenRevocation", "cannot revoke tokens")


@rule(
    "CLIENT-REFRESH",
    why="who has the token once is signed in for as long as it lives",
    fix=f"Let refresh tokens live {_MOST_REFRESH_DAYS} days at most, better one",
    source=f"{_GUIDE}/amazon-cognito-user-pools-using-the-refresh-token.html",
)
def refresh_tokens_run_out(stacks: Stacks) -> Iterator[Hit]:
    """Refresh tokens live thirty days at most, which is also what Cognito takes when nothing is said."""
    for client in stacks.of(_CLIENT):
        number = client.properties.get("RefreshTokenValidity")
        unit = text(client.at("TokenValidityUnits", "RefreshToken")) or "days"
        if isinstance(number, int) and number > _MOST_REFRESH_DAYS * _PER_DAY.get(unit, 1):
            yield client.hit("RefreshTokenValidity", f"is {number} {unit}")


@rule(
    "CLIENT-ACCESS",
    why="an access token cannot be taken back: anyone who has it is signed in until it runs out",
    fix="Let access tokens live an hour at most, or suppress this with the reason why not",
    source=f"{_GUIDE}/amazon-cognito-user-pools-using-the-access-token.html",
)
def access_tokens_run_out_soon(stacks: Stacks) -> Iterator[Hit]:
    """Access tokens live an hour at most, which is also what Cognito takes when nothing is said."""
    for client in stacks.of(_CLIENT):
        number = client.properties.get("AccessTokenValidity")
        unit = text(client.at("TokenValidityUnits", "AccessToken")) or "hours"
        if isinstance(number, int) and number * _PER_DAY["hours"] > _PER_DAY.get(unit, 1):
            yield client.hit("AccessTokenValidity", f"is {number} {unit}")


@rule(
    "CLIENT-WRITES",
    why="people could give themselves roles and verify their own addresses",
    fix="List in WriteAttributes what people may change about themselves, no custom attribute that grants rights",
    source=f"{_GUIDE}/user-pool-settings-attributes.html#user-pool-settings-attribute-permissions-and-scopes",
)
def clients_say_what_people_may_change(stacks: Stacks) -> Iterator[Hit]:
    """The attributes that a client may write are listed, without any that grants rights."""
    for client in stacks.of(_CLIENT):
        listed = client.properties.get("WriteAttributes")
        powers = [
            name
            for name in texts(listed)
            if re.match(r"custom:.*(role|admin|group|tenant|permission)", name, re.IGNORECASE)
        ]
        if listed is None and _signs_people_in(client):
            yield client.hit("WriteAttributes", "lets people write every attribute")
        for name in powers:
            yield client.hit("WriteAttributes", f"lets people write {name}")


RULES = (
    only_administrators_make_accounts,
    pools_look_for_threats,
    pools_offer_a_second_factor,
    clients_do_not_tell_who_exists,
    no_client_has_the_implicit_flow,
    passwords_are_never_sent,
    tokens_can_be_revoked,
    refresh_tokens_run_out,
    access_tokens_run_out_soon,
    clients_say_what_people_may_change,
)
