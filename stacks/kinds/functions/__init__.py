"""Lambda functions, as what other functions call. Their options and resources are in ``model`` and ``backend``."""

from __future__ import annotations

from stacks.kinds.kind import Kind

FUNCTIONS = Kind(
    name="functions",
    singular="function",
    title="",
    section="backend",
    type="AWS::Lambda::Function",
    suffix="Function",
    service="lambda",
    endpoint="lambda",
    used_as="invoke",
    uses={"invoke": ("lambda:InvokeFunction",)},
    access="invoke",
    variable=("FUNCTION", "the name"),
    named=True,
    keeps_names=False,
    parts=("resources",),
)
