"""SQS queues: functions send messages, and start on them."""

from __future__ import annotations

from stacks.kinds.kind import Kind

_SEND = ("sqs:SendMessage",)
_RECEIVE = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")

QUEUES = Kind(
    name="queues",
    singular="queue",
    title="SQS queue",
    section="backend",
    type="AWS::SQS::Queue",
    suffix="Queue",
    service="sqs",
    endpoint="sqs",
    uses={"send": _SEND, "send-receive": (*_SEND, *_RECEIVE), "receive": _RECEIVE},
    variable=("QUEUE_URL", "the address"),
    starts="polled",
    polling="receive",
    shared=("AWS::SQS::",),
    endings=("QueueDeadLetters", "QueueDeadLettersPolicy", "QueuePolicy"),
    parts=("resources", "rules", "suppressions"),
)
