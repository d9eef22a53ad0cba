"""Versions, the alias that callers call, and how it is shifted to new code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from troposphere import Tags, awslambda

from stacks import registry, render
from stacks.loading import validated
from stacks.parts.backend.aliases import NOT_LOCKED, locked_properties
from tests.backend.describing import WORKER, described, resources_of, stacks_of

WORK = f"functions: {{work: {{{WORKER}, routes: [GET /], public: true"
CODE = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "LambdaSrcApiCodeKey"}]}]}
LIVE = {"Fn::Sub": "${WorkFunction.Arn}:live"}

_PROPERTIES = """
Architectures CapacityProviderConfig Code DeadLetterConfig Description DurableConfig Environment EphemeralStorage
FileSystemConfigs FunctionName FunctionScalingConfig Handler ImageConfig KmsKeyArn Layers LoggingConfig MemorySize
PackageType PublishToLatestPublished RecursiveLoop Role Runtime RuntimeManagementConfig SnapStart Timeout TracingConfig
VpcConfig
"""
LOCKED = set(_PROPERTIES.split())


def version_of(text: str) -> tuple[str, dict[str, Any]]:
    resources = resources_of(f"{WORK}, {text}}}}}")
    ((name, body),) = ((name, body) for name, body in resources.items() if body["Type"] == "AWS::Lambda::Version")
    return name, dict(body["Properties"])


def test_a_function_has_no_versions_unless_something_needs_them() -> None:
    kinds = {body["Type"] for body in resources_of(f"{WORK}}}}}").values()}
    assert not kinds & {"AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CodeDeploy::Application"}


def test_new_code_makes_a_new_version_by_its_description() -> None:
    _, version = version_of("snap_start: true")
    assert version == {"FunctionName": {"Ref": "WorkFunction"}, "Description": CODE}


def test_a_new_shared_layer_makes_a_new_version_by_its_description() -> None:
    resources = resources_of(f"shared_requirements: lambda_src/shared.txt\n{WORK}, snap_start: true}}}}")
    (version,) = (body["Properties"] for body in resources.values() if body["Type"] == "AWS::Lambda::Version")
    layer = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "SharedLayerKey"}]}]}
    assert version["Description"] == {"Fn::Join": [" ", [CODE, layer]]}


def test_new_settings_make_a_new_version_by_its_name() -> None:
    assert version_of("snap_start: true")[0] != version_of("snap_start: true, memory: 256")[0]
    assert version_of("snap_start: true")[0] == version_of("snap_start: true")[0]


@pytest.mark.parametrize(
    "change", ["environment: {X_1: a}, reserved_concurrency: 5", "environment: {X_1: {value: a, secret: false}}"]
)
def test_what_no_version_keeps_makes_no_version(change: str) -> None:
    """Lambda would answer "A version for this Lambda function exists", and the stack rolls back: aws-cdk#11537."""
    names = [version_of(f"snap_start: true, {text}")[0] for text in ("environment: {X_1: a}", change)]
    assert names[0] == names[1]


def test_tags_make_no_version() -> None:
    function = awslambda.Function("F", Code=awslambda.Code(S3Bucket="b", S3Key="k"), Role="r", Tags=Tags(a="b"))
    assert "Tags" not in locked_properties(function)


def test_every_property_of_a_function_is_known_to_be_locked_or_not() -> None:
    """What is new in the registry has to be put where it belongs (aws-cdk, aws-lambda/lib/function-hash.ts)."""
    properties = set((registry.schema("AWS::Lambda::Function") or {})["properties"])
    read_only = {"Arn", "SnapStartResponse"}
    assert properties - read_only == LOCKED | NOT_LOCKED


@pytest.mark.parametrize(
    ("option", "output"),
    [("users: read", "UserPoolId"), ("vpc: true", "PrivateSubnet1Id"), ("vpc: true", "FunctionSecurityGroupId")],
)
def test_a_value_that_moves_in_another_stack_makes_a_new_version(option: str, output: str) -> None:
    """Else the alias keeps calling the version with the old pool or subnet."""
    app = described(f"{WORK}, snap_start: true, {option}}}}}")
    app["base"] = {"vpc": {"endpoints": ["cognito-idp"]}}
    judged = validated(app)
    backend = next(stack.template for stack in render(judged, judged.stages["dev"]) if stack.stack == "backend")
    (version,) = (resource for resource in backend["Resources"].values() if resource["Type"] == "AWS::Lambda::Version")
    assert output in json.dumps(version["Properties"]["Description"])


