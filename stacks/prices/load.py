"""A stage and a stated load → an estimate of what is paid by use. Pure.

The assumptions are stated with the result: they are guesses to be replaced by measurements, not facts of AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from stacks.prices import list_prices as prices
from stacks.stages.kinds import kinds_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.prices.list_prices import Price

_LOG_BYTES = 1500
"""Bytes that one request writes into logs: the API's line, the function's, and the CDN's."""
_GB = 1e9
_SMALL = 10
"""Amounts below it are shown with a decimal."""
LEFT_OUT = (
    "free tiers, discounts and taxes",
    "storage of tables, buckets, logs and backups beyond the stated load",
    "data between regions and through NAT gateways or endpoints",
    "functions that events start, builds, e-mails, sign-ins (Cognito), traces (X-Ray)",
    "differences of the region: these are the list prices of us-east-1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a month holds: requests to the application; how long a function works on each; bytes of each answer."""

    requests: int
    milliseconds: int = 100
    kilobytes: int = 20
    stored_gigabytes: float = 1

    def __str__(self) -> str:
        return (
            f"{self.requests:,} requests a month, {self.milliseconds} ms and {self.kilobytes} kB each,"
            f" {self.stored_gigabytes:g} GB in tables\n"
            "(each request reads one item; every second one writes one and sends one message to each topic it may)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPart:
    """A part of the estimate."""

    what: str
    amount: str
    monthly: float
    source: str


class Prices(Protocol):
    """The module ``prices`` of a kind that has one."""

    def uses(self, stage: Stage, writes: float) -> Iterator[tuple[str, float, str, Price]]:
        """What is paid when functions write so often: name, amount, unit, price of a unit."""


def estimate(stage: Stage, load: Load) -> tuple[LoadPart, ...]:
    """What the load costs a month, in addition to the floor."""
    return tuple(_uses(stage, load))


def _uses(stage: Stage, load: Load) -> Iterator[LoadPart]:
    count, functions = load.requests, list(stage.backend.functions.values())
    site = stage.frontend.is_described
    gigabytes = count * load.kilobytes / 1e6
    if site:
        yield _use("CloudFront requests", count, "requests", prices.CDN_REQUEST)
        yield _use("CloudFront transfer", gigabytes, "GB", prices.CDN_GIGABYTE)
        if stage.frontend.waf:
            acls = 1 if stage.frontend.waf.existing or stage.frontend.waf.direct_api or not functions else 2
            yield _use("WAF", count * acls, "requests", prices.WAF_REQUEST)
    if any(function.all_routes for function in functions):
        rest = stage.backend.api.type == "rest"
        yield _use("API Gateway", count, "requests", prices.REST_REQUEST if rest else prices.HTTP_REQUEST)
    if functions:
        memory = max((function.memory for function in functions if function.all_routes or function.url), default=0)
        price = prices.GIGABYTE_SECOND[functions[0].architecture]
        yield _use("Lambda calls", count, "calls", prices.CALL)
        yield _use("Lambda time", count * load.milliseconds / 1000 * memory / 1024, "GB seconds", price)
        yield _use("CloudWatch Logs", count * _LOG_BYTES / _GB, "GB", prices.LOG_GIGABYTE)
    on_demand = [table for table in stage.data.tables.values() if table.capacity is None]
    if on_demand:
        yield _use("DynamoDB reads", count, "units", prices.READ_REQUEST)
        yield _use("DynamoDB writes", count / 2, "units", prices.WRITE_REQUEST)
    if stage.data.tables:
        yield _use("DynamoDB storage", load.stored_gigabytes, "GB", prices.TABLE_STORAGE)
        yield _use("DynamoDB recovery", load.stored_gigabytes, "GB", prices.TABLE_RECOVERY)
    for kind in kinds_in(stage):
        if "prices" in kind.parts:
            charged = cast("Prices", import_module(kind.module("prices")))
            yield from (_use(*use) for use in charged.uses(stage, count / 2))


def _use(what: str, amount: float, unit: str, price: Price) -> LoadPart:
    shown = f"{amount:,.1f}" if 0 < amount < _SMALL else f"{amount:,.0f}"
    return LoadPart(what=what, amount=f"{shown} {unit}", monthly=amount * price.usd, source=price.source)
