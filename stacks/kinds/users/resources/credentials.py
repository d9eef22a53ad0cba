"""The identity pool of the data stack: credentials of AWS for users who signed in, and for guests only when said. Pure.

Both roles are below the application's boundary and in the stack's IAM path, as those of functions are, and only this
pool gives them out. https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Allow, Principal, Statement
from troposphere import GetAtt, Ref, Sub, cognito, iam

from stacks import naming, wiring
from stacks.kinds.tables import TABLES
from stacks.parts.policies import (
    KEY_USE,
    actions,
    allow,
    managed_policy,
    policy,
    tagged,
    through_dynamodb,
    when,
    with_described,
)
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import PolicyDocument
    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.kinds.users.model.credentials import Credentials

_SERVICE = "cognito-identity.amazonaws.com"
_OWN = f"${{{_SERVICE}:sub}}"
"""IAM's variable for the identity id of the caller."""


def add_credentials(template: Template, described: Credentials, stage: Stage) -> None:
    """Put the identity pool, its roles and their policies into the data template."""
    template.add_resource(identity_pool(described, stage))
    own = with_described(policy(*_tables(described, stage)), described.statements)
    roles = {"authenticated": "SignedIn"}
    for part in _role("SignedIn", own, "authenticated", stage):
        template.add_resource(part)
    if described.guests:
        roles["unauthenticated"] = "Guest"
        for part in _role("Guest", with_described(policy(), described.guests), "unauthenticated", stage):
            template.add_resource(part)
    template.add_resource(
        cognito.IdentityPoolRoleAttachment(
            "IdentityPoolRoles",
            IdentityPoolId=Ref("IdentityPool"),
            Roles={kind: GetAtt(f"{title}Role", "Arn") for kind, title in roles.items()},
        )
    )
    template.add_output(wiring.IDENTITY_POOL.declare(Ref("IdentityPool"), "The identity pool"))


def identity_pool(described: Credentials, stage: Stage) -> cognito.IdentityPool:
    """Tokens of this stack's clients are taken while their session is not revoked."""
    return cognito.IdentityPool(
        "IdentityPool",
        IdentityPoolName=naming.prefix(stage),
        AllowUnauthenticatedIdentities=bool(described.guests),
        AllowClassicFlow=False,
        CognitoIdentityProviders=[
            cognito.CognitoIdentityProvider(
                ClientId=Ref(client), ProviderName=GetAtt("UserPool", "ProviderName"), ServerSideTokenCheck=True
            )
            for client in _clients(stage)
        ],
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        IdentityPoolTags=tagged(stage, STACK),
    )


def _clients(stage: Stage) -> Iterator[str]:
    yield "UserPoolClient"
    for name, client in stage.data.users.clients.items() if stage.data.users else ():
        if client.kind != "machine" and not client.needs_site:
            yield naming.logical_id(name, "Client")


def _tables(described: Credentials, stage: Stage) -> Iterator[Statement]:
    """Items of your own; every right that is given names the keys it asks for.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    own = when(ForAllValuesStringEquals={"dynamodb:LeadingKeys": [_OWN]})
    for name, access in described.tables.items():
        table = naming.logical_id(name, "Table")
        yield allow(*TABLES.uses[access], on=GetAtt(table, "Arn"), Condition=own)
        if stage.data.tables[name].encryption == "own":
            key = GetAtt(naming.logical_id(name, "TableKey"), "Arn")
            yield allow(*KEY_USE, on=key, Condition=through_dynamodb(stage))


def _role(title: str, document: PolicyDocument | JsonDict, kind: str, stage: Stage) -> Iterator[AWSObject]:
    rights = managed_policy(f"{title}Policy", stage, STACK, document)
    condition = when(
        StringEquals={f"{_SERVICE}:aud": Ref("IdentityPool")},
        ForAnyValueStringLike={f"{_SERVICE}:amr": kind},
    )
    take = actions("sts:AssumeRoleWithWebIdentity")
    trusts = Statement(Effect=Allow, Principal=Principal("Federated", [_SERVICE]), Action=take, Condition=condition)
    yield rights
    yield iam.Role(
        f"{title}Role",
        Path=naming.role_path(stage, STACK),
        AssumeRolePolicyDocument=policy(trusts),
        ManagedPolicyArns=[Ref(rights)],
        PermissionsBoundary=Sub(naming.boundary_arn(stage)),
        Tags=tagged(stage, STACK),
    )
