"""The body of a REST API: what every route asks of its callers, at any size, in stacks of every number."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from stacks import render
from stacks.limits import within_limits
from stacks.loading import validated
from tests.backend.describing import WORKER, described, stacks_of

WAYS: dict[str, tuple[str, list[dict[str, list[str]]] | None]] = {
    "open": ("public: true", None),
    "person": ("auth: users, scopes: [notes/read]", [{"users": ["notes/read"]}]),
    "machine": ("auth: iam", [{"iam": []}]),
    "judged": ("auth: own", [{"own": []}]),
    "metered": ("auth: users, api_key: true", [{"users": []}, {"api_key": []}]),
}
MANY = 400


def large() -> dict[str, dict[str, Any]]:
    special = [f"  {name}: {{{WORKER}, routes: [GET /{name}], {options}}}" for name, (options, _) in WAYS.items()]
    rest = [f"  f{number}: {{{WORKER}, routes: [GET /f/{number}], auth: iam}}" for number in range(MANY)]
    authorizer = [f"  judge: {{{WORKER}}}"]
    api = "api: {cors: https://a.example, keys: [partner], authorizers: {own: {function: judge}}}"
    return stacks_of("\n".join(["stacks: 8", api, "functions:", *special, *rest, *authorizer]))


def test_what_a_route_asks_for_is_the_same_in_a_body() -> None:
    stacks = large()
    body = stacks["backend"]["Resources"]["Api"]["Properties"]["Body"]
    asked = {name: body["paths"][f"/{name}"]["get"].get("security") for name in WAYS}
    assert asked == {name: authorizer for name, (_, authorizer) in WAYS.items()}
    assert all(body["paths"][f"/f/{number}"]["get"]["security"] == [{"iam": []}] for number in range(MANY))


def test_every_scheme_that_is_asked_for_is_described() -> None:
    schemes = large()["backend"]["Resources"]["Api"]["Properties"]["Body"]["components"]["securitySchemes"]
    assert schemes["iam"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert schemes["own"]["x-amazon-apigateway-authtype"] == "custom"
    assert schemes["own"]["x-amazon-apigateway-authorizer"]["type"] == "token"
    assert schemes["users"]["x-amazon-apigateway-authorizer"]["type"] == "cognito_user_pools"
    assert schemes["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}


def test_preflight_answers_are_the_same_in_a_body() -> None:
    answer = large()["backend"]["Resources"]["Api"]["Properties"]["Body"]["paths"]["/open"]["options"]
    assert "security" not in answer
    parameter = answer["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert parameter["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"
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
    lines = [f"  {name}: {options}" for name, options in functions.items()]
    app = validated(described("\n".join(["stacks: 40", "functions:", *lines])))
    rendered = render(app, app.stages["dev"])
    within_limits(rendered)
    kinds = Counter(body["Type"] for stack in rendered for body in stack.template["Resources"].values())
    assert (kinds["AWS::Lambda::Function"], kinds["AWS::ApiGateway::RestApi"]) == (2000, 1)
    assert kinds["AWS::Lambda::Permission"] == 2000


@pytest.mark.parametrize("count", [1, 2, 3, 60, 400])
def test_an_api_is_three_resources_whatever_its_routes(count: int) -> None:
    functions = [f"  f{number}: {{{WORKER}, routes: [GET /f/{number}], auth: iam}}" for number in range(count)]
    backend = stacks_of("\n".join([f"stacks: {1 if count < 80 else 8}", "functions:", *functions]))["backend"]
    kinds = [body["Type"] for body in backend["Resources"].values() if body["Type"].startswith("AWS::ApiGateway")]
    assert sorted(kinds) == ["AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"]
    assert len(backend["Resources"]["Api"]["Properties"]["Body"]["paths"]) == count


@pytest.mark.parametrize(("count", "stacks"), [(60, 1), (400, 6)])
def test_no_stack_looks_a_value_up_for_each_function(count: int, stacks: int) -> None:
    """One parameter for each value and stack, whatever the number of functions: CloudFormation allows 200."""
    function = {"handler": "src/app.py:f", "auth": "users", "users": "read"}
    functions = {f"f{number}": {**function, "routes": [f"GET /f{number}"]} for number in range(count)}
    app = validated(
        {
            "name": "big",
            "stages": {"dev": {"region": "eu-west-1"}},
            "data": {"users": True},
            "backend": {"functions": functions, "stacks": stacks},
        }
    )
    for stack in render(app, app.stages["dev"]):
        parameters = stack.template.get("Parameters", {}).values()
        assert len(parameters) <= 4
        assert sum(body["Type"].startswith("AWS::SSM::Parameter::Value") for body in parameters) <= 3
        assert "Fn::GetStackOutput" not in stack.body
