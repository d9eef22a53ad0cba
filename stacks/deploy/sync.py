"""Updates the code of single functions past CloudFormation, which takes seconds: for stages that people develop on.

CloudFormation does not know of it, and still has the code of the last deployment. So the names of synced functions are
written to the artifact bucket, and the next deployment sets each to the code that its stack was deployed with.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stacks import naming
from stacks.cloud import Cloud, Drifted, DriftedProperty, Headers
from stacks.errors import DeployError, Problem, UsageError, nearest
from stacks.intrinsics.functions import Ref, function

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import Stage
    from stacks.template.rendered import Parameters, Rendered

KEY = "synced.json"
"""Where the names of synced functions are noted, in the artifact bucket."""


class CodeCloud(Cloud, Protocol):
    """An AWS account whose functions can get other code."""

    def update_code(self, function: str, region: str, bucket: str, key: str) -> bool:
        """Give a function the code at ``key`` and wait for it; False when it had this code already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncTarget:
    """A function to sync: its name in the description and in AWS, its stack, and the parameter that names its code."""

    name: str
    physical: str
    logical_id: str
    rendered: Rendered
    parameter: str


def targets(stage: Stage, rendered: Sequence[Rendered], names: Sequence[str]) -> tuple[SyncTarget, ...]:
    """The functions named, in the order of ``names``.

    Raises:
        UsageError: the stage is protected, or a name cannot be synced; every problem.
    """
    if stage.protected:
        raise UsageError(f"stage {stage.name}", "is protected, and sync changes it past CloudFormation", "Use 'deploy'")
    if stage.backend.template:
        what = "has its functions from a template, which names their code itself"
        raise UsageError(f"stage {stage.name}", what, "Use 'deploy backend'")
    known = dict(_known(stage, rendered))
    problems = [problem for name in names for problem in _refused(name, stage, known)]
    if problems:
        raise UsageError.of(tuple(problems))
    return tuple(known[name] for name in dict.fromkeys(names))


def _refused(name: str, stage: Stage, known: Mapping[str, SyncTarget]) -> Iterator[Problem]:
    if name not in stage.backend.functions:
        yield Problem(where=f"function {name!r}", what="is not described", fix=nearest(name, stage.backend.functions))
    elif stage.backend.functions[name].has_alias:
        what = "is served by an alias of published versions, which only CloudFormation updates"
        yield Problem(where=f"function {name!r}", what=what, fix="Use 'deploy backend'")
    elif name not in known:
        yield Problem(
            where=f"function {name!r}", what="has no code of its own in the template", fix="Use 'deploy backend'"
        )


def _known(stage: Stage, rendered: Sequence[Rendered]) -> Iterator[tuple[str, SyncTarget]]:
    prefix = f"{naming.prefix(stage)}-"
    for stack in rendered:
        for logical_id, body in stack.template["Resources"].items():
            match body:
                case {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {"FunctionName": str(physical), "Code": {"S3Key": key}},
                }:
                    name, read = physical.removeprefix(prefix), function(key)
                    if isinstance(read, Ref):
                        yield (
                            name,
                            SyncTarget(
                                name=name, physical=physical, logical_id=logical_id, rendered=stack, parameter=read[0]
                            ),
                        )


def refuse_changed(results: Sequence[SyncTarget], parameters: Parameters, cloud: Cloud) -> None:
    """Raise ``DeployError`` for each function that differs from its stack in more than its code, or is not deployed."""
    problems = tuple(problem for target in results for problem in _changed(target, parameters, cloud))
    if problems:
        raise DeployError.of(problems)


def _changed(target: SyncTarget, parameters: Parameters, cloud: Cloud) -> Iterator[Problem]:
    state = cloud.stack(target.rendered.name, target.rendered.region)
    fix = f"Use 'deploy {target.rendered.stack}'"
    if state is None or state.is_empty:
        yield Problem(where=f"function {target.name!r}", what="is not deployed", fix=fix)
        return
    deployed = cloud.template(target.rendered.name, target.rendered.region).get("Resources", {})
    own = target.rendered.template["Resources"]
    names = [name for name, body in own.items() if body.get("Properties", {}).get("FunctionName") == target.physical]
    changed = [name for name in names if deployed.get(name) != own[name]]
    layers = [body for body in own.values() if body["Type"] == "AWS::Lambda::LayerVersion"]
    read = [function(body["Properties"]["Content"]["S3Key"]) for body in layers]
    keys = [reference[0] for reference in read if isinstance(reference, Ref)]
    new = parameters.get(target.rendered.stack, {})
    moved = [key for key in keys if key in new and state.parameters.get(key) != new[key]]
    if changed or moved:
        what = "its template changed, too" if changed else "the layer that it shares changed, too"
        yield Problem(where=f"function {target.name!r}", what=what, fix=fix)


def note(results: Sequence[SyncTarget], bucket: str, cloud: Cloud) -> None:
    """Record, before it happens, that these functions get code that CloudFormation does not know."""
    names = sorted({*noted(bucket, cloud), *(target.name for target in results)})
    cloud.put(bucket, KEY, json.dumps(names).encode(), Headers(content_type="application/json"))


def noted(bucket: str, cloud: Cloud) -> tuple[str, ...]:
    """The functions that were synced since the last deployment."""
    kept = cloud.get(bucket, KEY)
    return tuple(json.loads(kept)) if kept else ()


def drifted(
    stage: Stage, rendered: Sequence[Rendered], bucket: str | None, cloud: Cloud
) -> dict[str, tuple[Drifted, ...]]:
    """CloudFormation stack → its functions with code of ``sync``, in which CloudFormation itself sees no drift."""
    known = dict(_known(stage, rendered))
    drifts: dict[str, tuple[Drifted, ...]] = {}
    for target in (known[name] for name in (noted(bucket, cloud) if bucket else ()) if name in known):
        state = cloud.stack(target.rendered.name, target.rendered.region)
        key = state.parameters.get(target.parameter, "") if state else ""
        code = DriftedProperty(path="/Code/S3Key", expected=key, actual="the code of 'sync'")
        changed = Drifted(
            logical_id=target.logical_id,
            physical_id=target.physical,
            type="AWS::Lambda::Function",
            deleted=False,
            differences=(code,),
        )
        drifts[target.rendered.name] = (*drifts.get(target.rendered.name, ()), changed)
    return drifts


def correct(stage: Stage, rendered: Sequence[Rendered], bucket: str, cloud: CodeCloud) -> tuple[str, ...]:
    """Give each synced function the code that its stack was deployed with; return those that had other code."""
    names = noted(bucket, cloud)
    if not names:
        return ()
    known, corrected = dict(_known(stage, rendered)), []
    for target in (known[name] for name in names if name in known):
        state = cloud.stack(target.rendered.name, target.rendered.region)
        key = state.parameters.get(target.parameter) if state else None
        if key and cloud.update_code(target.physical, target.rendered.region, bucket, key):
            corrected.append(target.name)
    cloud.remove(bucket, [KEY])
    return tuple(corrected)
