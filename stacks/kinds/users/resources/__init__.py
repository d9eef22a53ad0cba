"""The user pool in the data stack with its clients and credentials, and the rights to look at and change accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import wiring
from stacks.kinds.users import USERS
from stacks.kinds.users.resources.clients import add_browser_client, add_clients
from stacks.kinds.users.resources.pool import add_pool
from stacks.parts.kinds import Right
from stacks.parts.policies import arn, of_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value


def add(template: Template, stage: Stage) -> None:
    """Put the pool, the clients that need no address of the site, and the identity pool into the data template."""
    users = stage.data.users
    if users is None:
        return
    add_pool(template, users, stage)
    add_browser_client(template, users, stage)
    add_clients(template, stage)
    if users.credentials:
        from stacks.kinds.users.resources.credentials import add_credentials  # noqa: PLC0415 - rare

        add_credentials(template, users.credentials, stage)


def identity(_name: str, stage: Stage) -> Value:
    """What a function learns about the user pool: its id."""
    return wiring.USER_POOL.read(stage)


def arns(_name: str, stage: Stage) -> list[Value]:
    """The ARN of the pool."""
    return [wiring.USER_POOL_ARN.read(stage)]


def all_arns(_stage: Stage) -> list[Value]:
    """The ARNs of every pool of the account, whose ids AWS makes up."""
    return [arn("cognito-idp", "userpool/*")]


def rights(_name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """The right to look at or change accounts; the boundary allows it for pools with the stage's tags."""
    if function.users:
        yield Right(
            actions=USERS.uses[function.users],
            on=arns(USERS.name, stage),
            most=USERS.uses["read-write"],
            every=all_arns(stage),
            every_condition=of_stage(stage),
        )
