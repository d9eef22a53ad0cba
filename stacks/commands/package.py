"""``package``: the zips of Lambda code, and parameter files that name them; ``--check`` proves that handlers run."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from stacks.commands.checking import check_handlers
from stacks.commands.common import described, out, root, stages
from stacks.commands.policy_notes import note_blocked
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.commands.template_files import write
from stacks.errors import counted
from stacks.limits import code_budget, within, within_limits
from stacks.packaging import Artifact, host_target, package
from stacks.release.built import keep_parameters
from stacks.release.code import bundles, code_parameters
from stacks.rendering import render
from stacks.reporting import answer
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.template.rendered import Rendered


def run(arguments: Namespace) -> int:
    """Package each stage's code for Lambda; say where it is and how it gets to AWS without this tool."""
    app = described(arguments)
    kept = root(arguments) / ".build"
    artifacts: dict[str, tuple[Artifact, ...]] = {}
    secrets = secrets_of(arguments.app, app)
    chosen = [(stage, render(app, stage)) for stage in stages(app, arguments.stage)]
    within_limits([stack for _, rendered in chosen for stack in rendered])
    keep_secret(secrets, rendered=[stack for _, rendered in chosen for stack in rendered])
    for stage, rendered in chosen:
        wanted = bundles(stage, root(arguments))
        artifacts[stage.name] = package(wanted, root=root(arguments), out=kept, say=print)
        keep_secret(secrets, artifacts=artifacts[stage.name])
        for warning in within(code_budget(artifacts[stage.name])):
            print(warning, file=sys.stderr)
        parameters = code_parameters(stage, rendered, artifacts[stage.name])
        keep_parameters(root(arguments), stage, parameters)
        list(write(stage.name, rendered, out(arguments), parameters))
        note_blocked(stage, root(arguments), partial(print, file=sys.stderr))
        if arguments.check:
            _check(arguments, stage, rendered)
    rows = [
        {
            "stage": stage,
            "key": artifact.key,
            "bytes": artifact.size,
            "unzipped": artifact.unzipped,
            "file": str(artifact.path),
        }
        for stage, some in artifacts.items()
        for artifact in some
    ]
    answer(rows, lambda: _text(artifacts))
    return 0


def _check(arguments: Namespace, stage: Stage, rendered: Sequence[Rendered]) -> None:
    count = check_handlers(arguments, stage, rendered, print)
    print(f"{stage.name}: {counted(count, 'handler')} can be imported and called ({host_target()})")


def _text(artifacts: dict[str, tuple[Artifact, ...]]) -> str:
    rows = [
        (
            stage,
            artifact.bundle,
            f"{artifact.size:,}",
            f"{artifact.unzipped:,}",
            f"{use.share:.1%}",
            artifact.path.as_posix(),
        )
        for stage, some in artifacts.items()
        for artifact, use in zip(some, code_budget(some), strict=True)
    ]
    return table(rows, ("stage", "code", "zip bytes", "unzipped", "of Lambda's limit", "file"), right=(2, 3, 4))
