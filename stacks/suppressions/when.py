"""When a finding is intended: a suppression, and the conditions on the resource it is for. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.functions import Ref, function
from stacks.template.csp import weaknesses
from stacks.template.openapi import routes_of
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.json_types import JsonDict, JsonObject, Properties
    from stacks.template.openapi import ApiOperation

Predicate = Callable[[Any, Any], bool]
"""Judges the properties of a resource, given the ``TemplateResources`` of its template."""


@value
class Suppression:
    """Findings on resources of a type that are intended ``when`` the resource, in its template, is so."""

    reason: str
    """At least 20 characters, no closing full stop."""
    when: Predicate
    checkov: tuple[str, ...] = ()
    nag: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    parts: Callable[[JsonObject], tuple[str, ...]] | None = None
    """Which routes of an API are meant, as ``GET /notes``; the whole resource without it."""


class TemplateResources(dict[str, Any]):
    """The resources of a template, with what conditions ask of all of them."""

    @cached_property
    def of(self) -> Mapping[str, list[JsonObject]]:
        """The bodies by type; an empty list for a type that the template does not have."""
        bodies: dict[str, list[JsonObject]] = defaultdict(list)
        for body in self.values():
            bodies[str(body.get("Type"))].append(body)
        return bodies

    @cached_property
    def ids(self) -> Mapping[int, str]:
        """The identity of each resource's properties → its logical id."""
        return {id(body.get("Properties")): name for name, body in self.items()}


def without(*path: str) -> Predicate:
    """The property does not exist, or false."""

    def lacks(properties: Properties, _: JsonObject) -> bool:
        value: Any = properties
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return not value

    return lacks


def always(_: JsonObject, __: JsonObject) -> bool:
    """Whatever the resource is like."""
    return True


def has_no_resource(kind: str) -> Predicate:
    """The template has no resource of a type."""
    return lambda _, resources: not resources.of[kind]


def has_resource(kind: str) -> Predicate:
    """The template has a resource of a type."""
    return lambda _, resources: bool(resources.of[kind])


def both(predicate: Predicate, other: Predicate) -> Predicate:
    """Both conditions hold."""
    return lambda properties, resources: predicate(properties, resources) and other(properties, resources)


def has_api(_: JsonObject, resources: TemplateResources) -> bool:
    """The template has an API, whose stage limits the rate of requests."""
    return bool(resources.of["AWS::ApiGateway::RestApi"] or resources.of["AWS::ApiGatewayV2::Api"])


def neither_api(properties: Properties, resources: TemplateResources) -> bool:
    """The template has no API."""
    return not has_api(properties, resources)


def has_open_address(domain: str) -> Predicate:
    """The API's own address is open although the template has a domain for it."""
    return lambda properties, resources: bool(not properties.get("DisableExecuteApiEndpoint") and resources.of[domain])


def is_public(properties: Properties, _: JsonObject) -> bool:
    """Everyone may call the route of an HTTP API; the description says so."""
    return properties.get("AuthorizationType") == "NONE"


def has_routes(predicate: Callable[[ApiOperation], bool]) -> Predicate:
    """Whether the API has a route in its body that is so."""
    return lambda properties, _: any(predicate(route) for route in routes_of(properties))


def routes(predicate: Callable[[ApiOperation], bool]) -> Callable[[JsonObject], tuple[str, ...]]:
    """The routes in the body of an API that are so."""
    return lambda properties: tuple(route.text for route in routes_of(properties) if predicate(route))


def is_public_route(route: ApiOperation) -> bool:
    """Everyone may call the route; the description says so."""
    return route.is_open and not route.is_preflight


def is_judged_otherwise(route: ApiOperation) -> bool:
    """The route does not ask Cognito who calls."""
    return "cognito_user_pools" not in route.asks and not route.is_preflight


def is_public_url(properties: Properties, _: JsonObject) -> bool:
    """Everyone may call the function, but only at its URL; the description says so."""
    return properties.get("FunctionUrlAuthType") == "NONE" or properties.get("InvokedViaFunctionUrl") is True