def test_all_that_a_function_reads_elsewhere_fits_into_the_description() -> None:
    """Lambda takes 256 characters (registry, AWS::Lambda::Version Description)."""
    app = described(f"shared_requirements: lambda_src/shared.txt\n{WORK}, snap_start: true, users: read, vpc: true}}}}")
    app["base"] = {"vpc": {"zones": 3, "endpoints": ["cognito-idp"]}}
    judged = validated(app)
    backend = next(stack.template for stack in render(judged, judged.stages["dev"]) if stack.stack == "backend")
    (version,) = (resource for resource in backend["Resources"].values() if resource["Type"] == "AWS::Lambda::Version")
    parts = version["Properties"]["Description"]["Fn::Join"][1]
    hashes = [part for part in parts if "CodeKey" in json.dumps(part) or "SharedLayerKey" in json.dumps(part)]
    rest = [part for part in parts if part not in hashes]
    assert len(hashes) == 2
    assert all("Fn::Select" in entry for entry in rest)
    longest = {"-": 17, "_": 9}  # of subnet-0a1b2c3d4e5f6a7b8, sg-…, eu-west-1_AbCdEfGhI
    sizes = [longest[entry["Fn::Select"][1]["Fn::Split"][0]] for entry in rest]
    assert sum(sizes) + 2 * len("f" * 64 + ".zip") + len(parts) - 1 <= 256


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_the_api_calls_the_alias_and_may_call_nothing_else(kind: str) -> None:
    resources = resources_of(f"{WORK}, provisioned_concurrency: 2}}}}\napi: {{type: {kind}}}")
    permission = resources["WorkPermission"]
    assert (permission["Properties"]["FunctionName"], permission["DependsOn"]) == (LIVE, "WorkLive")
    calls = [body for body in resources.values() if body["Type"] in {API, "AWS::ApiGatewayV2::Integration"}]
    assert all("${WorkFunction.Arn}:live" in str(body) for body in calls)
    assert calls


API = "AWS::ApiGateway::RestApi"


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_the_api_asks_the_alias_of_the_function_that_judges(kind: str) -> None:
    api = f"api: {{type: {kind}, authorizers: {{own: {{function: work}}}}}}"
    resources = resources_of(
        f"{WORK}, provisioned_concurrency: 2}}, one: {{{WORKER}, routes: [GET /a], auth: own}}}}\n{api}"
    )
    if kind == "rest":
        scheme = resources["Api"]["Properties"]["Body"]["components"]["securitySchemes"]["own"]
        uri = scheme["x-amazon-apigateway-authorizer"]["authorizerUri"]
    else:
        uri = resources["OwnApiAuthorizer"]["Properties"]["AuthorizerUri"]
    assert uri["Fn::Sub"].endswith("/functions/${WorkFunction.Arn}:live/invocations")
    permission = resources["OwnAuthorizerPermission"]
    assert (permission["Properties"]["FunctionName"], permission["DependsOn"]) == (LIVE, "WorkLive")


def test_events_start_the_alias() -> None:
    backend = f"{WORK}, provisioned_concurrency: 2, events: {{schedules: [rate(1 day)], tables: [notes]}}}}}}"
    resources = resources_of(backend)
    assert resources["WorkSchedule1"]["Properties"]["Targets"][0]["Arn"] == LIVE
    assert resources["WorkFromNotesTable"]["Properties"]["FunctionName"] == LIVE
    assert resources["WorkFromNotesTable"]["DependsOn"] == "WorkLive"


def test_a_function_that_is_invoked_by_another_is_invoked_by_its_alias() -> None:
    backend = f"{WORK}, snap_start: true}}, boss: {{{WORKER}, invoke: [work]}}}}"
    resources = resources_of(backend)
    assert resources["BossFunction"]["Properties"]["Environment"]["Variables"]["WORK_FUNCTION"] == "notes-dev-work:live"
    assert "function:notes-dev-work:live" in str(resources["BossPolicy"])


def test_warm_instances_are_those_of_the_alias() -> None:
    alias = resources_of(f"{WORK}, provisioned_concurrency: 2}}}}")["WorkLive"]
    assert alias["Properties"]["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 2}
    assert "UpdatePolicy" not in alias


@pytest.mark.parametrize(
    ("gradual", "configuration"),
    [
        ("canary-5m", "CodeDeployDefault.LambdaCanary10Percent5Minutes"),
        ("linear-1m", "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"),
        ("linear-10m", "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes"),
    ],
)
def test_new_code_is_shifted_step_by_step_and_back_at_the_first_error(gradual: str, configuration: str) -> None:
    resources = resources_of(f"{WORK}, gradual: {gradual}}}}}")
    group = resources["WorkDeployments"]["Properties"]
    assert group["DeploymentConfigName"] == configuration
    assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": {"Ref": "WorkErrors"}}]}
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    update = resources["WorkLive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert update["DeploymentGroupName"] == {"Ref": "WorkDeployments"}
    watched = resources["WorkErrors"]["Properties"]["Dimensions"]
    assert {"Name": "Resource", "Value": "notes-dev-work:live"} in watched


def test_the_role_that_shifts_is_the_platforms_and_shifts_this_stages_functions_only() -> None:
    base = stacks_of(f"{WORK}, gradual: canary-5m}}}}")["base"]["Resources"]
    assert base["CodeDeployRole"]["Properties"]["Path"] == "/notes-dev/platform/"
    shifts, looks = base["CodeDeployPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert all(":function:notes-dev-*" in resource["Fn::Sub"] for resource in shifts["Resource"])
    assert looks["Action"] == ["cloudwatch:DescribeAlarms"]
    assert "CodeDeployRole" not in stacks_of(f"{WORK}}}}}")["base"]["Resources"]
