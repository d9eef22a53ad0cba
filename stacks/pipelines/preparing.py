"""What a build does for its stacks, as the deployer does: upload code, show changes, refuse destructive ones."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from stacks.deploy.code import bring
from stacks.deploy.data_loss import refuse_unnamed, unneeded
from stacks.deploy.foresee import foresee
from stacks.errors import DeployError
from stacks.forecast.report import report_lines, summary
from stacks.forecast.route_variables import ROUTE, in_the_way
from stacks.forecast.table_parts import TABLES, updates

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from stacks.cloud import Cloud
    from stacks.forecast.change import StackChanges
    from stacks.template.rendered import Rendered

_OUTPUT = "ArtifactBucketName"
_OPTION = "base.pipelines.allow_replacement"
_NAMED = 4
"""Names of stacks in a question, of at most 60 characters each; the log of the build has all."""
_LONGEST = 800
"""Characters; a question has 1,000 (``stacks.pipelines.actions``), of which a commit, a digest and a stack's name take
some."""


def bring_up(stack: Rendered, keys: Mapping[str, str], built: Path, cloud: Cloud, say: Callable[[str], None]) -> None:
    """Put the code that ``stack`` runs into the artifact bucket; ``keys`` has the key of each package of code, by name.

    Raises:
        DeployError: when base is not deployed, or the code is not packaged.
    """
    bucket = ""
    for key in sorted(set(keys.values())):
        bucket = bucket or _bucket(stack, cloud)
        file = built / key
        if not file.is_file():
            raise DeployError(str(file), "the packaged code was not found", "Run 'package' before 'pipeline prepare'")
        fresh = bring(key, file, bucket, cloud)
        say(f"{key}: {'uploaded' if fresh else 'unchanged'}")


def refuse_several_moves(stack: Rendered, cloud: Cloud) -> None:
    """Refuse an update that changes several indexes or replicas of a table: a pipeline makes one update, of one part.

    Raises:
        DeployError: when several parts of a table that is deployed come or go.
    """
    tables = any(body["Type"] in TABLES for body in stack.template["Resources"].values())
    state = cloud.stack(stack.name, stack.region) if tables else None
    if state is None or not state.is_created:
        return
    results = updates(cloud.template(stack.name, stack.region), stack.template)
    if len(results) > 1:
        where = f"{stack.name}.{results[0].moves[0].table}"
        what = f"{len(results)} of its indexes and replicas come or go, and a pipeline's update moves one of them"
        raise DeployError(where, what, f"Push them one by one, or run 'deploy {stack.stack}' once, and push then")


def refuse_renamed_parameters(stack: Rendered, cloud: Cloud) -> None:
    """Refuse an update that renames a path parameter of an HTTP API, which API Gateway does not take in one update.

    Raises:
        DeployError: when routes of an HTTP API that are deployed have a path parameter by its former name.
    """
    routed = any(body["Type"] == ROUTE for body in stack.template["Resources"].values())
    state = cloud.stack(stack.name, stack.region) if routed else None
    if state is None or not state.is_created:
        return
    result = in_the_way(cloud.template(stack.name, stack.region), stack.template)
    if result:
        what = f"{', '.join(sorted(result.values()))}: API Gateway refuses to rename a path parameter in one update"
        fix = f"Remove these routes and push, then push the new ones, or run 'deploy {stack.stack}' once, and push then"
        raise DeployError(stack.name, what, fix)


def foretold(
    stack: Rendered, parameters: Mapping[str, str], allowed: Collection[str], cloud: Cloud, say: Callable[[str], None]
) -> StackChanges:
    """What deploying ``stack`` would change; ``allowed`` are the logical ids that may lose what they hold.

    Raises:
        DeployError: for what would be lost and is not named, and for what AWS would refuse.
    """
    changes = foresee(stack, {**stack.parameters, **parameters}, cloud, cloud.account())
    idle = unneeded([changes], allowed)
    for name in idle:
        if name in stack.template["Resources"]:
            say(f"{name}: {_OPTION} names it, and it stays. Take the name out, or a later change may lose it unasked.")
    refuse_unnamed([changes], set(allowed).difference(idle), option=f"{_OPTION}:")
    return changes


def brief(changes: StackChanges, undescribed: Sequence[str] = ()) -> str:
    """The lines of ``diff``, the gravest first, as one line that fits into the question of a pipeline.

    ``undescribed`` are names of deployed stacks that left the description; the question says how many, and which.
    """
    count, *lines = [summary([changes]), *(line.text.strip() for line in report_lines([changes]))][:-1]
    if undescribed:
        shown = ", ".join(undescribed[:_NAMED]) + (" …" if len(undescribed) > _NAMED else "")
        count += f" | {len(undescribed)} deployed but no longer described: {shown}"
    kept = [count]
    for number, line in enumerate(lines[1:], start=1):
        rest = f"and {len(lines) - number} lines more, in the log of the build"
        if len(" | ".join([*kept, line, rest])) > _LONGEST:
            return " | ".join([*kept, rest])
        kept.append(line)
    return " | ".join(kept)


def digest(body: str, parameters: Mapping[str, str]) -> str:
    """A digest of a stack's template and parameters: equal for two that would be deployed alike."""
    return hashlib.sha256(json.dumps([body, dict(parameters)], sort_keys=True).encode()).hexdigest()


def _bucket(stack: Rendered, cloud: Cloud) -> str:
    base = f"{stack.name.removesuffix(stack.stack)}base"
    state = cloud.stack(base, stack.region)
    if state is None or _OUTPUT not in state.outputs:
        raise DeployError(base, f"the stack does not exist, or has no output {_OUTPUT}", "Deploy base first")
    return state.outputs[_OUTPUT]
