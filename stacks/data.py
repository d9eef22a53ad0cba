"""The data stack: what cannot be made again. DynamoDB tables, files, and the Cognito user pool.

Everything here is retained when its stack or its description goes, protected from deletion and, as far as the
service can, restorable. Logical ids are made from the names in the description and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.parts.kinds import add_kinds
from stacks.parts.templates import empty_template
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage


def template(stage: Stage) -> Template:
    """The data stack of one stage."""
    stack_template = empty_template(stage, "tables and users")
    add_kinds(stack_template, STACK, stage)
    if stage.data.backup:
        from stacks.parts.data.backups import add_backups  # noqa: PLC0415 - brings its part of troposphere

        add_backups(stack_template, stage.data.backup, stage)
    return stack_template
