"""The user pool of the data stack: how people sign in, what is known of them, who else vouches for them. Pure.

The clients are in ``cognito_clients``: some of them belong to the stack that knows the site's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, cognito

from stacks import naming, wiring
from stacks.kinds.users.resources.hooks import hooks
from stacks.parts.policies import arn
from stacks.stages.serving import signs_in_below_site
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.kinds.users.model import Attribute, EmailSettings, Provider, SignInDomain, Users

_TYPES = {"text": "String", "number": "Number", "date": "DateTime", "boolean": "Boolean"}
_FACTORS = {"app": "SOFTWARE_TOKEN_MFA", "email": "EMAIL_OTP"}
_RECOVERY = {"email": "verified_email", "administrator": "admin_only"}
_PROVIDERS = {"apple": "SignInWithApple", "facebook": "Facebook", "google": "Google", "oidc": "OIDC", "saml": "SAML"}
_SCOPES = {"apple": "email name", "facebook": "public_profile, email"}
"""What social providers are asked for; the texts are Cognito's.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html"""


def add_pool(template: Template, users: Users, stage: Stage) -> None:
    """Put the pool and all that is known of it without the site's address into the data template."""
    pool = template.add_resource(user_pool(users, stage))
    for part in _pool_parts(users, stage):
        template.add_resource(part)
    template.add_output(wiring.USER_POOL.declare(Ref(pool), "The user pool"))
    template.add_output(wiring.USER_POOL_ARN.declare(GetAtt(pool, "Arn"), "ARN of the user pool"))
    if users.domain and not signs_in_below_site(stage):
        add_sign_in_domain(template, users.domain, wiring.SIGN_IN_TARGET, Ref(pool))


def add_sign_in_domain(
    template: Template, domain: SignInDomain, target: wiring.Output, pool: object, **more: Any
) -> None:
    """Put the domain of the sign-in pages into a template, and where a domain of your own has to point to."""
    resource = template.add_resource(
        cognito.UserPoolDomain(
            "UserPoolDomain",
            UserPoolId=pool,
            Domain=domain.prefix or domain.name,
            ManagedLoginVersion=2 if domain.pages == "managed" else 1,
            **_own_domain(domain),
            **more,
        )
    )
    if domain.name:
        distribution = GetAtt(resource, "CloudFrontDistribution")
        template.add_output(target.declare(distribution, f"Where {domain.name} has to point to (DNS alias)"))


