"""``destroy``: delete a stage's stacks, the last first; what is retained is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.aws import agreed, cloud
from stacks.commands.common import described, stage
from stacks.deploy.destroy import destroy
from stacks.errors import UsageError
from stacks.rendering import render
from stacks.ui import Screen

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Ask, then delete."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    unknown = set(arguments.stacks) - {one.stack for one in rendered}
    if unknown:
        known = ", ".join(one.stack for one in rendered)
        raise UsageError(", ".join(sorted(unknown)), "there is no such stack", f"Name one of {known}")
    going = [one for one in rendered if not arguments.stacks or one.stack in arguments.stacks]
    print("To delete, in this order: " + ", ".join(one.name for one in reversed(going)))
    if not agreed(arguments, "Buckets that go with them are emptied. Delete?"):
        print("Nothing was deleted.")
        return 1
    with Screen() as screen:
        destroy(going, cloud(chosen, arguments.endpoint_url), screen.show, account=chosen.account)
    return 0
