"""SNS topics: what functions publish goes to queues, functions and e-mail addresses.

A topic stores nothing, so none of its types is stateful. It keeps its name all the same (``moved``): people who
subscribed by e-mail would have to confirm again.
"""

from __future__ import annotations

from stacks.kinds.kind import Kind

TOPICS = Kind(
    name="topics",
    singular="topic",
    title="SNS topic",
    section="backend",
    type="AWS::SNS::Topic",
    suffix="Topic",
    service="sns",
    endpoint="sns",
    uses={"publish": ("sns:Publish",)},
    variable=("TOPIC_ARN", "the ARN"),
    starts="pushed",
    refers={"queues": "backend.queues"},
    shared=("AWS::SNS::Topic",),
    endings=("TopicPolicy", "TopicSubscription"),
    parts=("prices", "resources", "suppressions"),
)
