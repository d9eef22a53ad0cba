"""List prices of us-east-1 in USD, each with the page it is from. The one place for prices. Pure.

Other regions ask up to two thirds more; free tiers, discounts and taxes are left out.
"""

from __future__ import annotations

from stacks.values import positional_value

PRICES_OF = "us-east-1, November 2025"
"""Where and when the prices were valid."""
HOURS = 730
"""Hours of a month, as AWS's calculator counts."""


@positional_value
class Price:
    """An amount of USD for a unit, and the page that says so."""

    usd: float
    unit: str
    source: str


def _page(service: str) -> str:
    return f"https://aws.amazon.com/{service}/pricing/"


KEY = Price(1.00, "key and month", _page("kms"))
SECRET = Price(0.40, "secret and month", _page("secrets-manager"))
WEB_ACL = Price(5.00, "web ACL and month", _page("waf"))
WEB_ACL_RULE = Price(1.00, "rule and month", _page("waf"))
BOT_CONTROL = Price(10.00, "web ACL and month", _page("waf"))
PLANS = {tier: Price(usd, "distribution and month", _page("cloudfront")) for tier, usd in (("FREE", 0), ("PRO", 15))}
"""Tier of a flat-rate plan → its price, which includes the web ACL of the distribution."""
NAT_GATEWAY = Price(0.045, "hour", _page("vpc"))
NAT_GIGABYTE = Price(0.045, "GB", _page("vpc"))
PUBLIC_ADDRESS = Price(0.005, "hour", _page("vpc"))
ENDPOINT_IN_A_ZONE = Price(0.01, "hour", _page("privatelink"))
HOSTED_ZONE = Price(0.50, "zone and month", _page("route53"))
ALARM = Price(0.10, "alarm and month", _page("cloudwatch"))
PIPELINE_V1 = Price(1.00, "active pipeline and month", _page("codepipeline"))
READ_UNIT = Price(0.00013, "unit and hour", "https://aws.amazon.com/dynamodb/pricing/provisioned/")
WRITE_UNIT = Price(0.00065, "unit and hour", "https://aws.amazon.com/dynamodb/pricing/provisioned/")
TABLE_STORAGE = Price(0.25, "GB and month", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
TABLE_RECOVERY = Price(0.20, "GB and month", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
READ_REQUEST = Price(0.125e-6, "read request unit", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
WRITE_REQUEST = Price(0.625e-6, "write request unit", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
DATABASE_UNIT = Price(8.00e-6, "unit (DPU)", "https://aws.amazon.com/rds/aurora/dsql/pricing/")
DATABASE_STORAGE = Price(0.33, "GB and month", "https://aws.amazon.com/rds/aurora/dsql/pricing/")
BUCKET_STORAGE = Price(0.023, "GB and month", _page("s3"))
WARM_GIGABYTE = Price(0.0000041667, "GB and second", _page("lambda"))
CALL = Price(0.20e-6, "call", _page("lambda"))
GIGABYTE_SECOND = {
    "x86_64": Price(0.0000166667, "GB and second", _page("lambda")),
    "arm64": Price(0.0000133334, "GB and second", _page("lambda")),
}
REST_REQUEST = Price(3.50e-6, "request", _page("api-gateway"))
HTTP_REQUEST = Price(1.00e-6, "request", _page("api-gateway"))
CDN_REQUEST = Price(1.00e-6, "HTTPS request", _page("cloudfront"))
CDN_GIGABYTE = Price(0.085, "GB to the internet", _page("cloudfront"))
WAF_REQUEST = Price(0.60e-6, "request and web ACL", _page("waf"))
LOG_GIGABYTE = Price(0.50, "GB of logs", _page("cloudwatch"))
