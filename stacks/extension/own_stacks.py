"""A stack of the user's own → its template as plain data: from a Python module, or from a template file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError, nearest
from stacks.extension.modules import blamed, function_of, returned_template
from stacks.foreign.artifacts import uploaded
from stacks.foreign.backend import artifact_bucket_name
from stacks.foreign.reading import content, file_problems, given_template, read
from stacks.intrinsics.references import Reference, substitute
from stacks.template.references import refuse_circle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict, JsonObject, TemplateData


__all__ = ["attached", "problems", "read", "template"]


def attached(key: str, body: JsonDict, stage: Stage) -> Stage:
    """The stage with the template of an own stack, whose roles are bounded."""
    return replace(stage, templates={**stage.templates, key: given_template(key, body, stage)})


def problems(key: str, stage: Stage, root: Path) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong with a stack's template and its local files; that its Python file is missing."""
    own, at = stage.stacks[key], ("stages", stage.name, "stacks", key)
    if own.module and not (root / own.module).is_file():
        yield (*at, "module"), f"there is no file {own.module}", "Create it, or correct the path"
    if key in stage.templates:
        for what, fix in file_problems(root, stage.templates[key].body):
            yield (*at, "template"), what, fix


def template(key: str, app: App, stage: Stage) -> JsonDict:
    """The template of the own stack ``key``.

    Raises:
        StacksError: the module cannot be imported, raises or returns something else than a template; or the parameters
            given in the description do not fit the template.
    """
    own = stage.stacks[key]
    place = f"stacks.{key}.template"
    body = _of_module(key, own.module, app, stage) if own.module else content(key, place, stage)
    if results := tuple(_parameter_problems(key, body.get("Parameters", {}), own.parameters)):
        raise StacksError.of(results)
    references = {name: value for name, value in own.parameters.items() if not isinstance(value, str)}
    if own.module:
        return _with_references(body, references) if references else {**body}
    refuse_circle(key, body)
    return uploaded(_with_references(body, references), artifact_bucket_name(stage))


def _of_module(name: str, file: str, app: App, stage: Stage) -> JsonDict:
    where = f"stacks.{name}.module"
    function = function_of(app.root, file, "template", where)
    with blamed(app.root, file, where):
        result = function(app, stage)
        data = result.to_dict() if hasattr(result, "to_dict") else result
    if not isinstance(data, dict) or not isinstance(data.get("Resources"), dict):
        what = f"{file}: template() returned {type(result).__name__}, not a template with resources"
        raise StacksError(where, what, "Return a troposphere.Template that has at least one resource")
    return returned_template(data, f"{where}: {file}")


def _with_references(template: TemplateData, values: JsonObject) -> JsonDict:
    """The template with parameters that are outputs of other stacks replaced by these."""

    def replacement(reference: Reference | GetStackOutput) -> Any:
        return values.get(reference.name) if isinstance(reference, Reference) and not reference.attribute else None

    references = {key: item for key, item in template.items() if key != "Parameters"}
    if values:
        references = substitute(references, replacement)
    kept = {title: body for title, body in template.get("Parameters", {}).items() if title not in values}
    return {**references, "Parameters": kept} if kept else references


def _parameter_problems(name: str, declared: JsonObject, parameters: JsonObject) -> Iterator[Problem]:
    where = f"stacks.{name}.parameters"
    for title in sorted(parameters.keys() - declared.keys()):
        yield Problem(where=f"{where}.{title}", what="is not a parameter of the template", fix=nearest(title, declared))
    for title, body in declared.items():
        if title not in parameters and "Default" not in body:
            what = "is a parameter of the template without a value"
            yield Problem(where=f"{where}.{title}", what=what, fix="Give it a value here, or a Default in the template")
