"""What an API has only when its description asks for it: permissions of described authorizers, API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import AWSObject, Ref, Sub, apigateway, awslambda

from stacks import naming
from stacks.parts.backend.routes import after_alias, called
from stacks.parts.policies import ACCOUNT, tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.backend import Backend

_API = "Api"


def authorizer_id(name: str) -> str:
    """The logical id of a described authorizer."""
    return naming.logical_id(name, "ApiAuthorizer")


def authorizer_permissions(api: str, backend: Backend) -> Iterator[awslambda.Permission]:
    """What lets the API ``api`` call the functions that judge for it."""
    for name, described in backend.api.authorizers.items():
        if described.function:
            function = backend.functions[described.function]
            source = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:{ACCOUNT}:${{{api}}}/authorizers/"
            yield awslambda.Permission(
                naming.logical_id(name, "AuthorizerPermission"),
                FunctionName=called(described.function, function),
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=Sub(f"{source}*"),
                **after_alias(described.function, function),
            )


def key_resources(stage: Stage) -> Iterator[AWSObject]:
    """A key for each caller, and the plan that counts their requests."""
    api = stage.backend.api
    if not api.keys:
        return
    quota: JsonDict = {"Quota": apigateway.QuotaSettings(Limit=api.quota, Period="DAY")} if api.quota else {}
    yield apigateway.UsagePlan(
        "ApiUsagePlan",
        UsagePlanName=naming.prefix(stage),
        ApiStages=[apigateway.ApiStage(ApiId=Ref(_API), Stage=Ref("ApiStage"))],
        Throttle=apigateway.ThrottleSettings(RateLimit=api.rate, BurstLimit=api.burst),
        Tags=tagged(stage, STACK),
        **quota,
    )
    for name in api.keys:
        title = naming.logical_id(name, "ApiKey")
        yield apigateway.ApiKey(title, Name=f"{naming.prefix(stage)}-{name}", Enabled=True, Tags=tagged(stage, STACK))
        yield apigateway.UsagePlanKey(
            f"{title}InPlan", KeyId=Ref(title), KeyType="API_KEY", UsagePlanId=Ref("ApiUsagePlan")
        )
