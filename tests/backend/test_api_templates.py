"""Both kinds of API: who may call, CORS from one place, keys, and that a change always reaches the stage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks import render
from stacks.loading import validated
from tests.backend.describing import WORKER, body_of, described, properties_of, resources_of, stacks_of

FUNCTIONS = f"""
functions:
  one: {{{WORKER}, routes: [GET /api/one, "DELETE /api/one"], %s}}
  judge: {{{WORKER}}}
"""


def operation(backend: str, verb: str, path: str = "/api/one") -> dict[str, Any]:
    """The operation of a REST API for a method of a path."""
    result: dict[str, Any] = body_of(backend)["paths"][path][verb.lower()]
    return result


def routes(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    results = [body["Properties"] for body in resources.values() if body["Type"] == "AWS::ApiGatewayV2::Route"]
    return {result["RouteKey"]: result for result in results}


REST: dict[str, list[dict[str, list[str]]] | None] = {
    "public: true": None,
    "auth: iam": [{"iam": []}],
    "auth: users": [{"users": []}],
    "auth: users, scopes: [notes/read]": [{"users": ["notes/read"]}],
    "auth: own": [{"own": []}],
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


@pytest.mark.parametrize("authorizer", REST)
def test_a_rest_route_asks_for_what_its_function_says(authorizer: str) -> None:
    backend = FUNCTIONS % authorizer + f"api: {{authorizers: {{{OWN}}}}}"
    assert operation(backend, "GET").get("security") == REST[authorizer]
    assert operation(backend, "DELETE").get("security") == REST[authorizer]


@pytest.mark.parametrize("authorizer", HTTP)
def test_an_http_route_asks_for_what_its_function_says(authorizer: str) -> None:
    result = routes(resources_of(FUNCTIONS % authorizer + f"api: {{type: http, authorizers: {{{OWN}, {SSO}}}}}"))
    assert {key: value for key, value in result["GET /api/one"].items() if key.startswith("Author")} == HTTP[authorizer]
    assert sorted(result) == ["DELETE /api/one", "GET /api/one"]


def test_the_users_of_an_http_api_are_those_of_the_stages_pool_and_client() -> None:
    resources = resources_of(FUNCTIONS % "auth: users" + "api: {type: http}")
    configuration = resources["UsersApiAuthorizer"]["Properties"]["JwtConfiguration"]
    assert configuration["Issuer"] == {
        "Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${DataUserPoolId}"
    }
    assert configuration["Audience"] == [{"Ref": "DataUserPoolClientId"}]


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_an_api_may_call_the_function_that_judges_for_it_as_an_authorizer_only(kind: str) -> None:
    resources = resources_of(FUNCTIONS % "auth: own" + f"api: {{type: {kind}, authorizers: {{{OWN}}}}}")
    permission = resources["OwnAuthorizerPermission"]["Properties"]
    assert permission["FunctionName"] == {"Ref": "JudgeFunction"}
    assert permission["SourceArn"]["Fn::Sub"].endswith("/authorizers/*")


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_there_is_one_permission_for_a_function_and_its_api(kind: str) -> None:
    properties = properties_of(FUNCTIONS % "public: true" + f"api: {{type: {kind}}}", "AWS::Lambda::Permission")
    assert [function["FunctionName"]["Ref"] for function in properties] == ["OneFunction"]


@pytest.mark.parametrize("cors", ["", "cors: https://a.example"])
def test_nothing_customises_the_answer_that_api_gateway_does_not_let_be_customised(cors: str) -> None:
    """REQUEST_TOO_LARGE cannot be customised: the application's own limit answers.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    backend = FUNCTIONS % "public: true" + f"api: {{{cors}}}"
    assert "REQUEST_TOO_LARGE" not in json.dumps(stacks_of(backend))
    assert not properties_of(backend, "AWS::ApiGateway::GatewayResponse")


def test_without_cors_no_other_origin_is_named_anywhere() -> None:
    text = str(stacks_of(FUNCTIONS % "public: true"))
    assert "Access-Control" not in text
    assert "CORS_ORIGINS" not in text


def test_cors_of_a_rest_api_is_described_once_and_is_on_every_answer() -> None:
    backend = FUNCTIONS % "auth: users" + "api: {cors: {origins: https://app.example.com, credentials: true}}"
    question = operation(backend, "OPTIONS")
    answer = question["x-amazon-apigateway-integration"]["responses"]["default"]
    assert "security" not in question
    assert answer["responseParameters"] == {
        "method.response.header.Access-Control-Allow-Origin": "'https://app.example.com'",
        "method.response.header.Access-Control-Allow-Credentials": "'true'",
        "method.response.header.Access-Control-Allow-Headers": "'authorization,content-type'",
        "method.response.header.Access-Control-Allow-Methods": "'DELETE,GET,OPTIONS'",
        "method.response.header.Access-Control-Max-Age": "'600'",
    }
    refusals = body_of(backend)["x-amazon-apigateway-gateway-responses"]
    assert sorted(refusals) == ["DEFAULT_4XX", "DEFAULT_5XX"]
    for refusal in refusals.values():
        origin = refusal["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert origin == "'https://app.example.com'"
    (entry, _) = properties_of(backend, "AWS::Lambda::Function")
    assert entry["Environment"]["Variables"]["CORS_ORIGINS"] == "https://app.example.com"


def test_a_function_that_answers_options_itself_keeps_doing_so() -> None:
    text = f'functions: {{one: {{{WORKER}, routes: ["OPTIONS /x", "GET /x"], public: true}}}}\n'
    result = operation(text + "api: {cors: https://app.example.com}", "OPTIONS", "/x")
    assert result["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


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
    assert operation(backend, "GET")["security"] == [{"api_key": []}]
    plan = resources["ApiUsagePlan"]["Properties"]
    assert plan["Quota"] == {"Limit": 1000, "Period": "DAY"}
    assert plan["ApiStages"] == [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "ApiStage"}}]
    keys = properties_of(backend, "AWS::ApiGateway::ApiKey")
    assert [key["Name"] for key in keys] == ["notes-dev-partner", "notes-dev-press"]
    assert not [key for key in keys if "Value" in key]


