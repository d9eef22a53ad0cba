"""Types of Cognito: user pools and identity pools."""

from __future__ import annotations

from stacks.types.record import Erasure, OnlyIf, Quota, Type, TypeScope, Wait, arn

_COGNITO_QUOTAS = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"
_DOMAINS = "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html"
USERS: dict[str, Type] = {
    "AWS::Cognito::IdentityPool": Type(
        holds_data=True,
        deleted_by_people=True,
        only_if=(
            OnlyIf(
                "CognitoEvents",
                ("cognito-sync:SetCognitoEvents", "cognito-sync:SetIdentityPoolConfiguration"),
                "handler; for Cognito Sync, which new accounts do not have",
            ),
        ),
        quotas=(
            Quota(
                "CognitoIdentityProviders",
                50,
                "clients of the identity pool",
                "Use fewer clients",
                source=_COGNITO_QUOTAS,
                raisable=True,
            ),
        ),
    ),
    "AWS::Cognito::IdentityPoolRoleAttachment": Type(
        scope=TypeScope((arn("cognito-identity", "identitypool/*"),), tagged=True),
        hands_roles={"Roles": "cognito-identity"},
    ),
    "AWS::Cognito::ManagedLoginBranding": Type(
        scope=TypeScope((arn("cognito-idp", "userpool/*"),), tagged=True),
        count=Quota(
            "",
            20,
            "styles of sign-in pages, one for each client",
            "Use fewer clients",
            source=_COGNITO_QUOTAS,
            raisable=True,
        ),
    ),
    "AWS::Cognito::UserPool": Type(
        content="user",
        erasure=Erasure(
            {
                arn("cognito-idp", "userpool/*"): (
                    "cognito-idp:DeleteUserPool",
                    "cognito-idp:DescribeUserPool",
                    "cognito-idp:UpdateUserPool",
                )
            },
            tagged=True,
        ),
        deleted_by_people=True,
        linked_role="email.cognito-idp.amazonaws.com",
        hands_roles={"SmsConfiguration": "cognito-idp"},
        only_if=(
            OnlyIf("EmailConfiguration", ("iam:CreateServiceLinkedRole",), "handler"),
            OnlyIf(
                "LambdaConfig.KMSKeyID",
                (
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ),
                "handler",
            ),
            OnlyIf("Schema", ("cognito-idp:AddCustomAttributes",), "handler"),
        ),
        quotas=(Quota("Schema", 50, "attributes", "Keep the rest in a table"),),
    ),
    "AWS::Cognito::UserPoolClient": Type(
        name="ClientName",
        longest_name=128,
        scope=TypeScope((arn("cognito-idp", "userpool/*"),), tagged=True),
        only_if=(
            OnlyIf(
                "AnalyticsConfiguration",
                ("iam:CreateServiceLinkedRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"),
                "handler; for Amazon Pinpoint",
            ),
        ),
        quotas=(
            Quota("AllowedOAuthScopes", 50, "scopes of a client", "Describe a second client for some of them"),
            Quota("CallbackURLs", 100, "addresses to come back to", "Describe a second client for some of them"),
            Quota(
                "LogoutURLs",
                100,
                "addresses to come back to after signing out",
                "Describe a second client for some of them",
            ),
        ),
        count=Quota("", 1000, "clients of the user pool", "Use fewer", source=_COGNITO_QUOTAS, raisable=True),
        emulator_drops=("SupportedIdentityProviders",),
    ),
    "AWS::Cognito::UserPoolDomain": Type(
        name="Domain",
        longest_name=63,
        wait=Wait("Cognito creates a distribution for the domain, which takes up to 15 minutes", _DOMAINS),
        scope=TypeScope((arn("cognito-idp", "userpool/*"),), tagged=True),
        only_if=(
            OnlyIf(
                "CustomDomainConfig",
                (
                    "cloudfront:updateDistribution",
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ),
                "cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html",
            ),
        ),
    ),
    "AWS::Cognito::UserPoolGroup": Type(
        scope=TypeScope((arn("cognito-idp", "userpool/*"),), tagged=True),
        count=Quota("", 10000, "groups of the user pool", "Use fewer", source=_COGNITO_QUOTAS),
    ),
    "AWS::Cognito::UserPoolIdentityProvider": Type(
        scope=TypeScope((arn("cognito-idp", "userpool/*"),), tagged=True),
        count=Quota("", 300, "identity providers", "Use fewer", source=_COGNITO_QUOTAS, raisable=True),
    ),
    "AWS::Cognito::UserPoolResourceServer": Type(
        scope=TypeScope((arn("cognito-idp", "userpool/*"),), tagged=True),
        quotas=(
            Quota("Scopes", 100, "scopes of a resource server", "Describe a second one for some of them"),
            Quota("Scopes.*.ScopeDescription", 256, "characters of a scope's description", "Shorten it"),
        ),
        count=Quota("", 25, "resource servers", "Join some", source=_COGNITO_QUOTAS, raisable=True),
    ),
    "AWS::Cognito::UserPoolUser": Type(holds_data=True, credential="a person who may sign in"),
    "AWS::Cognito::UserPoolUserToGroupAttachment": Type(credential="somebody a member of a group"),
}
