"""Credentials of AWS for the users of an application: a Cognito identity pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from stacks.model.access import Access
from stacks.model.described import Described
from stacks.model.statements import PolicyStatement, plain_statement
from stacks.model.texts import Mistake, Name
from stacks.values import value


@value
class Credentials(Described):
    """Credentials of AWS for people who signed in: their browser or telephone then asks AWS itself, without an API.

    They are for users who signed in with the site's own client, or with one whose addresses are no paths of the site.
    """

    tables: Mapping[Name, Access] = field(default_factory=dict)
    """Tables of which each person gets the items whose partition key is the own identity id."""
    statements: tuple[PolicyStatement, ...] = ()
    """What else they may do. ``${cognito-identity.amazonaws.com:sub}`` stands for the identity id."""
    guests: tuple[PolicyStatement, ...] = ()
    """What those may do who have not signed in; without any, nobody gets credentials but by signing in. Cognito allows
    guests a fixed list of services, whatever is said here: most cannot be reached at all.
    https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#access-policies"""

    def __post_init__(self) -> None:
        for name in ("statements", "guests"):
            object.__setattr__(self, name, tuple(map(plain_statement, getattr(self, name))))
        if not (self.tables or self.statements):
            raise Mistake("are good for nothing", "Name 'tables' or 'statements', or drop it")
