"""``frontend.plan``: a flat-rate pricing plan, its place, its price, and what AWS refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.checks.run import RULES, check
from stacks.errors import DescriptionError
from stacks.forecast.compare import compare
from stacks.linting import lint
from stacks.loading import validated
from stacks.prices.floor import floor
from stacks.roles import derive

if TYPE_CHECKING:
    from stacks.template.rendered import Rendered

TYPE = "AWS::PricingPlanManager::Subscription"


def stacks(region: str = "eu-west-1", **frontend: Any) -> dict[str, Rendered]:
    data = {"name": "notes", "frontend": {"site": "site", **frontend}, "stages": {"dev": {"region": region}}}
    app = validated(data)
    return {stack.stack: stack for stack in render(app, app.stages["dev"])}


def plan_in(stack: Rendered) -> dict[str, Any]:
    return {name: body for name, body in stack.template["Resources"].items() if body["Type"] == TYPE}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-south-1"])
@pytest.mark.parametrize("plan", ["free", "pro"])
def test_a_plan_has_one_distribution_and_one_web_acl(region: str, plan: str) -> None:
    result = stacks(region, plan=plan)
    assert [name for name, stack in result.items() if plan_in(stack)] == ["frontend"]
    properties = plan_in(result["frontend"])["SitePlan"]["Properties"]
    assert (properties["PlanFamily"], properties["PlanTier"]) == ("CloudFront", plan.upper())
    distribution, web_acl = map(str, properties["ResourceArns"])
    assert "distribution/${Distribution}" in distribution
    assert "WebAcl" in web_acl


def test_without_a_plan_nothing_subscribes() -> None:
    assert not any(plan_in(stack) for stack in stacks().values())


def test_a_plan_passes_every_rule_and_cfn_lint() -> None:
    results = tuple(stacks(plan="pro").values())
    assert [str(finding) for finding in check(results, RULES)] == []
    assert [str(finding) for finding in lint([stack for stack in results if plan_in(stack)]) if finding.fails] == []


def test_the_web_acl_is_in_the_price_of_the_plan() -> None:
    lines = {line.logical_id: line.monthly for line in floor(stacks(plan="pro").values())}
    assert lines["SitePlan"] == 15
    assert "WebAcl" not in lines
    assert {line.logical_id: line.monthly for line in floor(stacks(plan="free").values())}["SitePlan"] == 0


def test_deploying_a_plan_approves_nothing() -> None:
    data = {"name": "notes", "frontend": {"site": "site", "plan": "pro"}, "stages": {"dev": {"region": "eu-west-1"}}}
    app = validated(data)
    stack = next(rendered_stack for rendered_stack in render(app, app.stages["dev"]) if plan_in(rendered_stack))
    actions = {
        action for action in derive(app.stages["dev"], stack).actions if action.startswith("pricingplanmanager:")
    }
    assert "pricingplanmanager:CreateSubscription" in actions
    assert "pricingplanmanager:ApprovePaidSubscription" not in actions


def test_another_tier_is_foreseen_as_refused() -> None:
    old, new = (stacks(plan=plan)["frontend"].template for plan in ("free", "pro"))
    (change,) = [entry for entry in compare(old, new, {}, {}) if entry.name == "SitePlan"]
    assert "another tier" in change.refused[0]


@pytest.mark.parametrize(
    ("frontend", "message"),
    [
        ({"plan": "free", "waf": False}, "includes a web ACL, and AWS takes no subscription without one. Leave 'waf"),
        ({"plan": "premium"}, "frontend.plan"),
    ],
)
def test_a_plan_that_aws_would_not_take_is_reported(frontend: dict[str, Any], message: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        stacks(**frontend)
    assert message in str(caught.value)


def test_previews_have_no_plan() -> None:
    stages = {"dev": {"region": "eu-west-1"}, "pr-*": {"from": "dev"}}
    app = validated({"name": "notes", "frontend": {"site": "site", "plan": "free"}, "stages": stages})
    assert app.stages["dev"].frontend.plan == "free"
    assert app.previews["pr-*"].frontend.plan is None
