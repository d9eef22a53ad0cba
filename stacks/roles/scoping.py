"""A need → where it is granted: on exact ARNs, on a prefix, by the tag ``stack``, or on ``*`` under a condition.

The first that fits: an action with rules of its own (IAM, keys, tags, code); the type's line in ``scopes``; the tag;
``*`` in the stack's region for actions that IAM checks against no resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks import naming, registry
from stacks.intrinsics.functions import Sub, function
from stacks.intrinsics.references import blanked
from stacks.roles import authorization, keys, scopes
from stacks.roles.by_name import named_scope, template_arn
from stacks.roles.dns import dns_place
from stacks.roles.grants import GrantPlace, single_or_list
from stacks.roles.names import exact_arn, filled, named_resources, own_arns, owners, pattern, values
from stacks.roles.needs import services_of
from stacks.roles.scopes import SCOPES
from stacks.types import TYPES
from stacks.types.record import TypeScope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.json_types import JsonObject
    from stacks.roles.names import Surroundings
    from stacks.roles.needs import Need

_Conditions = dict[str, "Mapping[str, Any]"]
_GLOBAL = ("cloudfront:", "pricingplanmanager:", "route53:", "shield:")
"""Services with one place, which counts as us-east-1.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion"""
_BOUND = ("CreateRole", "AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy")
_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
_SUBSCRIPTION = "AWS::PricingPlanManager::Subscription"
"""Its handler asks us-east-1 alone, where CloudFront's metrics are, too."""
_TABLE = "AWS::DynamoDB::Table"
_LOG_GROUP = "AWS::Logs::LogGroup"
_PROVIDER = "AWS::IAM::OIDCProvider"
_DEPLOYMENTS = "AWS::CodeDeploy::DeploymentGroup"
_TAGGING = ("TagResource", "AddTags", "AddTagsToCertificate", "RegisterScalableTarget")
"""What gives tags, to what already exists or to what it makes."""
_MAKING = {"POST", "PUT"}


def places(need: Need, here: Surroundings) -> Iterator[GrantPlace]:  # noqa: C901, PLR0912 - one case for each way to identify
    """Where the need is granted: one place, or several that are alternatives.

    Raises:
        StacksError: when nothing distinguishes the type's resources from others.
    """
    service, _, verb = need.action.partition(":")
    if service == "iam" and need.type != _PROVIDER:
        yield _iam_place(need, verb, here)
    elif service == "apigateway" and verb in _MAKING and need.type != "AWS::ApiGateway::Account":
        yield from _api_places(need, verb, here)
    elif need.type == _TABLE and service in {"s3", "logs"} and authorization.has_resources(need.action):
        yield _import_place(service, need, here)
    elif service == "s3" and verb in {"GetObject", "GetObjectVersion"}:
        yield _place(scopes.CODE_OBJECTS.replace("{bucket}", here.code_bucket))
    elif service == "kms" and not need.type.startswith("AWS::KMS::") and authorization.has_resources(need.action):
        yield from keys.key_places(need, verb, here)
    elif need.type == keys.KEY and verb in keys.OF_NEW_KEYS:
        yield from keys.new_key_places(verb, here)
    elif need.type == keys.ALIAS and authorization.has_resources(need.action):
        yield from keys.alias_places(verb, here)
    elif verb == "PutBackupVaultLockConfiguration":
        yield _lock_place(need, here)
    elif service == "route53" and authorization.has_resources(need.action):
        yield dns_place(need, here)
    elif need.type == _ASSOCIATION:
        yield from _guarding_places(need, here)
    elif other := _not_own(need):
        yield _place(filled(other, here).replace("{prefix}", here.prefix))
    elif need.action == "lambda:GetLayerVersion" and need.type != "AWS::Lambda::LayerVersion":
        yield _place(*_layers(need.type, here))
    elif not authorization.has_resources(need.action):
        yield _everywhere(need, here)
    else:
        yield from _own_places(need, verb, here)


def _place(*arns: str, **conditions: JsonObject) -> GrantPlace:
    return GrantPlace(arns=arns, conditions=conditions)


def _not_own(need: Need) -> str | None:
    """What the type uses, or has made by AWS, and what is not a resource of the stack."""
    if need.action == "codedeploy:GetDeploymentConfig":
        return scopes.DEPLOYMENT_CONFIGS
    if need.action == "wafv2:GetWebACL" and need.type.startswith("AWS::CloudFront::"):
        return scopes.EDGE_WEB_ACL
    if need.action.startswith("cloudwatch:") and need.type == "AWS::ApplicationAutoScaling::ScalableTarget":
        return scopes.SCALING_ALARMS
    return None


