"""Addresses of functions' own: who may call them, what else they change, and which are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks import DescriptionError, render
from stacks.loading import validated
from stacks.roles import derive
from tests.backend.describing import WORKER, described, problems_of, properties_of, resources_of, stacks_of

FLASK = "wsgi: lambda_src/web/app.py:app"


def backend_with(text: str, code: str = WORKER) -> str:
    return f"functions: {{work: {{{code}, {text}}}}}"


def kinds(backend: str) -> set[str]:
    return {body["Type"].split("::")[1] for body in resources_of(backend).values()}


def test_a_url_is_for_signed_requests_and_needs_no_permission() -> None:
    backend = backend_with("url: true")
    assert resources_of(backend)["WorkUrl"]["Properties"] == {
        "AuthType": "AWS_IAM",
        "TargetFunctionArn": {"Fn::GetAtt": ["WorkFunction", "Arn"]},
    }
    assert properties_of(backend, "AWS::Lambda::Permission") == []
    assert "ApiGateway" not in kinds(backend)


def test_everyone_may_call_a_public_url_and_the_function_by_nothing_else() -> None:
    properties = properties_of(backend_with("public: true, url: none"), "AWS::Lambda::Permission")
    function = {"Ref": "WorkFunction"}
    assert properties == [
        {
            "Action": "lambda:InvokeFunctionUrl",
            "FunctionName": function,
            "FunctionUrlAuthType": "NONE",
            "Principal": "*",
        },
        {"Action": "lambda:InvokeFunction", "FunctionName": function, "InvokedViaFunctionUrl": True, "Principal": "*"},
    ]


def test_the_url_of_a_function_with_an_alias_is_the_aliass() -> None:
    resources = resources_of(backend_with("public: true, url: none, gradual: canary-5m"))
    assert resources["WorkUrl"]["Properties"]["Qualifier"] == "live"
    permissions = [body for body in resources.values() if body["Type"] == "AWS::Lambda::Permission"]
    assert [body["Properties"]["FunctionName"] for body in permissions] == [{"Fn::Sub": "${WorkFunction.Arn}:live"}] * 2
    assert {body.get("DependsOn") for body in (resources["WorkUrl"], *permissions)} == {"WorkLive"}


def test_cors_is_described_once_for_a_url() -> None:
    options = "url: {cors: {origins: [https://a.example, https://b.example], credentials: true}}"
    assert resources_of(backend_with(options))["WorkUrl"]["Properties"]["Cors"] == {
        "AllowCredentials": True,
        "AllowHeaders": ["authorization", "content-type"],
        "AllowMethods": ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"],
        "AllowOrigins": ["https://a.example", "https://b.example"],
        "MaxAge": 600,
    }


def test_a_wsgi_application_with_a_url_alone_has_no_api_and_trusts_no_host_but_its_own() -> None:
    (function,) = properties_of(backend_with("url: true", FLASK), "AWS::Lambda::Function")
    assert function["Environment"]["Variables"] == {"STAGE": "dev", "WSGI_APP": "app:app"}
    assert "ApiGateway" not in kinds(backend_with("url: true", FLASK))


def test_a_url_together_with_routes_leaves_them_as_they_are() -> None:
    routes = "routes: [GET /], auth: users"
    before, after = resources_of(backend_with(routes)), resources_of(backend_with(f"{routes}, url: true"))
    assert after.keys() - before.keys() == {"WorkUrl"}
    assert {name: after[name] for name in before} == before


def test_the_address_is_an_output_of_the_stack_that_has_the_function() -> None:
    template = stacks_of(backend_with("url: true"))["backend"]
    assert template["Outputs"]["WorkFunctionUrl"]["Value"] == {"Fn::GetAtt": ["WorkUrl", "FunctionUrl"]}
    spread = stacks_of(f"stacks: 3\n{backend_with('url: true')}")
    (holder,) = (stack for stack in spread.values() if "WorkFunctionUrl" in stack.get("Outputs", {}))
    assert "WorkUrl" in holder["Resources"]


def test_the_deploy_role_makes_no_other_kind_of_url() -> None:
    app = validated(described(backend_with("url: true")))
    stage = app.stages["dev"]
    (backend,) = (stack for stack in render(app, stage) if stack.stack == "backend")
    statements: list[dict[str, Any]] = [
        statement for document in derive(stage, backend).documents() for statement in document["Statement"]
    ]
    (making,) = (
        statement for statement in statements if "lambda:CreateFunctionUrlConfig" in statement.get("Action", ())
    )
    assert making["Effect"] == "Allow"
    assert '"lambda:FunctionUrlAuthType": "AWS_IAM"' in json.dumps(making["Condition"])
    assert "function:notes-dev-" in json.dumps(making["Resource"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("url: none", "url: lets everyone call the function. Set 'public: true' for the function, too"),
        ("url: users", "'users' is not allowed"),
        ("url: {cors: '*'}", "'*' is not an exact origin"),
    ],
)
def test_an_impossible_url_is_reported(text: str, message: str) -> None:
    (problem,) = problems_of(backend_with(text))
    assert problem.startswith("backend.functions.work.url")
    assert message in problem


def test_a_public_url_around_the_sites_web_acl_is_reported() -> None:
    description = described(backend_with("public: true, routes: [GET /], url: none"))
    description["frontend"] = {"site": "site"}
    with pytest.raises(DescriptionError, match="everyone can go around the site's web ACL here"):
        validated(description)
