"""A stage's user pool → what Cognito refuses, or what no single value shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.statements import identity_problems
from stacks.errors import nearest
from stacks.kinds.users.model import STANDARD_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath
    from stacks.kinds.users.model import Client, Provider, Users

_SHORTEST_PROVIDER = 3
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html"""
_MAPPED = "USERS-PROVIDER-MAPPING"
_CHOSEN_NAME = {"oidc", "saml"}
"""Kinds of providers that have a name of their own, and may be described several times."""


def problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Every problem of the user pool, which is described at ``at``."""
    users = stage.data.users
    if users is None:
        return
    yield from _factors(users, at)
    yield from _triggers(users, stage, at)
    for name, client in users.clients.items():
        yield from _client(client, users, stage, (*at, "clients", name))
    if "browser" in users.clients:
        what = "'browser' is the name of the client that every pool has"
        yield (*at, "clients", "browser"), what, "Choose another name"
    yield from _providers(users, at)
    yield from _credentials(users, stage, (*at, "credentials"))


def _factors(users: Users, at: KeyPath) -> Iterator[Finding]:
    """Codes by e-mail are never the only factor, nor is e-mail the way to recover an account with them.

    Cognito refuses a pool whose recovery is e-mail alone when e-mail is a second factor, and CloudFormation's handler
    fails on EMAIL_OTP as the only factor.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2221
    """
    if users.mfa == "off" or "email" not in users.factors:
        return
    if set(users.factors) == {"email"}:
        what = "has codes by e-mail as the only factor, which CloudFormation cannot set up"
        yield (*at, "factors"), what, "Write 'factors: [app, email]'", "USERS-FACTORS"
    if users.recovery == "email":
        what = "has e-mail as a second factor and as the way to a new password, a pair that Cognito refuses"
        yield (*at, "factors"), what, "Set 'recovery: administrator', or 'factors: [app]'", "USERS-FACTORS"


def _triggers(users: Users, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    for trigger, name in users.triggers.items():
        if name not in stage.backend.functions:
            yield (*at, "triggers", trigger), f"there is no function {name!r}", nearest(name, stage.backend.functions)


def _client(client: Client, users: Users, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    known = {f"{server}/{scope}" for server, scopes in users.resource_servers.items() for scope in scopes}
    if client.needs_site and not stage.frontend.is_described:
        fix = "Describe 'frontend', or write whole https addresses"
        yield (*at, "callbacks"), "is a path of the site, but the stage has no frontend", fix
    if users.domain is None and (client.callbacks or client.kind == "machine"):
        yield at, "signs in at the pool's own pages, which it does not have", "Add 'domain' under 'users'"
    for scope in client.scopes:
        if "/" in scope and scope not in known:
            yield (*at, "scopes"), f"there is no scope {scope!r}", nearest(scope, known), "CLIENT-SCOPE"
    if client.access_minutes > client.refresh_hours * 60:
        # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
        what = (
            f"access tokens are good for {client.access_minutes} minutes, longer than the {client.refresh_hours} h of"
            " the refresh token, which Cognito refuses"
        )
        longest = client.refresh_hours * 60
        yield (*at, "access_minutes"), what, f"Use at most {longest}, or raise 'refresh_hours'", "CLIENT-LIFETIME"


def _providers(users: Users, at: KeyPath) -> Iterator[Finding]:
    if users.providers and users.domain is None:
        yield (*at, "providers"), "are asked by the pool's own pages, which it does not have", "Add 'domain'"
    first: dict[str, str] = {}
    for name, provider in users.providers.items():
        where: KeyPath = (*at, "providers", name)
        if provider.kind in _CHOSEN_NAME:
            if len(name) < _SHORTEST_PROVIDER:
                yield (
                    where,
                    f"{name!r} has {len(name)} characters",
                    "Use 3 to 32, as Cognito asks",
                    "USERS-PROVIDER-NAME",
                )
        elif first.setdefault(provider.kind, name) != name:
            what = f"is the second {provider.kind} provider, after {first[provider.kind]!r}; Cognito takes one"
            yield where, what, "Keep one", "USERS-PROVIDER-DETAILS"
        yield from _mapping(provider, users, (*where, "attributes"))


def _mapping(provider: Provider, users: Users, at: KeyPath) -> Iterator[Finding]:
    """What Cognito answers with an error when somebody signs in, the first or the second time.

    The client must be allowed to write each mapped attribute, every required one must come from the provider, and a
    mapped attribute that cannot be changed fails at the second sign-in.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    https://github.com/aws-amplify/amplify-js/issues/3526
    """
    for name in provider.attributes:
        custom = users.attributes.get(name.removeprefix("custom:")) if name.startswith("custom:") else None
        if custom is None:
            known = [
                *sorted(STANDARD_ATTRIBUTES - {"sub"}),
                "username",
                *(f"custom:{attribute}" for attribute in users.attributes),
            ]
            if name not in known:
                yield (*at, name), f"there is no attribute {name!r}", nearest(name, known), _MAPPED
        elif not custom.changeable:
            what = "cannot be changed, so the second sign-in through this provider would fail"
            yield (*at, name), what, "Map another attribute, or make it 'changeable'", _MAPPED
        elif not custom.by_user:
            what = "comes from a provider, so Cognito asks that people may change it themselves"
            yield (*at, name), what, "Set 'by_user: true' for it, or do not map it if it grants rights", _MAPPED
    for name in ("email", *users.required):
        if name not in provider.attributes:
            what = f"{name!r} is required, but not an attribute of this provider"
            yield at, what, f"Map it, as '{name}: {name}'", _MAPPED


def _credentials(users: Users, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    if users.credentials is None:
        return
    for name in users.credentials.tables:
        table = stage.data.tables.get(name)
        if table and table.partition_key.type != "S":
            what = "has a partition key that is not a string, so it cannot be an identity id"
            yield (*at, "tables", name), what, "Use a table whose partition key is a string"
    yield from identity_problems(users.credentials.statements, (*at, "statements"))
    yield from identity_problems(users.credentials.guests, (*at, "guests"))