def hands_on_bases_role(need: Need) -> bool:
    """Whether the role that the type hands to a service is base's, which is CodeDeploy's alone."""
    return need.action == "iam:PassRole" and need.type == _DEPLOYMENTS


def _iam_place(need: Need, verb: str, here: Surroundings) -> GrantPlace:
    """Roles and policies of the stack's path, roles only with the boundary.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    conditions: _Conditions = {}
    if verb == "CreateServiceLinkedRole":
        service = TYPES[need.type].linked_role
        return _place(scopes.SERVICE_ROLE.replace("{service}", service), StringEquals={"iam:AWSServiceName": service})
    if hands_on_bases_role(need):
        role = scopes.CODE_DEPLOY_ROLE.replace("{prefix}", here.prefix)
        return _place(role, StringEquals={"iam:PassedToService": "codedeploy.amazonaws.com"})
    if verb in _BOUND and not here.base:
        conditions["ArnEquals"] = {"iam:PermissionsBoundary": here.boundary}
    if verb in {"AttachRolePolicy", "DetachRolePolicy"}:
        own = filled(SCOPES["AWS::IAM::ManagedPolicy"].arns[0], here)
        conditions["ArnLike"] = {"iam:PolicyARN": single_or_list((own, *_named_policies(here)))}
    if verb == "PassRole":
        takers = sorted(
            set(services_of(members for members in here.members.values() if members.type != _DEPLOYMENTS).values())
        )
        conditions["StringEquals"] = {"iam:PassedToService": single_or_list(tuple(takers))}
    policy = need.type == "AWS::IAM::ManagedPolicy" and "Role" not in verb
    scope = SCOPES["AWS::IAM::ManagedPolicy" if policy else "AWS::IAM::Role"]
    return GrantPlace(arns=(filled(scope.arns[0], here),), conditions=conditions)


def _named_policies(here: Surroundings) -> tuple[str, ...]:
    """Policies from outside that the template's roles name: attached because it says so, capped by the boundary."""
    listed = (entry for named in values("AWS::IAM::Role", "ManagedPolicyArns", here) for entry in named)
    read = [Sub(item) if isinstance(item, str) else function(item) for item in listed]
    return tuple(sorted({entry.text for entry in read if isinstance(entry, Sub) and not entry.variables}))


def _api_places(need: Need, verb: str, here: Surroundings) -> Iterator[GrantPlace]:
    """APIs: verbs on paths. Children carry their API's tags, but for those of HTTP APIs.

    Tags are given by PUT; what is created with tags in an HTTP API, or a domain of one, is in addition a POST on tags.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
    """
    scope = SCOPES.get(need.type) or _scope(need, here)
    tags = verb == "PUT" or (verb == "POST" and need.type.startswith("AWS::ApiGatewayV2::"))
    if tags and registry.is_taggable(need.type):
        yield _tagging_place(here)
    if scope.creates_on and verb != "PUT":
        yield _place(filled(scope.creates_on, here), StringEquals=_asked(here))
        if need.operations == ("create",):
            return
    if _fits(scope, authorization.arn_formats(need.action)):
        message = {_tag_operator(scope): _own(here)} if scope.tagged else {}
        yield GrantPlace(arns=own_arns(need.type, scope, here), conditions=message)


def _tagging_place(here: Surroundings) -> GrantPlace:
    """Tags of APIs have paths of their own, and API Gateway documents no tag of the resource for them."""
    return _place(filled(scopes.API_TAGS, here), StringEquals=_asked(here), StringEqualsIfExists=_own(here))


def _guarding_places(need: Need, here: Surroundings) -> Iterator[GrantPlace]:
    """A web ACL of this stack, and what it guards, which may be another stack's: the one whose output names it."""
    if need.action.startswith("wafv2:"):
        yield _place(*own_arns(need.type, SCOPES[need.type], here))
    for guarded in values(need.type, "ResourceArn", here):
        arn = pattern(guarded, here)
        if arn is not None and _checked_against(need.action, arn):
            yield _place(arn, StringEqualsIfExists={"aws:ResourceTag/stack": single_or_list(owners(guarded, here))})


def _import_place(service: str, need: Need, here: Surroundings) -> GrantPlace:
    """The files that tables are filled from, and where DynamoDB notes those that it cannot read.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Requesting.html
    """
    if service == "logs":
        return _place(filled(scopes.IMPORT_LOGS, here))
    sources = [entry["S3BucketSource"] for entry in values(need.type, "ImportSourceSpecification", here)]
    if need.action == "s3:ListBucket":
        return _place(*sorted({f"arn:${{AWS::Partition}}:s3:::{source['S3Bucket']}" for source in sources}))
    objects = {
        f"arn:${{AWS::Partition}}:s3:::{source['S3Bucket']}/{source.get('S3KeyPrefix', '')}*" for source in sources
    }
    return _place(*sorted(objects))


