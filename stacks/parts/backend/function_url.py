"""A function's own address: its URL, and who may call it there.

A URL of the alias, when the function has one, so that it too moves gradually to new code. Since October 2025 everyone
needs two permissions. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, awslambda

from stacks import naming
from stacks.parts.backend.routes import ALIAS, after_alias, called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict
    from stacks.model.api import Cors, FunctionUrl
    from stacks.model.backend import Function

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def url_resources(name: str, function: Function, described: FunctionUrl) -> Iterator[AWSObject]:
    """The URL; for one that everyone may call, the two permissions."""
    yield function_url(name, function, described)
    if described.auth == "none":
        yield _everyone(name, function, "Url", "lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
        yield _everyone(name, function, "UrlCall", "lambda:InvokeFunction", InvokedViaFunctionUrl=True)


def function_url(name: str, function: Function, described: FunctionUrl) -> awslambda.Url:
    """The URL itself; Lambda makes its name up."""
    more: JsonDict = {"Qualifier": ALIAS} if function.has_alias else {}
    if described.cors:
        more["Cors"] = _cors(described.cors)
    return awslambda.Url(
        naming.logical_id(name, "Url"),
        AuthType="NONE" if described.auth == "none" else "AWS_IAM",
        TargetFunctionArn=GetAtt(naming.logical_id(name, "Function"), "Arn"),
        **more,
        **after_alias(name, function),
    )


def _cors(cors: Cors) -> awslambda.Cors:
    return awslambda.Cors(
        AllowOrigins=list(cors.origins),
        AllowMethods=list(_METHODS),
        AllowHeaders=list(cors.headers),
        AllowCredentials=cors.credentials,
        MaxAge=cors.max_age,
    )


def _everyone(name: str, function: Function, kind: str, action: str, **only: Any) -> awslambda.Permission:
    return awslambda.Permission(
        naming.logical_id(name, f"{kind}Permission"),
        FunctionName=called(name, function),
        Action=action,
        Principal="*",
        **only,
        **after_alias(name, function),
    )
