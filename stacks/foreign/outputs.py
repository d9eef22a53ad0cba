"""What other stacks read of a template from elsewhere: resources and their attributes → outputs under our names. Pure.

Who names an API need not name its stage: frameworks write it in different places, the Serverless Framework into a
deployment whose logical id is another one at each packaging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks import wiring
from stacks.errors import StacksError, nearest
from stacks.intrinsics.functions import Ref, function
from stacks.types import known as known_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.json_types import JsonDict, Properties, TemplateData

_DEFAULT = "$default"
_IMPLICIT = {"ServerlessRestApi": "ServerlessRestApiProdStage"}
"""SAM's implicit REST API has one stage; its implicit HTTP API has the default one, which is in no address."""


def with_stage(outputs: Mapping[str, str], template: TemplateData) -> dict[str, str]:
    """The outputs with the stage of the API that they name, unless they name it or it has none in its address."""
    named = outputs.get(wiring.API.name)
    if named is None or wiring.API_STAGE.name in outputs:
        return dict(outputs)
    value = template.get("Outputs", {}).get(named, {}).get("Value")
    read = function(value)
    api = read.name if isinstance(read, Ref) else named
    stages = set(_stages(template, api))
    return {**outputs, **({wiring.API_STAGE.name: stages.pop()} if len(stages) == 1 else {})}


def _stages(template: TemplateData, api: str) -> Iterator[str]:
    """The stages of an API, each as outputs name it."""
    if api in _IMPLICIT and api not in template["Resources"]:
        yield _IMPLICIT[api]
    for name, body in template["Resources"].items():
        kind, properties = body.get("Type"), body.get("Properties") or {}
        its = name == api if str(kind).startswith("AWS::Serverless::") else _of(properties, kind, api)
        if its and properties.get("StageName", _DEFAULT) != _DEFAULT:
            yield name if str(kind).endswith("::Stage") else f"{name}.StageName"


def _of(properties: Properties, kind: object, api: str) -> bool:
    named = known_type(str(kind)).stage_of
    return bool(named) and function(properties.get(named)) == Ref(api)


def output(name: str, of: str, template: TemplateData) -> JsonDict:
    """An output: another one of the template under our name, or a resource's reference, attribute or property.

    Raises ``StacksError`` when there is nothing of that name.
    """
    known = template.get("Outputs", {})
    resource, _, attribute = of.partition(".")
    if of in known:
        value = known[of]["Value"]
    elif resource in template["Resources"] or ("Transform" in template and resource.startswith(_of_sam(template))):
        value = _value(resource, attribute, template)
    else:
        choices = [*known, *template["Resources"]]
        raise StacksError(f"backend.outputs.{name}", f"there is no output or resource {of!r}", nearest(of, choices))
    return {"Description": f"{of} for the other stacks", "Value": value}


def _value(resource: str, attribute: str, template: TemplateData) -> Any:
    if not attribute:
        return {"Ref": resource}
    written = (template["Resources"].get(resource, {}).get("Properties") or {}).get(attribute)
    return {"Fn::GetAtt": [resource, attribute]} if written is None else written


def _of_sam(template: TemplateData) -> tuple[str, ...]:
    """How the names of resources begin that SAM's transform adds: ``ServerlessRestApiProdStage``, ``MyApidevStage``."""
    resources = template["Resources"].items()
    own = (name for name, resource in resources if str(resource.get("Type")).startswith("AWS::Serverless::"))
    return ("ServerlessRestApi", "ServerlessHttpApi", *own)
