"""A need → where it is granted: on exact ARNs, on a prefix, by the tag ``stack``, or on ``*`` under a condition.

The first that fits: an action with rules of its own (IAM, keys, tags, code); the type's line in ``scopes``; the tag;
``*`` in the stack's region for actions that IAM checks against no resource. Nothing here widens: a name that cannot be
known from the template becomes the prefix of the stage, never ``*``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks import naming, registry
from stacks.errors import StacksError
from stacks.roles import authorization, scopes
from stacks.roles.corrections import SERVICE_LINKED
from stacks.roles.grants import Place
from stacks.roles.needs import services_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import App, Stage
    from stacks.rendering import Rendered
    from stacks.roles.needs import Members, Need

BASE = "base"
_BOUND = ("CreateRole", "AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy")
_TAGGING = ("TagResource", "AddTags")
_PART = re.compile(r"-\d+$")
"""``backend-2`` is a part of ``backend``: its resources carry that one's path and tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What tells this stack's things from all others."""

    stack: str
    name: str
    """The value of the tag ``stack``."""
    region: str
    prefix: str
    path: str
    code_bucket: str
    boundary: str
    """``${ApplicationBoundary}``: the policy of the base template that every role must have."""
    members: Mapping[str, Members]

    @property
    def base(self) -> bool:
        """Base makes the platform: its rights end at no boundary of its own."""
        return self.stack == BASE


def surroundings(app: App, stage: Stage, rendered: Rendered, found: Sequence[Members]) -> Surroundings:
    """The surroundings of a stack.

    Raises:
        StacksError: for a role or policy outside the stack's IAM path.
    """
    family = _PART.sub("", rendered.stack)
    here = Surroundings(
        stack=rendered.stack,
        name=naming.stack_name(app, stage, family),
        region=rendered.region,
        prefix=naming.prefix(app, stage),
        path=naming.role_path(app, stage, "platform" if family == BASE else family),
        code_bucket=naming.bucket_name(app, stage, "code").replace("${AWS::Region}", stage.region),
        boundary="${ApplicationBoundary}",
        members={each.type: each for each in found},
    )
    _check_paths(here)
    return here


def _check_paths(here: Surroundings) -> None:
    for kind in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
        for name, body in here.members[kind].bodies.items() if kind in here.members else ():
            path = body.get("Properties", {}).get("Path")
            if path != here.path:
                raise StacksError(
                    f"{here.stack}.Resources.{name}.Path",
                    f"is {path!r}: a deploy role manages roles and policies under {here.path} only",
                    f"Set it to {here.path}",
                )


def places(need: Need, here: Surroundings) -> Iterator[Place]:
    """Where the need is granted: one place, or several that are alternatives."""
    service, _, verb = need.action.partition(":")
    if service == "iam":
        yield _iam_place(need, verb, here)
    elif service == "apigateway" and verb in {"POST", "PUT"} and _is_api(need):
        yield from _api_places(need, verb, here)
    elif service == "s3" and verb in {"GetObject", "GetObjectVersion"}:
        yield _place(scopes.CODE_OBJECTS.replace("{bucket}", here.code_bucket))
    elif service == "kms" and not need.type.startswith("AWS::KMS::") and authorization.has_resources(need.action):
        yield _key_place(need, verb, here)
    elif need.action == "wafv2:GetWebACL" and need.type.startswith("AWS::CloudFront::"):
        yield _place(scopes.EDGE_WEB_ACL.replace("{prefix}", here.prefix))
    elif not authorization.has_resources(need.action):
        yield _everywhere(need, here)
    else:
        yield from _own_places(need, verb, here)


def _place(*arns: str, **conditions: Mapping[str, Any]) -> Place:
    return Place(arns=arns, conditions=conditions)


def _iam_place(need: Need, verb: str, here: Surroundings) -> Place:
    conditions: dict[str, Mapping[str, Any]] = {}
    if verb == "CreateServiceLinkedRole":
        service = SERVICE_LINKED[need.type]
        return _place(scopes.SERVICE_ROLE.replace("{service}", service), StringEquals={"iam:AWSServiceName": service})
    if verb in _BOUND and not here.base:
        conditions["StringEquals"] = {"iam:PermissionsBoundary": here.boundary}
    if verb in {"AttachRolePolicy", "DetachRolePolicy"}:
        own = _filled(scopes.SCOPES["AWS::IAM::ManagedPolicy"].arns[0], here)
        conditions["ArnLike"] = {"iam:PolicyARN": _one_or_more((own, *_foreign_policies(here)))}
    if verb == "PassRole":
        takers = sorted(set(services_of(tuple(here.members.values())).values()))
        conditions["StringEquals"] = {"iam:PassedToService": _one_or_more(tuple(takers))}
    kind = "AWS::IAM::ManagedPolicy" if need.type == "AWS::IAM::ManagedPolicy" and "Role" not in verb else ""
    scope = scopes.SCOPES[kind or "AWS::IAM::Role"]
    return Place(arns=(_filled(scope.arns[0], here),), conditions=conditions)


def _foreign_policies(here: Surroundings) -> tuple[str, ...]:
    """Policies from outside that the template's roles name: attached because it says so, capped by the boundary."""
    roles = here.members.get("AWS::IAM::Role")
    named = {
        arn
        for body in (roles.bodies.values() if roles else ())
        for given in body.get("Properties", {}).get("ManagedPolicyArns", ())
        if isinstance(arn := given.get("Fn::Sub", given) if isinstance(given, dict) else given, str)
    }
    return tuple(sorted(named))