def user_pool(users: Users, stage: Stage) -> cognito.UserPool:
    """People with an e-mail address and a password; a change of address counts once it is verified."""
    return cognito.UserPool(
        "UserPool",
        UserPoolName=naming.prefix(stage),
        UserPoolTier="PLUS" if users.threat_protection else "ESSENTIALS",
        UsernameConfiguration=cognito.UsernameConfiguration(CaseSensitive=False),
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings=cognito.UserAttributeUpdateSettings(
            AttributesRequireVerificationBeforeUpdate=["email"]
        ),
        AccountRecoverySetting=cognito.AccountRecoverySetting(
            RecoveryMechanisms=[cognito.RecoveryOption(Name=_RECOVERY[users.recovery], Priority=1)]
        ),
        AdminCreateUserConfig=cognito.AdminCreateUserConfig(AllowAdminCreateUserOnly=not users.self_sign_up),
        Policies=cognito.Policies(PasswordPolicy=_password_policy(users)),
        **_second_factor(users),
        DeletionProtection="ACTIVE",
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        UserPoolTags=naming.tags(stage, STACK),
        **_options(users, stage),
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


def _second_factor(users: Users) -> JsonDict:
    mode = {"off": "OFF", "optional": "OPTIONAL", "required": "ON"}[users.mfa]
    factors = [_FACTORS[factor] for factor in users.factors]
    return {"MfaConfiguration": mode} | ({} if mode == "OFF" else {"EnabledMfas": factors})


def _options(users: Users, stage: Stage) -> JsonDict:
    options: JsonDict = {"UsernameAttributes": ["email"]}
    if users.user_names:
        options = {"AliasAttributes": ["email", "preferred_username"]}
    if users.attributes or users.required:
        options["Schema"] = list(_schema(users))
    if users.email:
        options["EmailConfiguration"] = _sender(users.email)
    if users.triggers:
        options["LambdaConfig"] = cognito.LambdaConfig.from_dict("LambdaConfig", hooks(stage))
    if users.threat_protection:
        options["UserPoolAddOns"] = cognito.UserPoolAddOns(AdvancedSecurityMode="ENFORCED")
    return options


def _schema(users: Users) -> Iterator[cognito.SchemaAttribute]:
    for standard in users.required:
        yield cognito.SchemaAttribute(Name=standard, AttributeDataType="String", Required=True, Mutable=True)
    for name, attribute in users.attributes.items():
        yield cognito.SchemaAttribute(
            Name=name,
            AttributeDataType=_TYPES[attribute.type],
            Mutable=attribute.changeable,
            **_limits(attribute),
        )


def _limits(attribute: Attribute) -> JsonDict:
    if attribute.type != "text":
        return {}
    limits = cognito.StringAttributeConstraints(MinLength="0", MaxLength=str(attribute.longest))
    return {"StringAttributeConstraints": limits}


def _sender(sender: EmailSettings) -> cognito.EmailConfiguration:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html."""
    named = f"{sender.name} <{sender.address}>" if sender.name else sender.address
    reply = {"ReplyToEmailAddress": sender.reply_to} if sender.reply_to else {}
    return cognito.EmailConfiguration(
        EmailSendingAccount="DEVELOPER",
        SourceArn=arn("ses", f"identity/{sender.identity or sender.address}"),
        From=named,
        **reply,
    )


def _pool_parts(users: Users, stage: Stage) -> Iterator[AWSObject]:
    """Groups, resource servers, and other providers."""
    for rank, name in enumerate(users.groups):
        yield cognito.UserPoolGroup(
            naming.logical_id(name, "Group"), UserPoolId=Ref("UserPool"), GroupName=name, Precedence=rank
        )
    for name, scopes in users.resource_servers.items():
        yield cognito.UserPoolResourceServer(
            naming.logical_id(name, "ResourceServer"),
            UserPoolId=Ref("UserPool"),
            Identifier=name,
            Name=f"{naming.prefix(stage)}-{name}",
            Scopes=[
                cognito.ResourceServerScopeType(ScopeName=scope, ScopeDescription=text)
                for scope, text in scopes.items()
            ],
        )
    for name, provider in users.providers.items():
        yield identity_provider(name, provider)


def _own_domain(domain: SignInDomain) -> JsonDict:
    if domain.certificate is None:
        return {}
    return {"CustomDomainConfig": cognito.CustomDomainConfigType(CertificateArn=domain.certificate)}


def identity_provider(name: str, provider: Provider) -> cognito.UserPoolIdentityProvider:
    """Another house's people. Its secret is resolved by CloudFormation and is in no template.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation.html
    """
    return cognito.UserPoolIdentityProvider(
        naming.logical_id(name, "Provider"),
        UserPoolId=Ref("UserPool"),
        ProviderName=provider_name(name, provider),
        ProviderType=_PROVIDERS[provider.kind],
        ProviderDetails=_details(provider),
        AttributeMapping=dict(provider.attributes),
    )


def provider_name(name: str, provider: Provider) -> str:
    """What clients call it; Cognito has fixed names for Apple, Facebook and Google."""
    return name if provider.kind in {"oidc", "saml"} else _PROVIDERS[provider.kind]


def _details(provider: Provider) -> JsonDict:
    if provider.kind == "saml":
        return {"MetadataURL": provider.metadata, "IDPSignout": "true"}
    key = "private_key" if provider.kind == "apple" else "client_secret"
    common = {
        "client_id": provider.client_id,
        key: f"{{{{resolve:secretsmanager:{provider.client_secret}:SecretString:{key}}}}}",
        "authorize_scopes": _SCOPES.get(provider.kind, "openid email profile"),
    }
    if provider.kind == "apple":
        return {**common, "team_id": provider.team_id, "key_id": provider.key_id}
    if provider.kind == "oidc":
        return {**common, "oidc_issuer": provider.issuer, "attributes_request_method": "GET"}
    return common
