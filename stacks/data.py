"""The data stack: what cannot be made again. DynamoDB tables and the Cognito user pool.

Everything here is retained when its stack or its description goes, protected from deletion and, as far as the
service can, restorable. Logical ids are made from the names in the description and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, Template, cognito, dynamodb

from stacks import naming, wiring
from stacks.data_uses import add_buckets, add_streams
from stacks.parts.policies import tagged
from stacks.parts.templates import empty_template

if TYPE_CHECKING:
    from stacks.app import App, Key, Stage, Table, Users

STACK = "data"


def template(app: App, stage: Stage) -> Template:
    """The data stack of one stage."""
    made = empty_template(f"{app.name} {stage.name}: tables and users")
    for name, described in stage.data.tables.items():
        resource = table(name, described, app, stage)
        made.add_resource(resource)
        made.add_output(wiring.table_name(name).declare(Ref(resource), f"Name of table {name}"))
        made.add_output(wiring.table_arn(name).declare(GetAtt(resource, "Arn"), f"ARN of table {name}"))
    add_buckets(made, app, stage)
    add_streams(made, stage)
    if stage.data.users:
        pool = made.add_resource(user_pool(stage.data.users, app, stage))
        client = made.add_resource(browser_client(app, stage))
        made.add_output(wiring.USER_POOL.declare(Ref(pool), "The user pool"))
        made.add_output(wiring.USER_POOL_ARN.declare(GetAtt(pool, "Arn"), "ARN of the user pool"))
        made.add_output(wiring.USER_POOL_CLIENT.declare(Ref(client), "The client that browsers sign in with"))
    return made


def table(name: str, described: Table, app: App, stage: Stage) -> dynamodb.Table:
    """A table, paid by request up to a ceiling, with point-in-time recovery and deletion protection."""
    keys = [(described.partition_key, "HASH")]
    if described.sort_key:
        keys.append((described.sort_key, "RANGE"))
    expiry: dict[str, Any] = {}
    if described.expires:
        ttl = dynamodb.TimeToLiveSpecification(AttributeName=described.expires, Enabled=True)
        expiry = {"TimeToLiveSpecification": ttl}
    return dynamodb.Table(
        naming.logical_id(name, "Table"),
        TableName=f"{naming.prefix(app, stage)}-{name}",
        AttributeDefinitions=[_attribute(key) for key, _ in keys],
        KeySchema=[dynamodb.KeySchema(AttributeName=key.name, KeyType=kind) for key, kind in keys],
        BillingMode="PAY_PER_REQUEST",
        OnDemandThroughput=dynamodb.OnDemandThroughput(
            MaxReadRequestUnits=described.max_read_units, MaxWriteRequestUnits=described.max_write_units
        ),
        PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        DeletionProtectionEnabled=True,
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        Tags=tagged(app, stage, STACK),
        **expiry,
    )


def _attribute(key: Key) -> dynamodb.AttributeDefinition:
    return dynamodb.AttributeDefinition(AttributeName=key.name, AttributeType=key.type)


def user_pool(users: Users, app: App, stage: Stage) -> cognito.UserPool:
    """People with an e-mail address and a password; a change of address counts once it is verified."""
    return cognito.UserPool(
        "UserPool",
        UserPoolName=naming.prefix(app, stage),
        UserPoolTier="ESSENTIALS",
        UsernameAttributes=["email"],
        UsernameConfiguration=cognito.UsernameConfiguration(CaseSensitive=False),
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings=cognito.UserAttributeUpdateSettings(
            AttributesRequireVerificationBeforeUpdate=["email"]
        ),
        AccountRecoverySetting=cognito.AccountRecoverySetting(
            RecoveryMechanisms=[cognito.RecoveryOption(Name="verified_email", Priority=1)]
        ),
        AdminCreateUserConfig=cognito.AdminCreateUserConfig(AllowAdminCreateUserOnly=not users.self_sign_up),
        Policies=cognito.Policies(PasswordPolicy=_password_policy(users)),
        **_second_factor(users),
        DeletionProtection="ACTIVE",
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        UserPoolTags=naming.tags(app, stage, STACK),
    )


def _password_policy(users: Users) -> cognito.PasswordPolicy:
    return cognito.PasswordPolicy(
        MinimumLength=users.password_length,
        RequireLowercase=True,
        RequireUppercase=True,
        RequireNumbers=True,
        RequireSymbols=True,
        PasswordHistorySize=5,
        TemporaryPasswordValidityDays=1,
    )


def _second_factor(users: Users) -> dict[str, Any]:
    mode = {"off": "OFF", "optional": "OPTIONAL", "required": "ON"}[users.mfa]
    return {"MfaConfiguration": mode} | ({} if mode == "OFF" else {"EnabledMfas": ["SOFTWARE_TOKEN_MFA"]})


def browser_client(app: App, stage: Stage) -> cognito.UserPoolClient:
    """The client of a single-page application: no secret, passwords never sent (SRP), tokens that run out.

    It needs no callback URL, so it can live with the pool: one deploy is enough.
    """
    return cognito.UserPoolClient(
        "UserPoolClient",
        ClientName=f"{naming.prefix(app, stage)}-browser",
        UserPoolId=Ref("UserPool"),
        GenerateSecret=False,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        EnableTokenRevocation=True,
        AuthSessionValidity=3,
        AccessTokenValidity=60,
        IdTokenValidity=60,
        RefreshTokenValidity=24,
        TokenValidityUnits=cognito.TokenValidityUnits(AccessToken="minutes", IdToken="minutes", RefreshToken="hours"),
        ReadAttributes=["email", "email_verified"],
        WriteAttributes=["email"],
        SupportedIdentityProviders=["COGNITO"],
    )
