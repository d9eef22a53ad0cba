"""Which deployed stacks read outputs of others, and the refusal to remove an output that a deployed stack still reads.

References between stacks are weak: CloudFormation deletes a stack, an output or the parameter that publishes it
although others read it, and only their next update fails. Deployed templates are compared, not rendered ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.deploy.plan import DeployStack
from stacks.deploy.reads import OutputReference, published_in, references
from stacks.errors import DeployError, Problem
from stacks.wiring import NETWORK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stacks.cloud import Cloud
    from stacks.deploy.plan import Plan
    from stacks.template.rendered import Rendered


def readers(staying: Sequence[Rendered], cloud: Cloud) -> Iterator[tuple[Rendered, OutputReference]]:
    """Each output of another stack that a deployed stack of ``staying`` reads."""
    for stack in staying:
        state = cloud.stack(stack.name, stack.region)
        if state and state.is_created:
            for read in sorted(set(references(cloud.template(stack.name, stack.region), stack.region))):
                yield stack, read


def refuse_gone(gone: Collection[OutputReference], staying: Sequence[Rendered], cloud: Cloud) -> None:
    """Raise ``DeployError`` for each stack with outputs in ``gone`` that a stack of ``staying`` reads."""
    refuse_shared(gone, cloud)
    problems: dict[str, list[tuple[Rendered, OutputReference]]] = {}
    for reader, read in readers(staying, cloud) if gone else ():
        if read in gone:
            problems.setdefault(read.stack, []).append((reader, read))
    if problems:
        raise DeployError.of(tuple(_problem(stack, results) for stack, results in problems.items()))


def refuse_shared(gone: Collection[OutputReference], cloud: Cloud) -> None:
    """Raise ``DeployError`` for each base of another application that reads a network in ``gone``.

    All stacks of the region are asked, since a platform does not know its applications.
    """
    network = next((read for read in gone if read.published and read.output == NETWORK.name), None)
    if network is None:
        return
    problems = []
    for state in cloud.stacks("", network.region):
        if state.name.endswith(f"-{NETWORK.stack}") and state.is_created:
            results = {*references(cloud.template(state.name, network.region), network.region)} & {*gone}
            if outputs := ", ".join(sorted({read.output for read in results})):
                fix = "Destroy it, or deploy it without 'base.platform', first"
                what = f"{state.name} still reads {outputs}, which would go"
                problems.append(Problem(where=network.stack, what=what, fix=fix))
    if problems:
        raise DeployError.of(tuple(problems))


def outputs_of(going: Sequence[Rendered], cloud: Cloud) -> set[OutputReference]:
    """The outputs that stacks have and publish now."""
    outputs = set[OutputReference]()
    for stack in going:
        state = cloud.stack(stack.name, stack.region)
        if state and state.is_created:
            outputs |= {OutputReference(stack.name, stack.region, output) for output in state.outputs}
            outputs |= {*published_in(cloud.template(stack.name, stack.region), stack.region)}
    return outputs


def refuse_dropped(plan: Plan, cloud: Cloud) -> None:
    """Raise ``DeployError`` for outputs that deploying a plan drops, and a stack outside of the plan reads."""
    steps = [step.rendered for step in plan.steps if isinstance(step, DeployStack)]
    staying = [stack for stack in plan.stacks if stack not in steps]
    if staying or any(_is_platform(step, cloud) for step in steps):
        left = {
            OutputReference(step.name, step.region, name) for step in steps for name in step.template.get("Outputs", {})
        }
        left |= {read for step in steps for read in published_in(step.template, step.region)}
        refuse_gone(outputs_of(steps, cloud) - left, staying, cloud)


def _is_platform(stack: Rendered, cloud: Cloud) -> bool:
    """Whether a deployed stack declares its network, which applications beyond this one may read."""
    state = cloud.stack(stack.name, stack.region) if stack.stack == NETWORK.stack else None
    return state is not None and NETWORK.name in state.outputs


def _problem(stack: str, stacks: Sequence[tuple[Rendered, OutputReference]]) -> Problem:
    outputs = ", ".join(sorted({read.output for _, read in stacks}))
    readers = sorted({reader.name for reader, _ in stacks})
    what = f"{', '.join(readers)} still read{'s' * (len(readers) == 1)} {outputs}, which would go"
    fix = f"Name {', '.join(sorted({reader.stack for reader, _ in stacks}))}, too, so that it goes along"
    return Problem(where=stack, what=what, fix=fix)
