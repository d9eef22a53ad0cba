"""The base stack, which the other stacks build on. Audit trail, network, buckets for logs and code, shared rights.

A person deploys it, once and when it changes; the other stacks read its outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.parts.base.buckets import add_artifact_bucket, add_log_bucket
from stacks.parts.base.rights import add_api_gateway_account, add_boundary
from stacks.parts.templates import empty_template

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage, Vpc


def template(stage: Stage) -> Template:
    """The base stack of one stage, but for the pipelines: ``stacks.pipelines`` adds them, knowing what they deploy."""
    stack_template = empty_template(stage, "audit trail, network, log and artifact buckets")
    add_log_bucket(stack_template, stage)
    add_artifact_bucket(stack_template, stage)
    if stage.base.log_encryption == "own":
        from stacks.parts.base.log_key import add_log_key  # noqa: PLC0415 - brings its part of troposphere

        add_log_key(stack_template, stage)
    if not stage.bounded_by:
        add_boundary(stack_template, stage)
    if any(function.gradual for function in stage.backend.functions.values()):
        from stacks.parts.backend.aliases import add_code_deploy_role  # noqa: PLC0415 - brings its part of troposphere

        add_code_deploy_role(stack_template, stage)
    _add_audit(stack_template, stage)
    if stage.base.vpc:
        _add_vpc(stack_template, stage, stage.base.vpc)
    if stage.base.shared or stage.base.identity_providers:
        from stacks.parts.base.shared import add_shared, identity_providers  # noqa: PLC0415 - for platforms

        for provider in identity_providers(stage):
            stack_template.add_resource(provider)
        if stage.base.shared:
            add_shared(stack_template, stage.base.vpc)
    if stage.base.api_gateway_logs:
        add_api_gateway_account(stack_template, stage)
    return stack_template


# Each part brings its share of troposphere; a stage without it does not load it.
def _add_audit(stack_template: Template, stage: Stage) -> None:
    base = stage.base
    if base.trail and base.trail.is_ours:
        from stacks.parts.base.trail import add_trail  # noqa: PLC0415

        add_trail(stack_template, stage, base.trail)
    if alarms := stage.alarms or (base.alarms if base.trail else None):
        from stacks.parts.base.alarm_topic import add_alarm_topic, dashboard  # noqa: PLC0415

        add_alarm_topic(stack_template, stage, alarms.email)
        if stage.alarms and stage.alarms.dashboard:
            stack_template.add_resource(dashboard(stage))
    if base.trail and base.alarms:
        from stacks.parts.base.alarms import add_alarms  # noqa: PLC0415

        add_alarms(stack_template, stage, base.trail)
    if base.budget:
        from stacks.parts.base.budget import budget  # noqa: PLC0415

        stack_template.add_resource(budget(stage, base.budget))


def _add_vpc(stack_template: Template, stage: Stage, vpc: Vpc) -> None:
    if vpc.is_ours:
        from stacks.parts.base.endpoints import add_endpoints  # noqa: PLC0415
        from stacks.parts.base.flow_logs import add_flow_log  # noqa: PLC0415
        from stacks.parts.base.network import add_network  # noqa: PLC0415

        add_network(stack_template, stage, vpc)
        add_endpoints(stack_template, stage, vpc)
        add_flow_log(stack_template, stage, vpc)
    if any(function.vpc for function in stage.backend.functions.values()):
        from stacks.parts.backend.function_network import add_function_network  # noqa: PLC0415

        add_function_network(stack_template, vpc, stage)
