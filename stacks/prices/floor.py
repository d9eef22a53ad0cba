"""Rendered stacks → what they cost a month while nothing happens, resource by resource. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.prices import list_prices as prices
from stacks.prices.list_prices import HOURS
from stacks.stages.stacks import section_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stacks.json_types import TemplateData
    from stacks.prices.list_prices import Price
    from stacks.template.rendered import Rendered

    Properties = Mapping[str, Any]

_SITE_WEB_ACL, _SUBSCRIPTION = "WebAcl", "AWS::PricingPlanManager::Subscription"
_BOTS = "AWSManagedRulesBotControlRuleSet"
PAID_WHILE_IDLE = (
    "AWS::RDS::", "AWS::ElastiCache::", "AWS::OpenSearchService::", "AWS::Redshift", "AWS::EC2::Instance", "AWS::ECS::",
    "AWS::EKS::", "AWS::ElasticLoadBalancing", "AWS::MSK::", "AWS::Kinesis::", "AWS::DocDB::", "AWS::Neptune::",
    "AWS::DAX::", "AWS::FSx::", "AWS::EFS::", "AWS::DirectoryService::", "AWS::SageMaker::", "AWS::GlobalAccelerator::",
    "AWS::EC2::VPNConnection", "AWS::EC2::TransitGateway", "AWS::WorkSpaces::",
    "AWS::ACMPCA::", "AWS::CloudHSM", "AWS::NetworkFirewall::", "AWS::Route53Resolver::", "AWS::MemoryDB::",
)  # fmt: skip
"""Types that run by the hour and have no price here: they are listed, not counted. Whole services, of which the records
of types know nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What one resource costs: USD a month, ``None`` where the price is unknown."""

    stack: str
    logical_id: str
    what: str
    option: str
    """The option of the description that causes it; empty for a resource of the user's own."""
    monthly: float | None
    source: str = ""


def floor(rendered: Iterable[Rendered]) -> tuple[CostLine, ...]:
    """The costs of a stage without traffic and data, the largest first, unknown ones last."""
    stacks = tuple(rendered)
    lines = [line for stack in stacks for line in template_lines(stack.stack, stack.template)]
    if any(_has_plan(stack.template) for stack in stacks):
        lines = [line for line in lines if line.logical_id != _SITE_WEB_ACL]
    return tuple(sorted(lines, key=_order))


def _has_plan(template: TemplateData) -> bool:
    """Whether a template subscribes to a flat-rate plan, which includes the web ACL of the site."""
    return any(body.get("Type") == _SUBSCRIPTION for body in template.get("Resources", {}).values())


def template_lines(stack: str, template: TemplateData) -> Iterator[CostLine]:
    """The costs of one template, in its order."""
    for name, body in template.get("Resources", {}).items():
        yield from _lines(stack, name, str(body.get("Type")), body.get("Properties", {}))


def _order(line: CostLine) -> tuple[bool, float, str, str]:
    return line.monthly is None, -(line.monthly or 0), line.stack, line.logical_id


def total(lines: Iterable[CostLine]) -> float:
    """USD a month of all lines whose price is known."""
    return sum(line.monthly or 0 for line in lines)


def _lines(stack: str, name: str, kind: str, properties: Properties) -> Iterator[CostLine]:
    if what := _without_price(kind, properties):
        yield CostLine(stack=stack, logical_id=name, what=what, option="", monthly=None)
    elif charge := CHARGES.get(kind):
        for what, amount, price in charge(properties):
            if amount:
                yield CostLine(
                    stack=stack,
                    logical_id=name,
                    what=what,
                    option=_option(stack, name, kind),
                    monthly=amount * price.usd,
                    source=price.source,
                )


def _without_price(kind: str, properties: Properties) -> str:
    """What runs by the hour and has no price here; empty for everything else."""
    if kind == "AWS::ApiGateway::Stage" and str(properties.get("CacheClusterEnabled")).lower() == "true":
        return "cache of an API"
    return kind if kind.startswith(PAID_WHILE_IDLE) else ""


def _plan(properties: Properties) -> Iterator[tuple[str, float, Price]]:
    tier = str(properties.get("PlanTier"))
    if tier in prices.PLANS:
        yield f"flat-rate plan {tier.capitalize()}", 1, prices.PLANS[tier]


def _web_acl(properties: Properties) -> Iterator[tuple[str, float, Price]]:
    rules = [entry for entry in _list(properties.get("Rules")) if isinstance(entry, dict)]
    share = prices.WEB_ACL_RULE.usd / prices.WEB_ACL.usd
    yield f"web ACL, rules: {len(rules)}", 1 + len(rules) * share, prices.WEB_ACL
    if _BOTS in str(rules):
        yield "bot control", 1, prices.BOT_CONTROL


