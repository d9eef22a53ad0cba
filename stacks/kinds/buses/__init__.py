"""EventBridge buses: functions put events on them, and start on those that match a pattern."""

from __future__ import annotations

from stacks.kinds.kind import Kind

BUSES = Kind(
    name="buses",
    singular="bus",
    title="EventBridge bus",
    section="backend",
    type="AWS::Events::EventBus",
    suffix="Bus",
    service="events",
    endpoint="events",
    uses={"put": ("events:PutEvents",)},
    variable=("BUS_NAME", "the name"),
    starts="pushed",
    predefined=("default",),
    named=True,
    shared=("AWS::Events::EventBus",),
    parts=("prices", "resources", "rules"),
)
