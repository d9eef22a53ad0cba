"""Policy statements and environment settings of a function → what is wrong with their texts. Pure.

A statement may widen what a function does, not what the project promises: actions are named one by one, identity and
deployment stay out of reach, and data has its own words (``tables``, ``secrets`` …). A setting may not be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks.naming import prefix, variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage
    from stacks.description.consistency import Finding
    from stacks.description.yamltree import Path
    from stacks.model.backend import Function

_KEYS = {"Sid", "Effect", "Action", "Resource", "Condition"}
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_CLOSED = {
    "account",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codepipeline",
    "iam",
    "organizations",
    "sso",
    "sts",
}
"""Services whose use would lead out of the boundary, or to where deployments and audits are made."""
_OWN_WORDS = {"dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "ssm"}
"""Services that hold data or run code: never on every resource of the account."""
_FILLED = re.compile(r"\$\{(?!AWS::(?:AccountId|Partition|Region|URLSuffix)\})[^}]*\}")

SECRET_NAME = re.compile(
    r"SECRET|PASSW|PASSPHRASE|TOKEN|CREDENTIAL|(?:^|_)PWD|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|AUTH)_?KEY"
)
_SECRET_VALUE = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@")
_MOST_BYTES = 4096
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: all names and values of one function."""
_ARN_BYTES = 130
_URL_BYTES = 140


def statement_problems(function: Function, at: Path) -> Iterator[Finding]:
    """What is wrong with the statements a function brings."""
    for index, statement in enumerate(function.statements):
        where: Path = (*at, "statements", index)
        unknown = sorted(statement.keys() - _KEYS)
        for key in unknown:
            yield (*where, key), "is not allowed in a function's statement", f"Use {', '.join(sorted(_KEYS))}"
        if not unknown:
            yield from _incomplete(statement, where)
        yield from _filled(statement, where)
        if statement.get("Effect") == "Allow":
            yield from _allowed(statement, where)


def _incomplete(statement: Mapping[str, Any], at: Path) -> Iterator[Finding]:
    if statement.get("Effect") not in {"Allow", "Deny"}:
        yield at, "has no Effect", "Say 'Effect: Allow' or 'Effect: Deny'"
    for key in ("Action", "Resource"):
        if not _texts(statement.get(key)):
            yield at, f"has no {key}", f"Name each {key.lower()} as a text"


def _texts(value: Any) -> list[str]:
    """The texts of a value that is one text or a list of them; nothing when it is anything else."""
    found = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return found if all(isinstance(one, str) for one in found) else []


def _allowed(statement: Mapping[str, Any], at: Path) -> Iterator[Finding]:
    everywhere = any(resource.strip("*:") in {"", "arn"} for resource in _texts(statement.get("Resource")))
    for action in _texts(statement.get("Action")):
        service = action.partition(":")[0].lower()
        if not _ACTION.fullmatch(action):
            yield at, f"allows {action!r}, which is no single action", "Name each action, as 'ses:SendEmail'"
        elif service in _CLOSED:
            yield at, f"allows {action!r}, which no function may do here", "Leave it out"
        elif service in _OWN_WORDS and everywhere:
            yield at, f"allows {action!r} on everything in the account", "Name the resource's ARN"


def _filled(value: Any, at: Path) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _filled(item, at)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _filled(item, at)
    elif isinstance(value, str):
        for found in _FILLED.findall(value):
            yield at, f"{found!r} cannot be filled in", "Use ${AWS::AccountId}, Partition, Region or URLSuffix"


def settings_problems(function: Function, app: App, stage: Stage, at: Path) -> Iterator[Finding]:
    """Settings that are secrets in plain text, and more of them than Lambda takes."""
    for name, setting in function.environment.items():
        where: Path = (*at, "environment", name)
        named = SECRET_NAME.search(name.upper()) and setting.secret is not False and setting.value
        if named or _SECRET_VALUE.search(setting.value):
            secret = name.lower().replace("_", "-")
            fix = (
                f"Write '{secret}: given' under 'backend.secrets', list it under the function's 'secrets' and run "
                f"'python build.py secrets set {secret}'"
            )
            if named:
                fix += f"; if it is none, write '{name}: {{value: …, secret: false}}'"
            yield where, "looks like a secret in plain text", fix
    size = sum(len(name.encode()) + length for name, length in _lengths(function, app, stage))
    if size > _MOST_BYTES:
        what = f"needs about {size:,} bytes of environment, Lambda takes {_MOST_BYTES:,}"
        yield (*at, "environment"), what, "Move long values into a file of the package, or into a table"


def _lengths(function: Function, app: App, stage: Stage) -> Iterator[tuple[str, int]]:
    """Each variable a function gets, with the bytes of its value; ARNs and addresses are estimated."""
    start = len(prefix(app, stage)) + 1
    yield "STAGE", len(stage.name)
    if function.wsgi:
        yield "WSGI_APP", len(":".join(function.entry))
        yield "STRIP_STAGE_PATH", len("true")
    if stage.backend.api.cors:
        yield "CORS_ORIGINS", len(" ".join(stage.backend.api.cors.origins))
    kinds = (
        ("TABLE", function.tables, start + 30),
        ("BUCKET", function.buckets, 63),
        ("QUEUE_URL", function.queues, _URL_BYTES),
        ("FUNCTION", function.invoke, start + 30),
        ("SECRET_ID", function.secrets, _ARN_BYTES),
    )
    for kind, names, length in kinds:
        yield from ((variable(name, kind), length) for name in names)
    yield from ((name, len(setting.value.encode())) for name, setting in function.environment.items())
