"""The cloud that commands talk to, and questions to the person at the terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stacks.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import Stage
    from stacks.deploy.aws import BotoCloud


def cloud(stage: Stage, endpoint_url: str | None) -> BotoCloud:
    """AWS with the user's credentials, or the endpoint asked for; one on this machine takes any credentials.

    Without one, ``AWS_ENDPOINT_URL`` is heeded, as by AWS's own tools.
    """
    from stacks.deploy.aws import BotoCloud  # noqa: PLC0415 - brings boto3

    endpoint_url = endpoint(endpoint_url)

    credentials = ("test", "test") if is_here(endpoint_url) else None
    return BotoCloud(stage.region, endpoint_url=endpoint_url, credentials=credentials)


def endpoint(asked: str | None) -> str | None:
    """The AWS endpoint asked for, or the one of the environment."""
    return asked or os.environ.get("AWS_ENDPOINT_URL")


def is_here(endpoint_url: str | None) -> bool:
    """Whether an AWS endpoint is on this machine."""
    return urlsplit(endpoint_url or "").hostname in {"127.0.0.1", "localhost", "::1"}


def agreed(arguments: Namespace, question: str) -> bool:
    """Ask, unless ``--yes`` was said.

    Raises:
        UsageError: when nobody is there to answer.
    """
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(arguments.command, "asks before it goes on, and there is no terminal", "Add --yes to agree")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