def _logged_place(need: Need, here: Surroundings) -> GrantPlace:
    """The distribution whose log is delivered: the stack's own, or that of the stack whose output names it."""
    named = values(need.type, "ResourceArn", here)
    logged = tuple(sorted({stack for entry in named for stack in owners(entry, here)})) or (here.name,)
    arn = filled(SCOPES["AWS::CloudFront::Distribution"].arns[0], here)
    return _place(arn, StringEquals={"aws:ResourceTag/stack": single_or_list(logged)})


def _checked_against(action: str, arn: str) -> bool:
    """Whether IAM checks the action against resources of the ARN's service."""
    service = TypeScope((arn,)).service
    return any(text.startswith(f"arn:${{Partition}}:{service}:") for text in authorization.arn_formats(action))


def _lock_place(need: Need, here: Surroundings) -> GrantPlace:
    """A lock that holds copies for as long as the template says, or longer; a person who deploys base shortens it.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
    """
    days = [entry.get("MinRetentionDays") for entry in values(need.type, "LockConfiguration", here)]
    numbers = [int(day) for day in days if isinstance(day, int | str) and str(day).isdecimal()]
    least = {"NumericGreaterThanEquals": {"backup:MinRetentionDays": str(min(numbers))}} if numbers else {}
    return _place(*own_arns(need.type, SCOPES[need.type], here), **least)


def _everywhere(need: Need, here: Surroundings) -> GrantPlace:
    """An action that IAM checks against no resource: creating asks for our tag, the rest for our region."""
    scope = SCOPES.get(need.type)
    if scope is not None and scope.key and need.action.startswith("lambda:"):
        return GrantPlace(arns=("*",), conditions=_by_key(need.type, scope, here))
    if _creates_tagged(need):
        return _place("*", StringEquals=_asked(here))
    is_global = need.action.startswith(_GLOBAL) or need.type == _SUBSCRIPTION
    region = naming.EDGE_REGION if is_global else here.region
    return _place("*", StringEquals={"aws:RequestedRegion": region})


def _creates_tagged(need: Need) -> bool:
    """Whether the action makes the tagged thing itself, which has no tag yet."""
    scope = SCOPES.get(need.type)
    verb = need.action.partition(":")[2]
    kind = need.type.rpartition("::")[2]
    result = verb in {f"Create{kind}", f"Request{kind}"} and need.operations == ("create",)
    return result and (scope is None or scope.tagged) and registry.is_taggable(need.type)


def _layers(kind: str, here: Surroundings) -> list[str]:
    """The layers that functions name: by their ARNs, or the stage's own by reference."""
    own = filled(scopes.OWN_LAYERS, here).replace("{prefix}", here.prefix)
    return sorted({item if isinstance(item, str) else own for some in values(kind, "Layers", here) for item in some})


def _own_places(need: Need, verb: str, here: Surroundings) -> Iterator[GrantPlace]:
    scope = _scope(need, here)
    arns = own_arns(need.type, scope, here)
    if need.action in {"wafv2:CreateWebACL", "wafv2:UpdateWebACL"}:
        used = sorted({"global" if ":global/" in arn else "regional" for arn in arns})
        arns += tuple(filled(scopes.MANAGED_RULES, here).replace("{scope}", item) for item in used)
        arns += own_arns("AWS::WAFv2::IPSet", SCOPES["AWS::WAFv2::IPSet"], here)
    if verb == "AllowVendedLogDeliveryForResource":
        yield _logged_place(need, here)
    elif scope.key and "tag" in verb.lower() and verb not in _TAGGING:
        yield _place(*arns, StringEquals=_own(here))  # these know no other key
    elif scope.key and verb not in _TAGGING:
        yield GrantPlace(arns=arns, conditions=_by_key(need.type, scope, here))
    elif need.type == _LOG_GROUP:
        yield from _log_places(verb, arns, here)
    elif need.type == "AWS::Lambda::Permission" and verb == "AddPermission":
        yield from _permission_places(need, scope, here)
    elif not (scope.tagged or scope.key):
        yield GrantPlace(arns=arns, conditions=_of_url(need, verb, here))
    elif _creates_tagged(need):
        yield _place(*arns, StringEquals=_asked(here))
    elif verb in _TAGGING:
        yield _place(*arns, StringEquals=_asked(here), StringEqualsIfExists=_own(here))
        yield _place(*arns, StringEquals=_own(here), StringEqualsIfExists=_asked(here))
    else:
        yield _place(*arns, **{_tag_operator(scope): _own(here)})


