"""A foreign template → our backend stack: artifacts in our bucket, and the outputs that other stacks read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.errors import Problem, StacksError, nearest
from stacks.foreign.artifacts import uploaded
from stacks.foreign.outputs import output
from stacks.template.references import refuse_circle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage


def template(key: str, app: App, stage: Stage) -> dict[str, Any]:
    """The backend of a stage: its template with local files in the artifact bucket, and ``backend.outputs`` added.

    Raises ``StacksError`` for an output that names nothing in the template, for parameters that do not fit, and for
    resources that need each other.
    """
    body = stage.backend.template if isinstance(stage.backend.template, Mapping) else {}
    if problems := tuple(_parameter_problems(body.get("Parameters", {}), stage.backend.parameters)):
        raise StacksError.of(problems)
    refuse_circle(key, body)
    made = uploaded(body, artifact_bucket(stage))
    if stage.backend.functions:
        from stacks.foreign.zappa import joined  # noqa: PLC0415 - brings troposphere

        made = joined(made, app, stage)
    outputs = {name: output(name, of, made) for name, of in stage.backend.outputs.items()}
    if outputs:
        made["Outputs"] = {**made.get("Outputs", {}), **outputs}
    return made


def artifact_bucket(stage: Stage) -> dict[str, Any]:
    """The name of the bucket that local files are uploaded to."""
    return {"Fn::Sub": naming.bucket_name(stage, "code")}


def _parameter_problems(declared: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted(given.keys() - declared.keys()):
        what = "the template declares no such parameter"
        yield Problem(where=f"backend.parameters.{name}", what=what, fix=nearest(name, declared))
    for name, body in declared.items():
        if name not in given and "Default" not in body:
            what = "the template's parameter has no value"
            yield Problem(where=f"backend.parameters.{name}", what=what, fix="Give it one here, or a Default there")
