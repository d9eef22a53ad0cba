"""Text of descriptions and templates → plain data with the line of every value, and what is wrong with the text itself.

PyYAML composes; the tree is read here rather than by a PyYAML constructor, because that gives neither lines nor keys
that are written twice. Dates stay text, every key is text, short tags become long functions (``!Ref`` → ``Ref``).
Binary data, sets and ordered maps are refused, as CloudFormation refuses them:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from stacks.errors import Problem, nearest
from stacks.intrinsics.functions import TAGS, long_form
from stacks.intrinsics.paths import DEEPEST, KeyPath, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = SafeConstructor()
_YAML = "tag:yaml.org,2002:"
_ONCE, _DEEP = "Keep one", "is nested too deeply"
_KINDS = frozenset({"bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value"})


@dataclass(slots=True)
class Tree:
    """What a YAML text says: ``data``, the line of each path (1 is the first), and its problems."""

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    functions: dict[KeyPath, str] = field(default_factory=dict)
    """Where CloudFormation functions are written with a short tag, and with which: ``!Ref``."""
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: KeyPath) -> int:
        """The line of the value at ``path``, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class UnreadableError(ValueError):
    """A template's text is neither JSON nor YAML. ``why`` says what is wrong in ``line``, where that is known."""

    def __init__(self, why: str, line: int | None) -> None:
        super().__init__(why, line)
        self.why, self.line = why, line

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}" if self.line else self.why


def parse(text: str, file: str) -> Tree:
    """The tree of a description. A text that is not valid YAML has one problem and no data; problems name ``file``."""
    return composed(text, file, _Description)


def load(text: str) -> Any:
    """The plain data of a template: JSON where it starts with a brace, else YAML 1.1 (``0x10``, ``1_000`` are numbers).

    Raises:
        UnreadableError: for the first thing that is wrong with the text.
    """
    if not text.lstrip().startswith("{"):
        return _readable(composed(text, "", _Template)).data
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise UnreadableError(error.msg, error.lineno) from None
    except RecursionError:
        raise UnreadableError("is nested too deeply", None) from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnreadableError(f"{text} is not a number that templates have", None)
    return number


def template(text: str, file: str) -> Tree:
    """The tree of a template; its problems are the keys that are written twice, of which CloudFormation takes the last.

    Raises:
        UnreadableError: for the first thing that is wrong with the text.
    """
    data = load(text)
    tree = _readable(composed(text.expandtabs(1), file, _StrictTemplate))  # JSON is YAML, but for its tabs
    tree.data = data
    return tree