def _table(properties: Properties) -> Iterator[tuple[str, float, Price]]:
    units = [properties.get("ProvisionedThroughput")]
    units += [entry.get("ProvisionedThroughput") for entry in _list(properties.get("GlobalSecondaryIndexes"))]
    for unit_name, price in (("Read", prices.READ_UNIT), ("Write", prices.WRITE_UNIT)):
        count = sum(_number(unit.get(f"{unit_name}CapacityUnits")) for unit in units if isinstance(unit, dict))
        yield f"{count:g} provisioned {unit_name.lower()} units", count * HOURS, price


def _endpoint(properties: Properties) -> Iterator[tuple[str, float, Price]]:
    if properties.get("VpcEndpointType") == "Interface":
        zones = len(_list(properties.get("SubnetIds")))
        yield f"interface endpoint in {zones} zones", zones * HOURS, prices.ENDPOINT_IN_A_ZONE


def _alias(properties: Properties) -> Iterator[tuple[str, float, Price]]:
    config = properties.get("ProvisionedConcurrencyConfig")
    count = _number(config.get("ProvisionedConcurrentExecutions")) if isinstance(config, dict) else 0
    yield f"{count:g} warm instances, counted with 1 GB each", count * HOURS * 3600, prices.WARM_GIGABYTE


def _pipeline(properties: Properties) -> Iterator[tuple[str, float, Price]]:
    if properties.get("PipelineType", "V1") == "V1":
        yield "pipeline", 1, prices.PIPELINE_V1


def _fixed(what: str, price: Price, count: float = 1) -> Callable[[Properties], Iterator[tuple[str, float, Price]]]:
    return lambda _: iter([(what, count, price)])


CHARGES: Mapping[str, Callable[[Properties], Iterator[tuple[str, float, Price]]]] = {
    "AWS::KMS::Key": _fixed("encryption key", prices.KEY),
    "AWS::SecretsManager::Secret": _fixed("secret", prices.SECRET),
    "AWS::WAFv2::WebACL": _web_acl,
    _SUBSCRIPTION: _plan,
    "AWS::EC2::NatGateway": _fixed("NAT gateway", prices.NAT_GATEWAY, HOURS),
    "AWS::EC2::EIP": _fixed("public IPv4 address", prices.PUBLIC_ADDRESS, HOURS),
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::Route53::HostedZone": _fixed("hosted zone", prices.HOSTED_ZONE),
    "AWS::CloudWatch::Alarm": _fixed("alarm", prices.ALARM),
    "AWS::CodePipeline::Pipeline": _pipeline,
    "AWS::DynamoDB::Table": _table,
    "AWS::DynamoDB::GlobalTable": _table,
    "AWS::Lambda::Alias": _alias,
}
"""Type → what it costs by the month whether it is used or not: how much of which price follows from the properties, so
each is code of this room, not a fact of the type's record."""
_OPTIONS = {
    "TrailKey": "base.trail.encryption",
    "LogKey": "base.log_encryption",
    "AlarmKey": "base.alarms",
    _SITE_WEB_ACL: "frontend.waf",
    "SitePlan": "frontend.plan",
    "ApiGate": "frontend.waf.direct_api",
    "EdgeKey": "frontend.waf.direct_api",
}
OPTIONS_OF_TYPES: Mapping[tuple[str, str], str] = {
    ("base", "AWS::KMS::Key"): "base.pipelines",
    ("base", "AWS::EC2::NatGateway"): "base.vpc.nat",
    ("base", "AWS::EC2::EIP"): "base.vpc.nat",
    ("base", "AWS::EC2::VPCEndpoint"): "base.vpc.endpoints",
    ("base", "AWS::CloudWatch::Alarm"): "base.alarms",
    ("base", "AWS::CodePipeline::Pipeline"): "base.pipelines",
    ("backend", "AWS::SecretsManager::Secret"): "backend.secrets",
    ("backend", "AWS::Lambda::Alias"): "backend.functions.*.provisioned_concurrency",
    ("data", "AWS::KMS::Key"): "data.tables.*.encryption",
    ("data", "AWS::DynamoDB::Table"): "data.tables.*.capacity",
}


def _option(stack: str, name: str, kind: str) -> str:
    section = section_of(stack)
    if section == "stacks":
        return ""
    if section == "data" and name.endswith("DatabaseKey"):
        return "data.databases.*.encryption"
    return _OPTIONS.get(name) or OPTIONS_OF_TYPES.get((section, kind), "")


def _list(result: object) -> Sequence[Any]:
    return result if isinstance(result, list) else []


def _number(result: object) -> float:
    return float(result) if isinstance(result, int | float | str) and str(result).replace(".", "", 1).isdigit() else 0
