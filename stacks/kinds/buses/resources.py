"""Buses, and the rules that start functions on what is put on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, events

from stacks import naming
from stacks.blocks.policies import arn
from stacks.kinds.buses import BUSES
from stacks.parts.backend.events import rule
from stacks.parts.policies import tagged
from stacks.stages.kinds import used
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.blocks.policies import Value

_DEFAULT = "default"


def add(template: Template, stage: Stage) -> None:
    """Put the described buses into the backend template."""
    for name in stage.backend.buses:
        template.add_resource(
            events.EventBus(
                naming.logical_id(name, "Bus"),
                Name=f"{naming.prefix(stage)}-{name}",
                Description=f"{name} of {naming.prefix(stage)}",
                Tags=tagged(stage, STACK),
            )
        )


def identity(name: str, _stage: Stage) -> Value:
    """What a function learns about a bus: its name."""
    return name if name == _DEFAULT else Ref(naming.logical_id(name, "Bus"))


def arns(name: str, _stage: Stage) -> list[Value]:
    """The ARN that the rights to use a bus are for."""
    return [arn("events", f"event-bus/{name}") if name == _DEFAULT else GetAtt(naming.logical_id(name, "Bus"), "Arn")]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every bus of the stage, and of the account's own where a function uses it."""
    shared = any(_DEFAULT in used(BUSES, function) for function in stage.backend.functions.values())
    own = arn("events", f"event-bus/{naming.prefix(stage)}-*")
    return [own, arn("events", f"event-bus/{_DEFAULT}")] if shared else [own]


def listen(name: str, bus: str, stage: Stage) -> Iterator[AWSObject]:
    """A rule that calls the function for each event of the bus that matches its pattern."""
    function = stage.backend.functions[name]
    own = {} if bus == _DEFAULT else {"EventBusName": Ref(naming.logical_id(bus, "Bus"))}
    pattern = function.events.buses[bus]
    yield from rule(naming.pair_id(name, "From", bus, "Bus"), name, stage, EventPattern=dict(pattern), **own)
