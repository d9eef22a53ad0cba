"""The cloud that commands talk to: AWS with the user's credentials, or an endpoint on this machine."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from stacks.deploy.lock import Holder, Lock
from stacks.errors import UsageError

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.aws.cloud import BotoCloud

    Account = TypeVar("Account", bound=BotoCloud)


def cloud(stage: Stage, endpoint_url: str | None) -> BotoCloud:
    """AWS with the user's credentials, or the endpoint asked for."""
    from stacks.aws.cloud import BotoCloud  # noqa: PLC0415 - brings boto3

    return connected(BotoCloud, stage, endpoint_url)


def connected(kind: type[Account], stage: Stage, endpoint_url: str | None) -> Account:
    """AWS as ``kind`` sees it; an endpoint on this machine takes any credentials.

    Without one, ``AWS_ENDPOINT_URL`` is heeded, as by AWS's own tools.
    """
    url = endpoint(endpoint_url)
    return kind(stage.region, endpoint_url=url, credentials=("test", "test") if is_here(url) else None)


def endpoint(asked: str | None) -> str | None:
    """The AWS endpoint asked for, or the one of the environment.

    Raises:
        UsageError: it is no address.
    """
    url = asked or os.environ.get("AWS_ENDPOINT_URL")
    if url and not _is_address(url):
        where = f"--endpoint-url {url}" if asked else f"AWS_ENDPOINT_URL={url}"
        raise UsageError(where, "is no address", "Write one such as http://127.0.0.1:4566")
    return url


def _is_address(url: str) -> bool:
    try:
        found = urlsplit(url)
        return found.scheme in {"http", "https"} and bool(found.hostname) and found.port != 0
    except ValueError:
        return False


def is_here(endpoint_url: str | None) -> bool:
    """Whether an AWS endpoint is on this machine."""
    return urlsplit(endpoint_url or "").hostname in {"127.0.0.1", "localhost", "::1"}


def cognito(asked: str | None) -> str | None:
    """Where the site finds Cognito when that is not AWS: the local site serves its API itself (``stacks.local``)."""
    return "/_local/cognito/" if is_here(endpoint(asked)) else None


def lock_of(target: BotoCloud, *, take_over: bool) -> Lock:
    """What keeps other deploys of a stage out, in the name of the user and this machine."""
    since = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Lock(target, Holder(who=target.caller(), machine=socket.gethostname(), since=since), take_over=take_over)
