"""Turns an AWS service's name into its boto3 client.

The only place of the application that imports boto3, and only when a client is asked for: the Lambda runtime
has boto3, a machine that runs ``flask --app app run`` need not.
"""

from __future__ import annotations

from typing import Any, Literal


def client(service: Literal["dynamodb", "secretsmanager"]) -> Any:
    """A boto3 client for ``service``, with region and credentials from the Lambda environment."""
    import boto3  # noqa: PLC0415 - see the module's docstring

    return boto3.client(service)
