"""The names a stack's resources have, as far as its template shows them, and the patterns that cover them.

``notes-dev-web`` and ``notes-dev-list-notes`` share ``notes-dev-*``, so four hundred functions take one ARN. A name
that cannot be known from the template becomes the prefix of the stage, never ``*``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.errors import StacksError
from stacks.intrinsics import references
from stacks.intrinsics.functions import GetAtt, GetStackOutput, Ref, Sub, function
from stacks.intrinsics.references import with_variables
from stacks.json_types import at
from stacks.roles.scopes import SCOPES
from stacks.stages.stacks import stack_at
from stacks.template.wired import PUBLISHED_TYPE, read_names
from stacks.types import known as known_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import Stage
    from stacks.intrinsics.references import Reference
    from stacks.json_types import JsonObject, Properties, TemplateData
    from stacks.roles.needs import Members
    from stacks.template.rendered import Rendered
    from stacks.types.record import TypeScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What distinguishes this stack's resources from all others."""

    stack: str
    name: str
    """The value of the tag ``stack``."""
    region: str
    prefix: str
    path: str
    published: str
    """What the names of its parameters in Parameter Store start with, as in ARNs: ``notes/dev/backend/``."""
    code_bucket: str
    boundary: str
    """``${ApplicationBoundary}``: the policy of the base template that every role must have."""
    members: Mapping[str, Members]
    reads: Mapping[str, str]
    """Parameters and resources with what another stack has → that stack: ``{"DataUserPoolId": "notes-dev-data"}``."""

    base: bool
    """Base makes the platform: its rights end at no boundary of its own."""


def surroundings(stage: Stage, rendered: Rendered, all_members: Sequence[Members]) -> Surroundings:
    """The surroundings of a stack.

    Raises:
        StacksError: for a role or policy outside the stack's IAM path.
    """
    stack = stack_at(rendered.stack, stage)
    here = Surroundings(
        stack=rendered.stack,
        name=naming.stack_name(stage, stack.part_of),
        region=rendered.region,
        prefix=naming.prefix(stage),
        path=naming.role_path(stage, "platform" if stack.is_platform else stack.part_of),
        published=naming.published_prefix(stage, rendered.stack).removeprefix("/"),
        code_bucket=naming.bucket_in(stage, "code", stage.region),
        boundary="${ApplicationBoundary}",
        members={members.type: members for members in all_members},
        reads=dict(_reads(rendered.template)),
        base=stack.is_platform,
    )
    _check_paths(here)
    return here


def _reads(template: TemplateData) -> Iterator[tuple[str, str]]:
    for name, parameter in read_names(template).items():
        if published := naming.publisher(parameter):
            yield name, published[0]
    for name, body in template["Resources"].items():
        read = function(body.get("Properties", {}).get("Value")) if body.get("Type") == PUBLISHED_TYPE else None
        if isinstance(read, GetStackOutput):
            yield name, read.stack


def owners(value: object, here: Surroundings) -> tuple[str, ...]:
    """The stacks whose outputs a value is made of; this stack where it is made of none."""
    named = references.names(value)
    return tuple(sorted({here.reads[name] for name in named if name in here.reads})) or (here.name,)


def _check_paths(here: Surroundings) -> None:
    for kind in filter(lambda kind: known_type(kind).has_path, here.members):
        for name, properties in named_resources(kind, here):
            if properties.get("Path") != here.path:
                raise StacksError(
                    f"{here.stack}.Resources.{name}.Path",
                    f"is {properties.get('Path')!r}: a deploy role manages roles and policies under {here.path} only",
                    f"Set it to {here.path}",
                )


def named_resources(kind: str, here: Surroundings) -> Iterator[tuple[str, JsonObject]]:
    """Logical id and properties of the stack's resources of a type."""
    bodies = here.members[kind].bodies if kind in here.members else {}
    yield from ((name, body.get("Properties", {})) for name, body in bodies.items())


def values(kind: str, name: str, here: Surroundings) -> tuple[Any, ...]:
    """What the resources of a type have as a property; those that do not have it are left out."""
    return tuple(properties[name] for _, properties in named_resources(kind, here) if name in properties)


def filled(arn: str, here: Surroundings) -> str:
    """An ARN of ``scopes`` with this stack's region and path in it."""
    return arn.replace("{region}", here.region).replace("{path}", here.path)


