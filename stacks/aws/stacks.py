"""Stacks in CloudFormation, their events, and their deletion: the part of ``Cloud`` without change sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.clients import BotoClients, aws_errors, error_code
from stacks.aws.cloudtrail import work_on
from stacks.aws.early_validation import explained
from stacks.aws.responses import event_from, is_end, polling, resource_from, state_from
from stacks.intrinsics.reading import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation import CloudFormationClient

    from stacks.cloud import Event, StackResource, StackState, Work
    from stacks.json_types import JsonDict


class BotoStacks(BotoClients):
    """Stacks of an account. Operations are waited for by reading events."""

    def stack(self, name: str, region: str) -> StackState | None:
        """See ``Cloud.stack``."""
        with aws_errors(name):
            client = self._formation(region)
            try:
                result = client.describe_stacks(StackName=name)["Stacks"][0]
            except client.exceptions.ClientError as error:
                if error_code(error) == "ValidationError" and "does not exist" in str(error):
                    return None
                raise
        return None if result["StackStatus"] == "DELETE_COMPLETE" else state_from(result, region)

    def regions(self) -> tuple[str, ...]:
        """See ``Cloud.regions``; the SDK knows them, so nothing is called."""
        session = self._session
        partition = session.get_partition_for_region(self._region)
        return tuple(session.get_available_regions("cloudformation", partition_name=partition))

    def stacks(self, prefix: str, region: str) -> tuple[StackState, ...]:
        """See ``Cloud.stacks``; CloudFormation lists deleted stacks, too, for 90 days, and nested ones."""
        with aws_errors(f"stacks in {region}"):
            pages = self._formation(region).get_paginator("list_stacks").paginate()
            names = {
                summary["StackName"]
                for page in pages
                for summary in page["StackSummaries"]
                if summary["StackStatus"] != "DELETE_COMPLETE" and not summary.get("ParentId")
            }
        states = (self.stack(name, region) for name in sorted(names) if name.startswith(prefix))
        return tuple(state for state in states if state)

    def work(self, stack: StackState) -> Work:
        """See ``Cloud.work``."""
        with aws_errors(stack.name):
            return work_on(self._formation(stack.region), self._client("cloudtrail", stack.region), stack.id)

    def template(self, name: str, region: str) -> JsonDict:
        """See ``Cloud.template``."""
        with aws_errors(name):
            body: Any = self._formation(region).get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        loaded: JsonDict = load(body) if isinstance(body, str) else body
        return loaded

    def resources(self, name: str, region: str) -> tuple[StackResource, ...]:
        """See ``Cloud.resources``."""
        with aws_errors(name):
            pages = self._formation(region).get_paginator("list_stack_resources").paginate(StackName=name)
            results = [summary for page in pages for summary in page["StackResourceSummaries"]]
        return tuple(
            resource_from(result)
            for result in results
            if result.get("PhysicalResourceId") and result["ResourceStatus"] != "DELETE_COMPLETE"
        )

    def delete(self, stack: StackState) -> Iterator[Event]:
        """See ``Cloud.delete``."""
        with aws_errors(stack.name):
            last = self._last_event(stack.id, stack.region)
            self._formation(stack.region).delete_stack(StackName=stack.id)
        return self._follow(stack.id, stack.region, last)

    def protect(self, stack: StackState, *, on: bool) -> None:
        """See ``Cloud.protect``."""
        with aws_errors(stack.name):
            client = self._formation(stack.region)
            client.update_termination_protection(StackName=stack.id, EnableTerminationProtection=on)

    def stack_policy(self, stack: StackState) -> str | None:
        """See ``Cloud.stack_policy``."""
        with aws_errors(stack.name):
            return self._formation(stack.region).get_stack_policy(StackName=stack.id).get("StackPolicyBody") or None

    def set_stack_policy(self, stack: StackState, policy: str) -> None:
        """See ``Cloud.set_stack_policy``."""
        with aws_errors(stack.name):
            self._formation(stack.region).set_stack_policy(StackName=stack.id, StackPolicyBody=policy)

    def _last_event(self, stack: str, region: str) -> str | None:
        for page in self._formation(region).get_paginator("describe_stack_events").paginate(StackName=stack):
            for event in page["StackEvents"]:
                return event["EventId"]
        return None

    def _follow(self, stack: str, region: str, last: str | None) -> Iterator[Event]:
        """Yield events after ``last`` until the operation has ended.

        The stack's own event shows the end; its status may still be that of the previous operation.
        """
        for _ in polling():
            with aws_errors(stack.split("/")[1] if "/" in stack else stack):
                fresh = [
                    explained(self._formation(region), stack, event) for event in self._events(stack, region, last)
                ]
            yield from fresh
            if any(is_end(event, stack) for event in fresh):
                return
            last = fresh[-1].id if fresh else last

    def _events(self, stack: str, region: str, after: str | None) -> list[Event]:
        fresh: list[Event] = []
        for page in self._formation(region).get_paginator("describe_stack_events").paginate(StackName=stack):
            for event in page["StackEvents"]:
                if event["EventId"] == after:
                    return fresh[::-1]
                fresh.append(event_from(event))
        return fresh[::-1]

    def _formation(self, region: str) -> CloudFormationClient:
        client: CloudFormationClient = self._client("cloudformation", region)
        return client
