"""CloudFormation stacks of a whole serverless web application, made from one description.

The names below are the public ones; each is imported when it is first asked for, so that
``import stacks`` costs nothing and ``--help`` stays instant.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes as long to import as Python to start
if TYPE_CHECKING:
    from typing import Any

    from stacks.app import App, Stage
    from stacks.blocks.functions import function
    from stacks.blocks.messaging import email_topic, queue, topic
    from stacks.blocks.monitoring import alarm, log_group
    from stacks.blocks.policies import allow, arn, deny, policy, trust, when
    from stacks.blocks.storage import bucket_policy, private_bucket, table
    from stacks.errors import DescriptionError, Problem, StacksError
    from stacks.loading import load
    from stacks.rendering import render
    from stacks.template.rendered import Rendered
    from stacks.wiring import Output

_HOMES = {
    "App": "stacks.app",
    "DescriptionError": "stacks.errors",
    "Output": "stacks.wiring",
    "Problem": "stacks.errors",
    "Rendered": "stacks.template.rendered",
    "StacksError": "stacks.errors",
    "Stage": "stacks.app",
    "load": "stacks.loading",
    "alarm": "stacks.blocks.monitoring",
    "allow": "stacks.blocks.policies",
    "arn": "stacks.blocks.policies",
    "bucket_policy": "stacks.blocks.storage",
    "deny": "stacks.blocks.policies",
    "email_topic": "stacks.blocks.messaging",
    "function": "stacks.blocks.functions",
    "log_group": "stacks.blocks.monitoring",
    "policy": "stacks.blocks.policies",
    "private_bucket": "stacks.blocks.storage",
    "queue": "stacks.blocks.messaging",
    "table": "stacks.blocks.storage",
    "topic": "stacks.blocks.messaging",
    "trust": "stacks.blocks.policies",
    "when": "stacks.blocks.policies",
    "render": "stacks.rendering",
}

__all__ = [
    "App",
    "DescriptionError",
    "Output",
    "Problem",
    "Rendered",
    "StacksError",
    "Stage",
    "alarm",
    "allow",
    "arn",
    "bucket_policy",
    "deny",
    "email_topic",
    "function",
    "load",
    "log_group",
    "policy",
    "private_bucket",
    "queue",
    "render",
    "table",
    "topic",
    "trust",
    "when",
]


def __getattr__(name: str) -> Any:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'stacks' has no attribute {name!r}") from None
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(home), name)
