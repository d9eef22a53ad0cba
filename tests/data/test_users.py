"""Users of a description → what Cognito gets, and in which stack; what is wrong with them is told with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks.run import check

if TYPE_CHECKING:
    from tests.data.conftest import Problems, Rendering

SITE = {"site": {"folder": "site", "path": "/app"}}
FUNCTION = {"handler": "lambda_src/api/notes.py:list_notes", "routes": ["GET /api/notes"], "auth": "users"}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
BY_MAIL = {"email": "no-reply@example.com", "recovery": "administrator"}
BROWSER = {"kind": "browser", "callbacks": ["/app/back"]}


def pool(rendering: Rendering, **users: Any) -> dict[str, Any]:
    properties: dict[str, Any] = rendering({"users": users})["data"].template["Resources"]["UserPool"]["Properties"]
    return properties


def test_custom_attributes_are_read_and_changed_only_where_described(rendering: Rendering) -> None:
    users = {
        "attributes": {
            "plan": {"changeable": False},
            "score": {"type": "number"},
            "nick": {"longest": 30, "by_user": True},
        },
        "required": ["given_name"],
    }
    resource = rendering({"users": users})["data"].template["Resources"]
    assert [
        (schema["Name"], schema["AttributeDataType"], schema["Mutable"])
        for schema in resource["UserPool"]["Properties"]["Schema"]
    ] == [
        ("given_name", "String", True),
        ("plan", "String", False),
        ("score", "Number", True),
        ("nick", "String", True),
    ]
    client = resource["UserPoolClient"]["Properties"]
    assert client["WriteAttributes"] == ["email", "given_name", "custom:nick"]
    assert "custom:plan" in client["ReadAttributes"]


def test_mail_goes_out_through_ses_when_an_address_is_given(rendering: Rendering) -> None:
    result = pool(rendering, email={"address": "no-reply@example.com", "identity": "example.com", "name": "Notes"})
    assert result["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "From": "Notes <no-reply@example.com>",
        "SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/example.com"},
    }


def test_browsers_sign_in_to_the_pool_itself_without_a_secret(rendering: Rendering) -> None:
    client = rendering({"users": True})["data"].template["Resources"]["UserPoolClient"]["Properties"]
    assert (client["SupportedIdentityProviders"], client["GenerateSecret"]) == (["COGNITO"], False)


def test_threat_protection_is_the_plus_tier(rendering: Rendering) -> None:
    assert pool(rendering)["UserPoolTier"] == "ESSENTIALS"
    result = pool(rendering, threat_protection=True)
    assert (result["UserPoolTier"], result["UserPoolAddOns"]) == ("PLUS", {"AdvancedSecurityMode": "ENFORCED"})


def test_factors_are_those_described(rendering: Rendering) -> None:
    result = pool(rendering, mfa="required", factors=["app", "email"], **BY_MAIL)
    assert (result["MfaConfiguration"], result["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"])
    assert "EnabledMfas" not in pool(rendering, mfa="off")


def test_forgotten_passwords_are_for_an_administrator_on_request(rendering: Rendering) -> None:
    ways = [
        pool(rendering, **options)["AccountRecoverySetting"]["RecoveryMechanisms"]
        for options in ({}, {"recovery": "administrator"})
    ]
    assert ways == [[{"Name": "verified_email", "Priority": 1}], [{"Name": "admin_only", "Priority": 1}]]


def test_people_may_choose_a_name_to_sign_in_with(rendering: Rendering) -> None:
    result = pool(rendering, user_names=True)
    assert result["AliasAttributes"] == ["email", "preferred_username"]
    assert "UsernameAttributes" not in result


def test_triggers_name_functions_without_reading_from_the_backend(rendering: Rendering) -> None:
    users = {"triggers": {"pre_sign_up": "greet", "post_confirmation": "greet"}}
    stacks = rendering({"users": users}, backend={"functions": {"greet": FUNCTION}})
    greet = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:notes-dev-greet"}
    hooks = stacks["data"].template["Resources"]["UserPool"]["Properties"]["LambdaConfig"]
    assert hooks == {"PreSignUp": greet, "PostConfirmation": greet}
    assert stacks["data"].needs == ()
    permission = stacks["backend"].template["Resources"]["GreetUsersPermission"]["Properties"]
    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceArn"] == {"Ref": "DataUserPoolArn"}


def test_groups_rank_in_the_order_of_the_description(rendering: Rendering) -> None:
    resource = rendering({"users": {"groups": ["admins", "editors"]}})["data"].template["Resources"]
    ranks = {name: resource[name]["Properties"]["Precedence"] for name in ("AdminsGroup", "EditorsGroup")}
    assert ranks == {"AdminsGroup": 0, "EditorsGroup": 1}


def test_a_client_that_comes_back_to_the_site_is_created_with_the_site(rendering: Rendering) -> None:
    users = {"domain": "notes-sign-in", "clients": {"app": {**BROWSER, "logouts": ["/app/"]}}}
    stacks = rendering({"users": users}, frontend=SITE)
    assert "AppClient" not in stacks["data"].template["Resources"]
    client = stacks["frontend"].template["Resources"]["AppClient"]["Properties"]
    assert client["CallbackURLs"] == [{"Fn::Sub": "https://${Distribution.DomainName}/app/back"}]
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False
    assert client["UserPoolId"] == {"Ref": "DataUserPoolId"}
    assert "data" in stacks["frontend"].needs
    assert stacks["data"].needs == ()


def test_a_site_with_a_domain_has_addresses_known_at_once(rendering: Rendering) -> None:
    users = {"domain": "notes-sign-in", "clients": {"app": BROWSER}}
    domain = {"name": "notes.example.com", "certificate": CERTIFICATE}
    client = rendering({"users": users}, frontend={**SITE, "domain": domain})["frontend"].template["Resources"][
        "AppClient"
    ]
    assert client["Properties"]["CallbackURLs"] == ["https://notes.example.com/app/back"]


def test_sign_in_pages_are_at_a_prefix_or_a_custom_domain(rendering: Rendering) -> None:
    domain = rendering({"users": {"domain": "notes-sign-in"}})["data"].template["Resources"]["UserPoolDomain"]
    assert domain["Properties"]["Domain"] == "notes-sign-in"
    assert domain["Properties"]["ManagedLoginVersion"] == 2
    users = {"domain": {"name": "auth.example.com", "certificate": CERTIFICATE, "pages": "classic"}}
    template = rendering({"users": users})["data"].template
    own = template["Resources"]["UserPoolDomain"]["Properties"]
    assert (own["Domain"], own["ManagedLoginVersion"]) == ("auth.example.com", 1)
    assert own["CustomDomainConfig"] == {"CertificateArn": CERTIFICATE}
    assert template["Outputs"]["SignInTarget"]["Value"] == {"Fn::GetAtt": ["UserPoolDomain", "CloudFrontDistribution"]}


def test_a_server_has_a_secret_and_a_machine_signs_itself_in(rendering: Rendering) -> None:
    users = {
        "domain": "notes-sign-in",
        "resource_servers": {"notes-api": {"read": "Read notes"}},
        "clients": {
            "shop": {"kind": "server", "callbacks": ["https://shop.example.com/back"]},
            "nightly": {"kind": "machine", "scopes": ["notes-api/read"]},
        },
    }
    resource = rendering({"users": users})["data"].template["Resources"]
    assert resource["ShopClient"]["Properties"]["GenerateSecret"] is True
    machine = resource["NightlyClient"]
    assert machine["Properties"]["AllowedOAuthFlows"] == ["client_credentials"]
    assert machine["Properties"]["AllowedOAuthScopes"] == ["notes-api/read"]
    assert machine["DependsOn"] == ["NotesApiResourceServer"]


def test_a_providers_secret_is_in_no_template(rendering: Rendering) -> None:
    users = {
        "domain": "notes-sign-in",
        "providers": {
            "google": {"kind": "google", "client_id": "abc", "client_secret": "google-oauth"},
            "corp": {"kind": "saml", "metadata": "https://idp.example.com/metadata"},
        },
        "clients": {"shop": {"kind": "server", "callbacks": ["https://shop.example.com/back"]}},
    }
    resource = rendering({"users": users})["data"].template["Resources"]
    details = resource["GoogleProvider"]["Properties"]["ProviderDetails"]
    assert details["client_secret"] == "{{resolve:secretsmanager:google-oauth:SecretString:client_secret}}"
    client = resource["ShopClient"]
    assert client["Properties"]["SupportedIdentityProviders"] == ["COGNITO", "Google", "corp"]
    assert client["DependsOn"] == ["CorpProvider", "GoogleProvider"]


def test_every_option_together_has_no_findings(rendering: Rendering) -> None:
    users = {
        "mfa": "required",
        "threat_protection": True,
        "domain": "notes-sign-in",
        "resource_servers": {"notes-api": {"read": "Read notes"}},
        "clients": {
            "app": {**BROWSER, "callbacks": ["/app/back", "http://localhost:8000/back"]},
            "shop": {"kind": "server", "callbacks": ["https://shop.example.com/back"]},
            "nightly": {"kind": "machine", "scopes": ["notes-api/read"]},
        },
    }
    stacks = rendering({"users": users}, frontend=SITE)
    assert check(stacks.values()) == ()
    assert "Metadata" not in stacks["data"].template


@pytest.mark.parametrize(
    ("users", "message"),
    [
        ({"factors": []}, "data.users: has 'mfa: optional', but no factor. Add 'factors: [app]', or set 'mfa: off'."),
        ({"factors": ["email"]}, "which Cognito's own sender does not send. Add 'email'."),
        ({"attributes": {"a" * 21: {}}}, "has 21 characters, 20 are allowed. Shorten it."),
        ({"attributes": {"custom:plan": {}}}, "'custom:plan' is not a name of an attribute."),
        ({"attributes": {"email": {}}}, "data.users: has the attribute 'email', which every pool has."),
        ({"attributes": {f"a{n}": {} for n in range(51)}}, "has 51 attributes, Cognito allows 50."),
        ({"attributes": {"plan": {"longest": 2049}}}, "2049 exceeds the 2048 characters allowed."),
        ({"email": "nobody"}, "'nobody' is not an e-mail address."),
        (
            {"triggers": {"pre_sign_up": "greet"}},
            "data.users.triggers.pre_sign_up: there is no function 'greet'.",
        ),
        (
            {"domain": "x", "clients": {"app": {"kind": "browser", "callbacks": ["http://example.com/"]}}},
            "'http://example.com/' is not an address to come back to. Write a path of the site, as /callback",
        ),
        (
            {"domain": "x", "clients": {"app": {"kind": "browser", "callbacks": ["http://localhost.example.com/"]}}},
            "is not an address to come back to.",
        ),
        (
            {"clients": {"app": {"kind": "browser", "secret": True}}},
            "data.users.clients.app: has a secret in a browser, where everyone can read it. Drop 'secret'.",
        ),
        (
            {"clients": {"app": {"kind": "server", "secret": False}}},
            "data.users.clients.app: has no secret. Drop 'secret': a server needs one.",
        ),
        ({"domain": "x", "clients": {"app": BROWSER}}, "is a path of the site, but the stage has no frontend."),
        (
            {"clients": {"app": {"kind": "server", "callbacks": ["https://a.example.com/"]}}},
            "data.users.clients.app: signs in at the pool's own pages, which it does not have.",
        ),
        ({"domain": "x", "clients": {"app": {"kind": "machine"}}}, "is a machine without a scope."),
        (
            {"domain": "x", "clients": {"app": {"kind": "machine", "scopes": ["a/b"], "callbacks": ["https://a.b/"]}}},
            "is a machine with callbacks.",
        ),
        ({"clients": {"app": {"kind": "browser", "scopes": ["openid"]}}}, "has logouts or scopes, but no callbacks."),
        (
            {
                "domain": "x",
                "resource_servers": {"notes": {"read": "Read"}},
                "clients": {"app": {"kind": "machine", "scopes": ["notes/raed"]}},
            },
            "data.users.clients.app.scopes: there is no scope 'notes/raed'. Did you mean 'notes/read'?",
        ),
        ({"clients": {"browser": {"kind": "server"}}}, "is the name of the client that every pool has."),
        ({"domain": {}}, "data.users.domain: says not exactly one of 'prefix' and 'name'. Use one of the two."),
        ({"domain": {"name": "auth.example.com"}}, "needs 'name' and 'certificate' together."),
        (
            {"domain": {"name": "auth.example.com", "certificate": CERTIFICATE.replace("us-east-1", "eu-west-1")}},
            "is not an ARN of a certificate in us-east-1. Make the certificate in us-east-1",
        ),
        ({"domain": "my-aws-login"}, "'my-aws-login' is not a prefix of a sign-in domain."),
        (
            {"domain": "x", "providers": {"us": {"kind": "saml", "metadata": "https://idp.example.com/"}}},
            "data.users.providers.us: 'us' has 2 characters. Use 3 to 32, as Cognito asks.",
        ),
        (
            {"domain": "x", "providers": {"corp": {"kind": "saml"}}},
            "data.users.providers.corp: has no 'metadata'. Give metadata.",
        ),
        (
            {
                "domain": "x",
                "providers": {"g": {"kind": "google", "client_id": "a", "client_secret": "b", "issuer": "https://c.d"}},
            },
            "has 'issuer', which google does not take. Give client_id and client_secret.",
        ),
        (
            {"providers": {"corp": {"kind": "saml", "metadata": "https://idp.example.com/"}}},
            "data.users.providers: are asked by the pool's own pages, which it does not have. Add 'domain'.",
        ),
    ],
)
def test_wrong_users_are_reported_once(problems: Problems, users: dict[str, Any], message: str) -> None:
    results = problems({"users": users})
    assert len(results) == 1, results
    assert message in results[0]
