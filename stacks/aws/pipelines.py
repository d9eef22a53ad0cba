"""The state of pipelines in AWS, and whether their connection was completed. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.aws.clients import aws_errors
from stacks.aws.cloud import BotoCloud
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.json_types import JsonObject

_CONNECTION = "PipelineConnection"


class PipelineCloud(BotoCloud):
    """An AWS account, asked about pipelines."""

    def standing(self, name: str) -> tuple[str, str, str]:
        """The stage that a pipeline's newest run is in, its state, and why it stopped there.

        Raises:
            DeployError: when there is no such pipeline, or AWS refuses to answer.
        """
        with aws_errors(name):
            result = self._client("codepipeline").get_pipeline_state(name=name)
        newest = [(entry["stageName"], entry) for entry in result["stageStates"] if entry.get("latestExecution")]
        for stage, state in newest:
            status = state["latestExecution"]["status"]
            if status != "Succeeded":
                return stage, status, "; ".join(_reasons(state))
        return (newest[-1][0], "Succeeded", "") if newest else ("", "never ran", "")

    def waiting_connection(self, base: str, stage: Stage) -> str | None:
        """The ARN of the connection when a person still has to complete it, else None.

        Raises:
            DeployError: when base is not deployed, or AWS refuses to answer.
        """
        pipelines = stage.base.pipelines
        if pipelines is None or pipelines.source == "codecommit":
            return None
        arn = pipelines.connection or self._new_connection(base, stage.region)
        service = "codestar-connections" if ":codestar-connections:" in arn else "codeconnections"
        with aws_errors(arn):
            connection = self._client(service).get_connection(ConnectionArn=arn)["Connection"]
        return arn if connection["ConnectionStatus"] == "PENDING" else None

    def _new_connection(self, base: str, region: str) -> str:
        result = {resource.logical_id: resource.physical_id for resource in self.resources(base, region)}
        if _CONNECTION not in result:
            raise DeployError(base, "the deployed stack has no connection", "Deploy base first")
        return result[_CONNECTION]


def _reasons(state: JsonObject) -> Iterator[str]:
    """Why each action of a stage has not succeeded: the message of a failure, a question that waits."""
    for action in state.get("actionStates", []):
        latest = action.get("latestExecution", {})
        if latest.get("status") in {"Failed", "InProgress"}:
            message = latest.get("errorDetails", {}).get("message") or latest.get("summary") or ""
            yield f"{action['actionName']} {latest['status']}{f': {message}' if message else ''}"
