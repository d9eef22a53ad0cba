"""Every quota of a property that we fill from a described list is in the limit budget, as AWS documents it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import registry
from stacks.errors import StacksError
from stacks.limits import budget, within_limits
from stacks.loading import validated
from stacks.rendering import render
from stacks.types import TYPES

if TYPE_CHECKING:
    from stacks.template.rendered import Rendered

ROWS = [(kind, quota) for kind, record in TYPES.items() for quota in record.quotas]
FIXED_LISTS = {
    "AWS::CloudTrail::Trail EventSelectors", "AWS::CloudWatch::Alarm Dimensions",
    "AWS::Cognito::UserPool AccountRecoverySetting.RecoveryMechanisms",
    "AWS::Cognito::UserPoolClient AllowedOAuthFlows",
    "AWS::DynamoDB::GlobalTable KeySchema", "AWS::DynamoDB::Table LocalSecondaryIndexes.*.KeySchema",
    "AWS::Events::Rule Targets", "AWS::Lambda::EventSourceMapping FunctionResponseTypes",
    "AWS::Lambda::Function Architectures", "AWS::Lambda::Function VpcConfig.SecurityGroupIds",
    "AWS::Logs::Delivery RecordFields",
    "AWS::Lambda::LayerVersion CompatibleArchitectures", "AWS::Lambda::LayerVersion CompatibleRuntimes",
    "AWS::Lambda::Url Cors.AllowMethods", "AWS::WAFv2::WebACL DataProtectionConfig.DataProtections",
    "AWS::WAFv2::WebACL DataProtectionConfig.DataProtections.*.Field.FieldKeys",
}  # fmt: skip
"""Lists with a limit that no description makes longer: we write them."""


def sizes(kind: str) -> dict[str, int]:
    """Path → the most items or characters that the registry's schema of a type allows."""
    schema: Any = registry.schema(kind) or {}
    result: dict[str, int] = {}

    def walk(node: Any, path: tuple[str, ...], seen: tuple[str, ...]) -> None:
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name in seen:
            return
        node = {**schema.get("definitions", {}).get(name, {}), **node}
        if most := node.get("maxItems") or node.get("maxLength"):
            result[".".join(path)] = most
        for key, inner in node.get("properties", {}).items():
            walk(inner, (*path, key), (*seen, name) if name else seen)
        if isinstance(node.get("items"), dict):
            walk(node["items"], (*path, "*"), (*seen, name) if name else seen)

    walk({"properties": schema.get("properties", {})}, (), ())
    return result


@pytest.mark.parametrize(("kind", "quota"), ROWS, ids=[f"{kind} {quota.path}" for kind, quota in ROWS])
def test_a_quota_is_the_registrys_or_names_its_page(kind: str, quota: Any) -> None:
    known = sizes(kind).get(quota.path)
    assert known == quota.most if known else quota.source.startswith("https://docs.aws.amazon.com/")


def lists(value: Any, path: str = "") -> set[str]:
    """The paths of all lists in a value, functions left out."""
    if isinstance(value, list):
        return {path}.union(*(lists(item, f"{path}.*") for item in value))
    if isinstance(value, dict):
        return set().union(*(lists(item, f"{path}.{key}".lstrip(".")) for key, item in value.items() if ":" not in key))
    return set()


def many(count: int) -> dict[str, Any]:
    """A description in which lists have this many entries."""
    clients = {
        "app": {
            "kind": "browser",
            "callbacks": [f"https://example.com/{n}" for n in range(count)],
            "logouts": [f"https://example.com/{n}" for n in range(count)],
            "scopes": [f"n/s{n}" for n in range(count)],
        }
    }
    function = {"handler": "lambda_src/api/notes.py:add_note", "public": True, "events": {"schedules": ["rate(1 day)"]}}
    url = {"auth": "none", "cors": {"origins": [f"https://o{n}.example.com" for n in range(count)]}}
    columns = [f"a{n}" for n in range(min(count, 20))]
    return {
        "name": "n",
        "stages": {"s": {"region": "us-east-1"}},
        "data": {
            "users": {
                "domain": "n",
                "attributes": {f"a{n}": {} for n in range(min(count, 50))},
                "clients": clients,
                "resource_servers": {"n": {f"s{n}": "x" * count for n in range(count)}},
            },
            "tables": {
                "t": {
                    "partition_key": "a",
                    "sort_key": "b",
                    "local_indexes": {"loc": {"sort_key": "c", "holds": columns}},
                    "global_indexes": {"glo": {"partition_key": "d", "holds": columns}},
                }
            },
        },
        "backend": {"functions": {"f": {**function, "url": url}}},
        "frontend": {
            "static": "static",
            "paths": {f"/p{n}/*": f"h{n}.example.com" for n in range(min(count, 70))},
            "waf": {"allow_only": [f"10.{n // 256}.{n % 256}.0/24" for n in range(count)], "direct_api": False},
            "csp": {"sources": {"img-src": [f"https://i{n}.example.com" for n in range(count)]}},
        },
    }


def rendered(description: dict[str, Any]) -> tuple[Rendered, ...]:
    app = validated(description)
    return render(app, app.stages["s"])


def test_every_list_that_the_registry_limits_is_in_the_budget() -> None:
    known = {f"{kind} {quota.path}" for kind, quota in ROWS} | FIXED_LISTS
    missing = set()
    for stack in rendered(many(3)):
        for body in stack.template["Resources"].values():
            limited = lists(body.get("Properties", {})) & sizes(body["Type"]).keys()
            missing |= {f"{body['Type']} {path}" for path in limited} - known
    assert {item for item in missing if "Tags" not in item} == set()


@pytest.mark.parametrize(
    ("what", "count"),
    [
        ("addresses to come back to", 101),
        ("addresses to come back to after signing out", 101),
        ("scopes of a client", 51),
        ("scopes of a resource server", 101),
        ("characters of a scope's description", 257),
        ("origins of a URL's CORS", 101),
    ],
)
def test_what_is_over_a_quota_is_refused_before_a_deploy(what: str, count: int) -> None:
    stacks = rendered(many(count))
    with pytest.raises(StacksError) as caught:
        within_limits(stacks)
    assert any(f" {what}, AWS allows " in str(problem) for problem in caught.value.problems), caught.value
    assert all(use.share <= 1 or use.raisable for stack in rendered(many(20)) for use in budget(stack))


RAISABLE = ["characters of Content-Security-Policy", "cache behaviors", "global indexes of a table"]


@pytest.mark.parametrize("what", RAISABLE)
def test_what_is_over_a_quota_that_accounts_can_have_raised_is_reported(what: str) -> None:
    description = many(20)
    description["frontend"]["csp"] = {"sources": {"img-src": [f"https://i{n}.example.com" for n in range(90)]}}
    description["frontend"]["paths"] = {f"/p{n}/*": "h.example.com" for n in range(80)}
    index = {"partition_key": "d"}
    description["data"]["tables"]["t"]["global_indexes"] = {f"by-{n}": index for n in range(21)}
    description["data"]["users"]["attributes"] = {}
    limits = within_limits(rendered(description))
    assert [
        limit
        for limit in limits
        if what in limit and limit.endswith("more only once AWS has raised this quota for you")
    ]


def test_the_policy_of_an_ordinary_site_fits() -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html: 1,783 characters."""
    assert [limit for limit in within_limits(rendered(many(20))) if "Policy" in limit] == []
