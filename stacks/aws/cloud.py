"""The ``Cloud`` that is AWS, through boto3: its parts put together, with what is of no part.

Turns our few words into API calls: retried by botocore, paginated to the end, waited for by reading
events, and refused in our own errors. Keeps no state but its clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from stacks.aws.change_sets import BotoChangeSets
from stacks.aws.clients import aws_errors
from stacks.aws.drift import BotoDrift
from stacks.aws.logs import read_group
from stacks.aws.tables import table_at_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.cloud import LogEvent

_NAMES_A_CALL = 10
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html"""


class BotoCloud(BotoChangeSets, BotoDrift):
    """An AWS account, or an endpoint that speaks like one; see ``BotoClients`` for how to name it."""

    def account(self) -> str:
        """See ``Cloud.account``."""
        with aws_errors("credentials"):
            return str(self._client("sts").get_caller_identity()["Account"])

    def caller(self) -> str:
        """See ``Cloud.caller``."""
        with aws_errors("credentials"):
            return str(self._client("sts").get_caller_identity()["Arn"])

    def published(self, names: Sequence[str], region: str) -> dict[str, str]:
        """See ``Cloud.published``; ten names a call, which is GetParameters' most."""
        result: dict[str, str] = {}
        with aws_errors("Parameter Store"):
            for start in range(0, len(names), _NAMES_A_CALL):
                answer = self._client("ssm", region).get_parameters(Names=list(names[start : start + _NAMES_A_CALL]))
                result |= {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}
        return result

    def invalidate(self, distribution: str, paths: Sequence[str]) -> None:
        """See ``Cloud.invalidate``."""
        with aws_errors(f"distribution {distribution}"):
            self._client("cloudfront").create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": uuid4().hex,
                },
            )

    def log_events(self, group: str, region: str, since: int) -> tuple[LogEvent, ...] | None:
        """See ``Cloud.log_events``."""
        with aws_errors(group):
            return read_group(self._client("logs", region), group, since)

    def log_group(self, function: str, region: str) -> str:
        """See ``Cloud.log_group``."""
        with aws_errors(f"function {function}"):
            result = self._client("lambda", region).get_function_configuration(FunctionName=function)
            return str(result.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function}")

    def table_at_work(self, table: str, region: str) -> Iterator[str]:
        """See ``Cloud.table_at_work``."""
        with aws_errors(table):
            yield from table_at_work(self._client("dynamodb", region), table)
