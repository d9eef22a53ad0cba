"""The clients of the user pool, each in the stack that knows the addresses it comes back to. Pure.

That is the frontend's when one of them is a path of the site, the data stack otherwise. So one deploy is enough, and
no stack reads in a circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Ref, Template, cognito

from stacks import naming, wiring
from stacks.kinds.users.resources.pool import provider_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.kinds.users.model import Client, Users

_HOUR = 60
_CONTROLLED = {"email_verified", "phone_number_verified", "username"}
"""What providers may map, and no client may write."""


def add_browser_client(template: Template, users: Users, stage: Stage) -> None:
    """Put the client of the site's own application into the data template. It needs no address to come back to."""
    properties = _common(users, access_minutes=_HOUR, refresh_hours=24)
    client = cognito.UserPoolClient(
        "UserPoolClient",
        ClientName=f"{naming.prefix(stage)}-browser",
        UserPoolId=Ref("UserPool"),
        GenerateSecret=False,
        ExplicitAuthFlows=_own_flows(users),
        SupportedIdentityProviders=["COGNITO"],
        **properties,
    )
    template.add_resource(client)
    template.add_output(wiring.USER_POOL_CLIENT.declare(Ref(client), "The client that browsers sign in with"))


def add_clients(template: Template, stage: Stage, *, site: Callable[[str], Any] | None = None) -> None:
    """Put the described clients into a template.

    With ``site``, which makes an address of a path of the site, those that need it (the frontend's template);
    without, the others (the data stack's).
    """
    users = stage.data.users
    for name, client in users.clients.items() if users else ():
        if users and client.needs_site == (site is not None):
            _add(template, name, client, users, stage, site or str)


def _add(  # noqa: PLR0913, PLR0917 - what a client is made of
    template: Template, name: str, client: Client, users: Users, stage: Stage, site: Callable[[str], Any]
) -> None:
    pool = wiring.USER_POOL.read(stage) if client.needs_site else Ref("UserPool")
    resource = cognito.UserPoolClient(
        naming.logical_id(name, "Client"),
        ClientName=f"{naming.prefix(stage)}-{name}",
        UserPoolId=pool,
        GenerateSecret=client.kind != "browser",
        **{
            **_common(users, access_minutes=client.access_minutes, refresh_hours=client.refresh_hours),
            **_flows(client, users, site),
        },
    )
    if not client.needs_site and (client.kind == "machine" or users.providers):
        resource.DependsOn = _before(users)
    template.add_resource(resource)
    stack = "frontend" if client.needs_site else "data"
    template.add_output(wiring.user_pool_client(name, stack).declare(Ref(resource), f"Client {name} of the user pool"))
    if client.callbacks and users.domain and users.domain.pages == "managed":
        template.add_resource(
            cognito.ManagedLoginBranding(
                naming.logical_id(name, "LoginPages"),
                UserPoolId=pool,
                ClientId=Ref(resource),
                UseCognitoProvidedValues=True,
            )
        )


def _before(users: Users) -> list[str]:
    """What must be there before a client that names its scopes and providers."""
    servers = [naming.logical_id(name, "ResourceServer") for name in users.resource_servers]
    return sorted([*servers, *(naming.logical_id(name, "Provider") for name in users.providers)])


def _flows(client: Client, users: Users, site: Callable[[str], Any]) -> JsonDict:
    """How it signs in: with its secret alone, at the pool's pages, or by itself with SRP."""
    if client.kind == "machine":
        return {
            "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthScopes": list(client.scopes),
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        }
    others = [provider_name(name, provider) for name, provider in users.providers.items()]
    if not client.callbacks:
        return {
            "ExplicitAuthFlows": _own_flows(users),
            "SupportedIdentityProviders": ["COGNITO"],
        }
    return {
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthScopes": list(client.scopes or ("openid", "email")),
        "CallbackURLs": [_address(address, site) for address in client.callbacks],
        **({"LogoutURLs": [_address(address, site) for address in client.logouts]} if client.logouts else {}),
        "ExplicitAuthFlows": [*_trigger_flows(users), "ALLOW_REFRESH_TOKEN_AUTH"],
        "SupportedIdentityProviders": ["COGNITO", *others],
        "WriteAttributes": _writable(
            users, [attribute for other in users.providers.values() for attribute in other.attributes]
        ),
    }


def _own_flows(users: Users) -> list[str]:
    """How people sign in without the pool's pages: by SRP, which never sends the password, and what triggers need."""
    return [*_trigger_flows(users), "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def _trigger_flows(users: Users) -> list[str]:
    """The flows without which Cognito never calls a trigger.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
    """
    challenges = any(trigger.endswith(("_auth_challenge", "_auth_challenge_response")) for trigger in users.triggers)
    migrates = "user_migration" in users.triggers
    return [*(["ALLOW_CUSTOM_AUTH"] if challenges else []), *(["ALLOW_USER_PASSWORD_AUTH"] if migrates else [])]


def _address(address: str, site: Callable[[str], Any]) -> Any:
    return site(address) if address.startswith("/") else address


def _common(users: Users, *, access_minutes: int, refresh_hours: int) -> JsonDict:
    """What every client has: tokens that run out and can be revoked, and no more than people may read and change."""
    own = [f"custom:{name}" for name in users.attributes]
    return {
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "AuthSessionValidity": 3,
        "AccessTokenValidity": access_minutes,
        "IdTokenValidity": access_minutes,
        "RefreshTokenValidity": refresh_hours,
        "TokenValidityUnits": cognito.TokenValidityUnits(
            AccessToken="minutes", IdToken="minutes", RefreshToken="hours"
        ),
        "ReadAttributes": ["email", "email_verified", *users.required, *own],
        "WriteAttributes": _writable(users, ()),
    }


def _writable(users: Users, mapped: Iterable[str]) -> list[str]:
    """What a client may write. It has to hold all that providers map, or signing in through one fails.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
    """
    by_user = [f"custom:{name}" for name, attribute in users.attributes.items() if attribute.by_user]
    known = [name for name in mapped if name not in _CONTROLLED]
    return list(dict.fromkeys(["email", *users.required, *by_user, *known]))
