"""A project's files → what is in it, as one value. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.starting.front_ends import FrontEnd, front_ends
from stacks.starting.handlers import DetectedHandler, handlers
from stacks.starting.modules import parsed
from stacks.starting.python_apps import Application, applications
from stacks.starting.tree import FolderTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHOWN = 3
"""Handlers that a message names."""
_OTHERS = {
    "serverless.yml": "Serverless Framework",
    "serverless.yaml": "Serverless Framework",
    "serverless.ts": "Serverless Framework",
    "samconfig.toml": "AWS SAM",
    "zappa_settings.json": "Zappa",
    "zappa_settings.toml": "Zappa",
    "zappa_settings.yml": "Zappa",
    ".chalice/config.json": "chalice",
    "cdk.json": "AWS CDK",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What was found in a folder."""

    applications: tuple[Application, ...] = ()
    handlers: tuple[DetectedHandler, ...] = ()
    front_ends: tuple[FrontEnd, ...] = ()
    framework_file: str = ""
    """The file of another framework, such as serverless.yml."""

    @property
    def something(self) -> bool:
        """Whether there is anything to describe."""
        return bool(self.applications or self.handlers or self.front_ends)

    def __str__(self) -> str:
        names = [f"a {application}" for application in self.applications]
        if self.handlers and not self.applications:
            some = "a Lambda function" if len(self.handlers) == 1 else f"{len(self.handlers)} Lambda functions"
            more = ", …" if len(self.handlers) > _SHOWN else ""
            shown = ", ".join(detected_handler.entry for detected_handler in self.handlers[:_SHOWN])
            names.append(f"{some} ({shown}{more})")
        names += [f"a{'n' * (str(front_end)[0] in 'AEIOU')} {front_end}" for front_end in self.front_ends]
        if self.framework_file:
            names.append(f"{_OTHERS[self.framework_file]} ({self.framework_file})")
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def detected(tree: FolderTree) -> Detected:
    """What is in a project. Handlers count only where there is no web application, which may hold look-alikes."""
    apps = applications(tree)
    return Detected(
        applications=apps,
        handlers=() if apps else handlers(tree),
        front_ends=front_ends(tree),
        framework_file=next((name for name in _OTHERS if name in tree.files), ""),
    )


def environment_names(tree: FolderTree) -> dict[str, str]:
    """The environment variables that the code reads by a literal name → the first file that does; not AWS's own."""
    names: dict[str, str] = {}
    for path, text in tree.code():
        for name in _environment_names(text):
            if not name.startswith(("AWS_", "LAMBDA_", "_")) and re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
                names.setdefault(name, path)
    return dict(sorted(names.items()))


def required_names(tree: FolderTree, paths: Iterable[str]) -> dict[str, str]:
    """Of ``environment_names``, those without which the files at ``paths`` fail: ``os.environ["NAME"]``."""
    files = {path: tree.text(path) for path in paths}
    every = environment_names(FolderTree(files=files))
    needed = {name for text in files.values() for name in _subscripts(text, ast.Load)}
    own = {name for text in files.values() for name in _subscripts(text, ast.Store)}
    return {name: path for name, path in every.items() if name in needed - own}


def _environment_names(text: str) -> Iterator[str]:
    calls = [node for node in ast.walk(parsed(text)) if isinstance(node, ast.Call) and node.args]
    for node in calls:
        is_read = ast.unparse(node.func) in {"os.environ.get", "os.getenv", "getenv", "environ.get"}
        if is_read and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)
    yield from _subscripts(text, ast.Load)


def _subscripts(text: str, context: type[ast.expr_context]) -> Iterator[str]:
    """The names of ``os.environ["NAME"]``, read or written."""
    nodes = [node for node in ast.walk(parsed(text)) if isinstance(node, ast.Subscript)]
    for node in nodes:
        of_environment = isinstance(node.ctx, context) and ast.unparse(node.value) in {"os.environ", "environ"}
        if of_environment and isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)


def first_segments(tree: FolderTree) -> set[str]:
    """The first parts of the paths that the code's routes answer: ``@app.get("/notes/<id>")`` gives ``notes``."""
    segments: set[str] = set()
    for _, text in tree.code():
        for node in ast.walk(parsed(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                decorators = [expr for expr in node.decorator_list if isinstance(expr, ast.Call)]
                segments |= {
                    _segment(path) for decorator in decorators for path in _texts(decorator)[:1] if path.startswith("/")
                }
            elif isinstance(node, ast.Call):
                words = {
                    keyword.arg: keyword.value for keyword in node.keywords if keyword.arg in {"prefix", "url_prefix"}
                }
                if ast.unparse(node.func) in {"path", "re_path"}:  # Django's urls.py
                    segments |= {_segment(f"/{path.lstrip('/^')}") for path in _texts(node)[:1]}
                prefixes = [word.value for word in words.values() if isinstance(word, ast.Constant)]
                segments |= {_segment(path) for path in prefixes if isinstance(path, str) and path.startswith("/")}
    return segments


def _texts(call: ast.Call) -> list[str]:
    return [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def _segment(path: str) -> str:
    first = PurePosixPath(path).parts[1:2]
    return first[0] if first and not first[0].startswith(("<", "{")) else ""
