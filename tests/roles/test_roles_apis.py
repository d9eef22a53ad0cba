"""Deploy roles of APIs: what creating HTTP APIs and domains asks for, and no API of another stack."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import derive
from tests.backend.describing import WORKER, described
from tests.roles.conftest import Role
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

A = "111122223333"
OWN, OTHER = {"aws:ResourceTag/stack": "notes-dev-backend"}, {"aws:ResourceTag/stack": "billing-dev-backend"}
ASKED = {"aws:RequestTag/stack": "notes-dev-backend"}


@functools.cache
def role(kind: str) -> Role:
    """The deploy role of a backend with an API of a kind, behind a domain."""
    domain = "{name: api.example.com, zone: Z0123456789ABCDEFGHIJ}"
    backend = (
        f"functions: {{one: {{{WORKER}, routes: [GET /a], auth: users}}}}\napi: {{type: {kind}, domain: {domain}}}"
    )
    app = validated(described(backend))
    stage = app.stages["dev"]
    (rendered,) = (stack for stack in render(app, stage) if stack.stack == "backend")
    return Role(app=app, stage=stage, rendered=rendered, rights=derive(stage, rendered))


def may(kind: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    request = Request(action=action, resource=resource, context={"aws:RequestedRegion": "eu-west-1", **context})
    return allowed(role(kind).documents, request)


def api(path: str) -> str:
    return f"arn:aws:apigateway:eu-west-1::{path}"


@pytest.mark.parametrize("part", ["routes", "integrations", "authorizers", "stages"])
@pytest.mark.parametrize("verb", ["GET", "PATCH", "DELETE"])
def test_parts_of_an_http_api_do_not_carry_its_tags(part: str, verb: str) -> None:
    """cfn-roadmap#997, terraform-provider-aws#16023: a tag of a route is never sent."""
    assert may("http", "apigateway:POST", api(f"/apis/abcdefghij/{part}"), {})
    assert may("http", f"apigateway:{verb}", api(f"/apis/abcdefghij/{part}/x"), {})
    assert not may("http", f"apigateway:{verb}", api(f"/apis/zyxwvutsrq/{part}/x"), OTHER)


def test_an_http_api_with_tags_is_created_by_a_post_on_tags_too() -> None:
    """terraform-provider-aws#16023."""
    assert may("http", "apigateway:POST", api("/apis"), ASKED)
    assert may("http", "apigateway:POST", api("/tags/x"), ASKED)
    assert not may("http", "apigateway:POST", api("/tags/x"), {**ASKED, **OTHER})
    assert not may("http", "apigateway:POST", api("/tags/x"), {})


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_an_http_api_itself_is_known_by_its_tag(verb: str) -> None:
    assert may("http", f"apigateway:{verb}", api("/apis/abcdefghij"), OWN)
    assert not may("http", f"apigateway:{verb}", api("/apis/zyxwvutsrq"), {})
    assert not may("http", f"apigateway:{verb}", api("/apis/zyxwvutsrq"), OTHER)


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_a_domain_in_a_fresh_account_lets_api_gateway_create_its_own_role(kind: str) -> None:
    """domain-manager#112: "Caller does not have permissions to create a Service Linked Role".

    https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
    """
    service = "ops.apigateway.amazonaws.com"
    linked = f"arn:aws:iam::{A}:role/aws-service-role/{service}/AWSServiceRoleForAPIGateway"
    assert may(kind, "iam:CreateServiceLinkedRole", linked, {"iam:AWSServiceName": service})
    other = f"arn:aws:iam::{A}:role/aws-service-role/support.amazonaws.com/x"
    assert not may(kind, "iam:CreateServiceLinkedRole", other, {"iam:AWSServiceName": "support.amazonaws.com"})


def test_a_rest_api_is_imported_and_imported_again() -> None:
    """ImportRestApi is a POST, PutRestApi a PUT: its routes need no rights of their own."""
    assert may("rest", "apigateway:POST", api("/restapis"), ASKED)
    assert may("rest", "apigateway:PUT", api("/restapis/abcdefghij"), OWN)
    assert not may("rest", "apigateway:PUT", api("/restapis/zyxwvutsrq"), OTHER)
