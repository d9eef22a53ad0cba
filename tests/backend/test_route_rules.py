"""Routes are compared as API Gateway compares them, and what it refuses is reported with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks import DescriptionError, load
from stacks.loading import validated
from tests.backend.describing import WORKER, described, problems_of

if TYPE_CHECKING:
    from pathlib import Path


def functions(first: str, second: str, kind: str = "rest", more: str = "") -> str:
    lines = [
        f"  {name}: {{{WORKER}, routes: ['{route}'], auth: iam}}"
        for name, route in zip("ab", (first, second), strict=True)
    ]
    return "\n".join(["functions:", *lines, f"api: {{type: {kind}{more}}}"])


SAME = [
    ("GET /notes", "GET /notes"),
    ("GET /notes", "GET /notes/"),
    ("GET /notes/{id}", "GET /notes/{id}/"),
    ("GET /notes/{id}", "GET /notes/{key}"),
    ("ANY /", "ANY /"),
]


@pytest.mark.parametrize("kind", ["rest", "http"])
@pytest.mark.parametrize(("first", "second"), SAME)
def test_routes_that_are_one_for_api_gateway_belong_to_one_function(first: str, second: str, kind: str) -> None:
    (problem,) = problems_of(functions(first, second, kind))
    assert problem.startswith("backend.functions.b.routes[0]")
    assert "is a route of 'a' already" in problem
    assert (f"as '{first}', which is the same" in problem) == (first != second)


SIBLINGS = [
    ("GET /notes/{id}", "PUT /notes/{key}"),
    ("GET /notes/{id}", "GET /notes/{key}/parts"),
    ("GET /notes/{id}", "ANY /notes/{rest+}"),
    ("GET /{id}", "ANY /{proxy+}"),
    ("GET /a/{x}/b/{y}", "GET /a/{x}/b/{z}/c"),
]


@pytest.mark.parametrize(("first", "second"), SIBLINGS)
def test_a_rest_api_takes_one_path_parameter_below_a_parent(first: str, second: str) -> None:
    """aws-cdk#25172: "A sibling ({id}) of this resource already has a variable path part"."""
    (problem,) = problems_of(functions(first, second))
    assert problem.startswith("backend.functions.b.routes[0]")
    assert "API Gateway takes one path parameter there. Use one name for one place" in problem


TAKEN = [
    ("GET /notes", "ANY /notes"),
    ("GET /notes", "GET /Notes"),
    ("GET /notes/{id}", "PUT /notes/{id}"),
    ("GET /notes/{id}", "GET /notes/all"),
    ("GET /notes/{id}", "GET /other/{key}"),
    ("GET /notes", "ANY /{proxy+}"),
]


@pytest.mark.parametrize("kind", ["rest", "http"])
@pytest.mark.parametrize(("first", "second"), TAKEN)
def test_routes_that_api_gateway_distinguishes_are_taken(first: str, second: str, kind: str) -> None:
    validated(described(functions(first, second, kind)))


def test_an_http_api_takes_a_greedy_parameter_next_to_another() -> None:
    validated(described(functions("GET /notes/{id}", "ANY /notes/{rest+}", "http")))


def test_the_catch_all_of_a_web_application_is_compared_too() -> None:
    web = "web: {wsgi: lambda_src/web/app.py:app, public: true}"
    (problem,) = problems_of(f"functions: {{{web}, two: {{{WORKER}, routes: ['GET /{{id}}'], auth: iam}}}}")
    assert "/{id} has {id} where /{proxy+} has {proxy+}" in problem


def test_the_paths_of_health_checks_are_kept_by_api_gateway() -> None:
    """See /ping and /sping.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    domain = ", domain: {name: api.example.com, zone: Z0123456789}"
    (problem,) = problems_of(functions("GET /ping", "GET /notes", more=domain))
    assert "'GET /ping' is API Gateway's own health check where the API has a domain" in problem
    validated(described(functions("GET /ping", "GET /notes")))


@pytest.mark.parametrize("route", ["get /notes", "GET notes", "GET /a//b", "GET /{a+}/b", "GET /a{id}", "GET /a b"])
def test_what_is_no_route_is_reported_with_its_form(route: str) -> None:
    (problem,) = problems_of(f"functions: {{one: {{{WORKER}, routes: ['{route}'], auth: iam}}}}")
    assert "Write METHOD /path, as 'GET /notes/{id}'" in problem


def test_the_line_is_that_of_the_route(tmp_path: Path) -> None:
    routes = ["      routes:", "        - GET /notes/{id}", "        - PUT /notes/{key}"]
    function = ["    one:", "      handler: code/one.py:one", "      auth: iam", *routes]
    lines = ["name: notes", "stages: {dev: {region: eu-west-1}}", "backend:", "  functions:", *function]
    (tmp_path / "app.yaml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "code").mkdir()
    (tmp_path / "code/one.py").touch()
    with pytest.raises(DescriptionError) as caught:
        load(tmp_path / "app.yaml")
    (problem,) = caught.value.problems
    assert str(problem).startswith("app.yaml:10: backend.functions.one.routes[1]: /notes/{key} has {key}")
