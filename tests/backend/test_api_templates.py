"""Both kinds of API: who may call, CORS from one place, keys, and that a change always reaches the stage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.backend.describing import WORKER, properties_of, resources_of, stacks_of

FUNCTIONS = f"""
functions:
  one: {{{WORKER}, routes: [GET /api/one, "DELETE /api/one"], %s}}
  judge: {{{WORKER}}}
"""


def method(resources: dict[str, Any], verb: str) -> dict[str, Any]:
    (found,) = (
        body["Properties"]
        for body in resources.values()
        if body["Type"] == "AWS::ApiGateway::Method" and body["Properties"]["HttpMethod"] == verb
    )
    return dict(found)


def routes(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [body["Properties"] for body in resources.values() if body["Type"] == "AWS::ApiGatewayV2::Route"]
    return {one["RouteKey"]: one for one in found}


REST = {
    "public: true": {"AuthorizationType": "NONE"},
    "auth: iam": {"AuthorizationType": "AWS_IAM"},
    "auth: users": {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": {"Ref": "ApiAuthorizer"}},
    "auth: users, scopes: [notes/read]": {
        "AuthorizationType": "COGNITO_USER_POOLS",
        "AuthorizerId": {"Ref": "ApiAuthorizer"},
        "AuthorizationScopes": ["notes/read"],
    },
    "auth: own": {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "OwnApiAuthorizer"}},
}
HTTP = {
    "public: true": {"AuthorizationType": "NONE"},
    "auth: iam": {"AuthorizationType": "AWS_IAM"},
    "auth: users": {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "UsersApiAuthorizer"}},
    "auth: own": {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "OwnApiAuthorizer"}},
    "auth: sso, scopes: [a, b]": {
        "AuthorizationType": "JWT",
        "AuthorizerId": {"Ref": "SsoApiAuthorizer"},
        "AuthorizationScopes": ["a", "b"],
    },
}
OWN = "own: {function: judge}"
SSO = "sso: {issuer: https://i.example, audience: [notes]}"


@pytest.mark.parametrize("who", REST)
def test_a_rest_route_asks_for_what_its_function_says(who: str) -> None:
    found = method(resources_of(FUNCTIONS % who + f"api: {{authorizers: {{{OWN}}}}}"), "GET")
    assert {key: value for key, value in found.items() if key.startswith("Author")} == REST[who]


@pytest.mark.parametrize("who", HTTP)
def test_an_http_route_asks_for_what_its_function_says(who: str) -> None:
    found = routes(resources_of(FUNCTIONS % who + f"api: {{type: http, authorizers: {{{OWN}, {SSO}}}}}"))
    assert {key: value for key, value in found["GET /api/one"].items() if key.startswith("Author")} == HTTP[who]
    assert sorted(found) == ["DELETE /api/one", "GET /api/one"]


def test_the_users_of_an_http_api_are_those_of_the_stages_pool_and_client() -> None:
    resources = resources_of(FUNCTIONS % "auth: users" + "api: {type: http}")
    found = resources["UsersApiAuthorizer"]["Properties"]["JwtConfiguration"]
    text, pool = found["Issuer"]["Fn::Sub"]
    assert text == "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}"
    assert pool["Pool"]["Fn::GetStackOutput"]["OutputName"] == "UserPoolId"
    assert found["Audience"][0]["Fn::GetStackOutput"]["OutputName"] == "UserPoolClientId"


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_an_api_may_call_the_function_that_judges_for_it_as_an_authorizer_only(kind: str) -> None:
    resources = resources_of(FUNCTIONS % "auth: own" + f"api: {{type: {kind}, authorizers: {{{OWN}}}}}")
    permission = resources["OwnAuthorizerPermission"]["Properties"]
    assert permission["FunctionName"] == {"Ref": "JudgeFunction"}
    assert permission["SourceArn"]["Fn::Sub"].endswith("/authorizers/*")


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_there_is_one_permission_for_a_function_and_its_api(kind: str) -> None:
    found = properties_of(FUNCTIONS % "public: true" + f"api: {{type: {kind}}}", "AWS::Lambda::Permission")
    assert [one["FunctionName"]["Ref"] for one in found] == ["OneFunction"]


@pytest.mark.parametrize("cors", ["", "cors: https://a.example"])
def test_a_body_that_lambda_cannot_take_is_told_as_such(cors: str) -> None:
    answer = resources_of(FUNCTIONS % "public: true" + f"api: {{{cors}}}")["ApiAnswerTooLarge"]["Properties"]
    assert (answer["ResponseType"], answer["StatusCode"]) == ("REQUEST_TOO_LARGE", "413")
    assert (
        "larger than the 6 MB (4.5 MB of binary)"
        in json.loads(answer["ResponseTemplates"]["application/json"])["message"]
    )
    named = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://a.example'"}
    assert answer.get("ResponseParameters") == (named if cors else None)


def test_without_cors_no_other_origin_is_named_anywhere() -> None:
    text = str(stacks_of(FUNCTIONS % "public: true"))
    assert "Access-Control" not in text
    assert "CORS_ORIGINS" not in text


def test_cors_of_a_rest_api_is_said_once_and_stands_on_every_answer() -> None:
    backend = FUNCTIONS % "auth: users" + "api: {cors: {origins: https://app.example.com, credentials: true}}"
    resources = resources_of(backend)
    question = method(resources, "OPTIONS")
    (answer,) = question["Integration"]["IntegrationResponses"]
    assert question["AuthorizationType"] == "NONE"
    assert answer["ResponseParameters"] == {
        "method.response.header.Access-Control-Allow-Origin": "'https://app.example.com'",
        "method.response.header.Access-Control-Allow-Credentials": "'true'",
        "method.response.header.Access-Control-Allow-Headers": "'authorization,content-type'",
        "method.response.header.Access-Control-Allow-Methods": "'DELETE,GET,OPTIONS'",
        "method.response.header.Access-Control-Max-Age": "'600'",
    }
    for kind in ("4XX", "5XX"):
        refusal = resources[f"ApiAnswer{kind}"]["Properties"]
        assert refusal["ResponseType"] == f"DEFAULT_{kind}"
        origin = refusal["ResponseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert origin == "'https://app.example.com'"
    (one, _) = properties_of(backend, "AWS::Lambda::Function")
    assert one["Environment"]["Variables"]["CORS_ORIGINS"] == "https://app.example.com"


def test_a_function_that_answers_options_itself_keeps_doing_so() -> None:
    text = f'functions: {{one: {{{WORKER}, routes: ["OPTIONS /x", "GET /x"], public: true}}}}\n'
    found = method(resources_of(text + "api: {cors: https://app.example.com}"), "OPTIONS")
    assert found["Integration"]["Type"] == "AWS_PROXY"


def test_an_http_api_answers_every_named_origin_by_itself() -> None:
    origins = "[https://a.example, http://localhost:5173]"
    backend = FUNCTIONS % "public: true" + f"api: {{type: http, cors: {{origins: {origins}}}}}"
    (api,) = properties_of(backend, "AWS::ApiGatewayV2::Api")
    assert api["CorsConfiguration"] == {
        "AllowOrigins": ["https://a.example", "http://localhost:5173"],
        "AllowMethods": ["DELETE", "GET"],
        "AllowHeaders": ["authorization", "content-type"],
        "AllowCredentials": False,
        "MaxAge": 600,
    }


def test_keys_are_counted_by_a_plan_of_the_apis_stage() -> None:
    backend = FUNCTIONS % "public: true, api_key: true" + "api: {keys: [partner, press], quota: 1000}"
    resources = resources_of(backend)
    assert method(resources, "GET")["ApiKeyRequired"] is True
    plan = resources["ApiUsagePlan"]["Properties"]
    assert plan["Quota"] == {"Limit": 1000, "Period": "DAY"}
    assert plan["ApiStages"] == [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "ApiStage"}}]
    keys = properties_of(backend, "AWS::ApiGateway::ApiKey")
    assert [key["Name"] for key in keys] == ["notes-dev-partner", "notes-dev-press"]
    assert not [key for key in keys if "Value" in key]


def test_an_edge_endpoint_is_made_only_when_asked_for() -> None:
    (usual,) = properties_of(FUNCTIONS % "public: true", "AWS::ApiGateway::RestApi")
    (edge,) = properties_of(FUNCTIONS % "public: true" + "api: {endpoint: edge}", "AWS::ApiGateway::RestApi")
    assert usual["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    assert edge["EndpointConfiguration"]["Types"] == ["EDGE"]


@pytest.mark.parametrize(
    "change",
    ["cors: https://b.example", "authorizers: {own: {function: judge}}", "endpoint: edge"],
)
def test_whatever_changes_in_a_rest_api_makes_a_new_deployment(change: str) -> None:
    def deployment(text: str) -> str:
        found = resources_of(FUNCTIONS % "public: true" + text)
        (name,) = (name for name, body in found.items() if body["Type"] == "AWS::ApiGateway::Deployment")
        return name

    assert deployment("") != deployment(f"api: {{{change}}}")


def test_an_http_apis_stage_takes_changes_by_itself_and_is_throttled_and_logged() -> None:
    (stage,) = properties_of(FUNCTIONS % "public: true" + "api: {type: http, rate: 7}", "AWS::ApiGatewayV2::Stage")
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 7
    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["ApiLogGroup", "Arn"]}
    assert "authorization" not in stage["AccessLogSettings"]["Format"].lower().replace("authorizer", "")


def test_going_from_one_kind_to_the_other_moves_no_logical_id_to_another_type() -> None:
    rest = resources_of(FUNCTIONS % "auth: users")
    http = resources_of(FUNCTIONS % "auth: users" + "api: {type: http}")
    assert not [name for name in rest.keys() & http.keys() if rest[name]["Type"] != http[name]["Type"]]


@pytest.mark.parametrize(("kind", "title"), [("rest", "ApiDomain"), ("http", "HttpApiDomain")])
def test_a_domain_gets_a_certificate_a_mapping_and_a_record(kind: str, title: str) -> None:
    domain = "{name: api.example.com, zone: Z0123456789, base_path: v1}"
    backend = FUNCTIONS % "public: true" + f"api: {{type: {kind}, domain: {domain}}}"
    found = stacks_of(backend)["backend"]
    assert found["Outputs"]["ApiDomainUrl"]["Value"] == "https://api.example.com/v1"
    certificate = found["Resources"]["ApiCertificate"]["Properties"]
    assert certificate["DomainValidationOptions"] == [{"DomainName": "api.example.com", "HostedZoneId": "Z0123456789"}]
    record = found["Resources"]["ApiRecord"]["Properties"]
    assert record["AliasTarget"] == {
        "DNSName": {"Fn::GetAtt": [title, "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": [title, "RegionalHostedZoneId"]},
    }


def test_where_the_dns_is_elsewhere_the_record_to_enter_is_told() -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1f"
    domain = f"{{name: api.example.com, certificate: '{certificate}'}}"
    found = stacks_of(FUNCTIONS % "public: true" + f"api: {{endpoint: edge, domain: {domain}}}")["backend"]
    assert found["Resources"]["ApiDomain"]["Properties"]["CertificateArn"] == certificate
    target = {"Fn::GetAtt": ["ApiDomain", "DistributionDomainName"]}
    assert found["Outputs"]["ApiDnsRecord"]["Value"] == {"Fn::Join": [" ", ["api.example.com CNAME", target]]}
    assert "ApiRecord" not in found["Resources"]
