"""CloudFormation stacks of a whole serverless web application, made from one description.

The names below are the public ones, together with those of ``stacks.app`` (the parts of a description),
``stacks.checks`` (rules of your own), ``stacks.cloud`` (an account, as a protocol), ``stacks.deploy.execute``
(``deploy``) and ``stacks.testing``. Everything else is internal. Each is imported when it is first asked for, so that
``import stacks`` costs nothing and ``--help`` stays instant.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes as long to import as Python to start
if TYPE_CHECKING:
    from typing import Any

    from stacks.app import App, Backend, Base, Data, Frontend, Stage
    from stacks.blocks.functions import function
    from stacks.blocks.messaging import email_topic, queue, topic
    from stacks.blocks.monitoring import alarm, log_group
    from stacks.blocks.policies import allow, arn, deny, policy, trust, when
    from stacks.blocks.storage import bucket_policy, private_bucket, table
    from stacks.checks.rule import rule
    from stacks.deploy.plan import make_plan as plan
    from stacks.errors import DescriptionError, Problem, StacksError
    from stacks.loading import load
    from stacks.rendering import render
    from stacks.roles.rights import derive as permissions
    from stacks.stages.stacks import Stack
    from stacks.template.rendered import Rendered
    from stacks.testing.cloud import MemoryCloud
    from stacks.wiring import Output

_HOMES = {
    "App": "stacks.app:App",
    "Backend": "stacks.app:Backend",
    "Base": "stacks.app:Base",
    "Data": "stacks.app:Data",
    "DescriptionError": "stacks.errors:DescriptionError",
    "Frontend": "stacks.app:Frontend",
    "MemoryCloud": "stacks.testing.cloud:MemoryCloud",
    "Output": "stacks.wiring:Output",
    "Problem": "stacks.errors:Problem",
    "Rendered": "stacks.template.rendered:Rendered",
    "Stack": "stacks.stages.stacks:Stack",
    "StacksError": "stacks.errors:StacksError",
    "Stage": "stacks.app:Stage",
    "alarm": "stacks.blocks.monitoring:alarm",
    "allow": "stacks.blocks.policies:allow",
    "arn": "stacks.blocks.policies:arn",
    "bucket_policy": "stacks.blocks.storage:bucket_policy",
    "deny": "stacks.blocks.policies:deny",
    "email_topic": "stacks.blocks.messaging:email_topic",
    "function": "stacks.blocks.functions:function",
    "load": "stacks.loading:load",
    "log_group": "stacks.blocks.monitoring:log_group",
    "permissions": "stacks.roles.rights:derive",
    "plan": "stacks.deploy.plan:make_plan",
    "policy": "stacks.blocks.policies:policy",
    "private_bucket": "stacks.blocks.storage:private_bucket",
    "queue": "stacks.blocks.messaging:queue",
    "render": "stacks.rendering:render",
    "rule": "stacks.checks.rule:rule",
    "table": "stacks.blocks.storage:table",
    "topic": "stacks.blocks.messaging:topic",
    "trust": "stacks.blocks.policies:trust",
    "when": "stacks.blocks.policies:when",
}

__all__ = [
    "App",
    "Backend",
    "Base",
    "Data",
    "DescriptionError",
    "Frontend",
    "MemoryCloud",
    "Output",
    "Problem",
    "Rendered",
    "Stack",
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
    "permissions",
    "plan",
    "policy",
    "private_bucket",
    "queue",
    "render",
    "rule",
    "table",
    "topic",
    "trust",
    "when",
]


def __getattr__(name: str) -> Any:
    try:
        module, _, own_name = _HOMES[name].partition(":")
    except KeyError:
        raise AttributeError(f"module 'stacks' has no attribute {name!r}") from None
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(module), own_name)
