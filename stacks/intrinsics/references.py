"""What a value of a template refers to, and the same value with something else in place of its references. Pure.

A reference is a ``Ref``, a ``Fn::GetAtt`` or a variable of ``Fn::Sub``, whichever way it is written: ``GetAtt`` with a
list or a dotted text, ``Sub`` with or without variables of its own, ``${Name}`` with spaces inside. ``${!Name}`` is
text. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from stacks.intrinsics.functions import GetAtt, GetStackOutput, Intrinsic, Other, Ref, Sub, function, is_function

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from stacks.intrinsics.paths import KeyPath
    from stacks.json_types import JsonDict, JsonObject

_VARIABLE = re.compile(r"\$\{\s*([^!${}\s][^${}]*?)\s*\}")
_ANY = re.compile(r"\$\{[^{}]*\}")
_LITERAL = re.compile(r"\$\{!([^{}]*\})")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]")
_CONTAINERS = (dict, list, tuple)
"""What may have functions inside. A tuple, since ``dict | list`` is created for each of the values of a template."""


class Reference(NamedTuple):
    """A name that a value refers to, with an attribute where it asks for one: ``("Table", "Arn")``."""

    name: str
    """A logical id, a parameter, or a pseudo parameter such as ``AWS::Region``."""
    attribute: str = ""

    @property
    def variable(self) -> str:
        """The reference inside ``Fn::Sub``, without its braces: ``Table.Arn``."""
        return f"{self.name}.{self.attribute}" if self.attribute else self.name

    @property
    def value(self) -> JsonDict:
        """The reference as a value: ``{"Fn::GetAtt": ["Table", "Arn"]}``."""
        return {"Fn::GetAtt": [self.name, self.attribute]} if self.attribute else {"Ref": self.name}


Replace = Callable[[Reference | GetStackOutput], Any]
"""What stands for a reference; None to leave it as it is."""


def dotted(text: str) -> Reference:
    """``Table.Arn`` or ``Table`` as a reference."""
    name, _, attribute = text.partition(".")
    return Reference(name, attribute)


def variables(text: str) -> Iterator[Reference]:
    """The references of a ``Fn::Sub``'s text, in their order; variables of its own are among them."""
    return map(dotted, _VARIABLE.findall(text))


def with_variables(text: str, replace: Callable[[Reference], str | None]) -> str:
    """A ``Fn::Sub``'s text with each variable, braces included, replaced; None leaves it as it is written."""

    def replaced(match: re.Match[str]) -> str:
        result = replace(dotted(match[1]))
        return match[0] if result is None else result

    return _VARIABLE.sub(replaced, text)


def literal(text: str) -> str | None:
    """What a ``Fn::Sub`` without variables gives, ``${!Name}`` as ``${Name}``; None for a text that has variables."""
    return None if _VARIABLE.search(text) else _LITERAL.sub(r"${\1", text)


def blanked(text: str, filler: str = "") -> str:
    """A text with ``filler`` in place of every ``${…}``, also of ``${!…}``: what is written out, as far as it goes."""
    return _ANY.sub(filler, text)


def escaped(text: str) -> str:
    """A text as it is written inside ``Fn::Sub`` to stay itself: ``${Name}`` as ``${!Name}``."""
    return _ANY.sub(lambda match: f"${{!{match[0][2:]}", text)


def walk(value: object) -> list[Intrinsic]:
    """Every intrinsic function in a value, also inside others; outer ones come first."""
    results: list[Intrinsic] = []
    if isinstance(value, _CONTAINERS):
        _walk(value, results)
    return results


def _walk(value: Any, intrinsics: list[Intrinsic]) -> None:
    if isinstance(value, dict):
        if len(value) == 1 and (intrinsic := function(value)) is not None:
            intrinsics.append(intrinsic)
        value = value.values()
    for item in value:
        if isinstance(item, _CONTAINERS):  # most are text, which is not worth a call
            _walk(item, intrinsics)


def outermost(value: object) -> Iterator[tuple[KeyPath, Any]]:
    """Every intrinsic function in a value as it is written, each with its path; those inside others are left out."""
    if is_function(value):
        yield (), value
    elif isinstance(value, _CONTAINERS):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from (((key, *path), result) for path, result in outermost(item))


def references(value: object) -> Iterator[Reference]:
    """Every ``Ref``, ``Fn::GetAtt`` and variable of ``Fn::Sub`` in a value, at any depth.

    Variables that a ``Fn::Sub`` brings itself are not among them, but what these refer to is.
    """
    for result in walk(value):
        yield from references_of(result)


def references_of(intrinsic: Intrinsic) -> Iterator[Reference]:
    """What one function itself refers to, without what its argument is made of."""
    match intrinsic:
        case Ref(name):
            yield Reference(name)
        case GetAtt(resource, attribute):
            yield Reference(resource, attribute if isinstance(attribute, str) else "*")
        case Sub(text, own):
            yield from (variable for variable in variables(text) if variable.variable not in own)


