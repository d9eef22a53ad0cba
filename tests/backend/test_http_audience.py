"""Whose tokens an HTTP API takes: those of every client of the pool."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from stacks import DescriptionError, render
from stacks.loading import validated
from tests.backend.describing import MINIMAL, WORKER, described

MACHINE = "{kind: machine, scopes: [notes/read]}"
USERS = f"""
resource_servers: {{notes: {{read: Read notes}}}}
domain: notes-sign-in
clients: {{desk: {{kind: browser}}, partner: {MACHINE}, %s}}
"""
BACKEND = f"functions: {{one: {{{WORKER}, routes: [GET /a], auth: %s}}}}\napi: {{type: %s}}"


def app(client: str, kind: str = "http", auth: str = "users") -> Any:
    result = described(BACKEND % (auth, kind))
    result["data"] = yaml.safe_load(MINIMAL)["data"] | {"users": yaml.safe_load(USERS % client)}
    result["frontend"] = {"site": {"folder": "site", "path": "/app"}, "waf": False}
    return validated(result)


def test_tokens_of_every_described_client_are_taken() -> None:
    """An HTTP API compares ``aud`` or ``client_id`` with its audience.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    result = app("elsewhere: {kind: server, callbacks: ['https://other.example/back']}")
    (backend,) = (stack for stack in render(result, result.stages["dev"]) if stack.stack == "backend")
    audience = backend.template["Resources"]["UsersApiAuthorizer"]["Properties"]["JwtConfiguration"]["Audience"]
    text = json.dumps(audience)
    assert len(audience) == 4
    assert all(name in text for name in ("UserPoolClientId", "DeskClientId", "PartnerClientId", "ElsewhereClientId"))


def test_a_client_that_is_created_with_the_frontend_is_refused_with_the_way_out() -> None:
    with pytest.raises(DescriptionError) as caught:
        app("site: {kind: browser, callbacks: [/app/back]}")
    (problem,) = caught.value.problems
    assert problem.where == "data.users.clients.site"
    assert "its tokens would get 401 from the HTTP API" in problem.what
    assert "Write whole addresses" in problem.fix


@pytest.mark.parametrize(("kind", "auth"), [("rest", "users"), ("http", "iam")])
def test_it_is_taken_where_no_audience_is_asked_for(kind: str, auth: str) -> None:
    app("site: {kind: browser, callbacks: [/app/back]}", kind, auth)
