"""Environment settings of a function → those that look like secrets. Pure; how many fit is counted when rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.invocation import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.description.finding import Finding, KeyPath
    from stacks.model.backend import Function

SECRET_NAME = re.compile(
    r"SECRET|PASSW|PASSPHRASE|TOKEN|CREDENTIAL|(?:^|_)PWD|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|AUTH)_?KEY"
)
_SECRET_VALUE = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@")

_LOOKS = "looks like a secret in plain text"


def settings_problems(function: Function, at: KeyPath) -> Iterator[Finding]:
    """Settings that are secrets in plain text."""
    for name, setting in function.environment.items():
        where: KeyPath = (*at, "environment", name)
        named = (
            SECRET_NAME.search(name.upper())
            and setting.secret is not False
            and isinstance(setting.value, str)
            and setting.value
        )
        if setting.secret:
            yield where, "is a secret, and everyone who may look at the function reads its settings", _stored(name)
        elif isinstance(setting.value, str) and _SECRET_VALUE.search(setting.value):
            yield where, _LOOKS, _stored(name)
        elif named:
            yield where, _LOOKS, f"{_stored(name)}; if it is none, write '{name}: {{value: …, secret: false}}'"


def _stored(name: str) -> str:
    secret = name.lower().replace("_", "-")
    return (
        f"Write '{secret}: given' or '{secret}: parameter' under 'backend.secrets', list it under the "
        f"function's 'secrets' and run '{program()} secrets set {secret}'"
    )
