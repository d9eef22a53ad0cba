"""Reads the secrets a function is given; this file is ``stacks_secrets.py`` in every zip.

It runs inside Lambda, where nothing of this library exists: it imports the standard library, and boto3, which
Lambda's Python has, when the first secret is read. Reading at import would make every cold start wait for it.

    from stacks_secrets import secret

    key = secret("stripe-key")
"""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any, Literal

KEPT_SECONDS = 300
"""How long a value is used before it is read again: a secret that was changed is seen within that time."""

_kept: dict[str, tuple[float, str]] = {}


def secret(name: str) -> str:
    """The value of the secret ``name`` that the description lists under the function's ``secrets``.

    Raises:
        KeyError: the function does not list it.
        Exception: boto3's own errors; ``ResourceNotFoundException`` or ``ParameterNotFound`` for one without a
            value yet.
    """
    variable = f"{name.replace('-', '_').upper()}_SECRET_ID"
    if variable not in os.environ:
        raise KeyError(f"This function is not given {name!r}: list it under its 'secrets'.")
    read, value = _kept.get(name, (0.0, ""))
    if not read or time.monotonic() - read > KEPT_SECONDS:
        value = _read(os.environ[variable])
        _kept[name] = (time.monotonic(), value)
    return value


def _read(identity: str) -> str:
    """Ask Parameter Store for what begins with a slash, as all our parameters do; Secrets Manager for the rest."""
    if identity.startswith("/"):
        return str(_client("ssm").get_parameter(Name=identity, WithDecryption=True)["Parameter"]["Value"])
    return str(_client("secretsmanager").get_secret_value(SecretId=identity)["SecretString"])


@cache
def _client(service: Literal["secretsmanager", "ssm"]) -> Any:
    import boto3  # noqa: PLC0415 - a third of a second, spent only by functions that read secrets

    return boto3.client(service)
