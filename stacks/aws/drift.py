"""Drift detection of AWS CloudFormation: a part of the ``Cloud`` that is AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.aws.clients import aws_errors as refused
from stacks.aws.responses import polling
from stacks.aws.stacks import BotoStacks
from stacks.cloud import Drifted, DriftedProperty
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

    from stacks.cloud import StackState
    from stacks.json_types import JsonDict, JsonObject


class BotoDrift(BotoStacks):
    """CloudFormation's drift detection; see ``Cloud``."""

    def drift(self, stack: StackState) -> tuple[Drifted, ...]:
        """See ``Cloud.drift``."""
        with refused(stack.name):
            client = self._formation(stack.region)
            run = client.detect_stack_drift(StackName=stack.id)["StackDriftDetectionId"]
            for _ in polling():
                answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=run)
                if answer["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                    break
        if answer["DetectionStatus"] == "DETECTION_FAILED":
            reason = answer.get("DetectionStatusReason", "no reason given").rstrip(".")
            what = f"CloudFormation could not look at every resource: {reason}"
            raise DeployError(stack.name, what, "Use credentials that may read what it names, then try again")
        with refused(stack.name):
            drifts = sorted(self._drifts(stack), key=lambda resource: resource["LogicalResourceId"])
        return tuple(_drifted(drift) for drift in drifts)

    def _drifts(self, stack: StackState) -> Iterator[StackResourceDriftTypeDef]:
        more: JsonDict = {}
        while True:
            page = self._formation(stack.region).describe_stack_resource_drifts(
                StackName=stack.id, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"], **more
            )
            yield from page["StackResourceDrifts"]
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


def _drifted(drift: StackResourceDriftTypeDef) -> Drifted:
    return Drifted(
        logical_id=drift["LogicalResourceId"],
        physical_id=drift.get("PhysicalResourceId", ""),
        type=drift["ResourceType"],
        deleted=drift["StackResourceDriftStatus"] == "DELETED",
        differences=tuple(_difference(difference) for difference in drift.get("PropertyDifferences", [])),
    )


def _difference(result: JsonObject) -> DriftedProperty:
    """AWS writes ``null`` for a value that does not exist."""
    kind = result["DifferenceType"]
    return DriftedProperty(
        path=result["PropertyPath"],
        expected="" if kind == "ADD" else result["ExpectedValue"],
        actual="" if kind == "REMOVE" else result["ActualValue"],
    )
