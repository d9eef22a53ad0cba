"""The REST API of the backend stack: the API with its routes, its deployment, stage and logs.

A changed API always reaches its stage: the deployment's logical id is a hash of everything that a deployment copies.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, Template, apigateway

from stacks import naming, wiring
from stacks.parts.backend.access_log import REST_LOG
from stacks.parts.backend.rest_body import POOL_VARIABLE, rest_body
from stacks.parts.backend.rest_options import authorizer_permissions, key_resources
from stacks.parts.backend.routes import closed, permission
from stacks.parts.logs import log_group
from stacks.parts.policies import tagged
from stacks.stages.serving import is_behind_gate, is_split
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from troposphere import logs

    from stacks.app import Stage
    from stacks.json_types import JsonDict

_API = "Api"
_EXECUTION_LOG = "ApiExecutionLogGroup"


def add_api(template: Template, stage: Stage) -> None:
    """Put the API and all it needs into the backend template."""
    api = template.add_resource(rest_api(stage))
    deployment = template.add_resource(api_deployment(api))
    for group in log_groups(stage):
        template.add_resource(group)
    template.add_resource(rest_api_stage(deployment, stage))
    for function_name, function in stage.backend.functions.items():
        if function.all_routes:
            template.add_resource(permission(function_name, function, _API, naming.api_stage_name(stage)))
    for resource in (*authorizer_permissions(_API, stage.backend), *key_resources(stage)):
        template.add_resource(resource)
    url = Sub(f"https://${{{_API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{naming.api_stage_name(stage)}")
    template.add_output(wiring.API.declare(Ref(_API), "The REST API"))
    template.add_output(wiring.API_URL.declare(url, "The API's own address"))


def rest_api(stage: Stage) -> apigateway.RestApi:
    """The API, its routes in its body. Endpoint and media types are given next to it, in the form that AWS SAM deploys.

    ``Mode`` stays unset: ``overwrite`` would also reset what is not in the body.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html
    """
    endpoint = stage.backend.api.endpoint.upper()
    return apigateway.RestApi(
        _API,
        Name=naming.prefix(stage),
        Body=rest_body(stage),
        EndpointConfiguration=apigateway.EndpointConfiguration(Types=[endpoint]),
        Parameters={"endpointConfigurationTypes": endpoint},
        BinaryMediaTypes=["*/*"],
        Tags=tagged(stage, STACK),
        **closed(stage),
    )


def api_deployment(api: apigateway.RestApi) -> apigateway.Deployment:
    """A copy of the API: a new one whenever anything but the tags of the API changes."""
    copied = {name: value for name, value in api.to_dict()["Properties"].items() if name != "Tags"}
    digest = hashlib.sha256(json.dumps(copied, sort_keys=True).encode()).hexdigest()[:12]
    return apigateway.Deployment(f"ApiDeployment{digest}", RestApiId=Ref(_API))


def log_groups(stage: Stage) -> tuple[logs.LogGroup, logs.LogGroup]:
    """The group of the access log, and the group that API Gateway writes the errors of the stage's executions to.

    API Gateway would create the second one itself: kept for ever, encrypted with CloudWatch's key, left behind.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    access = f"/aws/apigateway/{naming.prefix(stage)}"
    execution = Sub(f"API-Gateway-Execution-Logs_${{{_API}}}/{naming.api_stage_name(stage)}")
    return (
        log_group("ApiLogGroup", stage, stack=STACK, name=access),
        log_group(_EXECUTION_LOG, stage, stack=STACK, name=execution),
    )


def rest_api_stage(deployment: apigateway.Deployment, stage: Stage) -> apigateway.Stage:
    """The API's one stage: throttled, with a JSON access log and errors logged, never bodies."""
    asks_pool = any(function.authorizer == "users" for function in stage.backend.functions.values())
    more: JsonDict = {"Variables": {POOL_VARIABLE: wiring.USER_POOL.read(stage)}} if asks_pool else {}
    if mark := _web_acl(stage):
        more["Metadata"] = {"WebAcl": mark}
    return apigateway.Stage(
        "ApiStage",
        RestApiId=Ref(_API),
        DeploymentId=Ref(deployment),
        StageName=naming.api_stage_name(stage),
        AccessLogSetting=apigateway.AccessLogSetting(
            DestinationArn=GetAtt("ApiLogGroup", "Arn"), Format=json.dumps(REST_LOG)
        ),
        MethodSettings=[
            apigateway.MethodSetting(
                HttpMethod="*",
                ResourcePath="/*",
                LoggingLevel="ERROR",
                DataTraceEnabled=False,
                MetricsEnabled=True,
                ThrottlingRateLimit=stage.backend.api.rate,
                ThrottlingBurstLimit=stage.backend.api.burst,
            )
        ],
        Tags=tagged(stage, STACK),
        DependsOn=_EXECUTION_LOG,
        **more,
    )


def _web_acl(stage: Stage) -> str | None:
    """What is in front of the API outside of this template: the gate of the stack ``frontend``, or openly nothing."""
    if is_split(stage):
        return None
    direct = stage.frontend.waf is not None and stage.frontend.waf.direct_api
    return "frontend" if is_behind_gate(stage) else "direct" if direct else None
