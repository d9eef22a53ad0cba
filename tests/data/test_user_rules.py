"""What Cognito refuses at a deploy, or at the first or second sign-in, is reported when a description is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks.run import check

if TYPE_CHECKING:
    from tests.data.conftest import Problems, Rendering

BY_MAIL = {"email": "no-reply@example.com", "mfa": "optional"}
GOOGLE = {"kind": "google", "client_id": "a", "client_secret": "b"}
APPLE = {"kind": "apple", "client_id": "com.example", "client_secret": "s", "team_id": "A" * 10, "key_id": "B" * 10}
FACEBOOK = {"kind": "facebook", "client_id": "1", "client_secret": "fb"}
USUAL = {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
WORK = {"handler": "lambda_src/api/notes.py:list_notes"}


def with_provider(provider: dict[str, Any], **users: Any) -> dict[str, Any]:
    return {"domain": "x", "providers": {"google": provider}, **users}


@pytest.mark.parametrize(
    ("users", "message"),
    [
        # https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html
        ({**BY_MAIL, "factors": ["app", "email"]}, "a pair that Cognito refuses. Set 'recovery: administrator'"),
        # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2221
        ({**BY_MAIL, "factors": ["email"], "recovery": "administrator"}, "as the only factor"),
        # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
        (
            {"clients": {"app": {"kind": "server", "access_minutes": 61, "refresh_hours": 1}}},
            "data.users.clients.app.access_minutes: access tokens are good for 61 minutes, longer than the 1 h",
        ),
        # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
        (
            with_provider({**GOOGLE, "attributes": {"given_name": "given_name"}}),
            "data.users.providers.google.attributes: 'email' is required, but not an attribute of this provider.",
        ),
        (
            with_provider(GOOGLE, required=["birthdate"]),
            "'birthdate' is required, but not an attribute of this provider. Map it, as 'birthdate: birthdate'",
        ),
        (
            with_provider({**GOOGLE, "attributes": {"email": "email", "givenname": "x"}}),
            "there is no attribute 'givenname'. Did you mean 'given_name'?",
        ),
        (
            with_provider({**GOOGLE, "attributes": {"email": "email", "custom:plan": "x"}}, attributes={"plan": {}}),
            "data.users.providers.google.attributes.custom:plan: comes from a provider, so Cognito asks",
        ),
        # https://github.com/aws-amplify/amplify-js/issues/3526
        (
            with_provider(
                {**GOOGLE, "attributes": {"email": "email", "custom:plan": "x"}},
                attributes={"plan": {"changeable": False}},
            ),
            "the second sign-in through this provider would fail",
        ),
        (
            {"domain": "x", "providers": {"google": GOOGLE, "other": GOOGLE}},
            "data.users.providers.other: is the second google provider, after 'google'; Cognito takes one. Keep one.",
        ),
        (with_provider({"kind": "apple", "client_id": "a", "client_secret": "b"}), "has no 'key_id'"),
        (with_provider({**APPLE, "team_id": "short"}), "'short' is not an id of Apple's"),
    ],
)
def test_what_cognito_refuses_is_reported_once(problems: Problems, users: dict[str, Any], message: str) -> None:
    results = problems({"users": users})
    assert len([result for result in results if message in result]) == 1, results


def test_an_import_fills_no_local_indexes(problems: Problems) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableCreationParameters.html."""
    table = {
        "partition_key": "owner",
        "sort_key": "id",
        "local_indexes": {"by-title": "title"},
        "import_from": {"bucket": "exports", "format": "ion"},
    }
    (problem,) = problems({"tables": {"notes": table}})
    assert problem.startswith("data.tables.notes.import_from: fills a table that has local indexes")


