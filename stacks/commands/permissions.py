"""``permissions``: what the role that deploys a stack may do, why, and whether base's roles still suffice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, stage
from stacks.errors import CheckError, UsageError, shortened
from stacks.rendering import render
from stacks.reporting import answer, done
from stacks.roles import derive, explain
from stacks.roles.drift import missing_rights, policies_of
from stacks.roles.resources import policies_for_people
from stacks.stages.stacks import BASE, stack_at
from stacks.template.emit import yaml_text
from stacks.template.rendered import refuse_unknown
from stacks.text_table import table
from stacks.transforms.sam import without_sam

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.roles import DeployRights, RightsRow

_SHOWN = 2


def run(arguments: Namespace) -> int:
    """Print a table of all stacks, one stack's policies, or its reasons; or check what base has."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = {stack.stack: stack for stack in without_sam(render(app, chosen))}
    refuse_unknown([arguments.stack] if arguments.stack else [], list(rendered))
    if arguments.check and arguments.stack and stack_at(arguments.stack, chosen).is_platform:
        what = f"{arguments.stack} is deployed by a person, there is no role to check"
        raise UsageError(f"{arguments.stack} --check", what, "Name another stack")
    names = [arguments.stack] if arguments.stack else list(rendered)
    rights = [derive(chosen, rendered[name]) for name in names]
    if arguments.check:
        return _check([right for right in rights if not right.for_person], rendered[BASE].name, chosen, arguments)
    if arguments.format == "template":
        print(_template(rights, arguments), end="")
    elif arguments.format == "json":
        answer([_data(right, explained=arguments.explain) for right in rights], str)
    elif arguments.explain:
        for right in rights:
            print(_reasons(right))
    elif arguments.stack:
        print(json.dumps(list(rights[0].documents()), indent=2))
    else:
        print(_summary(rights))
    return 0


def _template(rights: Sequence[DeployRights], arguments: Namespace) -> str:
    if not (arguments.stack and rights[0].for_person):
        raise UsageError(
            "--format template", "only base is deployed by a person; its template has the other roles", "Name base"
        )
    return yaml_text(policies_for_people(rights[0]).to_dict())


def _summary(rights: Sequence[DeployRights]) -> str:
    rows = [
        (right.name, str(len(right.actions)), str(len(right.policies)), str(right.bytes), _by(right))
        for right in rights
    ]
    return table(rows, ("stack", "actions", "policies", "bytes", "deployed by"), right=(1, 2, 3))


def _by(rights: DeployRights) -> str:
    return "a person" if rights.for_person else "its deploy role"


def _reasons(rights: DeployRights) -> str:
    rows = [
        (row.action, _because(row), row.type, " ".join(row.operations), _where(row), row.source)
        for row in explain(rights)
    ]
    return f"{rights.name}\n{table(rows, ('action', 'needed by', 'type', 'for', 'on', 'source'))}\n"


def _because(row: RightsRow) -> str:
    return f"{shortened(row.resources, _SHOWN)}{f': {row.property}' if row.property else ''}"


def _where(row: RightsRow) -> str:
    keys = sorted({key for values in row.conditions.values() for key in values})
    on = " ".join(arn.rpartition("${AWS::AccountId}:")[2].removeprefix("arn:${AWS::Partition}:") for arn in row.on)
    return f"{on} if {', '.join(keys)}" if keys else on


def _data(rights: DeployRights, *, explained: bool) -> JsonDict:
    result: JsonDict = {
        "stack": rights.stack,
        "name": rights.name,
        "actions": list(rights.actions),
        "bytes": rights.bytes,
        "policies": list(rights.documents()),
    }
    if explained:
        result["reasons"] = [
            {
                "action": row.action,
                "type": row.type,
                "resources": list(row.resources),
                "property": row.property,
                "operations": list(row.operations),
                "on": list(row.on),
                "conditions": row.conditions,
                "source": row.source,
            }
            for row in explain(rights)
        ]
    return result


def _check(rights: Sequence[DeployRights], base: str, chosen: Stage, arguments: Namespace) -> int:
    """Compare with the base stack as it is deployed; unless one is named, stacks without a role there are left out."""
    template = cloud(chosen, endpoint(arguments)).template(base, chosen.region)
    checked = [right for right in rights if arguments.stack or policies_of(right, template)] or rights
    problems = [
        problem for deploy_rights in checked for problem in missing_rights(deploy_rights, template, chosen.name)
    ]
    if problems:
        raise CheckError.of(tuple(problems))
    print(f"{base} grants what is needed: {', '.join(deploy_rights.stack for deploy_rights in checked)}")
    done(base=base, checked=[deploy_rights.stack for deploy_rights in checked])
    return 0