def test_an_edge_endpoint_is_created_only_on_request() -> None:
    (usual,) = properties_of(FUNCTIONS % "public: true", "AWS::ApiGateway::RestApi")
    (edge,) = properties_of(FUNCTIONS % "public: true" + "api: {endpoint: edge}", "AWS::ApiGateway::RestApi")
    assert usual["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    assert edge["EndpointConfiguration"]["Types"] == ["EDGE"]


def test_the_log_that_a_stage_writes_its_errors_to_is_ours_and_exists_before_the_stage() -> None:
    """API Gateway would make the group itself: for ever, unencrypted, and left behind.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    resource = stacks_of(f"{FUNCTIONS % 'public: true'}")["backend"]["Resources"]
    name, group = next(
        (name, body)
        for name, body in resource.items()
        if "Execution-Logs" in str(body["Properties"].get("LogGroupName"))
    )
    assert group["Properties"]["LogGroupName"] == {"Fn::Sub": "API-Gateway-Execution-Logs_${Api}/dev"}
    access = resource["ApiLogGroup"]
    assert {**group["Properties"], "LogGroupName": ""} == {**access["Properties"], "LogGroupName": ""}
    assert (group["DeletionPolicy"], group["UpdateReplacePolicy"]) == ("Delete", "Delete")
    assert resource["ApiStage"]["DependsOn"] == name


def test_the_key_of_logs_also_encrypts_the_log_that_is_named_by_the_apis_id() -> None:
    app = validated({**described(FUNCTIONS % "public: true"), "base": {"log_encryption": "own"}})
    result = {stack.stack: stack.template["Resources"] for stack in render(app, app.stages["dev"])}
    assert "KmsKeyId" in result["backend"]["ApiExecutionLogGroup"]["Properties"]
    use = result["base"]["LogKey"]["Properties"]["KeyPolicy"]["Statement"][1]
    groups = use["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert [group["Fn::Sub"].rpartition(":")[2] for group in groups] == [
        "*notes-dev*",
        "API-Gateway-Execution-Logs_*/dev",
    ]


def test_a_pool_that_moves_reaches_the_stage_without_another_deployment() -> None:
    """A deployment holds a copy of the authorizer; a stage variable is read at each request.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
    """
    resource = stacks_of(FUNCTIONS % "auth: users")["backend"]["Resources"]
    scheme = resource["Api"]["Properties"]["Body"]["components"]["securitySchemes"]["users"]
    (arn,) = scheme["x-amazon-apigateway-authorizer"]["providerARNs"]
    assert arn["Fn::Sub"].endswith(":userpool/${!stageVariables.userPool}")
    assert "UserPoolId" in json.dumps(resource["ApiStage"]["Properties"]["Variables"]["userPool"])


@pytest.mark.parametrize(
    "change",
    ["cors: https://b.example", "authorizers: {own: {function: judge}}", "endpoint: edge"],
)
def test_whatever_changes_in_a_rest_api_makes_a_new_deployment(change: str) -> None:
    def deployment(text: str) -> str:
        resources = resources_of(FUNCTIONS % "public: true" + text)
        (name,) = (name for name, body in resources.items() if body["Type"] == "AWS::ApiGateway::Deployment")
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
    template = stacks_of(backend)["backend"]
    assert template["Outputs"]["ApiDomainUrl"]["Value"] == "https://api.example.com/v1"
    certificate = template["Resources"]["ApiCertificate"]["Properties"]
    assert certificate["DomainValidationOptions"] == [{"DomainName": "api.example.com", "HostedZoneId": "Z0123456789"}]
    record = template["Resources"]["ApiRecord"]["Properties"]
    assert record["AliasTarget"] == {
        "DNSName": {"Fn::GetAtt": [title, "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": [title, "RegionalHostedZoneId"]},
    }


def test_where_the_dns_is_elsewhere_the_record_to_enter_is_reported() -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1f"
    domain = f"{{name: api.example.com, certificate: '{certificate}'}}"
    backend = stacks_of(FUNCTIONS % "public: true" + f"api: {{endpoint: edge, domain: {domain}}}")["backend"]
    assert backend["Resources"]["ApiDomain"]["Properties"]["CertificateArn"] == certificate
    target = {"Fn::GetAtt": ["ApiDomain", "DistributionDomainName"]}
    assert backend["Outputs"]["ApiDnsRecord"]["Value"] == {"Fn::Join": [" ", ["api.example.com CNAME", target]]}
    assert "ApiRecord" not in backend["Resources"]


def test_a_renamed_path_parameter_of_an_http_api_changes_its_route_in_place() -> None:
    def names(path: str) -> set[str]:
        text = f"functions: {{one: {{{WORKER}, routes: ['GET {path}'], public: true}}}}\napi: {{type: http}}"
        return {name for name, body in resources_of(text).items() if body["Type"] == "AWS::ApiGatewayV2::Route"}

    assert names("/notes/{id}") == names("/notes/{key}")
    assert names("/notes/{id}") != names("/notes/id")
    assert names("/notes/{id}") != names("/notes/{id+}")
