"""What AWS is known to refuse of a template that is on its way to the emulator, which would take it. Pure.

The rules are those of ``lint`` (``stacks.checks.refused``), so that both say the same. https://docs.aws.amazon.com/
AWSCloudFormation/latest/UserGuide/import-resources.html has the requirements of imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.checks.refused import RULES
from stacks.checks.refused.changes import changes, names_of
from stacks.checks.refused.resolve import resolved
from stacks.checks.rule import Stacks, Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.json_types import TemplateData

RefusedForm = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A stack as it is: the client's own template and the values of its parameters."""

    template: TemplateData
    parameters: Mapping[str, str]


def parameters_of(form: RefusedForm, before: Mapping[str, str]) -> dict[str, str]:
    """The values of template parameters in a request; ``before`` are those that it may keep."""
    parameters = {}
    for key, name in form.items():
        if key.startswith("Parameters.member.") and key.endswith(".ParameterKey"):
            place = key.removesuffix("ParameterKey")
            kept = form.get(f"{place}UsePreviousValue", "").lower() == "true"
            value = before.get(name) if kept else form.get(f"{place}ParameterValue")
            if value is not None:
                parameters[name] = value
    return parameters


def refusals(template: TemplateData, form: RefusedForm, region: str, deployed: Deployed | None) -> list[str]:
    """Why AWS refuses a template, and the change from what is deployed."""
    parameters = parameters_of(form, deployed.parameters if deployed else {})
    new = Template(stack="", region=region, template=template, parameters=parameters)
    stacks = Stacks([resolved(new)])
    results = [_text(rule, hit.logical_id, hit.path, hit.what) for rule in RULES for hit in rule(stacks)]
    if deployed:
        old = Template(stack="", region=region, template=deployed.template, parameters=deployed.parameters)
        results += [_text(rule, hit.logical_id, hit.path, hit.what) for rule, hit in changes(old, new)]
    return results


def _text(rule: Any, logical_id: str, path: str, what: str) -> str:
    return f"Resource {logical_id}: {path} {what}: {rule.why}. {rule.fix} ({rule.id}, {rule.source})"


def created(template: TemplateData, form: RefusedForm, region: str, deployed: Deployed | None) -> list[tuple[str, str]]:
    """Type and name of what a request would create or import, as far as names are known."""
    parameters = parameters_of(form, deployed.parameters if deployed else {})
    known = set(deployed.template.get("Resources", {})) if deployed else set()
    stacks = Stacks([resolved(Template(stack="", region=region, template=template, parameters=parameters))])
    names = [place for place, resource in names_of(stacks).items() if resource.id not in known]
    return [*names, *((kind, value) for kind, _, value in imported(form))]


def imported(form: RefusedForm) -> Iterator[tuple[str, str, str]]:
    """What an import names: type, logical id, and each value of its identifier."""
    for key, kind in form.items():
        if key.startswith("ResourcesToImport.member.") and key.endswith(".ResourceType"):
            place = key.removesuffix("ResourceType")
            for name, value in form.items():
                if name.startswith(f"{place}ResourceIdentifier.") and name.endswith(".value"):
                    yield kind, form.get(f"{place}LogicalResourceId", ""), value


def import_refusals(template: TemplateData, form: RefusedForm, deployed: Deployed | None) -> Iterator[str]:
    """What CloudFormation refuses of an import: resources without a deletion policy, and other changes next to it."""
    if form.get("ChangeSetType") != "IMPORT":
        return
    resources = template.get("Resources", {})
    asked = {logical_id for _, logical_id, _ in imported(form)}
    for name in sorted(asked):
        body = resources.get(name)
        if not isinstance(body, dict):
            yield f"Resources {name} is not in the template"
        elif not body.get("DeletionPolicy"):
            yield f"Resources [{name}] is missing DeletionPolicy attribute and cannot be imported"
    before = deployed.template.get("Resources", {}) if deployed else {}
    others = sorted(name for name, body in resources.items() if name not in asked and before.get(name) != body)
    gone = sorted(set(before) - set(resources))
    if others or gone:
        what = ", ".join([*others, *gone])
        yield f"You have modified resources [{what}] in your template that are not being imported"


def conflicts(wanted: Sequence[tuple[str, str]], held: Mapping[tuple[str, str], str], stack: str) -> Iterator[str]:
    """What already belongs to another stack; ``held`` is type and physical id → stack."""
    for kind, name in wanted:
        owner = held.get((kind, name))
        if owner and owner != stack:
            yield f"{name} ({kind}) already exists in the stack {owner}: a resource belongs to one stack"
