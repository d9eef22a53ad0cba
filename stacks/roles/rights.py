"""A rendered stack → the rights of the role that deploys it, each with its reason.

Needs of the template's types, each at its places, merged where places are equal, and the denials after them.
Pure: the same template gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from stacks import naming
from stacks.limits import INLINE_BYTES
from stacks.roles.denials import denials
from stacks.roles.grants import GrantPlace, GrantStatement
from stacks.roles.names import Surroundings, surroundings
from stacks.roles.needs import Members, Need, members, needs, referenced_stacks, resolved_secrets
from stacks.roles.packing import document, packed, size
from stacks.roles.scopes import STACK_OF
from stacks.roles.scoping import places
from stacks.stages.stacks import stack_at
from stacks.template.references import read_by
from stacks.template.wired import READ_TYPE, read_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject, TemplateData
    from stacks.template.rendered import Rendered

_DEPLOYING = (
    "CreateChangeSet", "DeleteChangeSet", "DeleteStack", "DescribeChangeSet", "DescribeEvents", "DescribeStackEvents",
    "DescribeStacks", "ExecuteChangeSet", "GetStackPolicy", "GetTemplate", "ListStackResources", "SetStackPolicy",
    "UpdateTerminationProtection",
)  # fmt: skip
"""What ``stacks.deploy`` asks of CloudFormation."""
_STACK = "AWS::CloudFormation::Stack"
_MACRO = "Transform"
_LOCK = "deploying.json"
"""What ``stacks.deploy.lock`` writes next to the code, so that two do not deploy at once."""


@dataclass(frozen=True, kw_only=True)
class DeployRights:
    """What may be done to deploy one stack."""

    stack: str
    name: str
    """The CloudFormation stack: ``notes-dev-backend``."""
    platform: str
    """The IAM path of the deploy role and its policies: ``/notes-dev/platform/``."""
    statements: tuple[GrantStatement, ...]
    for_person: bool = False
    """Whether a person deploys the stack, who has them, and not a deploy role."""

    @cached_property
    def policies(self) -> tuple[tuple[GrantStatement, ...], ...]:
        """The statements of each managed policy. Raises ``StacksError`` when they are too many."""
        return packed(self.stack, self.statements, self.platform)

    def documents(self) -> tuple[JsonDict, ...]:
        """The policy documents; ``${AWS::…}`` and ``${ApplicationBoundary}`` are for ``Fn::Sub`` in base's template."""
        return tuple(document(policy) for policy in self.policies)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions allowed, each once."""
        statements = {
            action for statement in self.statements if statement.effect == "Allow" for action in statement.actions
        }
        return tuple(sorted(statements))

    @property
    def bytes(self) -> int:
        """The size of all documents as IAM counts it."""
        return sum(size(document, self.platform) for document in self.documents())


def derive(stage: Stage, rendered: Rendered) -> DeployRights:
    """The rights to deploy ``rendered``: create, update and roll back every resource of its template.

    For ``base`` they are those of the person who deploys it, with CloudFormation's own actions and no denials.

    Raises:
        StacksError: for a type without handlers and without a correction, an IAM path that is not the stack's, or
            rights that do not fit into IAM's limits.

    >>> from stacks import App, Stage, render
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> (base,) = render(app, app.stages["dev"])
    >>> "s3:CreateBucket" in derive(app.stages["dev"], base).actions
    True
    """
    all_members = members(_with_nested(rendered, stage))
    here = surroundings(stage, rendered, all_members)
    needed = (*needs(all_members, rendered.stack, base=here.base), *_resolving(all_members), *_reading(rendered))
    if here.base:
        needed = (*needed, *_deploying(rendered))
    granted = [*_allowed([(need, place) for need in needed for place in _places(need, here)])]
    denied = () if here.base else tuple(denials(here, needed, granted))
    return DeployRights(
        stack=rendered.stack,
        name=rendered.name,
        platform=naming.role_path(stage, "platform"),
        statements=(*granted, *denied),
        for_person=here.base,
    )


def _with_nested(rendered: Rendered, stage: Stage) -> JsonObject:
    """The template with the resources of the templates that it nests: the same role makes them."""
    template = stack_at(rendered.stack, stage).template
    if template is None or not template.nested:
        return rendered.template
    return {**rendered.template, "Resources": {**rendered.template["Resources"], **template.nested}}


def _resolving(all_members: Sequence[Members]) -> Iterator[Need]:
    users = resolved_secrets(all_members)
    if users:
        yield Need(
            action="secretsmanager:GetSecretValue",
            type="AWS::SecretsManager::Secret",
            resources=users,
            operations=("create", "update"),
            property="{{resolve:secretsmanager:…}}",
            source="AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html",
        )


def _reading(rendered: Rendered) -> Iterator[Need]:
    """Reading other stacks' outputs, and for base CloudFormation itself (others are called by their pipeline)."""
    for stack, region, user in referenced_stacks(rendered.template):
        yield Need(
            action="cloudformation:DescribeStacks",
            type="Fn::GetStackOutput",
            resources=(user,),
            operations=("create", "update"),
            property=f"{stack}@{region or rendered.region}",
            source="AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html",
        )
    if zones := _asking_for_zones(rendered.template):
        for action in ("ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones"):
            yield Need(
                action=action,
                type="Fn::GetAZs",
                resources=zones,
                operations=("create", "update"),
                source="AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html",
            )
    for parameter, name in sorted(read_names(rendered.template).items()):
        yield Need(
            action="ssm:GetParameters",
            type=READ_TYPE,
            resources=_readers(parameter, rendered.template),
            operations=("create", "update"),
            property=name,
            source="AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html",
        )
    for macro in rendered.macros:
        yield Need(
            action="cloudformation:CreateChangeSet",
            type=_MACRO,
            resources=(rendered.name,),
            operations=("create", "update"),
            property=macro.removeprefix("AWS::"),
            source="AWSCloudFormation/latest/UserGuide/control-access-with-iam.html",
        )


