"""``python -m tools.figures [ROOT]``: how much of the package a typical change touches, as a table. Reads the source.

Run it over two checkouts to compare them. "Files to touch" counts the modules that name an existing option, kind or
resource of the same sort, so it is what somebody who adds another one has to look at.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
_TYPE = re.compile(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+")
_SUB_VARIABLE = re.compile(r"\\\$\\?\{")
_FUNCTIONS = {"Ref", "Fn::Sub", "Fn::GetAtt", "Fn::GetStackOutput"}
_EXAMPLES = {
    "a function option (snap_start)": r"\bsnap_start\b",
    "an alarm per function (Throttles)": r"Throttles",
    "a pipeline source (codecommit)": r"(?i)codecommit",
}
_KIND = "queues"
"""A kind of resource that was described before the redesign, too."""
_OTHER_LANGUAGES = {
    "stacks/description/environment.py": "${env:NAME} of descriptions",
    "stacks/model/texts.py": "the same",
    "stacks/description/statements.py": "IAM's policy variables",
    "stacks/kinds/workflows/definition.py": "substitutions of Step Functions",
    "stacks/local/front/imported.py": "stage variables of API Gateway",
    "stacks/migrating/iam.py": "ARN formats of IAM's list",
    "stacks/migrating/serverless.py": "variables of the Serverless Framework",
    "stacks/migrating/variables.py": "the same",
    "stacks/roles/by_name.py": "ARN formats of IAM's list",
}
"""Modules with a regular expression of ${…} that is not Fn::Sub's, and whose it is."""
_OTHER_WORDS = ("stacks/migrating/", "stacks/starting/", "stacks/local/")
"""Rooms that read what others wrote, and so name resources in the words of others."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the package: its path below the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module


def modules(root: Path) -> list[Module]:
    """Every module of the package below ``root``."""
    files = sorted((root / "stacks").rglob("*.py"))
    texts = [(str(file.relative_to(root)), file.read_text(encoding="utf-8")) for file in files]
    return [Module(path, text, ast.parse(text)) for path, text in texts]


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _late_imports(module: Module) -> int:
    return len(
        {
            id(node)
            for function in _functions(module)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
    )


def _any(module: Module) -> int:
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(module.tree))


def _tables(module: Module) -> int:
    """Module-level collections with at least two CloudFormation types as keys or members; no names of single types."""
    return sum(
        _is_table(node.value)
        for node in module.tree.body
        if isinstance(node, ast.AnnAssign) or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name))
    )


def _is_table(value: ast.expr | None) -> bool:
    while isinstance(value, ast.Call) and value.args:
        value = value.args[0]
    if isinstance(value, ast.Dict):
        members = [key for key in value.keys if key is not None]
    elif isinstance(value, ast.Set | ast.Tuple | ast.List):
        members = [
            expr.elts[0] if isinstance(expr, ast.Tuple) and expr.elts else _first_argument(expr) for expr in value.elts
        ]
    else:
        return False
    return sum(isinstance(expr, ast.Constant) and bool(_TYPE.match(str(expr.value))) for expr in members) > 1


def _first_argument(node: ast.expr) -> ast.expr:
    return node.args[0] if isinstance(node, ast.Call) and node.args else node


def _reads_functions(module: Module) -> bool:
    """Whether a module recognises intrinsic functions by itself: by their names, or by a regular expression of Sub.

    A name is read where it is compared, matched or looked up; as a key of a mapping, or by itself, it is written.
    """
    read = {node.value for node in ast.walk(module.tree) for node in _read_constants(node)}
    patterns = module.path not in _OTHER_LANGUAGES and _SUB_VARIABLE.search(module.text)
    return not _FUNCTIONS.isdisjoint(read) or bool(patterns)


def _read_constants(node: ast.AST) -> Iterator[ast.Constant]:
    """The texts that a node compares something with, or looks up."""
    match node:
        case ast.Compare(left=left, comparators=others):
            inside: list[ast.AST] = [left, *others]
        case ast.Subscript(slice=key, ctx=ast.Load()):
            inside = [key]
        case ast.Call(func=ast.Attribute(attr="get" | "startswith"), args=[first, *_]):
            inside = [first]
        case ast.MatchValue(value=value):
            inside = [value]
        case ast.MatchMapping(keys=keys):
            inside = [*keys]
        case _:
            return
    nodes = [child for entry in inside for child in ast.walk(entry)]
    written = {id(key) for child in nodes if isinstance(child, ast.Dict) for key in child.keys}
    yield from (child for child in nodes if isinstance(child, ast.Constant) and id(child) not in written)


def _loads_yaml(module: Module) -> bool:
    return bool(re.search(r"yaml\.(?:safe_load|load|compose)\(|from cfn_flip import", module.text))


def _names_kind(module: Module) -> bool:
    """Whether code outside of the kind's own folder names a kind: by an attribute, an import, a keyword or a text."""
    if module.path.startswith((f"stacks/kinds/{_KIND}/", *_OTHER_WORDS)):
        return False
    return any(_KIND in _words(node) for node in ast.walk(module.tree))


def _words(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Attribute(attr=word) | ast.Name(id=word) | ast.Constant(value=str(word)):
            return (word,)
        case ast.AnnAssign(target=ast.Name(id=word)) | ast.arg(arg=word) | ast.keyword(arg=str(word)):
            return (word,)
        case ast.ImportFrom(module=str(path), names=names):
            return (*path.split("."), *(alias.name for alias in names))
        case _:
            return ()


def _takes_app(module: Module) -> int:
    return sum(
        any(arg.arg == "app" for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs))
        for function in _functions(module)
    )


def _count(test: Callable[[Module], int], results: list[Module]) -> int:
    return sum(map(test, results))


def figures(root: Path) -> dict[str, int]:
    """What is counted → how much of it the package below ``root`` has."""
    results = modules(root)
    touched = {
        f"modules to touch for {what}": _count(lambda entry, word=pattern: bool(re.search(word, entry.text)), results)  # type: ignore[misc]
        for what, pattern in _EXAMPLES.items()
    }
    return {
        "modules": len(results),
        "lines": _count(lambda module: module.text.count("\n"), results),
        **touched,
        f"modules that name a kind of resource ({_KIND})": _count(_names_kind, results),
        "modules naming AWS::S3::Bucket": _count(lambda module: '"AWS::S3::Bucket"' in module.text, results),
        "functions taking app": _count(_takes_app, results),
        "tables by type": _count(_tables, results),
        "Any": _count(_any, results),
        "late imports": _count(_late_imports, results),
        "modules reading intrinsic functions": _count(_reads_functions, results),
        "modules loading YAML": _count(_loads_yaml, results),
    }


def main(arguments: list[str]) -> None:
    """Print the figures of each checkout in ``arguments``, side by side; of this one without any."""
    roots = [Path(argument) for argument in arguments] or [ROOT]
    columns = [figures(root) for root in roots]
    for name in columns[0]:
        print(f"{name:<58}", *(f"{column[name]:>8,}" for column in columns))  # noqa: T201 - a table for people


if __name__ == "__main__":
    main(sys.argv[1:])
