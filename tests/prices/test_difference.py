"""What a change costs a month more or less, in every form of ``diff``."""

from __future__ import annotations

from typing import Any

from stacks.forecast.change import StackChanges
from stacks.forecast.report import as_data, cost_summary, markdown, report_lines
from stacks.prices.difference import difference, more


def template(**resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "Resources": {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in resources.items()}
    }


KEY: tuple[str, dict[str, Any]] = ("AWS::KMS::Key", {})
ACL: tuple[str, dict[str, Any]] = ("AWS::WAFv2::WebACL", {"Rules": [{"Name": "a"}]})
DATABASE: tuple[str, dict[str, Any]] = ("AWS::RDS::DBInstance", {})


def test_what_is_added_costs_more_and_what_goes_costs_less() -> None:
    (key,) = difference(None, template(Key=KEY))
    (gone,) = difference(template(Key=KEY), template())
    assert key.before == 0
    assert key.more is not None
    assert key.more > 0
    assert gone.more == -key.more


def test_what_stays_or_is_free_is_no_difference() -> None:
    free = ("AWS::SNS::Topic", dict[str, Any]())
    assert difference(template(Key=KEY), template(Key=KEY, Topic=free)) == ()


def test_more_rules_of_a_web_acl_cost_more() -> None:
    rules = ("AWS::WAFv2::WebACL", {"Rules": [{"Name": "a"}, {"Name": "b"}]})
    (changed,) = difference(template(Acl=ACL), template(Acl=rules))
    assert changed.more == more([changed]) > 0


def test_a_price_that_is_not_known_is_listed_and_not_counted() -> None:
    changes = difference(None, template(Db=DATABASE, Key=KEY))
    assert [(cost_change.logical_id, cost_change.more is None) for cost_change in changes] == [
        ("Key", False),
        ("Db", True),
    ]
    result = StackChanges(stack="data", name="x-dev-data", changes=(), costs=changes)
    assert "and 1 resource without a price here" in cost_summary([result])


def test_every_form_of_the_report_says_what_a_change_costs() -> None:
    all_changes = [StackChanges(stack="data", name="x-dev-data", changes=(), costs=difference(None, template(Key=KEY)))]
    line = "Costs without traffic: +1.00 USD a month (list prices of"
    assert any(pair.text.startswith(line) for pair in report_lines(all_changes))
    assert line in markdown(all_changes)
    assert as_data(all_changes)[0]["costs"] == [
        {"logical_id": "Key", "what": "encryption key", "before": 0, "after": 1.0, "more": 1.0}
    ]
