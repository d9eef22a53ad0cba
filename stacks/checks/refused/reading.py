"""How refusals read plain values: numbers, texts without references, every value under a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.checks.values import estimate, known_list, text
from stacks.intrinsics.references import variables
from stacks.json_types import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Resource, Stacks
    from stacks.json_types import JsonObject


def number(value: object) -> float | None:
    """A number, also one written as text, as parameters give it; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def plain(value: object, region: str) -> str | None:
    """The text, with an account and the region put in; None when it depends on anything else."""
    result = estimate(value, region)
    return None if result is None or "${" in result or "{{resolve:" in result else result


def values_at(value: object, path: str) -> Iterator[tuple[str, Any]]:
    """Every value under a path such as ``Rules.*.Statement.Limit``, each with its place, ``Rules[0].Statement.Limit``.

    ``*`` stands for each item of a list; a missing value is not among them.
    """
    yield from _values_at(value, path.split("."), "")


def _values_at(value: object, path: list[str], place: str) -> Iterator[tuple[str, Any]]:
    if not path:
        if value is not None:
            yield place, value
    elif path[0] == "*":
        for index, entry in enumerate(known_list(value)):
            yield from _values_at(entry, path[1:], f"{place}[{index}]")
    else:
        yield from _values_at(mapping(value).get(path[0]), path[1:], f"{place}.{path[0]}" if place else path[0])


def name_of(reference: object) -> str | None:
    """The logical id that a ``Ref``, ``Fn::GetAtt`` or a text of one such means: ``${Bucket.Arn}`` is ``Bucket``."""
    written = text(reference) or ""
    named = next(variables(written), None)
    return named.name if named and ":" not in named.name and written == f"${{{named.variable}}}" else None


def behaviors_of(distribution: Resource) -> Iterator[tuple[str, JsonObject]]:
    """The behaviours of a distribution by their place; the default one comes first."""
    config = "DistributionConfig"
    yield f"{config}.DefaultCacheBehavior", mapping(distribution.at(config, "DefaultCacheBehavior"))
    for index, behavior in enumerate(known_list(distribution.at(config, "CacheBehaviors"))):
        yield f"{config}.CacheBehaviors[{index}]", mapping(behavior)


def own(stacks: Stacks, reference: object, user: Resource, *types: str) -> Resource | None:
    """The resource of ``user``'s stack that a reference means, when it is of one of these types."""
    name = name_of(reference)
    return next(
        (resource for resource in stacks.of(*types) if resource.stack == user.stack and resource.id == name), None
    )


def of_stack(stacks: Stacks, user: Resource, *types: str) -> Iterator[Resource]:
    """The resources of these types in ``user``'s stack."""
    return (resource for resource in stacks.of(*types) if resource.stack == user.stack)
