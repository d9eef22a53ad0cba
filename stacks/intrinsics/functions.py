"""CloudFormation's intrinsic functions: names and short YAML tags, one function as a value, how values merge. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject

_LONG = frozenset(
    {
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAtt",
        "GetAZs",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    }
)
_SHORT = frozenset({"Ref", "Condition"})
"""Written without ``Fn::`` in their long form."""
TAGS = frozenset(f"!{name}" for name in _LONG | _SHORT)
"""The short forms that YAML templates may use."""


def long_form(tag: str, value: object) -> JsonDict:
    """``!GetAtt``, ``"Table.Arn"`` as ``{"Fn::GetAtt": ["Table", "Arn"]}``."""
    name = tag.removeprefix("!")
    if name == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {name if name in _SHORT else f"Fn::{name}": value}


class Ref(NamedTuple):
    """``{"Ref": "Table"}``."""

    name: str


class GetAtt(NamedTuple):
    """``{"Fn::GetAtt": ["Table", "Arn"]}``, also written as ``"Table.Arn"``."""

    resource: str
    attribute: Any
    """A text, or a function that gives one."""


class Sub(NamedTuple):
    """``{"Fn::Sub": "…"}`` or ``{"Fn::Sub": ["…", {…}]}``: a text, and the variables it brings itself."""

    text: str
    variables: JsonObject = MappingProxyType({})


class GetStackOutput(NamedTuple):
    """An output of another stack, by CloudFormation's names.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
    """

    stack: str
    output: str
    region: str | None = None
    """Where the function names one in plain text; None for the stack's own."""
    role: Any = None
    """What reads it where it is in another account."""

    @property
    def value(self) -> JsonDict:
        """The function as a value."""
        more = {"Region": self.region, "RoleArn": self.role}
        options = {key: item for key, item in more.items() if item is not None}
        return {"Fn::GetStackOutput": {"StackName": self.stack, "OutputName": self.output, **options}}


class Other(NamedTuple):
    """A function of another name, or one whose argument is not written as CloudFormation asks."""

    name: str
    argument: Any


Intrinsic = Ref | GetAtt | Sub | GetStackOutput | Other


def function(value: object) -> Intrinsic | None:
    """The intrinsic function that a value is, in its long form; None for anything else."""
    if not isinstance(value, (dict, Mapping)) or len(value) != 1:  # asking for a dict first takes half as long
        return None
    ((name, argument),) = value.items()
    if not isinstance(name, str) or not (name == "Ref" or name.startswith("Fn::")):
        return None
    read = _ARGUMENTS.get(name)
    return (read and read(argument)) or Other(name, argument)


def _ref(argument: object) -> Intrinsic | None:
    return Ref(argument) if isinstance(argument, str) else None


def _get_att(argument: Any) -> Intrinsic | None:
    match argument.split(".", 1) if isinstance(argument, str) else argument:
        case [str(resource), attribute] if attribute:
            return GetAtt(resource, attribute)
        case [str(resource), str(first), *rest] if all(isinstance(part, str) for part in rest):
            return GetAtt(resource, ".".join((first, *rest)))
    return None


def _sub(argument: object) -> Intrinsic | None:
    match argument:
        case str():
            return Sub(argument)
        case [str(text), Mapping() as own]:
            return Sub(text, own)
    return None


def _get_stack_output(argument: object) -> Intrinsic | None:
    match argument:
        case {"StackName": str(stack), "OutputName": str(output), **rest}:
            region = rest.get("Region")
            if region is None or "RoleArn" in rest or isinstance(region, str) or region == {"Ref": "AWS::Region"}:
                return GetStackOutput(stack, output, region if isinstance(region, str) else None, rest.get("RoleArn"))
    return None


_ARGUMENTS: dict[str, Callable[[Any], Intrinsic | None]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::GetStackOutput": _get_stack_output,
}

TYPED = frozenset(_ARGUMENTS)
"""The functions that have a class of their own: one of them as ``Other`` is not written as CloudFormation asks."""


def is_function(value: object) -> bool:
    """Whether a value is one intrinsic function in its long form, such as ``{"Ref": "Table"}``."""
    if not isinstance(value, (dict, Mapping)) or len(value) != 1:  # asking for a dict first takes half as long
        return False
    (key,) = value
    return key == "Ref" or (isinstance(key, str) and key.startswith("Fn::"))


def merged(value: object, change: object) -> Any:
    """``value`` with ``change`` merged into it: mappings key by key, where ``None`` removes a key.

    Lists, plain values and intrinsic functions replace what was there as a whole.
    """
    if not isinstance(value, Mapping) or not isinstance(change, Mapping) or is_function(value) or is_function(change):
        return _without_none(change)
    kept = {key: item for key, item in value.items() if key not in change}
    return {**kept, **{key: merged(value.get(key), item) for key, item in change.items() if item is not None}}


def _without_none(value: object) -> Any:
    """A value that replaces another: the keys it would remove are left out."""
    if isinstance(value, Mapping) and not is_function(value):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value


def has_function(value: object) -> bool:
    """Whether an intrinsic function is in a value, at any depth."""
    if isinstance(value, Mapping):
        return is_function(value) or any(map(has_function, value.values()))
    return isinstance(value, list | tuple) and any(map(has_function, value))
