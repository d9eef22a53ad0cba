"""An API too large for resources keeps in its body what every route asks of its callers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from stacks import render
from stacks.limits import within_limits
from stacks.loading import validated
from tests.backend.describing import WORKER, described, resources_of, stacks_of

WAYS: dict[str, tuple[str, dict[str, list[str]] | None]] = {
    "open": ("public: true", None),
    "person": ("auth: users, scopes: [notes/read]", {"ApiAuthorizer": ["notes/read"]}),
    "machine": ("auth: iam", {"sigv4": []}),
    "judged": ("auth: own", {"OwnApiAuthorizer": []}),
    "metered": ("auth: users, api_key: true", {"ApiAuthorizer": [], "api_key": []}),
}
MANY = 400


def large() -> dict[str, dict[str, Any]]:
    special = [f"  {name}: {{{WORKER}, routes: [GET /{name}], {said}}}" for name, (said, _) in WAYS.items()]
    rest = [f"  f{number}: {{{WORKER}, routes: [GET /f/{number}], auth: iam}}" for number in range(MANY)]
    judge = [f"  judge: {{{WORKER}}}"]
    api = "api: {cors: https://a.example, keys: [partner], authorizers: {own: {function: judge}}}"
    return stacks_of("\n".join(["stacks: 8", api, "functions:", *special, *rest, *judge]))


def test_what_a_route_asks_for_is_the_same_in_a_body() -> None:
    stacks = large()
    body = stacks["backend"]["Resources"]["Api"]["Properties"]["Body"]
    asked = {name: body["paths"][f"/{name}"]["get"].get("security") for name in WAYS}
    assert asked == {name: [said] if said else None for name, (_, said) in WAYS.items()}
    assert all(body["paths"][f"/f/{number}"]["get"]["security"] == [{"sigv4": []}] for number in range(MANY))


def test_every_scheme_that_is_asked_for_is_described() -> None:
    schemes = large()["backend"]["Resources"]["Api"]["Properties"]["Body"]["components"]["securitySchemes"]
    assert schemes["sigv4"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert schemes["OwnApiAuthorizer"]["x-amazon-apigateway-authtype"] == "custom"
    assert schemes["OwnApiAuthorizer"]["x-amazon-apigateway-authorizer"]["type"] == "token"
    assert schemes["ApiAuthorizer"]["x-amazon-apigateway-authorizer"]["type"] == "cognito_user_pools"
    assert schemes["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}


def test_preflight_answers_are_the_same_in_a_body() -> None:
    answer = large()["backend"]["Resources"]["Api"]["Properties"]["Body"]["paths"]["/open"]["options"]
    assert "security" not in answer
    told = answer["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert told["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"
    assert sorted(answer["responses"]["204"]["headers"]) == [
        "Access-Control-Allow-Headers",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Origin",
        "Access-Control-Max-Age",
    ]


def crowd(count: int, added: str = "") -> dict[str, dict[str, Any]]:
    functions = [f"  f{number}: {{{WORKER}, routes: [GET /f/{number}], auth: iam}}" for number in range(count)]
    return stacks_of("\n".join(["stacks: 8", "functions:", *functions, added]))


@pytest.mark.parametrize(
    ("added", "apart"),
    [(f"  last: {{{WORKER}}}", set()), (f"  last: {{{WORKER}, routes: [GET /last], auth: iam}}", {"backend"})],
)
def test_a_new_function_changes_its_stack_and_with_a_route_the_api_and_nothing_else(
    added: str, apart: set[str]
) -> None:
    before, after = crowd(MANY), crowd(MANY, added)
    assert before.keys() == after.keys()
    changed = {stack for stack in after if after[stack] != before[stack]}
    (own,) = changed - apart
    assert changed == {own, *apart}
    new = {stack: after[stack]["Resources"].keys() - before[stack]["Resources"].keys() for stack in changed}
    assert {"LastFunction", "LastRole", "LastLogGroup"} <= new[own]
    assert not before[own]["Resources"].keys() - after[own]["Resources"].keys()


def test_two_thousand_functions_behind_one_api_are_within_every_limit() -> None:
    functions = {f"f{number}": f"{{{WORKER}, routes: [GET /f/{number}], auth: iam}}" for number in range(2000)}
    lines = [f"  {name}: {said}" for name, said in functions.items()]
    app = validated(described("\n".join(["stacks: 40", "functions:", *lines])))
    rendered = render(app, app.stages["dev"])
    within_limits(rendered)
    kinds = Counter(body["Type"] for one in rendered for body in one.template["Resources"].values())
    assert (kinds["AWS::Lambda::Function"], kinds["AWS::ApiGateway::RestApi"]) == (2000, 1)
    assert kinds["AWS::Lambda::Permission"] == 2000


def test_a_small_api_has_no_body() -> None:
    found = resources_of(f"functions: {{one: {{{WORKER}, routes: [GET /], auth: iam}}}}")
    assert "Body" not in found["Api"]["Properties"]
