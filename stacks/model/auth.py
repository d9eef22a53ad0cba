"""Who may call the routes of a function, and with which tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Mistake, Name, Text
from stacks.values import value

AuthName = Annotated[
    str,
    Text(
        r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*",
        "is no way to authenticate",
        "Use 'users', 'iam', or a name of 'api.authorizers'",
        30,
    ),
]


@value
class Tokens(Described):
    """Which tokens of the user pool are taken."""

    clients: tuple[Name, ...] = ()
    """Clients that they must be issued to, of ``data.users.clients``; ``site`` is the pool's own unless one is
    called so. Any when empty.
    Checked by the adapter of web applications: API Gateway's authorizers do not distinguish clients."""
    use: Literal["access", "id"] | None = None
    """``access`` takes access tokens only, ``id`` takes ID tokens only."""


@value
class Auth(Described):
    """Who may call a function's routes."""

    name: AuthName = "users"
    """``users``, ``iam``, or one of ``api.authorizers``."""
    users: Tokens = Tokens()
    """With ``users``: which tokens."""

    def __post_init__(self) -> None:
        if self.name != "users" and self.users != Tokens():
            raise Mistake(f"asks for tokens of users, and is {self.name!r}", "Leave out 'name' or 'users'")


SIGNED_IN = ("aws.cognito.signin.user.admin", "openid", "email", "profile", "phone")
"""Scopes, one of which each access token of a person has: the first after signing in with the SDK, others at the pool's
pages. https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html"""