def _tag_operator(scope: TypeScope) -> str:
    return "StringEquals" if scope.inherits else "StringEqualsIfExists"


def _log_places(verb: str, arns: Sequence[str], here: Surroundings) -> Iterator[GrantPlace]:
    """Log groups of names that are known; those named by the id of an API of any stack, by the tag in addition."""
    others = tuple(arn for arn in arns if scopes.EXECUTION_LOGS in arn)
    if named := tuple(arn for arn in arns if arn not in others):
        yield _place(*named)
    if others and verb == "CreateLogGroup":
        yield _place(*others, StringEquals=_asked(here))
    elif others and verb in _TAGGING:
        yield _place(*others, StringEquals=_asked(here), StringEqualsIfExists=_own(here))
        yield _place(*others, StringEquals=_own(here), StringEqualsIfExists=_asked(here))
    elif others:
        yield _place(*others, StringEquals=_own(here))


def _scope(need: Need, here: Surroundings) -> TypeScope:
    """The type's line; for a type without one, or another service's action, whatever carries the stack's tag."""
    service = need.action.partition(":")[0]
    scope = SCOPES.get(need.type)
    if scope is not None and scope.service == service and _fits(scope, authorization.arn_formats(need.action)):
        return scope
    if scope is None and not registry.is_taggable(need.type) and not here.base:
        return named_scope(need, here)
    if service == "s3" and need.type.startswith("AWS::CloudFront::"):
        return scopes.CDN_LOG_BUCKET
    if service == "s3":
        return TypeScope((f"arn:${{AWS::Partition}}:s3:::{here.prefix}-*",))  # bucket ARNs contain no account
    # A recovery point's ARN may be any service's; IAM takes no policy with a wildcard there.
    formats = (text for text in authorization.arn_formats(need.action) if not text.split(":")[2].startswith("$"))
    arns = {template_arn(text) for text in formats}
    return TypeScope(tuple(sorted(arns)), tagged=not here.base)


def _fits(scope: TypeScope, formats: Sequence[str]) -> bool:
    """Whether an action is checked against what the type is: ``layer:`` is not a ``function:``."""
    own = _resource_of(scope.arns[0])
    return own.startswith("*") or any(own.startswith(_resource_of(text).partition(".*")[0]) for text in formats)


def _resource_of(arn: str) -> str:
    """``function:{name}`` of a Lambda ARN."""
    return blanked(arn).split(":", 5)[5]


def _by_key(kind: str, scope: TypeScope, here: Surroundings) -> _Conditions:
    """Mappings have ids of AWS's choice, but IAM gets the function that they call."""
    functions = own_arns(kind, TypeScope(SCOPES["AWS::Lambda::Function"].arns, name="FunctionName"), here)
    return {"ArnLike": {scope.key: single_or_list(functions)}}


def _permission_places(need: Need, scope: TypeScope, here: Surroundings) -> Iterator[GrantPlace]:
    """Whom the template lets call functions: services any function of the stack, everybody those it names alone."""
    permissions = [body for _, body in named_resources(need.type, here) if {"FunctionName", "Principal"} <= body.keys()]
    services = sorted({str(permission["Principal"]) for permission in permissions} - {"*"})
    if services:
        arns = own_arns(need.type, scope, here)
        yield _place(*arns, StringEquals={"lambda:Principal": single_or_list(tuple(services))})
    opened = [permission for permission in permissions if permission["Principal"] == "*"]
    for kind in sorted({str(entry.get("FunctionUrlAuthType", "")) for entry in opened}):
        called = [entry for entry in opened if str(entry.get("FunctionUrlAuthType", "")) == kind]
        arns = tuple(sorted({exact_arn(need.type, scope, entry["FunctionName"], here) for entry in called}))
        asked = {"lambda:Principal": "*"} | ({"lambda:FunctionUrlAuthType": kind} if kind else {})
        yield _place(*arns, StringEquals=asked)


def _of_url(need: Need, verb: str, here: Surroundings) -> _Conditions:
    """How functions may be called at their URLs: as the template says."""
    if need.type == "AWS::Lambda::Url" and verb in {"CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"}:
        kinds = {str(entry) for entry in values(need.type, "AuthType", here)}
        return {"StringEquals": {"lambda:FunctionUrlAuthType": single_or_list(tuple(sorted(kinds)))}}
    return {}


def _own(here: Surroundings) -> dict[str, str]:
    return {"aws:ResourceTag/stack": here.name}


def _asked(here: Surroundings) -> dict[str, str]:
    return {"aws:RequestTag/stack": here.name}