def _is_api(need: Need) -> bool:
    return need.type in scopes.SCOPES and need.type != "AWS::ApiGateway::Account"


def _api_places(need: Need, verb: str, here: Surroundings) -> Iterator[Place]:
    """REST APIs: verbs on paths. Children carry their API's tags.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
    """
    scope = scopes.SCOPES[need.type]
    if verb == "POST" and scope.creates_on:
        yield _place(_filled(scope.creates_on, here), StringEquals=_asked(here))
        return
    yield _place(_filled(scope.arns[0], here), StringEquals=_own(here))
    if verb == "PUT" and need.type in {"AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"}:
        # API Gateway documents no tag of the resource for tagging; where it gives one, it must be ours.
        yield _place(_filled(scopes.API_TAGS, here), StringEquals=_asked(here), StringEqualsIfExists=_own(here))


def _key_place(need: Need, verb: str, here: Surroundings) -> Place:
    """Keys of others: only through the service that the type belongs to."""
    service = need.type.split("::")[1].lower()
    conditions: dict[str, Mapping[str, Any]] = {"StringEquals": {"kms:ViaService": f"{service}.{here.region}.amazonaws.com"}}
    if verb == "CreateGrant":
        conditions["Bool"] = {"kms:GrantIsForAWSResource": "true"}
    return Place(arns=(_filled(scopes.KEYS, here),), conditions=conditions)


def _everywhere(need: Need, here: Surroundings) -> Place:
    """An action that IAM checks against no resource: creating what is tagged asks for our tag, the rest for our region."""
    if _creates_tagged(need):
        return _place("*", StringEquals=_asked(here))
    return _place("*", StringEquals={"aws:RequestedRegion": _service_region(need, here)})


def _creates_tagged(need: Need) -> bool:
    """Whether the action makes the tagged thing itself, which has no tag yet."""
    scope = scopes.SCOPES.get(need.type)
    verb = need.action.partition(":")[2]
    made = verb == f"Create{need.type.rpartition('::')[2]}" and need.operations == ("create",)
    return made and (scope is None or scope.tagged) and _taggable(need.type)


def _taggable(kind: str) -> bool:
    return bool(((registry.schema(kind) or {}).get("tagging") or {}).get("taggable"))


def _service_region(need: Need, here: Surroundings) -> str:
    return naming.EDGE_REGION if need.action.startswith("cloudfront:") else here.region


def _own_places(need: Need, verb: str, here: Surroundings) -> Iterator[Place]:
    scope = scopes.SCOPES.get(need.type)
    arns = _arns(need, scope, here)
    if scope is not None and not scope.tagged:
        yield Place(arns=arns, conditions=_of_permission(need, verb, here))
    elif _creates_tagged(need):
        yield _place(*arns, StringEquals=_asked(here))
    elif verb in _TAGGING:
        yield _place(*arns, StringEquals=_asked(here), StringEqualsIfExists=_own(here))
        yield _place(*arns, StringEquals=_own(here), StringEqualsIfExists=_asked(here))
    else:
        yield _place(*arns, StringEquals=_own(here))


