"""The body of a REST API becomes what the emulator knows: the same routes, authorizers, models, answers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from stacks.local.front.gateway import without_routes
from stacks.local.front.imported import ROUTES, logical_id
from stacks.local.front.localize import localize
from tests.backend.describing import WORKER, resources_of

NOTE = "{type: object, properties: {tags: {$ref: '#/definitions/tags'}}, definitions: {tags: {type: array}}}"
BACKEND = f"""
functions:
  read: {{{WORKER}, routes: [GET /notes, "GET /notes/{{id}}"], auth: users, scopes: [notes/read]}}
  write: {{{WORKER}, routes: [POST /notes], auth: own, api_key: true, body: {{'POST /notes': {NOTE}}}}}
  machine: {{{WORKER}, routes: ["ANY /machine/{{rest+}}"], auth: iam}}
  judge: {{{WORKER}}}
api: {{cors: https://a.example, keys: [partner], authorizers: {{own: {{function: judge}}}}}}
"""


def local(resources: dict[str, Any]) -> dict[str, Any]:
    """The resources as the emulator gets them."""
    template, _ = localize({"Resources": deepcopy(resources)}, frozenset(), 4566)
    return dict(template["Resources"])


def method(resources: dict[str, Any], verb: str, path: str) -> dict[str, Any]:
    return dict(resources[logical_id("Api", "Method", path, verb)]["Properties"])


def test_every_route_is_a_method_below_its_path() -> None:
    result = local(resources_of(BACKEND))
    assert "Body" not in result["Api"]["Properties"]
    entry = method(result, "GET", "/notes/{id}")
    part = result[entry["ResourceId"]["Ref"]]["Properties"]
    assert part["PathPart"] == "{id}"
    above = result[part["ParentId"]["Ref"]]["Properties"]
    assert (above["PathPart"], above["ParentId"]) == ("notes", {"Fn::GetAtt": ["Api", "RootResourceId"]})
    assert method(result, "ANY", "/machine/{rest+}")["Integration"]["Type"] == "AWS_PROXY"
    kinds = [body["Type"] for body in result.values()]
    assert kinds.count("AWS::ApiGateway::Method") == 4 + 3  # and a preflight for each path
    assert kinds.count("AWS::ApiGateway::Resource") == 4


def test_methods_ask_for_what_the_routes_ask_for() -> None:
    result = local(resources_of(BACKEND))
    read, write = method(result, "GET", "/notes"), method(result, "POST", "/notes")
    assert (read["AuthorizationType"], read["AuthorizationScopes"]) == ("COGNITO_USER_POOLS", ["notes/read"])
    assert (write["AuthorizationType"], write["ApiKeyRequired"]) == ("CUSTOM", True)
    assert method(result, "ANY", "/machine/{rest+}")["AuthorizationType"] == "AWS_IAM"
    assert method(result, "OPTIONS", "/notes")["AuthorizationType"] == "NONE"
    authorizer = result[write["AuthorizerId"]["Ref"]]["Properties"]
    assert (authorizer["Type"], authorizer["IdentitySource"]) == ("TOKEN", "method.request.header.Authorization")


def test_the_stage_variable_of_an_authorizer_is_filled_in() -> None:
    resources = resources_of(BACKEND)
    pool = resources["ApiStage"]["Properties"]["Variables"]["userPool"]
    result = local(resources)
    (arn,) = result[method(result, "GET", "/notes")["AuthorizerId"]["Ref"]]["Properties"]["ProviderARNs"]
    text, variables = arn["Fn::Sub"]
    assert text.endswith(":userpool/${StageVariableuserPool}")
    assert variables == {"StageVariableuserPool": pool}


def test_models_are_self_contained_and_are_validated() -> None:
    result = local(resources_of(BACKEND))
    write = method(result, "POST", "/notes")
    schema = result[write["RequestModels"]["application/json"]["Ref"]]["Properties"]["Schema"]
    assert schema["definitions"][schema["properties"]["tags"]["$ref"].rpartition("/")[2]] == {"type": "array"}
    validator = result[write["RequestValidatorId"]["Ref"]]["Properties"]
    assert validator["ValidateRequestBody"] is True


def test_the_answers_of_the_gateway_itself_are_those_of_the_body() -> None:
    result = local(resources_of(BACKEND))
    (answer,) = method(result, "OPTIONS", "/notes")["Integration"]["IntegrationResponses"]
    assert answer["StatusCode"] == "204"
    assert answer["ResponseParameters"]["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"
    refusals = [body["Properties"] for body in result.values() if body["Type"] == "AWS::ApiGateway::GatewayResponse"]
    assert sorted(refusal["ResponseType"] for refusal in refusals) == ["DEFAULT_4XX", "DEFAULT_5XX"]


def test_the_deployment_waits_for_every_route() -> None:
    result = local(resources_of(BACKEND))
    (deployment,) = (body for body in result.values() if body["Type"] == "AWS::ApiGateway::Deployment")
    assert set(deployment["DependsOn"]) == {name for name in result if name.startswith(ROUTES)}


def test_what_differs_is_noticed() -> None:
    _, notices = localize({"Resources": resources_of(BACKEND)}, frozenset(), 4566)
    assert ("substituted", "Api") in {(notice["kind"], notice["logical_id"]) for notice in notices}


def test_a_document_of_openapi_2_is_read_too() -> None:
    body = {
        "swagger": "2.0",
        "definitions": {"Note": {"type": "object"}},
        "securityDefinitions": {"machine": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"}},
        "paths": {
            "/x": {
                "post": {
                    "security": [{"machine": []}],
                    "parameters": [{"in": "body", "name": "Note", "schema": {"$ref": "#/definitions/Note"}}],
                    "x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": "u", "httpMethod": "POST"},
                }
            }
        },
    }
    result = local({"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}})
    post = method(result, "POST", "/x")
    assert post["AuthorizationType"] == "AWS_IAM"
    assert result[post["RequestModels"]["application/json"]["Ref"]]["Properties"]["Name"] == "Note"


@pytest.mark.parametrize("body", [{"Fn::Transform": {}}, {"paths": {"Fn::If": ["a", {}, {}]}}, {"paths": []}, "text"])
def test_a_body_that_cannot_be_read_stays(body: object) -> None:
    api = {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}}
    assert local(api) == api


ANSWER = """<R xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Changes>
<member><Type>Resource</Type><ResourceChange><LogicalResourceId>Api</LogicalResourceId></ResourceChange></member>
<member><Type>Resource</Type><ResourceChange><LogicalResourceId>LocalRoutePath1</LogicalResourceId></ResourceChange>
</member></Changes><StackEvents><member><LogicalResourceId>LocalRouteMethod1</LogicalResourceId>
<ResourceStatus>CREATE_FAILED</ResourceStatus></member></StackEvents></R>"""


def test_clients_see_the_api_of_their_template_and_every_failure() -> None:
    seen = without_routes(ANSWER)
    assert "LocalRoutePath1" not in seen
    assert "<LogicalResourceId>Api</LogicalResourceId>" in seen
    assert "LocalRouteMethod1" in seen