def migrates_users(properties: Properties, resources: TemplateResources) -> bool:
    """The client sends passwords for a trigger that moves accounts; its pool may be in another stack."""
    pools = resources.of["AWS::Cognito::UserPool"]
    moving = any("UserMigration" in body.get("Properties", {}).get("LambdaConfig", {}) for body in pools)
    return "ALLOW_USER_PASSWORD_AUTH" in properties.get("ExplicitAuthFlows", ()) and (moving or not pools)


def joins_networks(properties: Properties, _: JsonObject) -> bool:
    """The policy lets Lambda make network interfaces."""
    return "ec2:CreateNetworkInterface" in json.dumps(properties.get("PolicyDocument"))


def deploys_unasked(properties: Properties, _: JsonObject) -> bool:
    """The pipeline executes a change set before it first asks somebody."""
    for action in (
        action for stage in _mappings(properties.get("Stages")) for action in _mappings(stage.get("Actions"))
    ):
        if action.get("ActionTypeId", {}).get("Category") == "Approval":
            return False
        if action.get("Configuration", {}).get("ActionMode") == "CHANGE_SET_EXECUTE":
            return True
    return False


def _mappings(value: object) -> list[JsonDict]:
    """The mappings of a list; a resource that a user brings may contain anything."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def signs_up_everyone(properties: Properties, _: JsonObject) -> bool:
    """People make their accounts themselves."""
    return properties.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly") is not True


def has_own_kms_key(properties: Properties) -> bool:
    """The bucket is encrypted with a key of ours."""
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ())
    return any("KMSMasterKeyID" in rule.get("ServerSideEncryptionByDefault", {}) for rule in rules)


def lets_only_own_through(properties: Properties, _: JsonObject) -> bool:
    """The web ACL blocks what none of its rules allows."""
    return "Block" in properties.get("DefaultAction", {})


def lacks_rule_groups(properties: Properties, resources: TemplateResources) -> bool:
    """The web ACL lets everything through, and has not all rule groups that keep attacks out."""
    statements = (rule.get("Statement", {}) for rule in properties.get("Rules", ()))
    names = {statement.get("ManagedRuleGroupStatement", {}).get("Name") for statement in statements}
    return not (lets_only_own_through(properties, resources) or names >= ATTACKS)


def lets_bad_inputs_through(properties: Properties, resources: TemplateResources) -> bool:
    """The web ACL lets everything through, and no rule group blocks requests that exploit known holes."""
    blocking = [rule for rule in properties.get("Rules", ()) if "Count" not in rule.get("OverrideAction", {})]
    names = [policy.get("Statement", {}).get("ManagedRuleGroupStatement", {}).get("Name") for policy in blocking]
    return not (lets_only_own_through(properties, resources) or BAD_INPUTS in names)


def only_counts(properties: Properties, _: JsonObject) -> bool:
    """A rule or rule group of the web ACL only counts."""
    actions = [rule.get(name, {}) for rule in properties.get("Rules", ()) for name in ("Action", "OverrideAction")]
    return any("Count" in action for action in actions)


def allows_more_content(properties: Properties, _: JsonObject) -> bool:
    """The content security policy has sources that make it weak."""
    config = properties["ResponseHeadersPolicyConfig"]
    strict = config.get("SecurityHeadersConfig", {}).get("ContentSecurityPolicy", {}).get("ContentSecurityPolicy")
    others = [item.get("Value") for item in config.get("CustomHeadersConfig", {}).get("Items", ())]
    policies = [item for item in (strict, *others) if isinstance(item, str) and "default-src" in item]
    return any(weaknesses(policy) for policy in policies)


def has_named_layers(properties: Properties, _: JsonObject) -> bool:
    """The function has a layer by its ARN."""
    return any(isinstance(layer, str) for layer in properties.get("Layers", ()))


def limits_late(properties: Properties, _: JsonObject) -> bool:
    """The rate limit of the web ACL is high."""
    rates = [rule.get("Statement", {}).get("RateBasedStatement", {}) for rule in properties.get("Rules", ())]
    return any(rate.get("Limit", 0) > MOST_REQUESTS for rate in rates)


def stays_signed_in(properties: Properties, _: JsonObject) -> bool:
    """Access tokens of the client live longer than an hour."""
    units = properties.get("TokenValidityUnits", {})
    minutes: int = properties.get("AccessTokenValidity", 0)
    return units.get("AccessToken") == "minutes" and minutes > _HOUR


def only_reports(properties: Properties, _: JsonObject) -> bool:
    """Browsers report against the coming content security policy, without holding pages to it."""
    items = properties["ResponseHeadersPolicyConfig"].get("CustomHeadersConfig", {}).get("Items", ())
    return any(item.get("Header") == "Content-Security-Policy-Report-Only" for item in items)


def takes_lists(properties: Properties, _: JsonObject) -> bool:
    """The bucket lets access control lists decide."""
    rules = properties.get("OwnershipControls", {}).get("Rules", ())
    return any(rule.get("ObjectOwnership") == "BucketOwnerPreferred" for rule in rules)


def is_delivered(_: JsonObject, resources: TemplateResources) -> bool:
    """The template delivers the distribution's log, or says which stack of us-east-1 does."""
    return any(
        body.get("Type") == "AWS::Logs::Delivery" or "AccessLog" in body.get("Metadata", {})
        for body in resources.values()
    )


