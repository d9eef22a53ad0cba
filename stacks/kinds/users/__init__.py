"""The Cognito user pool of a stage, and the clients that people sign in with."""

from __future__ import annotations

from stacks.kinds.kind import Kind

_LOOK = (
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminListGroupsForUser",
    "cognito-idp:ListGroups",
    "cognito-idp:ListUsers",
    "cognito-idp:ListUsersInGroup",
)
_CHANGE = (
    "cognito-idp:AdminAddUserToGroup",
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminDeleteUser",
    "cognito-idp:AdminDisableUser",
    "cognito-idp:AdminEnableUser",
    "cognito-idp:AdminRemoveUserFromGroup",
    "cognito-idp:AdminResetUserPassword",
    "cognito-idp:AdminUpdateUserAttributes",
    "cognito-idp:AdminUserGlobalSignOut",
)
"""Nothing that signs somebody in: who may set passwords or start sessions can be anybody."""

USERS = Kind(
    name="users",
    singular="user pool",
    title="Cognito user pool",
    section="data",
    type="AWS::Cognito::UserPool",
    suffix="UserPool",
    service="cognito-idp",
    endpoint="cognito-idp",
    single=True,
    uses={"read": _LOOK, "write": _CHANGE, "read-write": (*_LOOK, *_CHANGE)},
    variable=("USER_POOL_ID", "the id"),
    refers={"credentials.tables": "data.tables"},
    by_prefix=False,
    keeps_names=False,
    parts=("resources", "rules"),
)
CLIENTS = Kind(
    name="clients",
    singular="client",
    title="",
    section="data",
    inside="users.clients",
    type="AWS::Cognito::UserPoolClient",
    suffix="Client",
    service="cognito-idp",
    endpoint=None,
    by_prefix=False,
    parts=(),
)
"""Described inside of the user pool, whose modules make and judge them."""
