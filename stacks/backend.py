"""The backend stack: Lambda functions behind one REST API.

Each function has its own log group, its own role and a policy with exactly what the description says it uses.
Code enters by parameters, so the template stays the same when only code changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, Join, Ref, Sub, Template, awslambda, iam

from stacks import naming, wiring
from stacks.kinds import KINDS
from stacks.model.backend import Events, Function
from stacks.parts.backend.code import code_parameter, layer_parameter, layer_version
from stacks.parts.backend.rest_api import add_api
from stacks.parts.backend.rights import role_policy
from stacks.parts.buckets import artifact_bucket
from stacks.parts.frontend.serving import add_api_web_acl, edge_variables
from stacks.parts.kinds import add_kinds, resources_of
from stacks.parts.logs import log_group
from stacks.parts.policies import managed_policy, tagged, trust
from stacks.parts.templates import empty_template
from stacks.stages.code import code_of, codes, shared_layer, shared_layers
from stacks.stages.kinds import used, variable
from stacks.stages.moved import called
from stacks.stages.stacks import BACKEND as STACK
from stacks.template.access import KEY, access_of
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage


_ROUTE = "AWS::ApiGatewayV2::Route"


def template(stage: Stage) -> Template:
    """The backend stack of one stage."""
    stack_template = empty_template(stage, "functions and their API")
    _add_code(stack_template, stage)
    add_kinds(stack_template, STACK, stage)
    if any(function.gradual for function in stage.backend.functions.values()):
        from stacks.parts.backend.aliases import gradual_application  # noqa: PLC0415 - brings its part of troposphere

        stack_template.add_resource(gradual_application(stage))
    for name, function in stage.backend.functions.items():
        for resource in function_resources(name, function, stage):
            stack_template.add_resource(resource)
        if function.url:
            address = GetAtt(naming.logical_id(name, "Url"), "FunctionUrl")
            stack_template.add_output(wiring.function_url_output(name).declare(address, f"The own address of {name}"))
    if not stage.backend.template and any(function.all_routes for function in stage.backend.functions.values()):
        _add_api(stack_template, stage)
    _add_alarms_and_triggers(stack_template, stage)
    return stack_template


def _add_alarms_and_triggers(stack_template: Template, stage: Stage) -> None:
    """Alarms on what the stack has, and what lets the user pool call its triggers."""
    if stage.alarms:
        from stacks.parts.backend.app_alarms import add_alarms  # noqa: PLC0415 - brings its part of troposphere

        add_alarms(stack_template, stage)
    if stage.data.users and stage.data.users.triggers:
        from stacks.kinds.users.resources.hooks import permissions  # noqa: PLC0415 - rare

        for permission in permissions(stage):
            stack_template.add_resource(permission)


def _add_code(stack_template: Template, stage: Stage) -> None:
    for code in codes(stage):
        stack_template.add_parameter(code_parameter(code))
    for layer in shared_layers(stage):
        stack_template.add_parameter(layer_parameter(layer))
        stack_template.add_resource(layer_version(layer, stage))


def _add_api(stack_template: Template, stage: Stage) -> None:
    if stage.backend.api.type == "http":
        from stacks.parts.backend.http_api import add_http_api  # noqa: PLC0415 - brings its part of troposphere

        add_http_api(stack_template, stage)
    else:
        add_api(stack_template, stage)
    _record_access(stack_template)
    add_api_web_acl(stack_template, stage)
    if stage.backend.api.domain:
        from stacks.parts.backend.api_domain import add_domain  # noqa: PLC0415 - brings its part of troposphere

        add_domain(stack_template, stage)


def _record_access(stack_template: Template) -> None:
    """Write into the API's metadata who may call its routes, so that later changes are noticed."""
    routes = [
        resource.to_dict()["Properties"]
        for resource in stack_template.resources.values()
        if resource.resource_type == _ROUTE
    ]
    api = next(resource for resource in stack_template.resources.values() if known(str(resource.resource_type)).is_api)
    api.Metadata = {"stacks": {KEY: access_of(api.to_dict()["Properties"], routes)}}


def function_resources(name: str, function: Function, stage: Stage) -> tuple[AWSObject, ...]:
    """A function with its log group, policy and role, and what starts it besides its routes."""
    logs = naming.log_group_name(name, stage)
    group = log_group(naming.logical_id(name, "LogGroup"), stage, stack=STACK, name=logs)
    rights = role_policy(name, function, stage)
    policy = managed_policy(naming.logical_id(name, "Policy"), stage, STACK, rights)
    role = function_role(name, str(policy.title), stage)
    resource = lambda_function(name, function, stage)
    more = (
        *_commands(name, function),
        *_alias(name, function, resource, stage),
        *_url(name, function),
        *_events(name, function, stage),
    )
    return resource, group, policy, role, *more


def _alias(name: str, function: Function, result: awslambda.Function, stage: Stage) -> Iterator[AWSObject]:
    if function.has_alias:
        from stacks.parts.backend.aliases import alias_resources  # noqa: PLC0415 - brings its part of troposphere

        yield from alias_resources(name, function, result, stage)


def _commands(name: str, function: Function) -> Iterator[AWSObject]:
    """The alias for commands: its ARN is a resource of its own, which no API and no other function may invoke."""
    if function.commands:
        yield awslambda.Alias(
            naming.logical_id(name, "Commands"),
            Name=naming.COMMANDS_ALIAS,
            Description="Commands of people, as 'stacks run' sends them",
            FunctionName=Ref(naming.logical_id(name, "Function")),
            FunctionVersion="$LATEST",
        )


