"""The cloud that commands talk to: AWS with the user's credentials, or an endpoint on this machine."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from stacks.commands.common import root
from stacks.deploy.lock import Holder, Lock
from stacks.errors import LocalError, UsageError
from stacks.invocation import program

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import Stage
    from stacks.aws.clients import BotoClients
    from stacks.aws.cloud import BotoCloud
    from stacks.local.emulator import Emulator
    from stacks.packaging import PythonTarget

    Client = TypeVar("Client", bound=BotoClients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where AWS answers: at ``url``, or at its own addresses when that is None.

    ``credentials`` are an access key and its secret; None leaves them to the AWS SDK's own search. ``emulator`` is the
    local AWS of the project, if that is it.
    """

    url: str | None = None
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    emulator: Emulator | None = None

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.url or "").hostname in {"127.0.0.1", "localhost", "::1"}

    @property
    def python(self) -> PythonTarget | None:
        """The Python that runs functions there, for packaging: the local AWS's is this machine's; None is Lambda's."""
        from stacks.packaging import host_target  # noqa: PLC0415 - few commands package

        return host_target() if self.emulator else None


def cloud(stage: Stage, at: Endpoint) -> BotoCloud:
    """AWS, or the endpoint on this machine, as the deployer sees it."""
    from stacks.aws.cloud import BotoCloud  # noqa: PLC0415 - brings boto3

    return connected(BotoCloud, stage, at)


def connected(kind: type[Client], stage: Stage, at: Endpoint) -> Client:
    """A client of the class ``kind`` for a stage's region."""
    return kind(stage.region, endpoint_url=at.url, credentials=at.credentials)


def endpoint(arguments: Namespace) -> Endpoint:
    """The endpoint of ``--local`` or ``--endpoint-url``, else of ``AWS_ENDPOINT_URL``, which AWS's own tools read, too.

    The local AWS of the project takes the keys of its run only, so they come from there. Other emulators take any.

    Raises:
        UsageError: it is not an address, or both are asked for.
        LocalError: the local AWS is asked for and does not run.
    """
    asked = arguments.endpoint_url
    if getattr(arguments, "here", False):
        if asked:
            raise UsageError("--local", "does not go with '--endpoint-url'", "Leave one of them out")
        return _of_project(arguments)
    url = asked or os.environ.get("AWS_ENDPOINT_URL") or None
    if url and not _is_address(url):
        where = f"--endpoint-url {url}" if asked else f"AWS_ENDPOINT_URL={url}"
        raise UsageError(where, "is not an address", "Write one such as http://127.0.0.1:4566")
    at = Endpoint(url=url)
    return _on_this_machine(arguments, at) if at.is_here else at


def _of_project(arguments: Namespace) -> Endpoint:
    from stacks.local.emulator import running  # noqa: PLC0415 - only for the local AWS

    emulator = running(root(arguments) / ".local")
    if emulator is None:
        raise LocalError("the local AWS", "is not running", f"Start it with '{program()} local --detach'")
    return endpoint_of(emulator)


def _on_this_machine(arguments: Namespace, at: Endpoint) -> Endpoint:
    from stacks.local.emulator import running  # noqa: PLC0415 - only for an endpoint on this machine

    run = running(root(arguments) / ".local")
    if run and run.gateway == urlsplit(at.url or "").port:
        return replace(at, credentials=run.credentials, emulator=run)
    has_keys = os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY")
    return replace(at, credentials=None if has_keys else ("test", "test"))


def endpoint_of(emulator: Emulator) -> Endpoint:
    """The endpoint of a local AWS that runs."""
    return Endpoint(url=emulator.endpoint_url, credentials=emulator.credentials, emulator=emulator)


def _is_address(url: str) -> bool:
    try:
        result = urlsplit(url)
        return result.scheme in {"http", "https"} and bool(result.hostname) and result.port != 0
    except ValueError:
        return False


def cognito(at: Endpoint) -> str | None:
    """Where the site finds Cognito when that is not AWS: the local site serves its API itself (``stacks.local``)."""
    return "/_local/cognito/" if at.is_here else None


def lock_of(target: BotoCloud, *, take_over: bool) -> Lock:
    """What keeps other deploys of a stage out, in the name of the user and this machine."""
    since = datetime.now(UTC).isoformat(timespec="milliseconds")
    holder = Holder(caller=target.caller(), machine=socket.gethostname(), since=since)
    return Lock(target, holder, take_over=take_over, warn=lambda text: print(text, file=sys.stderr))
