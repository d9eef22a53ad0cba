"""``ci``: write the workflow by which a CI service deploys the stages that name it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.ci.files import USUAL, workflow
from stacks.commands.common import described
from stacks.errors import UsageError
from stacks.files import write_atomically
from stacks.invocation import program
from stacks.reporting import answer, done

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Print the workflow, or write it to a file."""
    if arguments.force and not arguments.output:
        raise UsageError("--force", "replaces a file, and none is named", "Add --output FILE")
    text = workflow(described(arguments), arguments.service, _command(arguments.app))
    if arguments.output is None:
        answer({"service": arguments.service, "workflow": text}, lambda: text.removesuffix("\n"))
        return 0
    file: Path = arguments.output
    if file.exists() and not arguments.force:
        raise UsageError(str(file), "exists already", "Name another file, or add --force to replace it")
    write_atomically(file, text.encode())
    done(service=arguments.service, file=str(file))
    print(f"{file}: written. {arguments.service} looks for it at {USUAL[arguments.service]}", file=sys.stderr)
    return 0


def _command(app: Path) -> str:
    """How the workflow calls this program: by the project's own script, if it has one.

    A description further down is named from the folder that this is called in: the repository's top.
    """
    below = not app.is_absolute() and len(app.parts) > 1
    folder = Path() if below else app.parent
    command = "python build.py" if (folder / "build.py").is_file() else program()
    return f"{command} --app {app}" if below else command
