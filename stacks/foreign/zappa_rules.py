"""What a template around a function that is in no template asks of the description. Pure.

Such a template is Zappa's: ``zappa template`` takes the function's ARN and writes API Gateway only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject, TemplateData
    from stacks.model.backend import Backend, Function

FUNCTION_ARN = r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(?::[A-Za-z0-9_$-]+)?"
_SET_BY_ZAPPA = ("auth", "scopes", "api_key", "public", "routes", "body")


def is_zappa(template: TemplateData) -> bool:
    """Whether the template is one of Zappa's two APIs, around a function that is written as an ARN."""
    resources = template["Resources"]
    return any(name in resources for name in ("Api", "ApiV2")) and any(map(_calls_an_arn, resources.values()))


def _calls_an_arn(body: JsonObject) -> bool:
    properties = body.get("Properties") or {}
    uri = properties.get("IntegrationUri") or (properties.get("Integration") or {}).get("Uri")
    return isinstance(uri, str) and bool(re.search(FUNCTION_ARN, uri))


def zappa_outputs(template: TemplateData) -> dict[str, str]:
    """What the site needs of Zappa's API; nothing for a template of another framework."""
    if not is_zappa(template):
        return {}
    return {"ApiId": "Api", "ApiStage": "ApiStage"} if "Api" in template["Resources"] else {"ApiId": "ApiV2"}


def zappa_problems(backend: Backend, template: TemplateData) -> Iterator[tuple[str, str]]:
    """What does not fit between a template and the functions next to it: what, and its fix."""
    if not is_zappa(template):
        if backend.functions:
            what = "has functions of its own, and the description has others for the same stack"
            yield what, "Move the template into a stack of its own: stacks: {legacy: {template: …}}"
        return
    if sum(function.application is not None for function in backend.functions.values()) != 1:
        fix = "Describe one function with 'wsgi', as functions: {web: {wsgi: src/app.py:app}}"
        yield "is an API of Zappa, whose one function is in no template", fix
    for name, function in backend.functions.items():
        if routes := _described_routes(function):
            what = f"says who may call what, and so does function {name!r} with {routes[0]!r}"
            yield what, "Leave it out: Zappa's settings say it"
    for name, body in template["Resources"].items():
        if body["Type"] == "AWS::ApiGateway::Authorizer" and re.search(FUNCTION_ARN, str(body.get("Properties"))):
            what = f"{name} asks Zappa's own handler, which is not in our package"
            yield what, "Take 'authorizer' out of Zappa's settings, and check tokens in the application"


def _described_routes(function: Function) -> list[str]:
    return [key for key in _SET_BY_ZAPPA if getattr(function, key)]