def _asking_for_zones(template: TemplateData) -> tuple[str, ...]:
    """Logical ids of resources with ``Fn::GetAZs``, which CloudFormation answers as who deploys."""
    return tuple(name for name, body in template["Resources"].items() if '"Fn::GetAZs"' in json.dumps(body))


def _readers(parameter: str, template: TemplateData) -> tuple[str, ...]:
    """The first resource that uses a parameter's value; the parameter itself where it is in none."""
    bodies = template["Resources"].items()
    readers = (name for name, body in bodies if parameter in read_by(body))
    return (next(readers, parameter),)


def _deploying(rendered: Rendered) -> Iterator[Need]:
    """What deploying base by hand needs next to its resources."""
    uploads = ("s3:GetObject", "s3:PutObject") if len(rendered.body.encode()) > INLINE_BYTES else ()
    for action in (*(f"cloudformation:{verb}" for verb in _DEPLOYING), *uploads):
        yield Need(
            action=action,
            type=_STACK,
            resources=(rendered.name,),
            operations=("create", "update"),
            property=f"{rendered.name}@{rendered.region}",
            source="AWSCloudFormation/latest/UserGuide/control-access-with-iam.html",
        )
    for action in ("s3:DeleteObject", "s3:GetObject", "s3:PutObject"):
        yield Need(
            action=action,
            type=_LOCK,
            resources=(rendered.name,),
            operations=("create", "update"),
            source="AmazonS3/latest/userguide/conditional-writes.html",
        )


def _places(need: Need, here: Surroundings) -> Iterator[GrantPlace]:
    if need.action.startswith("cloudformation:") and "@" in need.property:
        stack, _, region = need.property.partition("@")
        yield GrantPlace(arns=(STACK_OF.replace("{name}", stack).replace("{region}", region),), conditions={})
    elif need.type == READ_TYPE:
        named = f"arn:${{AWS::Partition}}:ssm:{here.region}:${{AWS::AccountId}}:parameter{need.property}"
        yield GrantPlace(arns=(named,), conditions={})
    elif need.type == _MACRO:
        macro = f"arn:${{AWS::Partition}}:cloudformation:{here.region}:aws:transform/{need.property}"
        yield GrantPlace(arns=(macro,), conditions={})
    elif need.type == _LOCK:
        yield GrantPlace(arns=(f"arn:${{AWS::Partition}}:s3:::{here.code_bucket}/{_LOCK}",), conditions={})
    elif need.type == _STACK:
        uploaded = f"arn:${{AWS::Partition}}:s3:::{here.code_bucket}/templates/{here.name}/*"
        yield GrantPlace(arns=(uploaded,), conditions={})
    else:
        yield from places(need, here)


def _allowed(granted: Sequence[tuple[Need, GrantPlace]]) -> Iterator[GrantStatement]:
    """One statement for each place, and one for places that allow the same under the same conditions."""
    by_place: dict[str, list[tuple[Need, GrantPlace]]] = {}
    for need, place in granted:
        by_place.setdefault(place.key, []).append((need, place))
    merged: dict[tuple[tuple[str, ...], str], GrantStatement] = {}
    for pairs in by_place.values():
        statement = _statement(pairs)
        key = (statement.actions, str(statement.place.conditions))
        same = merged.get(key)
        merged[key] = statement if same is None else _joined(same, statement)
    yield from sorted(merged.values(), key=lambda entry: (entry.place.arns, str(entry.place.conditions), entry.actions))


def _statement(pairs: Sequence[tuple[Need, GrantPlace]]) -> GrantStatement:
    actions = {need.action.lower(): need.action for need, _ in pairs}
    return GrantStatement(
        effect="Allow",
        actions=tuple(sorted(actions.values())),
        place=pairs[0][1],
        needs=tuple(need for need, _ in pairs),
    )


def _joined(statement: GrantStatement, other: GrantStatement) -> GrantStatement:
    arns = tuple(sorted({*statement.place.arns, *other.place.arns}))
    return replace(statement, place=replace(statement.place, arns=arns), needs=(*statement.needs, *other.needs))


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRow:
    """One action at one place, and why."""

    action: str
    on: tuple[str, ...]
    conditions: Mapping[str, JsonObject]
    type: str
    resources: tuple[str, ...]
    property: str
    operations: tuple[str, ...]
    source: str


def explain(rights: DeployRights) -> tuple[RightsRow, ...]:
    """Every allowed action with the resources, the type and the property that need it."""
    rows = (
        RightsRow(
            action=need.action,
            on=statement.place.arns,
            conditions=statement.place.conditions,
            type=need.type,
            resources=need.resources,
            property=need.property,
            operations=need.operations,
            source=need.source,
        )
        for statement in rights.statements
        for need in statement.needs
    )
    return tuple(sorted(rows, key=lambda row: (row.action.lower(), row.on, row.type, row.property)))
