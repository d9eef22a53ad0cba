"""Imports existing resources into a stack by an import change set.

CloudFormation changes nothing else in such a change set, so what is sent is the deployed template (empty for a new
stack) and the resources to import. Each needs a DeletionPolicy; one without is retained until the next deploy, which
brings the rendered template.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stacks.cloud import Submission
from stacks.deploy.adoption import takes_back, with_plain_names
from stacks.deploy.apply import carry_out, vacate
from stacks.deploy.collisions import LookupCloud, Named
from stacks.deploy.identity import StackPlace, chosen_identifier, identifier, importable, keys
from stacks.errors import DeployError, UsageError, nearest
from stacks.progress import ChangesFound, StackStarted
from stacks.template.emit import yaml_text
from stacks.template.references import names_in, open_references, read_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stacks.cloud import ChangeSet, StackState
    from stacks.json_types import JsonDict, JsonObject
    from stacks.progress import Watch
    from stacks.template.rendered import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What to import into ``rendered``: logical id → identifier as the user typed it, empty for the template's name."""

    rendered: Rendered
    parameters: Mapping[str, str]
    asked: Mapping[str, str]
    bucket: str | None = None
    """The bucket for a template that is too large for a call."""


class ImportingCloud(LookupCloud, Protocol):
    """An AWS account whose resources can be imported into stacks."""

    def prepare_import(self, submission: Submission, resources: Sequence[Named]) -> ChangeSet:
        """Create an import change set and wait until it is ready; leave nothing behind when it fails."""


def bring_in(wanted: ImportRequest, cloud: ImportingCloud, watch: Watch, confirm: Callable[[ChangeSet], bool]) -> bool:
    """Import the named resources; without names everything that exists and is not in the stack. False for a "no".

    Creates the stack if it does not exist.

    Raises:
        UsageError: for a resource that cannot be imported.
        DeployError: when CloudFormation refuses the import, or it fails.
    """
    stack = wanted.rendered
    watch(StackStarted(stack=stack.stack, name=stack.name, region=stack.region))
    place = StackPlace(account=cloud.account(), region=stack.region, stack=stack.name)
    state = vacate(stack.stack, cloud.stack(stack.name, stack.region), cloud, watch)
    deployed = cloud.template(stack.name, stack.region) if state else {}
    resources = _resources(wanted, deployed, place, cloud)
    submission = _submission(wanted, deployed, state, resources, place)
    prepared = cloud.prepare_import(submission, resources)
    try:
        watch(ChangesFound(stack=stack.stack, change_set=prepared))
        agreed = confirm(prepared)
    except BaseException:
        cloud.discard(prepared)
        raise
    if not agreed:
        cloud.discard(prepared)
        return False
    carry_out(stack.stack, submission, prepared, cloud, watch)
    return True


def _resources(wanted: ImportRequest, deployed: JsonObject, place: StackPlace, cloud: LookupCloud) -> tuple[Named, ...]:
    """What to import. For a new stack, also the retained resources that creating it would import."""
    held = deployed.get("Resources", {})
    named = [_named(name, text, wanted.rendered, held, place) for name, text in wanted.asked.items()]
    if wanted.asked and held:
        return tuple(named)
    bodies = wanted.rendered.template["Resources"]
    others = [
        Named(logical_id=name, type=body["Type"], identifier=known)
        for name, body in bodies.items()
        if name not in wanted.asked and name not in held and importable(body["Type"])
        if (known := identifier(body, place)) and (not wanted.asked or takes_back(body, place))
    ]
    existing = cloud.look_up(others, place.region).existing
    resources = (*named, *(existing if wanted.asked else _complete(existing, wanted.rendered, held)))
    if not resources:
        what = "nothing of what it lacks exists under the names it gives"
        raise UsageError(wanted.rendered.name, what, "Name what to import, as LOGICAL_ID=IDENTIFIER")
    return resources


def _complete(existing: Sequence[Named], stack: Rendered, held: JsonObject) -> tuple[Named, ...]:
    """The existing resources that refer to nothing that the stack lacks; ``deploy`` imports the others."""
    bodies, parameters = stack.template["Resources"], stack.template.get("Parameters", {})
    result = {resource.logical_id: resource for resource in existing}
    while True:
        known = {*result, *held, *parameters}
        read = {name: read_by(bodies[name]) for name in result}
        open_ones = [name for name, names in read.items() if {n for n in names if not n.startswith("AWS::")} - known]
        if not open_ones:
            return tuple(result.values())
        result = {name: resource for name, resource in result.items() if name not in open_ones}


def _named(name: str, text: str, stack: Rendered, held: JsonObject, place: StackPlace) -> Named:
    bodies = stack.template["Resources"]
    if name not in bodies:
        raise UsageError(f"{stack.stack}.{name}", "there is no such logical id", nearest(name, bodies))
    where, type_name = f"{stack.stack}.{name}", bodies[name]["Type"]
    if name in held:
        raise UsageError(where, "is in the stack already", "Leave it out")
    if not importable(type_name):
        raise UsageError(where, f"CloudFormation cannot import {type_name}", "Delete the existing one and deploy")
    known = identifier(bodies[name], place)
    if not text and known is None:
        fix = f"Name it: '{name}={'|'.join(keys(type_name))}'"
        raise UsageError(where, f"AWS gives {type_name} its identifier, so it is not known", fix)
    result = chosen_identifier(type_name, text) if text else known or {}
    if known and result != known:
        what = f"the description names it {'|'.join(known.values())}, not {text}"
        raise UsageError(where, what, "Only a resource with that name can be imported; copy the data of another one")
    return Named(logical_id=name, type=type_name, identifier=result)


def _submission(
    wanted: ImportRequest,
    deployed: JsonDict,
    state: StackState | None,
    resources: Sequence[Named],
    place: StackPlace,
) -> Submission:
    stack = wanted.rendered
    template = _template(stack, deployed, resources, place)
    parameters = {**wanted.parameters, **(state.parameters if state else {})}
    declared: JsonObject = template.get("Parameters", {})
    if missing := [name for name, body in declared.items() if name not in parameters and "Default" not in body]:
        what = f"the parameter {missing[0]} has no value yet"
        raise DeployError(stack.name, what, "Run 'package' first, which finds it")
    return Submission(
        name=stack.name,
        region=stack.region,
        template=template,
        body=yaml_text(template),
        parameters={name: parameters[name] for name in declared if name in parameters},
        creates=state is None,
        bucket=wanted.bucket,
    )


def _template(stack: Rendered, deployed: JsonDict, resources: Sequence[Named], place: StackPlace) -> JsonDict:
    """The deployed template with the resources to import, and the parameters that these need."""
    bodies = stack.template["Resources"]
    added = {
        resource.logical_id: {
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            **bodies[resource.logical_id],
        }
        for resource in resources
    }
    named = with_plain_names({"Resources": added}, place.account, place.region, place.stack)["Resources"]
    template = {**deployed, "Resources": {**deployed.get("Resources", {}), **named}}
    names = names_in({"Resources": added})
    needed = {name: body for name, body in stack.template.get("Parameters", {}).items() if name in names.local}
    if needed:
        template["Parameters"] = {**needed, **deployed.get("Parameters", {})}
    if problems := tuple(open_references(stack.stack, template, names_in(template))):
        what = f"{problems[0].what}: it is not in the stack yet"
        raise DeployError(problems[0].where, what, "Import that with it, or deploy the stack first")
    return template