def pattern(value: object, here: Surroundings) -> str | None:
    """The ARN that a property writes with ``Fn::Sub``; ``*`` stands for what is only known when it is deployed."""
    written = Sub(value) if isinstance(value, str) else function(value)
    if not isinstance(written, Sub):
        return None

    def known(reference: Reference) -> str | None:
        if reference.variable == "AWS::Region":
            return here.region
        return None if reference.name.startswith("AWS::") else "*"

    return with_variables(written.text, known)


def own_arns(kind: str, scope: TypeScope, here: Surroundings) -> tuple[str, ...]:
    """The ARNs of the stack's resources of a type; none where they have names and there are none."""
    arns = tuple(filled(arn, here) for arn in scope.arns)
    if not scope.name:
        return arns
    return tuple(arn.replace("{name}", name) for arn in arns for name in _patterns(kind, scope, here))


def exact_arn(kind: str, scope: TypeScope, value: object, here: Surroundings) -> str:
    """The ARN of one resource that ``value`` names or refers to."""
    return filled(scope.arns[0], here).replace("{name}", next(_names(kind, {scope.name: value}, scope, here)))


def _patterns(kind: str, scope: TypeScope, here: Surroundings) -> tuple[str, ...]:
    resources = list(named_resources(kind, here))
    if scope.by_id:
        names = {_name(properties.get(scope.name, title), here) for title, properties in resources} or {"*"}
    else:
        names = {name for _, properties in resources for name in _names(kind, properties, scope, here)}
    return tuple(sorted({pattern for name in names for pattern in _shared(name, scope, here)}))


def _names(kind: str, properties: Properties, scope: TypeScope, here: Surroundings) -> Iterator[str]:
    """The names a resource has, or refers to; those of WAF with their scope and kind, as ARNs have them."""
    value = at(properties, *scope.name.split("."))
    for entry in value if isinstance(value, list) else [value]:
        name = _name(entry, here)
        if kind.startswith("AWS::WAFv2::") and "/webacl/" not in name:
            what = "ipset" if kind == "AWS::WAFv2::IPSet" else "webacl"
            name = f"{'global' if properties.get('Scope') == 'CLOUDFRONT' else 'regional'}/{what}/{name}"
        if kind == "AWS::IAM::OIDCProvider":
            name = name.removeprefix("https://")  # which its ARN does not have
        if kind == PUBLISHED_TYPE:
            name = name.removeprefix("/")  # which its ARN does not repeat
        yield "/".join(name.split("/")[:3]) if "/webacl/" in name else name


def _shared(name: str, scope: TypeScope, here: Surroundings) -> tuple[str, ...]:
    if name.startswith(here.published):
        return (f"{here.published}*",)
    before, start, _ = name.partition(f"{here.prefix}-")
    if start and not scope.exact:
        return (f"{before}{start}*",)
    if ":log-group:" in scope.arns[0] and not name.endswith("*"):
        return name, f"{name}:*"  # some actions are checked against the group, some against what is in it
    return (name,)


def _name(value: object, here: Surroundings) -> str:
    """The physical name that a property gives: text, ``Fn::Sub``, or a reference to what has one."""
    match value:
        case str():
            return value.rpartition(":")[2] if value.startswith("arn:") else value
        case None:
            return f"{here.name}-*"  # CloudFormation makes names of the stack's, the logical id and random letters
    match function(value):
        case Sub(text, own):

            def known(reference: Reference) -> str | None:
                if reference.variable in own:
                    return "*"
                if reference.name.startswith("AWS::"):
                    return {"AWS::Region": here.region, "AWS::AccountId": _ACCOUNT}.get(reference.name)
                return _name_of(reference.name, here)  # ${WebFunction}:live

            return _name(with_variables(text, known), here).replace(_ACCOUNT, "${AWS::AccountId}")
        case Ref(target) | GetAtt(target, _):
            return _name_of(target, here)
    return f"{here.prefix}-*"


_ACCOUNT = "<account>"


def _name_of(target: str, here: Surroundings) -> str:
    for kind, members in here.members.items():
        if target in members.bodies and known_type(kind).is_api:  # other names are made of their ids
            return "*"
        scope = SCOPES.get(kind)
        if target in members.bodies and scope is not None and scope.name:
            return next(_names(kind, members.bodies[target].get("Properties", {}), scope, here))
    return f"{here.prefix}-*"
