"""Python files → the Lambda handlers in them. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.starting.modules import import_base, parsed, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.starting.tree import FolderTree

_EVENT = re.compile(r"_?(event|evt)", re.IGNORECASE)
_CONTEXT = re.compile(r"_?(context|ctx)_?|_+", re.IGNORECASE)
_GENERAL = {"handler", "lambda-handler", "main", "index", "app", "lambda-function", "function", "run", "handle", "init"}
_NOT_HTTP = ("Records", "detail-type", "triggerSource", "authorizationToken", "methodArn", "invocationId")
"""Keys that events of queues, buckets, streams, EventBridge, Cognito and authorizers have, and HTTP requests do not."""
_REQUEST = (
    "httpMethod", "queryStringParameters", "pathParameters", "rawPath", "requestContext", "isBase64Encoded",
    "statusCode",
)  # fmt: skip
"""Keys of requests and of answers: API Gateway refuses an answer without a ``statusCode``."""
_ANSWERS = ("statusCode", ".resolve(")
"""What a module, or one that it imports, has where a helper or the router of Powertools makes the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedHandler:
    """A function ``(event, context)``: the name it gets, where it is, and whether it seems to answer HTTP requests."""

    name: str
    entry: str
    http: bool

    @property
    def file(self) -> str:
        """The file of the handler."""
        return self.entry.partition(":")[0]


def handlers(tree: FolderTree) -> tuple[DetectedHandler, ...]:
    """The handlers of a project, with different names."""
    detected_handlers: dict[str, DetectedHandler] = {}
    for path, text in tree.code():
        for node in parsed(text).body:
            if isinstance(node, ast.FunctionDef) and _takes_event(node):
                name = next(name for name in _names(path, node.name) if name not in detected_handlers)
                http = _is_http(node, path, tree)
                detected_handlers[name] = DetectedHandler(name=name, entry=f"{path}:{node.name}", http=http)
    return tuple(detected_handlers.values())


def _is_http(node: ast.FunctionDef, path: str, tree: FolderTree) -> bool:
    """Whether a handler seems to answer HTTP requests: only those get a public route."""
    text = ast.unparse(node)
    if any(word in text for word in _NOT_HTTP):
        return False
    if any(word in text for word in _REQUEST):
        return True
    called = any(isinstance(part, ast.Return) and isinstance(part.value, ast.Call) for part in ast.walk(node))
    return called and any(
        word in tree.text(file) for file in reached(tree, path, import_base(tree, path)) for word in _ANSWERS
    )


def _takes_event(node: ast.FunctionDef) -> bool:
    arguments = node.args
    required = len(arguments.args) - len(arguments.defaults)
    return (
        len(arguments.args) == 2  # noqa: PLR2004 - event and context
        and required >= 1
        and not arguments.vararg
        and bool(_EVENT.fullmatch(arguments.args[0].arg))
        and bool(_CONTEXT.fullmatch(arguments.args[1].arg))
    )


def _names(path: str, function: str) -> Iterator[str]:
    """Names for a handler, the best first: its own, or its file's or folder's when its own says nothing."""
    folders = [slug(part) for part in reversed(PurePosixPath(path).with_suffix("").parts)]
    telling = [name for name in (slug(function), *folders) if name and name not in _GENERAL]
    best = telling[0] if telling else "api"
    yield best
    yield from (slug(f"{folder}-{best}") for folder in folders if folder != best)
    yield from (slug(f"{best[:26]}-{number}") for number in range(2, 1000))


def slug(text: str, longest: int = 30) -> str:
    """A text as a name of the description: lower-case words with hyphens between, starting with a letter."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", text)
    words = re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", words)[:longest].strip("-")
