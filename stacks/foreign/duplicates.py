"""Keys that stand twice in one mapping of a template: the last one would win, and what the first says is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from stacks.description.finding import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def duplicates(text: str) -> Iterator[tuple[str, int, int]]:
    """Each key that stands twice, by its path, with its line and the line of the first; of a YAML or JSON text.

    Raises ``yaml.YAMLError`` for a text that is neither.
    """
    node = yaml.compose(text.expandtabs(1), Loader=_Loader)
    seen: set[int] = set()  # a node with aliases is met several times
    if node is not None:
        yield from _of(node, (), seen)


def _of(node: Any, path: tuple[str, ...], seen: set[int]) -> Iterator[tuple[str, int, int]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _of(item, (*path, str(index)), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines and key.tag != "tag:yaml.org,2002:merge":
                yield dotted((*path, name)), line, lines[name]
            lines.setdefault(name, line)
            yield from _of(value, (*path, name), seen)
