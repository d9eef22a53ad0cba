"""A stack of the user's own → its template as plain data: from a Python module, or from a template file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError, nearest
from stacks.extension.modules import blamed, function_of
from stacks.foreign.artifacts import uploaded
from stacks.foreign.backend import artifact_bucket
from stacks.intrinsics.references import Reference, substitute
from stacks.template.references import refuse_circle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import App, Stage
    from stacks.intrinsics.functions import GetStackOutput


def of_template(name: str, app: App, stage: Stage) -> dict[str, Any]:
    """The template of the own stack ``name``, from its template file.

    Raises:
        StacksError: the parameters given in the description do not fit the template.
    """
    del app
    own = stage.stacks[name]
    template = own.template if not isinstance(own.template, str) and own.template else {}
    if problems := tuple(_parameter_problems(name, template.get("Parameters", {}), own.parameters)):
        raise StacksError.of(problems)
    refuse_circle(name, template)
    references = {key: value for key, value in own.parameters.items() if not isinstance(value, str)}
    return uploaded(_with_references(template, references), artifact_bucket(stage))


def of_module(name: str, app: App, stage: Stage) -> dict[str, Any]:
    """The template of the own stack ``name``, from its Python file.

    Raises:
        StacksError: the module cannot be imported, raises, or returns something else than a template.
    """
    file, where = stage.stacks[name].module or "", f"stacks.{name}.module"
    function = function_of(app.root, file, "template", where)
    with blamed(app.root, file, where):
        made = function(app, stage)
        data = made.to_dict() if hasattr(made, "to_dict") else made
    if not isinstance(data, dict) or not isinstance(data.get("Resources"), dict):
        what = f"{file}: template() returned {type(made).__name__}, not a template with resources"
        raise StacksError(where, what, "Return a troposphere.Template that has at least one resource")
    return data


def _with_references(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template with parameters that are outputs of other stacks replaced by these."""

    def given(one: Reference | GetStackOutput) -> Any:
        return values.get(one.name) if isinstance(one, Reference) and not one.attribute else None

    made = {key: item for key, item in template.items() if key != "Parameters"}
    if values:
        made = substitute(made, given)
    kept = {title: body for title, body in template.get("Parameters", {}).items() if title not in values}
    return {**made, "Parameters": kept} if kept else made


def _parameter_problems(name: str, declared: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Problem]:
    where = f"stacks.{name}.parameters"
    for title in sorted(given.keys() - declared.keys()):
        yield Problem(where=f"{where}.{title}", what="is not a parameter of the template", fix=nearest(title, declared))
    for title, body in declared.items():
        if title not in given and "Default" not in body:
            what = "is a parameter of the template without a value"
            yield Problem(where=f"{where}.{title}", what=what, fix="Give it a value here, or a Default in the template")
