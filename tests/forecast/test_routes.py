"""What a changed body of an API is told as: routes that come, go and change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.forecast.compare import compare
from tests.backend.describing import WORKER, stacks_of

SECURED = {"users": {"type": "apiKey", "x-amazon-apigateway-authtype": "cognito_user_pools"}}


def api(paths: dict[str, Any]) -> dict[str, Any]:
    body = {"openapi": "3.0.1", "paths": paths, "components": {"securitySchemes": SECURED}}
    return {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "x", "Body": body}}}}


def changed_routes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [
        (entry.path, entry.action, entry.security)
        for change in compare(api(old), api(new))
        for entry in change.properties
    ]


GET: dict[str, Any] = {"get": {"responses": {}, "security": [{"users": []}]}}
OPEN: dict[str, Any] = {"get": {"responses": {}}}
ID = {"get": {"parameters": [{"name": "id", "in": "path"}], "responses": {}, "security": [{"users": []}]}}
KEY = {"get": {"parameters": [{"name": "key", "in": "path"}], "responses": {}, "security": [{"users": []}]}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"/a": GET}, {}, [("GET /a", "removed", True)]),
        ({}, {"/a": GET}, [("GET /a", "added", False)]),
        ({}, {"/a": OPEN}, [("GET /a", "added", True)]),
        ({"/a": GET}, {"/a": {**GET, "x-amazon-apigateway-any-method": {}}}, [("ANY /a", "added", True)]),
        ({"/a": GET}, {"/a": OPEN}, [("GET /a: security", "removed", True)]),
        ({"/a/{id}": ID}, {"/a/{key}": KEY}, [("GET /a/{key}", "changed", False)]),
        ({"/a": GET, "/b": GET}, {"/b": GET, "/a": GET}, []),
    ],
)
def test_a_route_is_reported_by_its_method_and_path(
    old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, str, bool]]
) -> None:
    assert changed_routes(old, new) == expected


def test_a_renamed_path_parameter_is_no_route_that_goes() -> None:
    (change,) = compare(api({"/a/{id}": ID}), api({"/a/{key}": KEY}))
    (entry,) = change.properties
    assert (entry.old, entry.new, entry.because) == ("GET /a/{id}", "GET /a/{key}", "path parameter renamed")
    assert (change.replacement, change.destructive) == ("never", False)


def test_what_a_description_takes_away_is_reported_as_its_route() -> None:
    def backend(routes: str) -> dict[str, Any]:
        return stacks_of(f"functions: {{one: {{{WORKER}, routes: {routes}, auth: users}}}}")["backend"]

    (change,) = (
        item
        for item in compare(backend("[GET /a, GET /b]"), backend("[GET /a]"))
        if item.type == "AWS::ApiGateway::RestApi"
    )
    entry, access = change.properties
    assert access.path == "Metadata.stacks.access"  # what API-ACCESS compares the body with
    assert (entry.path, entry.action, entry.old) == ("GET /b", "removed", "for users")


OPERATIONS = st.dictionaries(st.sampled_from(["get", "post", "x-amazon-apigateway-any-method", "parameters"]),
                             st.sampled_from([{}, {"security": []}, GET["get"], [], "x"]), max_size=3)  # fmt: skip
PATHS = st.dictionaries(st.sampled_from(["/", "/a", "/a/{id}", "/a/{key}", "x"]), OPERATIONS | st.just("x"), max_size=4)


@given(PATHS, PATHS)
def test_bodies_that_differ_are_reported_and_others_are_not(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert bool(changed_routes(old, new)) == (old != new)