def names(value: object) -> dict[str, None]:
    """The logical ids, parameters and pseudo parameters that a value refers to, each once, in their order."""
    return dict.fromkeys(reference.name for reference in references(value))


def outputs(value: object) -> Iterator[GetStackOutput]:
    """Every output of another stack that a value reads by ``Fn::GetStackOutput``."""
    return (result for result in walk(value) if isinstance(result, GetStackOutput))


def substitute(value: object, replace: Replace) -> Any:
    """The value with what ``replace`` gives in place of each reference and each output of another stack.

    Inside ``Fn::Sub`` a text, a reference and another ``Fn::Sub`` without variables of its own are written into the
    text; anything else becomes a variable. A ``Fn::Sub`` without variables becomes its text. What ``replace`` gives is
    not looked into again.
    """
    if not isinstance(value, _CONTAINERS):
        return value
    if not isinstance(value, dict):
        return [substitute(item, replace) if isinstance(item, _CONTAINERS) else item for item in value]
    result = None
    match function(value) if len(value) == 1 else None:
        case Ref(name):
            result = replace(Reference(name))
        case GetAtt(resource, str(attribute)):
            result = replace(Reference(resource, attribute))
        case GetStackOutput() as output:
            result = replace(output)
        case Sub(text, own):
            return _substituted(text, own, replace)
    if result is not None:
        return result
    return {key: substitute(item, replace) if isinstance(item, _CONTAINERS) else item for key, item in value.items()}


def text_of(value: object, known: Mapping[str, str]) -> str | None:
    """A value as the text it will be, with the names that are ``known``; None where a part of it is not."""
    filled = substitute(value, lambda entry: known.get(entry.variable) if isinstance(entry, Reference) else None)
    match filled if isinstance(filled, str) else function(filled):
        case str(text):
            return text
        case Other("Fn::Join", [str(separator), [*parts]]) if all(isinstance(part, str) for part in parts):
            return separator.join(parts)
    return None


def _substituted(text: str, own: JsonObject, replace: Replace) -> Any:
    """A ``Fn::Sub`` with what ``replace`` gives for its variables and in the values of its own.

    A value of its own that becomes a reference goes into the text, like what stands for a variable of the text.
    """
    stands = {pair: None if pair.variable in own else replace(pair) for pair in variables(text)}
    if not own and all(stand is None for stand in stands.values()):  # most texts stay as they are
        return {"Fn::Sub": text} if stands else literal(text)
    values = {name: substitute(item, replace) for name, item in own.items()}
    inline = _inlined({name: item for name, item in values.items() if item != own[name]}, own)
    kept = {name: item for name, item in values.items() if name not in inline}
    taken = {stand.variable for stand in stands}

    def variable(reference: Reference) -> str | None:
        name = reference.variable
        result = stands[reference]
        if result is None:
            return inline.get(name)
        written = as_sub(result)
        if written is not None and not _captured(written, kept):
            return written
        title = _title(reference, (taken - {name}) | kept.keys(), kept, result)
        kept[title] = result
        return f"${{{title}}}"

    filled = with_variables(text, variable)
    if (plain := literal(filled)) is not None:
        return plain
    return {"Fn::Sub": [filled, kept] if kept else filled}


def _inlined(values: JsonObject, own: JsonObject) -> dict[str, str]:
    """The ``own`` variables, with their new values, that need no variable: what stands for each in the text."""
    result = {name: text for name, item in values.items() if (text := as_sub(item)) is not None}
    while caught := [name for name, text in result.items() if _captured(text, own.keys() - result.keys())]:
        for name in caught:
            del result[name]
    return result


def _captured(text: str, names: Collection[str]) -> bool:
    """Whether a text names one of the variables that a ``Fn::Sub`` brings itself, and would get that one's value."""
    return any(variable.variable in names for variable in variables(text))


def as_sub(value: object) -> str | None:
    """A value as (a part of) the text of a ``Fn::Sub``; None where only a variable can hold it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return escaped(str(value))
    match function(value):
        case Ref(name):
            return f"${{{name}}}"
        case GetAtt(resource, str(attribute)):
            return f"${{{resource}.{attribute}}}"
        case Sub(text, own) if not own:
            return text
    return None


def _title(reference: Reference, taken: Collection[str], own: JsonObject, value: object) -> str:
    """A name for a variable that stands for a reference: ``DataUserPoolId``; with a number where that is taken."""
    title = name = _NOT_IN_A_NAME.sub("", reference.name.title() + reference.attribute)
    number = 1
    while name in taken and own.get(name) != value:
        number += 1
        name = f"{title}{number}"
    return name
