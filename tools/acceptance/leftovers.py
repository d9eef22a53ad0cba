"""A stage's prefix → what is still in the account under it, with what it costs while unused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.deploy.stored_data import StoredData, monthly
from tools.acceptance.report import Leftover

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.acceptance.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingStack:
    """A stack of the stage that is not deleted."""

    name: str
    region: str
    status: str


def leftovers(session: Session) -> list[Leftover]:
    """What a removed stage left behind: stacks, and resources whose names start with the stage's prefix."""
    results = [
        Leftover(resource=f"stack {stack.name} in {stack.region} ({stack.status})", monthly=None)
        for stack in stacks(session)
    ]
    for kind, listed in _LISTED.items():
        results += [_leftover(kind, name) for name in listed(session)]
    return results


def stacks(session: Session) -> tuple[RemainingStack, ...]:
    """The stacks of the stage, in its region and in us-east-1."""
    regions = dict.fromkeys((session.stage.region, "us-east-1"))
    return tuple(
        RemainingStack(name=stack["StackName"], region=region, status=stack["StackStatus"])
        for region in regions
        for page in session.client("cloudformation", region).get_paginator("describe_stacks").paginate()
        for stack in page["Stacks"]
        if stack["StackName"].startswith(f"{session.prefix}-") and stack["StackStatus"] != "DELETE_COMPLETE"
    )


def buckets(session: Session) -> list[str]:
    """The names of the stage's buckets."""
    listed = session.client("s3").list_buckets()["Buckets"]
    return sorted(entry["Name"] for entry in listed if entry["Name"].startswith(f"{session.prefix}-"))


def _leftover(kind: str, name: str) -> Leftover:
    price = monthly(kind, StoredData(items=0, bytes=0)) if kind in _PRICED else 0.0
    return Leftover(resource=f"{kind} {name}", monthly=price)


_PRICED = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"}


def _names(service: str, operation: str, listed: str, key: str, **arguments: Any) -> Callable[[Session], list[str]]:
    """A function that lists the names that start with the session's prefix, or hold it after a slash."""

    def names(session: Session) -> list[str]:
        pages = session.client(service).get_paginator(operation).paginate(**arguments)
        results = (item if isinstance(item, str) else item[key] for page in pages for item in page.get(listed, ()))
        return sorted(name for name in results if f"/{name}".find(f"/{session.prefix}-") >= 0)

    return names


_LISTED: dict[str, Callable[[Session], list[str]]] = {
    "AWS::S3::Bucket": buckets,
    "AWS::DynamoDB::Table": _names("dynamodb", "list_tables", "TableNames", ""),
    "AWS::Logs::LogGroup": _names("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "AWS::SQS::Queue": lambda session: [
        url.rpartition("/")[2]
        for url in session.client("sqs").list_queues(QueueNamePrefix=f"{session.prefix}-").get("QueueUrls", ())
    ],
    "AWS::Cognito::UserPool": _names("cognito-idp", "list_user_pools", "UserPools", "Name", MaxResults=60),
    "AWS::IAM::Role": _names("iam", "list_roles", "Roles", "RoleName"),
    "AWS::Lambda::Function": _names("lambda", "list_functions", "Functions", "FunctionName"),
    "AWS::SSM::Parameter": lambda session: sorted(
        parameter["Name"]
        for page in session.client("ssm").get_paginator("describe_parameters").paginate()
        for parameter in page["Parameters"]
        if parameter["Name"].startswith(f"/{session.app.name}/{session.stage_name}/")
    ),
}
"""Resource type → the names of those that belong to the stage. Each lists what the account's API lists."""
