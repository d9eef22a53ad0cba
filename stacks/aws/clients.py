"""Clients of AWS, made when they are first needed, and what they refuse in our own errors (``refusals``).

With ``uploads`` the only module that imports boto3 or botocore. Calls are retried by botocore.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from stacks.aws.refusals import cloud_refusal
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator


class BotoClients:
    """An AWS account, or an endpoint that speaks like one.

    ``region`` is where buckets and tokens are asked for; each stack names its own. For an emulator give
    ``endpoint_url`` (S3 is then addressed by path) and ``credentials`` (access key, secret).
    """

    def __init__(
        self,
        region: str,
        *,
        endpoint_url: str | None = None,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self._region, self._endpoint = region, endpoint_url
        self._credentials = credentials
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()

    def _client(self, service: str, region: str | None = None) -> Any:
        place = (service, region or self._region)
        with self._making:
            if place not in self._clients:
                self._clients[place] = self._new_client(*place)
            return self._clients[place]

    @cached_property
    def _session(self) -> boto3.Session:
        """One for all clients: it reads credentials once, and each definition of a service once."""
        key, secret = self._credentials or (None, None)
        return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret)

    def _new_client(self, service: str, region: str) -> Any:
        s3: Any = {"addressing_style": "path"} if self._endpoint else {}
        config = Config(retries={"mode": "standard", "total_max_attempts": 5}, s3=s3, max_pool_connections=16)
        make: Any = self._session.client
        return make(service, region_name=region, endpoint_url=self._endpoint, config=config)

    def _patient(self, service: str, region: str, seconds: int) -> Any:
        """A client that waits for an answer as long as it takes, and sends nothing twice."""
        config = Config(read_timeout=seconds, tcp_keepalive=True, retries={"total_max_attempts": 1})
        make: Any = self._session.client
        with self._making:
            return make(service, region_name=region, endpoint_url=self._endpoint, config=config)


@contextmanager
def aws_errors(where: str) -> Iterator[None]:
    """Turn what boto3 raises into ``DeployError``."""
    try:
        yield
    except ClientError as error:
        raise cloud_refusal(
            where, "ClientError", error_code(error), error.response["Error"].get("Message", "")
        ) from error
    except BotoCoreError as error:
        raise cloud_refusal(where, type(error).__name__, None, str(error)) from error
    except ResponseParserError as error:
        raise DeployError(where, "what answers is not AWS", "Correct --endpoint-url, or the proxy") from error


def error_code(error: BaseException) -> str:
    """Return AWS's code for what a client raised, empty when AWS never answered."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""
