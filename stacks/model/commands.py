"""The commands of a web application: what a description may say of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from stacks.model.texts import Mistake


def check_commands(after_deploy: Sequence[str], *, commands: bool, application: str | None) -> None:
    """Raise ``Mistake`` for commands without a web application, without ``commands: true``, or that are no words."""
    if (commands or after_deploy) and not application:
        key = "commands" if commands else "after_deploy"
        raise Mistake(f"has '{key}', and commands run in web applications only", f"Leave '{key}' out")
    if after_deploy and not commands:
        raise Mistake("has 'after_deploy', and its commands are closed", "Add 'commands: true'")
    for command in after_deploy:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise Mistake(f"{command!r} cannot be split into words: {error}", "Close its quotes") from None
        if not words:
            raise Mistake("has an empty command under 'after_deploy'", "Write one such as 'flask db upgrade'")
