"""The handlers of a stage, imported and called as Lambda does it, from zips for this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.common import root
from stacks.packaging import host_target, package
from stacks.packaging.check import check, handlers
from stacks.release import bundles, code_parameters

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from stacks.app import Stage
    from stacks.template.rendered import Rendered


def check_handlers(arguments: Namespace, stage: Stage, rendered: Sequence[Rendered], say: Callable[[str], None]) -> int:
    """Check the handlers of a stage, telling ``say`` what works but deserves a word; return how many there are.

    Raises:
        PackagingError: some cannot be imported or called, or cannot be packaged for this machine.
    """
    folder = root(arguments)
    wanted = bundles(stage, folder)
    artifacts = package(wanted, root=folder, out=folder / ".build", target=host_target(), say=say)
    parameters = code_parameters(stage, rendered, artifacts)
    found = [one for stack in rendered for one in handlers(stack.template, parameters.get(stack.stack, {}))]
    for word in check(found, artifacts):
        say(word)
    return len(found)
