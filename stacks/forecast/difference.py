"""Two JSON-like values → where they differ, with paths a person can read.

Numbers, booleans and their spelling as text are the same value, and so are the two forms of ``Fn::GetAtt``:
CloudFormation does not distinguish them either. An intrinsic function is one value; its arguments are not compared.
Items of a list are matched by what identifies them (a tag's ``Key``, a statement's ``Sid``), else by being equal.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from stacks.intrinsics.functions import GetAtt, Sub, function, is_function
from stacks.intrinsics.references import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

ValuePath = tuple[str, ...]
"""Keys; an item of a list is a step in brackets: ``("Tags", "[Key=app]", "Value")``."""

_Item = tuple[int, Any]
"""An item of a list, with its index."""

_IDENTITIES = (
    "Sid",
    "Key",
    "Id",
    "IndexName",
    "AttributeName",
    "Name",
    "PathPattern",
    "PolicyName",
    "DomainName",
    "ParameterKey",
)


class Difference(NamedTuple):
    """One place where two values differ."""

    path: ValuePath
    action: Literal["added", "removed", "changed", "reordered"]
    old: Any = None
    new: Any = None


def differences(old: object, new: object, path: ValuePath = ()) -> Iterator[Difference]:
    """Every difference; none exactly when both mean the same to CloudFormation."""
    if old is new or (type(old) is type(new) and old == new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and not (is_function(old) or is_function(new)):
        yield from _mappings(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, path)
    elif meaning(old) != meaning(new):
        yield Difference(path, "changed", old, new)


def meaning(value: object) -> str:
    """A text that is the same for all values that mean the same."""
    return json.dumps(_canonical(value), sort_keys=True, default=str)


def written(path: ValuePath) -> str:
    """A path as text: ``Tags[Key=app].Value``."""
    return "".join(step if step.startswith("[") else f".{step}" for step in path).removeprefix(".")


def keys_of(path: ValuePath) -> ValuePath:
    """A path without its steps into lists."""
    return tuple(step for step in path if not step.startswith("["))


def _mappings(old: dict[Any, Any], new: dict[Any, Any], path: ValuePath) -> Iterator[Difference]:
    for key in sorted({**old, **new}, key=str):
        inner = (*path, str(key))
        if key not in old:
            yield Difference(inner, "added", new=new[key])
        elif key not in new:
            yield Difference(inner, "removed", old=old[key])
        else:
            yield from differences(old[key], new[key], inner)


def _lists(old: list[Any], new: list[Any], path: ValuePath) -> Iterator[Difference]:
    identity = next((name for name in _IDENTITIES if _is_distinct(name, old) and _is_distinct(name, new)), None)
    yield from _keyed(identity, old, new, path) if identity else _unkeyed(old, new, path)


def _is_distinct(name: str, items: list[Any]) -> bool:
    values = [item.get(name) for item in items if isinstance(item, dict)]
    return len(values) == len(items) == len({value for value in values if isinstance(value, str)})


def _keyed(identity: str, old: list[Any], new: list[Any], path: ValuePath) -> Iterator[Difference]:
    before, after = {item[identity]: item for item in old}, {item[identity]: item for item in new}
    for key in {**before, **after}:
        inner = (*path, f"[{identity}={key}]")
        if key not in before:
            yield Difference(inner, "added", new=after[key])
        elif key not in after:
            yield Difference(inner, "removed", old=before[key])
        else:
            yield from differences(before[key], after[key], inner)
    stays, came = [key for key in before if key in after], [key for key in after if key in before]
    if stays != came:
        yield Difference(path, "reordered", list(before), list(after))


def _unkeyed(old: list[Any], new: list[Any], path: ValuePath) -> Iterator[Difference]:
    gone, come = _unmatched(old, new), _unmatched(new, old)
    if not gone and not come and [meaning(item) for item in old] != [meaning(item) for item in new]:
        yield Difference(path, "reordered", old, new)
    paired = list(_paired(gone, come))
    for before, after in paired:
        gone.remove(before)
        come.remove(after)
        yield from differences(before[1], after[1], (*path, f"[{after[0]}]"))
    for index, item in gone:
        yield Difference((*path, f"[{index}]"), "removed", old=item)
    for index, item in come:
        yield Difference((*path, f"[{index}]"), "added", new=item)


def _paired(gone: list[_Item], come: list[_Item]) -> Iterator[tuple[_Item, _Item]]:
    """What became of what: mappings in their order, any other value at the same place."""
    yield from zip(filter(_is_mapping, gone), filter(_is_mapping, come), strict=False)
    places = {item[0]: item for item in come if not _is_mapping(item)}
    yield from ((item, places[item[0]]) for item in gone if not _is_mapping(item) and item[0] in places)


def _is_mapping(item: _Item) -> bool:
    return isinstance(item[1], dict) and not is_function(item[1])


def _unmatched(items: list[Any], others: list[Any]) -> list[_Item]:
    """The items, with their index, that have no equal among ``others``."""
    counts = Counter(map(meaning, others))
    left = []
    for index, item in enumerate(items):
        key = meaning(item)
        if counts[key]:
            counts[key] -= 1
        else:
            left.append((index, item))
    return left


def _canonical(value: object) -> Any:
    match function(value):
        case GetAtt(resource, str(attribute)):
            return {"Fn::GetAtt": [resource, attribute]}
        case Sub(text, _) if (plain := literal(text)) is not None:
            return plain
    match value:
        case dict():
            return {str(key): _canonical(item) for key, item in value.items()}
        case list() | tuple():
            return [_canonical(item) for item in value]
        case int() | float():
            return _number(value)
    return value


def _number(value: float) -> str:
    """``true``, ``5`` or ``0.5``, whatever the type."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