@pytest.mark.parametrize(
    "address",
    [
        "com.example.notes://callback",
        "myapp://",
        "com.googleusercontent.apps.1-a:/oauth",
        "exp://localhost:19000",
        "https://example.com",
        "https://example.com:8443/a?b=c@d",
        "http://localhost",
        "http://[::1]:8080/back",
    ],
)
def test_addresses_that_cognito_takes_are_taken(rendering: Rendering, address: str) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html."""
    clients = {"app": {"kind": "browser", "callbacks": [address]}}
    stacks = rendering({"users": {"domain": "x", "clients": clients}})
    assert stacks["data"].template["Resources"]["AppClient"]["Properties"]["CallbackURLs"] == [address]
    assert check(stacks.values()) == ()


@pytest.mark.parametrize(
    "address",
    [
        "https://*.example.com/",
        "https://example.com/*",
        "myapp://*",
        "//example.com/back",
        "/\\example.com",
        "https://user:password@example.com/",
        "myapp://user@host/",
        "https://example.com/#token",
        "https://",
        "https:///path",
        "http://example.com",
        "http://localhost.example.com/",
        "http://localhost@example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/",
        "ws://example.com",
        "example.com/back",
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(problems: Problems, address: str) -> None:
    clients = {"app": {"kind": "browser", "callbacks": [address]}}
    (problem,) = problems({"users": {"domain": "x", "clients": clients}})
    assert "is not an address to come back to" in problem


def test_social_providers_get_what_cognito_documents(rendering: Rendering) -> None:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html."""
    clients = {"app": {"kind": "browser", "callbacks": ["https://example.com/"]}}
    users = {"domain": "x", "providers": {"with-apple": APPLE, "with-facebook": FACEBOOK}, "clients": clients}
    resources = rendering({"users": users})["data"].template["Resources"]
    apple = resources["WithAppleProvider"]["Properties"]
    assert (apple["ProviderName"], apple["ProviderType"]) == ("SignInWithApple", "SignInWithApple")
    assert apple["ProviderDetails"] == {
        "client_id": "com.example",
        "team_id": "A" * 10,
        "key_id": "B" * 10,
        "private_key": "{{resolve:secretsmanager:s:SecretString:private_key}}",
        "authorize_scopes": "email name",
    }
    assert resources["WithFacebookProvider"]["Properties"]["ProviderDetails"] == {
        "client_id": "1",
        "client_secret": "{{resolve:secretsmanager:fb:SecretString:client_secret}}",
        "authorize_scopes": "public_profile, email",
    }
    client = resources["AppClient"]["Properties"]
    assert client["SupportedIdentityProviders"] == ["COGNITO", "SignInWithApple", "Facebook"]


def test_clients_may_write_what_providers_map(rendering: Rendering) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html."""
    mapped = {"email": "email", "given_name": "given_name", "email_verified": "email_verified", "custom:plan": "hd"}
    users = {
        "domain": "x",
        "attributes": {"plan": {"by_user": True}, "rank": {}},
        "providers": {"google": {**GOOGLE, "attributes": mapped}},
        "clients": {"app": {"kind": "browser", "callbacks": ["https://example.com/"]}},
    }
    resources = rendering({"users": users})["data"].template["Resources"]
    assert resources["AppClient"]["Properties"]["WriteAttributes"] == ["email", "custom:plan", "given_name"]
    assert resources["UserPoolClient"]["Properties"]["WriteAttributes"] == ["email", "custom:plan"]


@pytest.mark.parametrize(
    ("trigger", "flow"),
    [
        ("define_auth_challenge", "ALLOW_CUSTOM_AUTH"),
        ("verify_auth_challenge_response", "ALLOW_CUSTOM_AUTH"),
        ("user_migration", "ALLOW_USER_PASSWORD_AUTH"),
        ("pre_sign_up", None),
    ],
)
def test_triggers_are_called_because_clients_may_sign_in_their_way(
    rendering: Rendering, trigger: str, flow: str | None
) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html."""
    clients = {
        "server": {"kind": "server"},
        "site": {"kind": "browser", "callbacks": ["https://example.com/"]},
        "night": {"kind": "machine", "scopes": ["n/read"]},
    }
    users = {
        "domain": "x",
        "triggers": {trigger: "work"},
        "clients": clients,
        "resource_servers": {"n": {"read": "Read"}},
    }
    stacks = rendering({"users": users}, backend={"functions": {"work": WORK}})
    resources = stacks["data"].template["Resources"]
    extra = {
        name: [entry for entry in resources[name]["Properties"]["ExplicitAuthFlows"] if entry not in USUAL]
        for name in ("UserPoolClient", "ServerClient", "SiteClient", "NightClient")
    }
    wanted = [flow] if flow else []
    assert extra == {"UserPoolClient": wanted, "ServerClient": wanted, "SiteClient": wanted, "NightClient": []}
    assert check(stacks.values()) == ()


CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("site", "sign_in", "stack"),
    [
        ({"name": "example.com", "zone": "Z0123456789"}, "auth.example.com", "frontend"),
        ({"name": "example.com", "zone": "Z0123456789", "www": True}, "auth.www.example.com", "frontend"),
        ({"name": "example.com", "certificate": CERTIFICATE}, "auth.example.com", "data"),
        ({"name": "app.example.com", "zone": "Z0123456789"}, "auth.example.com", "data"),
        ({"name": "example.com", "zone": "Z0123456789"}, "auth.app.example.com", "data"),
    ],
)
def test_a_sign_in_domain_below_the_sites_is_created_after_its_record(
    rendering: Rendering, site: dict[str, Any], sign_in: str, stack: str
) -> None:
    """Else the first deploy fails: "Custom domain is not a valid subdomain", as the domain above has no address yet.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
    """
    users = {"domain": {"name": sign_in, "certificate": CERTIFICATE}}
    stacks = rendering({"users": users}, frontend={"static": "static", "domain": site})
    other = "data" if stack == "frontend" else "frontend"
    assert "UserPoolDomain" not in stacks[other].template["Resources"]
    domain = stacks[stack].template["Resources"]["UserPoolDomain"]
    assert ("SiteARecord" in domain.get("DependsOn", [])) == (stack == "frontend")
    assert "SignInTarget" in stacks[stack].template["Outputs"]
    assert check(stacks.values()) == ()
