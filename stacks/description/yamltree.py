"""YAML text → plain data, the line of every value, and what is wrong with the text itself.

PyYAML composes; the tree is read here rather than by a PyYAML constructor because a description needs
three things a constructor does not give: the line of each value, keys that stand twice told as mistakes,
and numbers with a leading zero (account ids) kept as they are written. Dates stay texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from stacks.description.finding import Path, dotted
from stacks.errors import Problem, nearest
from stacks.intrinsics import TAGS, long_form

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FLOATS = SafeConstructor()


@dataclass(slots=True)
class Tree:
    """What a YAML text says: ``data``, the line of each path (1 is the first), and its problems."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    functions: dict[Path, str] = field(default_factory=dict)
    """Where CloudFormation functions are written with a short tag, and with which: ``!Ref``."""
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the value at ``path``, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str, file: str) -> Tree:
    """Read ``text``. A text that is no YAML has one problem and no data; ``file`` is named in problems."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        tree = Tree()
        if node is not None:
            tree.data = _Reader(tree, file).value(node, ())
    except yaml.YAMLError as error:
        return Tree(problems=[_syntax_problem(error, text, file)])
    except RecursionError:
        problem = Problem(where="YAML", what="is nested too deeply", fix="Use fewer levels", file=file, line=1)
        return Tree(problems=[problem])
    return tree if len(tree.lines) <= _MOST else Tree(problems=tree.problems[:1])


_MOST = 200_000
"""Values of a description; aliases of aliases can stand for more than any memory holds."""


class _Reader:
    """Walks the composed nodes once, filling a ``Tree``."""

    def __init__(self, tree: Tree, file: str) -> None:
        self._tree, self._file, self._open = tree, file, set[int]()

    def value(self, node: Any, path: Path) -> Any:
        self._tree.lines.setdefault(path, node.start_mark.line + 1)
        tag = node.tag
        if not tag.startswith("!") or tag == "!":
            return self._untagged(node, path)
        if tag not in TAGS:
            self._problem(node, path, f"has the tag {tag}, which is not a CloudFormation function", nearest(tag, TAGS))
            return None
        self._tree.functions[path] = tag
        (name,) = long_form(tag, None)
        return long_form(tag, self._untagged(node, (*path, name)))

    def _untagged(self, node: Any, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.tag.startswith("!") else _scalar(node)
        if id(node) in self._open:
            self._problem(node, path, "contains itself", "Write the value out instead of an alias")
            return None
        if len(self._tree.lines) > _MOST:
            if not self._tree.problems:
                self._problem(node, path, f"makes more than {_MOST:,} values", "Use fewer aliases")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return dict(self._pairs(node, path))
        finally:
            self._open.discard(id(node))

    def _pairs(self, node: Any, path: Path) -> Iterator[tuple[str, Any]]:
        own = {id(key) for key, _ in node.value}
        try:
            _FLOATS.flatten_mapping(node)
        except ConstructorError as error:
            self._problem(node, path, f"has a wrong merge key: {error.problem}", "Merge mappings only")
            return
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in lines and id(key_node) in own:
                self._problem(key_node, (*path, key), f"stands twice, first in line {lines[key]}", "Keep one")
            lines[key] = line
            self._tree.lines[(*path, key)] = line
            if _is_blank(value_node) and path != ("stages",):  # what a stage lacks is told one by one
                self._problem(value_node, (*path, key), "says nothing", "Give it a value, or leave it out")
            yield key, self.value(value_node, (*path, key))

    def _problem(self, node: Any, path: Path, what: str, fix: str) -> None:
        line = node.start_mark.line + 1
        self._tree.problems.append(Problem(where=dotted(path), what=what, fix=fix, file=self._file, line=line))


def _is_blank(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null") and not node.value


def _scalar(node: Any) -> Any:
    kind, text = node.tag.rpartition(":")[2], node.value
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() in {"true", "yes", "on"}
        case "int" if re.fullmatch(r"-?(0|[1-9]\d*)", text):
            return int(text)
        case "float":
            return _FLOATS.construct_yaml_float(node)
        case _:
            return text


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    what = str(getattr(error, "problem", None) or error).strip()
    if "nesting depth" in what:  # PyYAML 6.0.4 and later: its C scanner takes 1,000 levels
        return Problem(where="YAML", what="is nested too deeply", fix="Use fewer levels", file=file, line=line)
    rows = text.splitlines()
    if "\t" in (rows[line - 1] if line <= len(rows) else ""):
        what, fix = "a tab is used to indent or separate", "Use spaces; YAML allows no tabs there"
    else:
        fix = "Correct the YAML; indentation, quotes and colons are the usual causes"
    return Problem(where="YAML", what=what, fix=fix, file=file, line=line)
