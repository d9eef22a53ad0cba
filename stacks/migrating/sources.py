"""What starts functions besides routes → their ``events``, or resources that app.yaml has no words for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.migrating.located import plain
from stacks.migrating.references import LostError, References, canonical, owner

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, StatementData
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.recognised import Recogniser
    from stacks.migrating.service import EventSource, MigratedFunction, Service

_READS = {
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
    "sqs": ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
}
"""What an event source mapping reads with, in the function's role.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"""
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
)
_CREATED = "s3:ObjectCreated:"


class SourceWriter:
    """Writes what calls functions; what needs resources of its own adds them to ``raw``."""

    def __init__(
        self,
        service: Service,
        references: References,
        recogniser: Recogniser,
        raw: JsonDict,
        obstacles: Obstacles,
    ) -> None:
        self._service, self._references, self._obstacles = service, references, obstacles
        self._recogniser, self._raw = recogniser, raw

    def events(self, function: MigratedFunction, body: JsonDict) -> JsonDict:
        """The function's ``events``; rights that other sources need are added to the statements of ``body``."""
        result: JsonDict = {}
        for number, source in enumerate(function.sources, 1):
            kind, name = self._recognised(source)
            if source.kind == "bucket":
                self._bucket(source, function, result)
            elif kind == source.kind and name:
                group = result.setdefault(f"{source.kind}s", [])
                group += [] if name in group else [name]
                if size := source.settings.get("BatchSize"):
                    result["batch"] = max(int(size), int(result.get("batch", 0)))
                self._differences(source, function)
            else:
                self._mapping(source, function, body, number)
        return result

    def _recognised(self, source: EventSource) -> tuple[str, str]:
        """Kind and name of the recognised resource that a source names; empty when it is another one."""
        logical_id = owner(source.value)
        if logical_id in self._recogniser.result.by_id:
            return self._recogniser.result.by_id[logical_id]
        try:
            result = self._references.value(source.value)
        except LostError:
            return "", ""
        for known, (kind, name) in self._recogniser.result.by_id.items():
            target = self._references.targets[known]
            arns = [*target.attributes.values(), {"Fn::GetAtt": [target.id, "Arn"]}]
            if result in arns:
                return kind, name
        return "", ""

    def _differences(self, source: EventSource, function: MigratedFunction) -> None:
        odd = sorted(
            set(source.settings) - {"BatchSize", "Enabled", "StartingPosition", "MaximumBatchingWindowInSeconds"}
        )
        if str(source.settings.get("Enabled", True)).lower() == "false":
            odd.append("Enabled: false")
        if odd:
            fix = "Write them under 'backend.overrides', at the event source mapping"
            self._obstacles.lost(
                source.place, f"functions.{function.key}", f"{', '.join(odd)} is not carried over", fix
            )

    def _bucket(self, source: EventSource, function: MigratedFunction, result: JsonDict) -> None:
        subject = f"functions.{function.key}.events.s3"
        kind, name = self._recognised(source)
        called = canonical(source.value)
        if called is None and kind != "bucket":
            self._obstacles.lost(source.place, subject, "names no bucket", "Describe it under 'data.buckets'")
            return
        if kind != "bucket":
            if source.settings.get("existing"):
                what = f"listens to the bucket {called}, which is not of this service"
                fix = "Switch EventBridge on for that bucket, and add a rule of your own under 'backend.resources'"
                self._obstacles.lost(source.place, subject, what, fix)
                return
            name = self._recogniser.implied_bucket(str(called), source.place)
        event = str(source.settings.get("event", f"{_CREATED}*"))
        if not event.startswith(_CREATED):
            fix = "Add a rule of EventBridge under 'backend.resources'; the bucket reports everything there"
            self._obstacles.lost(source.place, subject, f"{event} is not among the events here", fix)
            return
        group = result.setdefault("buckets", [])
        group += [] if name in group else [name]
        if rules := source.settings.get("rules"):
            what = f"is started for every new file, also where {plain(rules)} was asked for"
            self._obstacles.changed(source.place, subject, what, "Ask for the key at the start of the handler")
        what = "gets the event as EventBridge sends it: event['detail']['object']['key'] instead of event['Records']"
        self._obstacles.changed(source.place, subject, what, "Read bucket and key from event['detail'] in the handler")

    def _mapping(self, source: EventSource, function: MigratedFunction, body: JsonDict, number: int) -> None:
        """A source that is not of this application, by an event source mapping of its own."""
        subject = f"functions.{function.key}.events"
        try:
            arn = self._references.value(source.value)
        except LostError as error:
            self._obstacles.lost(source.place, subject, str(error), "Name the source's ARN in app.yaml")
            return
        text = str(arn)
        service = next((item for item in _READS if f":{item}:" in text), "")
        if not service:
            target = self._raw.get(owner(source.value) or "", {}).get("Type", "")
            service = "sqs" if source.kind == "queue" else "kinesis" if "Kinesis" in target else "dynamodb"
        title = naming.logical_id(function.name, "Function")
        properties = {"FunctionName": {"Ref": title}, "EventSourceArn": arn, **plain(source.settings)}
        if service != "sqs":
            properties.setdefault("StartingPosition", "LATEST")
        name = f"{title}Source{number}"
        self._raw[name] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}
        self._recogniser.result.places["backend", "resources", name] = source.place
        statement = {"Effect": "Allow", "Action": list(_READS[service]), "Resource": arn}
        body.setdefault("statements", []).append(statement)

    def overrides(self, function: MigratedFunction) -> JsonDict:
        """Settings that app.yaml has no words for, as overrides of the generated function."""
        result: JsonDict = {}
        for key, value in function.overrides.items():
            try:
                result[key] = self._references.value(value)
            except LostError as error:
                fix = "Write it under 'backend.overrides'"
                self._obstacles.lost(function.place, f"functions.{function.key}.{key}", str(error), fix)
        return {naming.logical_id(function.name, "Function"): {"Properties": result}} if result else {}


def network_statement() -> StatementData:
    """What lets Lambda attach a function to a network, for a network that is not of this description.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    """
    return {"Effect": "Allow", "Action": list(_NETWORK), "Resource": "*"}
