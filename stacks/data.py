"""The data stack: what cannot be made again. DynamoDB tables, files, and the Cognito user pool.

Everything here is retained when its stack or its description goes, protected from deletion and, as far as the
service can, restorable. Logical ids are made from the names in the description and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.parts.backend.data_uses import add_streams
from stacks.parts.kinds import add_kinds
from stacks.parts.templates import empty_template
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import App, Stage


def template(app: App, stage: Stage) -> Template:
    """The data stack of one stage."""
    # An application without tables, users or backups never loads what troposphere has for them.
    made = empty_template(f"{app.name} {stage.name}: tables and users")
    if stage.data.tables:
        from stacks.parts.data.dynamodb import add_tables  # noqa: PLC0415

        add_tables(made, stage)
        if stage.alarms:
            from stacks.parts.data.app_alarms import add_alarms  # noqa: PLC0415

            add_alarms(made, stage)
    add_streams(made, stage)
    add_kinds(made, STACK, stage)
    if stage.data.backup:
        from stacks.parts.data.backups import add_backups  # noqa: PLC0415

        add_backups(made, stage.data.backup, stage)
    if stage.data.users:
        from stacks.parts.data.cognito import add_users  # noqa: PLC0415
        from stacks.parts.data.cognito_clients import add_browser_client, add_clients  # noqa: PLC0415

        add_users(made, stage.data.users, stage)
        add_browser_client(made, stage.data.users, stage)
        add_clients(made, stage)
    if stage.data.users and stage.data.users.credentials:
        from stacks.parts.data.credentials import add_credentials  # noqa: PLC0415 - brings the rights of functions

        add_credentials(made, stage.data.users.credentials, stage)
    return made