def _of_permission(need: Need, verb: str, here: Surroundings) -> dict[str, Mapping[str, Any]]:
    """Who may be allowed to call a function: the services that the template names, nobody else."""
    if need.type != "AWS::Lambda::Permission" or verb != "AddPermission":
        return {}
    principals = {
        str(body.get("Properties", {}).get("Principal")) for body in here.members[need.type].bodies.values()
    }
    return {"StringEquals": {"lambda:Principal": _one_or_more(tuple(sorted(principals)))}}


def _own(here: Surroundings) -> dict[str, str]:
    return {"aws:ResourceTag/stack": here.name}


def _asked(here: Surroundings) -> dict[str, str]:
    return {"aws:RequestTag/stack": here.name}


def _one_or_more(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _filled(arn: str, here: Surroundings) -> str:
    return arn.replace("{region}", here.region).replace("{path}", here.path)


def _arns(need: Need, scope: scopes.Scope | None, here: Surroundings) -> tuple[str, ...]:
    if scope is None:
        return _arns_of_formats(need, here)
    arns = tuple(_filled(arn, here) for arn in scope.arns)
    if need.type.startswith("AWS::WAFv2::"):
        arns = tuple(arn.replace("{scope}", _waf_scope(here)) for arn in arns)
    if scope.name:
        arns = tuple(arn.replace("{name}", name) for arn in arns for name in _names(need.type, scope, here))
    if need.action in {"wafv2:CreateWebACL", "wafv2:UpdateWebACL"}:
        arns += (_filled(scopes.MANAGED_RULES, here).replace("{scope}", _waf_scope(here)),)
    return arns


def own_arns(kind: str, here: Surroundings) -> tuple[str, ...]:
    """The ARNs of the stack's resources of a type that is told by name; none where it has none."""
    scope = scopes.SCOPES[kind]
    names = _names(kind, scope, here)
    return tuple(_filled(arn, here).replace("{name}", name) for arn in scope.arns for name in names)


def _waf_scope(here: Surroundings) -> str:
    acls = here.members.get("AWS::WAFv2::WebACL")
    scopes_used = {body["Properties"].get("Scope") for body in acls.bodies.values()} if acls else set()
    return "regional" if scopes_used == {"REGIONAL"} else "global"


def _arns_of_formats(need: Need, here: Surroundings) -> tuple[str, ...]:
    """A type without a line of its own: whatever of its service is in this account and region, told by the tag."""
    formats = (text.replace("${Partition}", "${AWS::Partition}") for text in authorization.arn_formats(need.action))
    filled = (text.replace("${Region}", here.region).replace("${Account}", "${AWS::AccountId}") for text in formats)
    return tuple(sorted({text.replace(".*", "*") for text in filled}))


def _names(kind: str, scope: scopes.Scope, here: Surroundings) -> tuple[str, ...]:
    bodies = here.members[kind].bodies if kind in here.members else {}
    names = {_name(body.get("Properties", {}).get(scope.name), here) for body in bodies.values()}
    return tuple(sorted({shared for name in names for shared in _shared(name, scope, here)}))


def _shared(name: str, scope: scopes.Scope, here: Surroundings) -> tuple[str, ...]:
    """``notes-dev-web`` shares ``notes-dev-*``; an exact name stays, a log group's with the streams in it."""
    before, start, _ = name.partition(f"{here.prefix}-")
    if start and not scope.exact:
        return (f"{before}{start}*",)
    if "log-group" in scope.arns[0] and not name.endswith("*"):
        return name, f"{name}:*"
    return (name,)


def _name(value: Any, here: Surroundings) -> str:
    """The physical name that a property gives: text, ``Fn::Sub``, or a reference to what has one."""
    match value:
        case str():
            return value
        case None:
            return f"{here.name}-*"  # CloudFormation makes names of the stack's, the logical id and random letters
        case {"Fn::Sub": str() as text}:
            return text.replace("${AWS::Region}", here.region)
        case {"Ref": str() as target}:
            return _name_of(target, here)
        case {"Fn::GetAtt": [str() as target, *_]}:
            return _name_of(target, here)
        case _:
            return f"{here.prefix}-*"


def _name_of(target: str, here: Surroundings) -> str:
    for kind, each in here.members.items():
        scope = scopes.SCOPES.get(kind)
        if target in each.bodies and scope is not None and scope.name:
            return _name(each.bodies[target].get("Properties", {}).get(scope.name), here)
    return f"{here.prefix}-*"
