"""Zappa's template, which is an API around a function it only knows by ARN → that API around a function of ours. Pure.

``zappa template`` writes API Gateway alone: Zappa makes the function, the role and the API's deployment by calls of its
own. Here the function is described like any other (its code, its rights, its settings), and the ARN that Zappa was
given, which may be any, becomes that function's.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from troposphere import Template, apigateway

from stacks import backend
from stacks.foreign.zappa_rules import FUNCTION_ARN
from stacks.intrinsics.references import as_sub
from stacks.parts.backend.rest_api import log_groups, rest_api_stage
from stacks.parts.backend.routes import called_arn, permission

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject

_METHOD = "AWS::ApiGateway::Method"
_REST = "Api"
"""Zappa's name of its REST API, and ours."""
_URI = re.compile(rf"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/([0-9-]+)/functions/{FUNCTION_ARN}/invocations")


def joined(body: JsonObject, stage: Stage) -> JsonDict:
    """The functions of the stage, and the template's API around the one that is a WSGI application."""
    (name,) = (name for name, function in stage.backend.functions.items() if function.application)
    function = stage.backend.functions[name]
    arn = called_arn(name, function).to_dict()
    text = str(as_sub(arn))
    resources = {title: _calling(resource, text) for title, resource in body["Resources"].items()}
    template = backend.template(stage)
    if _REST in resources:
        resources |= _deployed(template, resources, stage)
        template.add_resource(permission(name, function, _REST, stage.name))
    own = template.to_dict()
    return {**body, **own, "Resources": own["Resources"] | resources}


def _deployed(template: Template, resources: JsonDict, stage: Stage) -> JsonDict:
    """A deployment of the REST API, whose stage and log are put into ``template``; and the API, which takes all bodies.

    Zappa does these by calls: ``deploy_api_gateway`` and ``add_binary_support`` of its ``core``.
    """
    api = resources[_REST]
    open_to_bytes = {**api, "Properties": {"BinaryMediaTypes": ["*/*"], **api.get("Properties", {})}}
    digest = hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()[:12]
    deployment = apigateway.Deployment(f"ApiDeployment{digest}")
    for group in log_groups(stage):
        template.add_resource(group)
    template.add_resource(rest_api_stage(deployment, stage))
    methods = sorted(title for title, resource in resources.items() if resource["Type"] == _METHOD)
    body = {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": _REST}}, "DependsOn": methods}
    return {_REST: open_to_bytes, str(deployment.title): body}


def _calling(value: object, function: str) -> Any:
    """A value with the ARN of our function in place of the one it names, and no role to call it with."""
    if isinstance(value, dict):
        return {key: _calling(entry, function) for key, entry in value.items() if key != "Credentials"}
    if isinstance(value, list):
        return [_calling(entry, function) for entry in value]
    if not isinstance(value, str):
        return value
    uri = rf"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/\1/functions/{function}/invocations"
    result = re.sub(FUNCTION_ARN, function, _URI.sub(uri, value))
    return value if result == value else {"Fn::Sub": result}