def _url(name: str, function: Function) -> Iterator[AWSObject]:
    if function.url:
        from stacks.parts.backend.function_url import url_resources  # noqa: PLC0415 - for few

        yield from url_resources(name, function, function.url)


def _events(name: str, function: Function, stage: Stage) -> Iterator[AWSObject]:
    if function.events != Events():
        from stacks.parts.backend.events import event_resources  # noqa: PLC0415 - brings its part of troposphere

        yield from event_resources(name, function, stage)


def function_role(name: str, policy_id: str, stage: Stage) -> iam.Role:
    """What the function runs as: its own policy, and never more than the boundary."""
    return iam.Role(
        naming.logical_id(name, "Role"),
        Path=naming.role_path(stage, STACK),
        AssumeRolePolicyDocument=trust("lambda"),
        ManagedPolicyArns=[Ref(policy_id)],
        PermissionsBoundary=Sub(naming.boundary_arn(stage)),
        Tags=tagged(stage, STACK),
    )


def lambda_function(name: str, function: Function, stage: Stage) -> awslambda.Function:
    """The function itself, logging JSON into a group of its own."""
    module, attribute = function.entry
    resource = awslambda.Function(
        naming.logical_id(name, "Function"),
        FunctionName=f"{naming.prefix(stage)}-{name}",
        Runtime=function.runtime,
        Architectures=[function.architecture],
        Handler="stacks_web.handler" if function.application else f"{module}.{attribute}",
        Code=awslambda.Code(S3Bucket=artifact_bucket(stage), S3Key=Ref(code_of(function).parameter)),
        Role=GetAtt(naming.logical_id(name, "Role"), "Arn"),
        MemorySize=function.memory,
        Timeout=function.timeout,
        RecursiveLoop="Terminate",
        Environment=awslambda.Environment(Variables=dict(sorted(_variables(function, stage)))),
        Tags=tagged(stage, STACK),
        **dict(_options(name, function, stage)),
    )
    # troposphere's LoggingConfig does not know LogFormat (4.11).
    logging = {"LogFormat": "JSON", "LogGroup": Ref(naming.logical_id(name, "LogGroup"))}
    resource.properties["LoggingConfig"] = logging
    return resource


def _options(name: str, function: Function, stage: Stage) -> Iterator[tuple[str, Any]]:
    """The properties that a function has only when its description asks for them."""
    plain = [name for name, setting in function.environment.items() if setting.secret is False]
    if plain:
        yield "Metadata", {"stacks": {"no_secrets": plain}}
    if function.storage != Function.storage:
        yield "EphemeralStorage", awslambda.EphemeralStorage(Size=function.storage)
    shared = shared_layer(function.runtime, function.architecture, stage)
    if function.layers or shared:
        yield "Layers", [*function.layers, *([Ref(shared.title)] if shared else [])]
    if function.reserved_concurrency is not None:
        yield "ReservedConcurrentExecutions", function.reserved_concurrency
    if function.vpc:
        from stacks.parts.backend.function_network import network_of  # noqa: PLC0415 - brings its part of troposphere

        yield "VpcConfig", network_of(stage)
    if function.snap_start:
        yield "SnapStart", awslambda.SnapStart(ApplyOn="PublishedVersions")
    if function.tracing:
        yield "TracingConfig", awslambda.TracingConfig(Mode="Active")
    if function.keeps_dead_letters:
        queue = GetAtt(naming.logical_id(name, "DeadLetters"), "Arn")
        yield "DeadLetterConfig", awslambda.DeadLetterConfig(TargetArn=queue)


def _variables(function: Function, stage: Stage) -> Iterator[tuple[str, object]]:
    yield "STAGE", stage.name
    if function.application:
        yield f"{function.application.upper()}_APP", ":".join(function.entry)
        if function.all_routes:
            yield from edge_variables(stage)
            yield from _tokens(function, stage)
    if function.commands:
        yield "STACKS_COMMANDS", "true"
    if function.all_routes and stage.backend.api.cors:
        yield "CORS_ORIGINS", " ".join(stage.backend.api.cors.origins)
        if stage.backend.api.cors.credentials:
            yield "CORS_CREDENTIALS", "true"
    yield from _used(function, stage)
    yield from ((variable, setting.value) for variable, setting in function.environment.items())


def _tokens(function: Function, stage: Stage) -> Iterator[tuple[str, object]]:
    """Which tokens the adapter takes, beyond what API Gateway's authorizers distinguish."""
    rules = function.tokens
    if rules.use:
        yield "TOKEN_USE", rules.use
    if rules.clients:
        outputs = (
            wiring.USER_POOL_CLIENT if name == "site" else wiring.user_pool_client(name, "data")
            for name in rules.clients
        )
        yield "TOKEN_CLIENTS", Join(" ", [output.read(stage) for output in outputs])


def _used(function: Function, stage: Stage) -> Iterator[tuple[str, object]]:
    """Where the things are that the function says it uses."""
    for kind in KINDS:
        for name in used(kind, function):
            value = resources_of(kind).identity(name, stage)
            yield variable(kind, called(stage, f"{kind.group}.{name}")), value
