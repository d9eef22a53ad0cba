"""Which tokens of the user pool a function takes: of which clients, and of which kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from stacks import DescriptionError, render
from stacks.loading import validated
from stacks.model.auth import SIGNED_IN
from stacks.packaging import web_handler
from tests.backend.describing import MINIMAL, described

USERS = "{clients: {desk: {kind: browser}, app: {kind: browser, callbacks: [/back]}}, domain: notes-sign-in}"
KINDS = {"wsgi": "wsgi: src/web.py:app", "handler": "handler: src/web.py:run, routes: [GET /a]"}


def resources(auth: str, *, api: str = "rest", kind: str = "wsgi", more: str = "") -> dict[str, Any]:
    mapping = described(f"functions: {{web: {{{KINDS[kind]}, auth: {auth}{more}}}}}\napi: {{type: {api}}}")
    mapping["data"] = yaml.safe_load(MINIMAL)["data"] | {"users": yaml.safe_load(USERS)}
    if api == "http":
        del mapping["data"]["users"]["clients"]["app"]
    else:
        mapping["frontend"] = {"site": {"folder": "site", "path": "/app"}}
    app = validated(mapping)
    (backend,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend")
    result: dict[str, Any] = backend.template["Resources"]
    return result


def refused(auth: str, **how: str) -> str:
    with pytest.raises(DescriptionError) as caught:
        resources(auth, **how)
    return "\n".join(str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize("kind", KINDS)
def test_access_tokens_are_asked_for_by_the_scopes_that_each_has(kind: str) -> None:
    """With scopes, API Gateway takes access tokens only."""
    rest = json.dumps(resources("{users: {use: access}}", kind=kind)["Api"])
    assert json.dumps(list(SIGNED_IN)) in rest
    routes = resources("{users: {use: access}}", api="http", kind=kind)
    asked = [
        route["Properties"].get("AuthorizationScopes") for route in routes.values() if route["Type"].endswith("::Route")
    ]
    assert asked
    assert all(entry == list(SIGNED_IN) for entry in asked)


def test_own_scopes_stay() -> None:
    assert '["notes/read"]' in json.dumps(resources("{users: {use: access}}", more=", scopes: [notes/read]")["Api"])


def test_any_token_is_taken_when_nothing_is_described() -> None:
    variables = resources("users")["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert not {"TOKEN_USE", "TOKEN_CLIENTS"} & set(variables)


@pytest.mark.parametrize("api", ["rest", "http"])
def test_the_adapter_gets_clients_and_kind(api: str) -> None:
    result = resources("{users: {clients: [site, desk], use: id}}", api=api)
    variables = result["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["TOKEN_USE"] == "id"
    assert "UserPoolClientId" in json.dumps(variables["TOKEN_CLIENTS"])
    assert "DeskClientId" in json.dumps(variables["TOKEN_CLIENTS"])


@pytest.mark.parametrize(
    ("auth", "how", "message"),
    [
        ("{users: {clients: [desc]}}", {}, "there is no client 'desc'. Did you mean 'desk'?"),
        ("{users: {clients: [app]}}", {}, "client 'app' is made with the frontend, after this function"),
        (
            "{users: {clients: [desk]}}",
            {"kind": "handler"},
            "are the same for API Gateway, and this function has a",
        ),
        ("{users: {use: id}}", {"kind": "handler", "api": "http"}, "an HTTP API takes access tokens, too"),
        ("{users: {use: id}}", {"more": ", scopes: [notes/read]"}, "ID tokens have no scopes"),
        ("{name: iam, users: {use: id}}", {}, "asks for tokens of users, and is 'iam'"),
        ("{users: {use: refresh}}", {}, "use"),
        ("{user: {use: id}}", {}, "is an unknown key. Did you mean 'users'?"),
    ],
)
def test_what_nobody_could_keep_is_refused(auth: str, how: dict[str, str], message: str) -> None:
    assert message in refused(auth, **how)


def event(claims: dict[str, str] | None, *, second: bool) -> dict[str, Any]:
    about: dict[str, Any] = {"authorizer": {"jwt": {"claims": claims}} if second else {"claims": claims}}
    if claims is None:
        about = {}
    return {"requestContext": about, "version": "2.0" if second else "1.0"}


ID, ACCESS = {"token_use": "id", "aud": "one"}, {"token_use": "access", "client_id": "one"}


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(
    ("use", "clients", "claims", "passes"),
    [
        ("", "", None, True),
        ("", "", ID, True),
        ("id", "", ID, True),
        ("id", "", ACCESS, False),
        ("access", "", ID, False),
        ("access", "two one", ACCESS, True),
        ("", "two one", ID, True),
        ("", "two", ID, False),
        ("", "two", ACCESS, False),
        ("access", "", None, False),
        ("", "one", None, False),
        ("", "one", {**ACCESS, "client_id": "two", "aud": "one"}, False),
    ],
)
def test_the_adapter_takes_these_tokens_and_no_others(  # noqa: PLR0913 - a table
    monkeypatch: pytest.MonkeyPatch,
    use: str,
    clients: str,
    claims: dict[str, str] | None,
    *,
    passes: bool,
    second: bool,
) -> None:
    monkeypatch.setenv("TOKEN_USE", use)
    monkeypatch.setenv("TOKEN_CLIENTS", clients)
    assert (web_handler._wrong_token(event(claims, second=second)) is None) == passes
