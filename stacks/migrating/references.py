"""CloudFormation values of a framework's template → the same values in the stacks that app.yaml describes. Pure.

References to what is recognised go to the generated resource, across stacks as ``!GetAtt data.NotesTableName``;
conditions, mappings and parameters are worked out; chosen names are replaced by references to what has new ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.functions import GetAtt, Ref, Sub, function
from stacks.intrinsics.references import variables
from stacks.json_types import at
from stacks.migrating.located import Map, plain
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject

_PSEUDO = re.compile(r"AWS::(AccountId|Partition|Region|StackId|StackName|URLSuffix|NotificationARNs)")
_TELLING = 8
"""Characters from which on a name inside of a longer text is taken for the resource's."""
_NO_VALUE = {"Ref": "AWS::NoValue"}
_IN_SUB = re.compile(r"\$\{([^!}][^}]*)\}")


class LostError(Exception):
    """A value refers to something that does not exist."""


@dataclass(slots=True)
class ReferenceTarget:
    """What a logical id becomes: what ``Ref`` gives, and what each attribute gives."""

    ref: Any = None
    attributes: JsonDict = field(default_factory=dict)
    same: bool = False
    """It is a resource of the backend stack with this id: every attribute is what it was."""
    id: str = ""


def get_att(owner: str, attribute: str) -> JsonDict:
    """``!GetAtt owner.attribute``."""
    return {"Fn::GetAtt": [owner, attribute]}


