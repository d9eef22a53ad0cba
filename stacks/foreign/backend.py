"""A foreign template → our backend stack: artifacts in our bucket, and the outputs that other stacks read. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks import naming
from stacks.errors import Problem, StacksError, nearest
from stacks.foreign.artifacts import uploaded
from stacks.foreign.outputs import output, with_stage
from stacks.foreign.reading import content, file_problems, given_template, read
from stacks.foreign.zappa_rules import zappa_outputs, zappa_problems
from stacks.template.references import refuse_circle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.json_types import JsonDict, JsonObject

__all__ = ["attached", "problems", "read", "template"]


def attached(key: str, body: JsonDict, stage: Stage) -> Stage:
    """The stage with its template, whose roles are bounded, and with the outputs that follow from the template."""
    backend = stage.backend
    outputs = {**zappa_outputs(body), **backend.outputs} if backend.functions else backend.outputs
    backend = replace(backend, outputs=with_stage(outputs, body))
    return replace(stage, backend=backend, templates={**stage.templates, key: given_template(key, body, stage)})


def problems(key: str, stage: Stage, root: Path) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong with the template, with its local files, and with the functions next to it."""
    body, at = stage.templates[key].body, ("stages", stage.name, "backend", "template")
    for what, fix in (*zappa_problems(stage.backend, body), *file_problems(root, body)):
        yield at, what, fix


def template(key: str, app: App, stage: Stage) -> JsonDict:
    """The backend of a stage: its template with local files in the artifact bucket, and ``backend.outputs`` added.

    Raises ``StacksError`` for an output that names nothing in the template, for parameters that do not fit, and for
    resources that need each other.
    """
    del app  # only own stacks' Python is called with it
    body = content(key, "backend.template", stage)
    if problems := tuple(_parameter_problems(body.get("Parameters", {}), stage.backend.parameters)):
        raise StacksError.of(problems)
    refuse_circle(key, body)
    result = uploaded(body, artifact_bucket_name(stage))
    if stage.backend.functions:
        from stacks.foreign.zappa import joined  # noqa: PLC0415 - brings troposphere

        result = joined(result, stage)
    outputs = {name: output(name, of, result) for name, of in stage.backend.outputs.items()}
    if outputs:
        result["Outputs"] = {**result.get("Outputs", {}), **outputs}
    return result


def artifact_bucket_name(stage: Stage) -> JsonDict:
    """The name of the bucket that local files are uploaded to."""
    return {"Fn::Sub": naming.bucket_name(stage, "code")}


def _parameter_problems(declared: JsonObject, parameters: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted(parameters.keys() - declared.keys()):
        what = "the template declares no such parameter"
        yield Problem(where=f"backend.parameters.{name}", what=what, fix=nearest(name, declared))
    for name, body in declared.items():
        if name not in parameters and "Default" not in body:
            what = "the template's parameter has no value"
            yield Problem(where=f"backend.parameters.{name}", what=what, fix="Give it one here, or a Default there")
