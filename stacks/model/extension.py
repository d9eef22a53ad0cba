"""What users add to the generated stacks: CloudFormation in the description, Python hooks, stacks of their own.

Shapes only. What is written here in CloudFormation's own words is judged like a generated template: by the registry's
schemas (``stacks.extension``), by cfn-lint and by our rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from stacks.model.described import Described
from stacks.model.texts import Mistake, Name, RegionName, ShortFor, Text
from stacks.values import value

LogicalId = Annotated[
    str,
    Text(
        r"[A-Za-z0-9]+",
        "is not a logical id",
        "Use letters and digits only, such as AlertsTopic",
        255,
        "TEMPLATE-NAMES",
    ),
]
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"""
TemplateFile = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0]+\.(?:ya?ml|json|template)",
        "is not a template file inside the project",
        "Write its path relative to app.yaml, such as infra/legacy.yaml",
    ),
]
ModuleFile = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0:]+\.py",
        "is not a Python file inside the project",
        "Write its path relative to app.yaml, such as infra/search.py",
    ),
]
_hook_text = Text(
    r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0:]+\.py:[A-Za-z_]\w*",
    "does not name a Python function inside the project",
    "Write its file relative to app.yaml and its name, such as infra/alarms.py:add",
)


def _hook(result: object) -> Any:
    return result if callable(result) else _hook_text(str(result))


Hook = Annotated[Any, ShortFor(_hook, ("string",))]
"""A function ``(template: troposphere.Template, app: App, stage: Stage) -> None``: its file and name, or itself."""


def _body(body: object) -> Any:
    if not isinstance(body, Mapping):
        raise Mistake("is not a resource", "Write a mapping with Type and Properties")
    if not isinstance(body.get("Type"), str):
        raise Mistake("has no Type", "Add it, such as 'Type: AWS::SNS::Topic'")
    if not isinstance(body.get("Properties", {}), Mapping):
        raise Mistake("has Properties that are not a mapping", "Write them as 'Name: value'")
    return body


def _mapping(body: object) -> Any:
    if not isinstance(body, Mapping):
        raise Mistake("is not a mapping", "Write CloudFormation's own keys, such as 'Properties: {MemorySize: 1024}'")
    return body


def _output(body: object) -> Any:
    return body if isinstance(body, Mapping) and "Value" in body else {"Value": body}


def _parameter(body: object) -> Any:
    if not isinstance(body, Mapping) or "Type" not in body or "Default" not in body:
        raise Mistake("has no Type and Default", "Write both, such as '{Type: String, Default: blue}'")
    return body


RawResource = Annotated[Any, ShortFor(_body, ("object",))]
"""A resource as a CloudFormation template has it: ``{Type: …, Properties: …}``."""
RawOverride = Annotated[Any, ShortFor(_mapping, ("object",))]
RawOutput = Annotated[Any, ShortFor(_output, ("object", "string"))]
"""An output as a template has it (``{Value: …, Description: …}``), or its value alone."""
RawParameter = Annotated[Any, ShortFor(_parameter, ("object",))]


@value
class Extended(Described):
    """What every section of a description takes besides its own options: CloudFormation, added and overridden."""

    resources: Mapping[LogicalId, RawResource] = field(default_factory=dict)
    """CloudFormation resources of your own, by logical id. ``!Ref``, ``!GetAtt`` and ``!Sub`` reach the generated ones
    by their logical ids, and other stacks' outputs as ``!GetAtt data.UserPoolId`` or ``${data.UserPoolId}``."""
    outputs: Mapping[LogicalId, RawOutput] = field(default_factory=dict)
    """Outputs of the stack, by name: a value such as ``!GetAtt Alerts.TopicArn``, or ``{Value: …, Description: …}``.
    Other stacks read them as ``!GetAtt data.NAME``."""
    parameters: Mapping[LogicalId, RawParameter] = field(default_factory=dict)
    """Template parameters of your own, each with a Type and a Default."""
    overrides: Mapping[LogicalId, RawOverride] = field(default_factory=dict)
    """Changes of generated resources, by logical id: merged into them key by key; lists and functions replace what was
    there, ``null`` removes a key."""


@value
class OwnStack(Described):
    """A CloudFormation stack of your own, deployed with the application: a Python module or a template file."""

    module: ModuleFile | None = None
    """A Python file with ``template(app, stage) -> troposphere.Template``."""
    template: TemplateFile | Mapping[str, Any] | None = None
    """A template file: plain CloudFormation or SAM. Built in Python, it may be the template itself."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values of the template's parameters: texts, or outputs of other stacks as ``!GetAtt data.UserPoolId``."""
    region: RegionName | None = None
    """The region it is deployed to; the stage's own when not given."""

    def __post_init__(self) -> None:
        if (self.module is None) == (self.template is None):
            result = "neither 'module' nor 'template'" if self.module is None else "both 'module' and 'template'"
            raise Mistake(f"has {result}", "Give one: 'module: infra/search.py' or 'template: infra/search.yaml'")


StackKey = Name
Hooks = Annotated[
    tuple[Hook, ...],
    ShortFor(lambda result: (result,) if isinstance(result, str) or callable(result) else result, ("string",)),
]
