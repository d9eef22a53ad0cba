"""Two templates → their changes: the engine that every diff, guard and report reads.

Pure, and total: what has not the form of a template counts as a value that differs, never as an error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.forecast.change import Change, ChangeSection, PropertyChange
from stacks.forecast.difference import differences, written
from stacks.forecast.parameters import MASK, MASK_CHANGED, Values, filled, is_secret, known_values, part
from stacks.forecast.propagation import spread
from stacks.forecast.renames import renames
from stacks.forecast.resources import added, changed, removed
from stacks.model.moved import entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.json_types import JsonDict, JsonObject, TemplateData

_SECTIONS = ("Resources", "Outputs", "Parameters")
_NOTHING: dict[str, str] = {}


def compare(
    old: TemplateData | None,
    new: TemplateData | None,
    old_parameters: Mapping[str, str] = _NOTHING,
    new_parameters: Mapping[str, str] = _NOTHING,
) -> tuple[Change, ...]:
    """What becomes of a stack when ``new`` is deployed over ``old``; ``None`` is a stack that does not exist.

    Parameters' values, where both sides' are known, stand for their ``Ref``s, and so do pseudo parameters
    (``AWS::AccountId``) that are given. Resources come first, by name, then
    outputs, parameters and whatever else a template has. Values of NoEcho parameters are masked.
    """
    before, after = old or {}, new or {}
    values = known_values(before, old_parameters, after, new_parameters)
    outputs = [_filled(part(side, "Outputs"), known) for side, known in zip((before, after), values, strict=True)]
    rest = [_rest(side) for side in (before, after)] if before and after else [{}, {}]
    return (
        *_resources(part(before, "Resources"), part(after, "Resources"), values),
        *_entries("Outputs", *outputs),
        *_parameters(before, after, values),
        *_entries("Template", *rest),
    )


def _resources(before: JsonObject, after: JsonObject, values: tuple[Values, Values]) -> Iterator[Change]:
    moved = any(values[1].get(name, value) != value for name, value in values[0].items())
    changes = {name: removed(name, before[name]) for name in before.keys() - after.keys()}
    changes |= {name: added(name, after[name]) for name in after.keys() - before.keys()}
    _mark_renames(changes, before, after)
    for name in before.keys() & after.keys():
        if moved or before[name] != after[name]:
            change = changed(name, filled(before[name], values[0]), filled(after[name], values[1]))
            changes |= {name: change} if change else {}
    spreading = spread(changes, before, after)
    yield from (spreading[name] for name in sorted(spreading))


def _mark_renames(changes: dict[str, Change], before: JsonObject, after: JsonObject) -> None:
    gone, come = (
        {
            name: side[name]
            for name, change in changes.items()
            if change.action == action and isinstance(side[name], dict)
        }
        for side, action in ((before, "remove"), (after, "add"))
    )
    for old, new in renames(gone, come).items():
        note = f"looks renamed: {old} is now {new}; CloudFormation makes a new resource and moves nothing into it"
        if moved := entry(changes[old].type, old, new):
            note += f", but 'moved: {{{moved}}}' in the description keeps the old one"
        for name in (old, new):
            changes[name] = replace(changes[name], notes=(*changes[name].notes, note))


def _entries(section: ChangeSection, before: JsonObject, after: JsonObject) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change(section=section, name=name, action="add")
        elif name not in after:
            yield Change(section=section, name=name, action="remove")
        elif changes := tuple(_property_changes(before[name], after[name])):
            yield Change(section=section, name=name, action="change", properties=changes)


def _filled(bodies: JsonObject, values: Values) -> JsonDict:
    return {name: filled(body, values) for name, body in bodies.items()}


def _property_changes(old: object, new: object) -> Iterator[PropertyChange]:
    for difference in differences(old, new):
        yield PropertyChange(
            path=written(difference.path), action=difference.action, old=difference.old, new=difference.new
        )


def _parameters(old: TemplateData, new: TemplateData, values: tuple[Values, Values]) -> Iterator[Change]:
    before, after = _with_values(part(old, "Parameters"), values[0]), _with_values(part(new, "Parameters"), values[1])
    for change in _entries("Parameters", before, after):
        secret = is_secret(before.get(change.name)) or is_secret(after.get(change.name))
        yield replace(change, properties=tuple(map(_masked, change.properties))) if secret else change


def _with_values(declared: JsonObject, values: Values) -> JsonDict:
    """Declarations with the present value of each, unless that is its default."""
    result = dict(declared)
    for name, value in values.items():
        body = declared.get(name)
        if isinstance(body, dict) and (is_secret(body) or body.get("Default") != value):
            result[name] = {**body, "Value": value}
    return result


def _masked(change: PropertyChange) -> PropertyChange:
    """What may hold a secret value: the default, or a declaration as a whole."""
    if change.path not in {"Default", ""}:
        return change
    return replace(
        change, old=MASK if change.old is not None else None, new=MASK_CHANGED if change.new is not None else None
    )


def _rest(template: TemplateData) -> JsonDict:
    """Every other section, and one of the three that is not a mapping at all."""
    return {str(key): value for key, value in template.items() if key not in _SECTIONS or not isinstance(value, dict)}
