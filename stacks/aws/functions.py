"""``Functions`` by Lambda's Invoke: waited for as long as a function may run, and never sent twice."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from stacks.aws.clients import aws_errors
from stacks.aws.cloud import BotoCloud
from stacks.deploy.functions import FunctionResult

if TYPE_CHECKING:
    from stacks.json_types import JsonDict

_LONGEST = 910
"""Seconds: Lambda's longest timeout of 900, and a little.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


class BotoFunctions(BotoCloud):
    """See ``Functions``, where a retry would run a command twice, and ``CodeCloud``."""

    def update_code(self, function: str, region: str, bucket: str, key: str) -> bool:
        """See ``CodeCloud.update_code``."""
        with aws_errors(f"function {function}"):
            client: Any = self._client("lambda", region)
            before = client.get_function_configuration(FunctionName=function)["CodeSha256"]
            after = client.update_function_code(FunctionName=function, S3Bucket=bucket, S3Key=key)["CodeSha256"]
            client.get_waiter("function_updated_v2").wait(FunctionName=function)
            return bool(before != after)

    def invoke(self, function: str, region: str, payload: str, *, alias: str | None = None) -> FunctionResult:
        """See ``Functions.invoke``."""
        qualifier: JsonDict = {"Qualifier": alias} if alias else {}
        with aws_errors(f"function {function}{f':{alias}' if alias else ''}"):
            answer = self._patient("lambda", region, _LONGEST).invoke(
                FunctionName=function, Payload=payload.encode(), LogType="Tail", **qualifier
            )
            return FunctionResult(
                payload=answer["Payload"].read().decode(),
                failed="FunctionError" in answer,
                log=base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"),
            )