def has_no_log(properties: Properties, resources: TemplateResources) -> bool:
    """Nothing logs what the distribution answers."""
    return "Logging" not in properties.get("DistributionConfig", {}) and not is_delivered(properties, resources)


_HOUR = 60
MOST_REQUESTS = 100_000
"""Of one address in five minutes; more than that is an attack by any measure."""
BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
ATTACKS = {"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", BAD_INPUTS}
"""AWS's rule groups that each site should have: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""
PAID = "a paid option that is off in the description"


def names_what_it_leaves_out(properties: Properties, _: JsonObject) -> bool:
    """The policy allows all but some actions."""
    statements = properties["PolicyDocument"]["Statement"]
    return any(statement["Effect"] == "Allow" and "NotAction" in statement for statement in statements)


def unless(predicate: Predicate) -> Predicate:
    """The condition does not hold."""
    return lambda properties, resources: not predicate(properties, resources)


def is_packaged(properties: Properties, _: JsonObject) -> bool:
    """The function's code is a key that a parameter gives, which ends with the hash of what it holds."""
    code = properties.get("Code")
    return isinstance(code, dict) and isinstance(function(code.get("S3Key")), Ref)


def is_generated(properties: Properties, resources: TemplateResources) -> bool:
    """Secrets Manager made the secret up, and nothing rotates it."""
    kept = has_no_resource("AWS::SecretsManager::RotationSchedule")(properties, resources)
    return kept and "GenerateSecretString" in properties


def runs_on(*, newest: bool) -> Predicate:
    """Whether a function runs on the newest Python, or on a runtime that the description chose and that is older."""
    runtimes = (NEWEST,) if newest else (NEWEST, NEWEST_NODE)
    return lambda properties, _: (properties.get("Runtime") in runtimes) is newest


def has_mark(*values: str) -> Predicate:
    """An API's stage names in its ``Metadata.WebAcl`` what is in front of it."""

    def predicate(properties: Properties, resources: TemplateResources) -> bool:
        own: JsonObject = resources.get(resources.ids.get(id(properties), ""), {})
        return own.get("Metadata", {}).get("WebAcl") in values

    return predicate


NEWEST = "python3.14"
"""The newest Python of Lambda, and the description's default."""
NEWEST_NODE = "nodejs24.x"
"""The newest Node.js of Lambda, which cdk-nag knows: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