def composed(text: str, file: str, reader: type[Reader]) -> Tree:
    """The tree of a text as ``reader`` takes it. A text that is not valid YAML has one problem and no data."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        tree = Tree()
        if node is not None:
            tree.data = reader(tree, file).value(node, ())
    except yaml.YAMLError as error:
        return Tree(problems=[_syntax_problem(error, text, file)])
    except RecursionError:
        problem = Problem(where="YAML", what="is nested too deeply", fix="Use fewer levels", file=file, line=1)
        return Tree(problems=[problem])
    return tree if len(tree.lines) <= reader.most else Tree(problems=tree.problems[:1])


def _readable(tree: Tree) -> Tree:
    for problem in tree.problems:
        if problem.fix != _ONCE:
            place = "" if problem.where == "YAML" else f"{problem.where} "
            raise UnreadableError(f"{place}{problem.what}", problem.line)
    return tree


class Reader:
    """Walks the composed nodes of a text once, filling a ``Tree``."""

    most: ClassVar[int]
    """Values of a text; aliases of aliases can stand for more than any memory holds."""

    def __init__(self, tree: Tree, file: str) -> None:
        self.tree, self.file, self._open = tree, file, set[int]()

    def scalar(self, node: object) -> Any:
        """The value of a node without a short tag."""
        raise NotImplementedError

    def entry(self, key: object, value: object, path: KeyPath, first: int | None) -> None:
        """Judge a pair of a mapping; ``first`` is the line where the same key is written before."""

    def takes(self, tag: str) -> bool:
        """Whether ``tag`` is a function."""
        raise NotImplementedError

    def value(self, node: Any, path: KeyPath) -> Any:
        """The value of a node; short tags become long functions."""
        self.tree.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEEPEST:
            if all(problem.what != _DEEP for problem in self.tree.problems):
                self.problem(node, path[:3], _DEEP, "Use fewer levels")
            return None
        tag = node.tag
        if tag.startswith(_YAML) or tag == "!":
            if tag.removeprefix(_YAML) not in _KINDS and tag != "!":
                tag = f"!!{tag.removeprefix(_YAML)}"
                self.problem(node, path, f"has the tag {tag}, which CloudFormation does not take", "Write plain values")
            return self.untagged(node, path)
        if not self.takes(tag):
            self.problem(node, path, f"has the tag {tag}, which is not a CloudFormation function", nearest(tag, TAGS))
            return None
        self.tree.functions[path] = tag
        (name,) = long_form(tag, None)
        return long_form(tag, self.untagged(node, (*path, name)))

    def untagged(self, node: object, path: KeyPath) -> Any:
        """The value of a node without its short tag."""
        if isinstance(node, yaml.ScalarNode):
            value = node.value if node.tag.startswith("!") else self.scalar(node)
            if isinstance(value, float) and not math.isfinite(value):
                self.problem(node, path, f"{node.value} is not a number that templates have", "Write a finite one")
            return value
        if id(node) in self._open:
            self.problem(node, path, "contains itself", "Write the value out instead of an alias")
            return None
        if len(self.tree.lines) > self.most:
            if not self.tree.problems:
                self.problem(node, path, f"makes more than {self.most:,} values", "Use fewer aliases")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return dict(self._pairs(node, path))
        finally:
            self._open.discard(id(node))

    def _pairs(self, node: Any, path: KeyPath) -> Iterator[tuple[str, Any]]:
        own = {id(key) for key, _ in node.value}
        try:
            _PLAIN.flatten_mapping(node)
        except ConstructorError as error:
            self.problem(node, path, f"has a wrong merge key: {error.problem}", "Merge mappings only")
            return
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = self.key(key_node), key_node.start_mark.line + 1
            if key is None:
                self.problem(key_node, path, "has a key that is not text", "Write 'name: value'")
                continue
            merged = id(key_node) not in own  # by '<<', which own keys overrule
            self.entry(key_node, value_node, (*path, key), None if merged else lines.get(key))
            if not merged:
                lines.setdefault(key, line)
            self.tree.lines[(*path, key)] = line
            yield key, self.value(value_node, (*path, key))

    def key(self, node: object) -> str | None:
        """A key as text; None when it is a mapping or a list."""
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    def once(self, key: object, path: KeyPath, first: int | None) -> None:
        if first is not None:
            self.problem(key, path, f"is written twice, first in line {first}", _ONCE)

    def problem(self, node: Any, path: KeyPath, what: str, fix: str) -> None:
        line = node.start_mark.line + 1
        self.tree.problems.append(Problem(where=dotted(path), what=what, fix=fix, file=self.file, line=line))


class PlainReader(Reader):
    """Scalars as people mean them: numbers with a leading zero, such as account ids, stay text."""

    most = 200_000

    def scalar(self, node: Any) -> Any:
        kind, text = node.tag.rpartition(":")[2], node.value
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on"}
            case "int" if re.fullmatch(r"-?(0|[1-9]\d{0,30})", text):  # longer ones are no numbers of anything
                return int(text)
            case "float":
                return _PLAIN.construct_yaml_float(node)
            case _:
                return text

    def takes(self, tag: str) -> bool:
        return tag in TAGS


class _Description(PlainReader):
    """Reports keys that are written twice or say nothing."""

    def entry(self, key: object, value: object, path: KeyPath, first: int | None) -> None:
        self.once(key, path, first)
        if _is_blank(value) and path[:-1] != ("stages",):  # what a stage lacks is reported one by one
            self.problem(value, path, "is empty", "Give it a value, or leave it out")


class _Template(Reader):
    """Scalars as YAML 1.1 has them, any short tag; of keys that are written twice the last one counts."""

    most = 1_000_000

    def scalar(self, node: Any) -> Any:
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "bool":
                return _PLAIN.construct_yaml_bool(node)
            case "int":
                return _PLAIN.construct_yaml_int(node)
            case "float":
                return _PLAIN.construct_yaml_float(node)
            case _:
                return node.value

    def takes(self, tag: str) -> bool:
        return tag.startswith("!")

    def key(self, node: object) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            return None
        value = self.scalar(node)
        return str(value).lower() if isinstance(value, bool) else str(value)


class _StrictTemplate(_Template):
    """Reports keys that are written twice."""

    def entry(self, key: object, value: object, path: KeyPath, first: int | None) -> None:
        del value
        self.once(key, path, first)


def _is_blank(node: object) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null") and not node.value


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
    what = str(getattr(error, "problem", None) or error).strip().partition("\n")[0]
    if "nesting depth" in what:  # PyYAML 6.0.4 and later: its C scanner takes 1,000 levels
        return Problem(where="YAML", what="is nested too deeply", fix="Use fewer levels", file=file, line=line)
    rows = text.splitlines()
    if "\t" in (rows[line - 1] if line <= len(rows) else ""):
        what, fix = "a tab is used to indent or separate", "Use spaces; YAML allows no tabs there"
    else:
        fix = "Correct the YAML; indentation, quotes and colons are the usual causes"
    return Problem(where="YAML", what=what, fix=fix, file=file, line=line)