@dataclass(slots=True)
class References:
    """The targets of logical ids, and the names that recognised resources had."""

    targets: dict[str, ReferenceTarget] = field(default_factory=dict)
    names: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """A physical name → a reference to the new name, and to the ARN."""
    conditions: JsonObject = field(default_factory=dict)
    mappings: JsonObject = field(default_factory=dict)
    parameters: JsonObject = field(default_factory=dict)
    region: str = "us-east-1"

    def value(self, value: object) -> Any:
        """The value in our stacks.

        Raises:
            LostError: when it cannot be given, with the reason.
        """
        if isinstance(value, Unknown):
            raise LostError(f"{value.text} is unknown")
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list | tuple):
            results = [self.value(entry) for entry in value]
            return [entry for entry in results if entry != _NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1 and (function := self._function(value)) is not None:
            return function[0]
        result = {str(key): self.value(item) for key, item in value.items()}
        return {key: item for key, item in result.items() if item != _NO_VALUE}

    def _function(self, value: JsonObject) -> tuple[Any] | None:
        """The value of an intrinsic function, in a tuple; None for a mapping that is none."""
        ((name, inner),) = value.items()
        known = {
            "Ref": lambda: self._ref(str(inner)),
            "Fn::GetAtt": lambda: self._attribute(*self._two(inner)),
            "Fn::Sub": lambda: self._sub(inner),
            "Fn::If": lambda: self._if(inner),
            "Fn::FindInMap": lambda: self._in_map(inner),
            "Fn::Join": lambda: self._join(inner),
        }
        if name in known:
            return (known[name](),)
        if name == "Condition":
            raise LostError(f"the condition {inner} decides about it")
        if str(name).startswith("Tag::"):
            raise LostError(f"the tag {str(name).removeprefix('Tag::')} is not a CloudFormation function")
        return ({name: self.value(inner)},) if str(name).startswith("Fn::") else None

    @staticmethod
    def _two(inner: object) -> tuple[str, str]:
        if isinstance(inner, str):
            owner, _, attribute = inner.partition(".")
            return owner, attribute
        if not isinstance(inner, list | tuple) or len(inner) != 2:  # noqa: PLR2004 - resource and attribute
            raise LostError("Fn::GetAtt needs a resource and an attribute")
        return str(inner[0]), str(inner[1])

    def _ref(self, name: str) -> Any:
        if name.startswith("AWS::"):
            return {"Ref": name}
        if name in self.parameters:
            return self._parameter(name)
        target = self.targets.get(name)
        if target is None:
            raise LostError(f"{name} does not exist here")
        if target.ref is None:
            raise LostError(f"{name} is not carried over")
        return target.ref

    def _parameter(self, name: str) -> Any:
        result = self.parameters[name]
        if isinstance(result, Unknown):
            raise LostError(f"the parameter {name} has no default")
        return result

    def _attribute(self, name: str, attribute: str) -> Any:
        target = self.targets.get(name)
        if target is None:
            raise LostError(f"{name} does not exist here")
        if attribute in target.attributes:
            return target.attributes[attribute]
        if target.same:
            return get_att(target.id or name, attribute)
        raise LostError(f"{name}.{attribute} is not carried over")

    def _sub(self, inner: Any) -> Any:
        text, values = (
            (inner, {}) if isinstance(inner, str) else (inner[0], inner[1]) if self._is_pair(inner) else ("", {})
        )
        if not isinstance(text, str) or not text:
            raise LostError("Fn::Sub has no text")
        own = {key: self.value(item) for key, item in values.items()} if isinstance(values, Mapping) else {}
        more: JsonDict = {}

        def put(match: re.Match[str]) -> str:
            name = match[1].strip()
            if _PSEUDO.fullmatch(name) or name.startswith("env:"):
                return match[0]
            if name in own:
                value = own[name]
            elif "." in name:
                value = self._attribute(*name.split(".", 1))
            else:
                value = self._ref(name)
            return _inside(value, more)

        result = _IN_SUB.sub(put, text)
        result = self._renamed(result)
        if "${" not in result.replace("${env:", ""):
            return result
        return {"Fn::Sub": [result, more] if more else result}

    @staticmethod
    def _is_pair(inner: object) -> bool:
        return isinstance(inner, list | tuple) and len(inner) == 2  # noqa: PLR2004 - text and values

    def _join(self, inner: Any) -> Any:
        """A join as a ``Fn::Sub``, which people read, when its parts are known one by one."""
        if not (self._is_pair(inner) and isinstance(inner[0], str) and isinstance(inner[1], list | tuple)):
            return {"Fn::Join": self.value(inner)}
        more: JsonDict = {}
        parts = [self.value(entry) for entry in inner[1]]
        if not all(isinstance(part, str | int | float | Mapping) for part in parts):
            return {"Fn::Join": [inner[0], parts]}
        text = inner[0].join(_inside(part, more) if isinstance(part, Mapping) else str(part) for part in parts)
        text = self._renamed(text)
        if more:
            return {"Fn::Join": [inner[0], parts]}
        return {"Fn::Sub": text} if "${" in text.replace("${env:", "") else text

    def _if(self, inner: object) -> Any:
        if not isinstance(inner, list | tuple) or len(inner) != 3:  # noqa: PLR2004 - condition, then, else
            raise LostError("Fn::If needs a condition and two values")
        return self.value(inner[1] if self.holds(str(inner[0])) else inner[2])

    def _in_map(self, inner: object) -> Any:
        keys = [self.value(entry) for entry in inner] if isinstance(inner, list | tuple) else []
        keys = [self.region if key == {"Ref": "AWS::Region"} else key for key in keys]
        mappings: Any = self.mappings
        for key in keys[:3]:
            mappings = at(mappings, str(key))
        if mappings is None:
            raise LostError(f"the mapping {'.'.join(map(str, keys))} has no value")
        return self.value(mappings)

    def holds(self, condition: str, depth: int = 0) -> bool:
        """Whether a condition of the template is true.

        Raises:
            LostError: when that is not known before the stack is deployed.
        """
        if condition not in self.conditions or depth > 20:  # noqa: PLR2004 - conditions that name each other
            raise LostError(f"the condition {condition} is not known")
        return self._true(self.conditions[condition], condition, depth)

    def _true(self, value: object, name: str, depth: int) -> bool:
        if isinstance(value, Mapping) and len(value) == 1:
            ((function, inner),) = value.items()
            match function:
                case "Condition":
                    return self.holds(str(inner), depth + 1)
                case "Fn::Not" if isinstance(inner, list):
                    return not self._true(inner[0], name, depth)
                case "Fn::And" if isinstance(inner, list):
                    return all(self._true(entry, name, depth) for entry in inner)
                case "Fn::Or" if isinstance(inner, list):
                    return any(self._true(entry, name, depth) for entry in inner)
                case "Fn::Equals" if isinstance(inner, list) and self._is_pair(inner):
                    first, second = (self._known(entry, name) for entry in inner)
                    return first == second
        raise LostError(f"the condition {name} is not known before it is deployed")

    def _known(self, value: object, name: str) -> str:
        result = self.value(value)
        if result == {"Ref": "AWS::Region"}:
            return self.region
        if isinstance(result, Mapping | list):
            raise LostError(f"the condition {name} is not known before it is deployed")
        return str(result).lower() if isinstance(result, bool) else str(result)

    def _text(self, text: str) -> Any:
        """A text in which names of recognised resources are replaced by references to what they are called now."""
        if text in self.names:
            return self.names[text][0]
        if text.startswith("arn:") or "#{AWS::" in text:
            text = text.replace("#{AWS::", "${AWS::")
        result = self._renamed(text)
        if result == text and "${AWS::" not in text:
            return text
        if (reference := _IN_SUB.fullmatch(result)) and "." in reference[1]:
            return get_att(*reference[1].rsplit(".", 1)) if reference[1].count(".") == 1 else {"Fn::Sub": result}
        return {"Fn::Sub": result} if "${" in result.replace("${env:", "") else result

    def _renamed(self, text: str) -> str:
        """The text, with ARNs of recognised resources and their names as ``${data.NotesTableArn}``."""
        for name, (new, arn) in self.names.items():
            if name not in text:
                continue
            quoted = re.escape(name)
            if arn is not None:
                text = _replaced(rf"arn:[^\s,\"]*?[:/]{quoted}(?![\w.-])", arn, text)
            if len(name) >= _TELLING and re.search(r"[-_.]", name):  # a table 'notes' is not every 'notes'
                text = _replaced(rf"(?<![\w.${{-]){quoted}(?![\w-])", new, text)
        return text


def _replaced(pattern: str, value: object, text: str) -> str:
    written = _inside(value, {})
    return re.sub(pattern, lambda _: written, text)


def _inside(value: object, more: JsonDict) -> str:
    """A value as the text of ``Fn::Sub`` contains it; what has no form there goes to ``more``."""
    match function(value):
        case Ref(name):
            return f"${{{name}}}"
        case GetAtt(owner, str(attribute)):
            return f"${{{owner}.{attribute}}}"
        case Sub(text, own) if not own:
            return text
    if isinstance(value, str | int | float):
        return str(value)
    name = f"Value{len(more) + 1}"
    more[name] = value
    return f"${{{name}}}"


def canonical(value: object) -> str | None:
    """A name as one text, however it is put together; None when it is none."""
    try:
        result = References(targets=AnyTarget()).value(plain(value) if isinstance(value, Map) else value)
    except (LostError, TypeError, ValueError):
        return None
    match function(result):
        case Sub(text, own) if not own:
            return text
    return result if isinstance(result, str) else None


class AnyTarget(dict[str, ReferenceTarget]):
    """Targets for any logical id: itself."""

    def get(self, key: str, default: object = None) -> ReferenceTarget:  # noqa: ARG002
        return ReferenceTarget(ref={"Ref": key}, same=True, id=key)


def owner(value: object) -> str | None:
    """The logical id whose attribute or reference a value is."""
    match function(value):
        case Ref(owner) | GetAtt(owner, _):
            return owner
        case Sub(text):
            return next((variable.name for variable in variables(text)), None)
    return None
