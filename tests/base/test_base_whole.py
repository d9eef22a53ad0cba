"""A base with everything: nothing is found in it, it has its rights, and what it holds is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stacks import render
from stacks.checks.run import check
from stacks.cli import main
from stacks.deploy.execute import deploy
from stacks.deploy.lock import KEY
from stacks.deploy.plan import make_plan
from stacks.forecast import compare
from stacks.forecast.stateful import stateful_types
from stacks.limits import INLINE_BYTES, too_large
from stacks.linting import lint
from stacks.loading import validated
from stacks.local.front.localize import parse
from stacks.progress import BucketFirst
from stacks.roles import derive
from stacks.testing import MemoryCloud
from tests.base.conftest import EVERYTHING, described

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.progress import Progress

REGIONS = ("eu-west-1", "us-east-1")


@pytest.mark.parametrize("region", REGIONS)
def test_cfn_lint_and_our_rules_find_nothing(region: str) -> None:
    app = validated(described(EVERYTHING, region))
    rendered = render(app, app.stages["dev"])
    assert lint(rendered) == []
    assert list(check(rendered)) == []


@pytest.mark.parametrize("trail", [{"encryption": "aws"}, "existing"])
def test_our_rules_find_nothing_in_what_is_off(trail: object) -> None:
    app = validated(described({"trail": trail, "vpc": False}))
    assert list(check(render(app, app.stages["dev"]))) == []


def test_what_holds_data_outlives_the_stack() -> None:
    app = validated(described(EVERYTHING))
    (base,) = render(app, app.stages["dev"])
    kept = {
        name: (body["DeletionPolicy"], body["UpdateReplacePolicy"])
        for name, body in base.template["Resources"].items()
        if body["Type"] in stateful_types() - {"AWS::Logs::LogGroup"}
    }
    assert kept.keys() == {"ArtifactBucket", "LogBucket", "TrailBucket", "TrailKey", "AlarmKey", "LogKey"}
    keys = dict.fromkeys(("TrailKey", "AlarmKey", "LogKey"), ("RetainExceptOnCreate", "Retain"))
    assert kept == dict.fromkeys(kept, ("Retain", "Retain")) | keys


def test_leaving_out_what_watches_the_account_is_a_change_to_read_twice() -> None:
    before, after = (validated(described(base)) for base in (EVERYTHING, {}))
    (old,), (new,) = (render(app, app.stages["dev"]) for app in (before, after))
    names = {change.name for change in compare(old.template, new.template) if change.security}
    assert {"RootFilter", "AlarmKey", "AlarmTopicPolicy", "Trail", "FlowLog", "PublicRoute"} <= names


def test_who_deploys_it_needs_two_policies_that_touch_its_own_things() -> None:
    app = validated(described(EVERYTHING))
    rights = derive(app.stages["dev"], render(app, app.stages["dev"])[0])
    assert (len(rights.policies), rights.bytes < 2 * 6_144) == (2, True)
    on = {
        action: statement.place.arns
        for statement in rights.statements
        for action in statement.actions
        if statement.effect == "Allow"
    }
    assert on["budgets:ModifyBudget"] == ("arn:${AWS::Partition}:budgets::${AWS::AccountId}:budget/notes-dev-*",)
    assert on["sns:CreateTopic"] == ("arn:${AWS::Partition}:sns:eu-west-1:${AWS::AccountId}:notes-dev-*",)
    (group,) = on["logs:PutMetricFilter"]
    assert group.endswith(":log-group:/aws/cloudtrail/notes-dev-*")
    assert not {"ec2:AttachVpnGateway", "ec2:AcceptAddressTransfer", "cloudtrail:StopLogging"} & set(on)


def test_who_deploys_it_may_guard_the_stack_and_keep_others_out() -> None:
    app = validated(described({}))
    rights = derive(app.stages["dev"], render(app, app.stages["dev"])[0])
    assert {"cloudformation:SetStackPolicy", "cloudformation:UpdateTerminationProtection"} <= set(rights.actions)
    deletable = [statement.place.arns for statement in rights.statements if "s3:DeleteObject" in statement.actions]
    assert deletable == [(f"arn:${{AWS::Partition}}:s3:::notes-dev-code-${{AWS::AccountId}}-eu-west-1-an/{KEY}",)]


def test_the_rights_of_who_deploys_it_are_a_template_whose_policies_they_cannot_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.yaml").write_text(json.dumps(described(EVERYTHING)))
    words = ["permissions", "base", "--format", "template", "--app", str(tmp_path / "app.yaml"), "--stage", "dev"]
    assert main(words) == 0
    template = parse(capsys.readouterr().out)
    policies = [body["Properties"] for body in template["Resources"].values()]
    assert [(policy.get("Path"), policy["PolicyDocument"]["Version"]) for policy in policies] == [
        (None, "2012-10-17")
    ] * 2
    assert [output["Value"] for output in template["Outputs"].values()] == [
        {"Ref": name} for name in template["Resources"]
    ]


def test_the_other_stacks_have_their_roles_in_bases_own_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.yaml").write_text(json.dumps(described({})))
    words = ["permissions", "--format", "template", "--app", str(tmp_path / "app.yaml"), "--stage", "dev"]
    assert main(words) == 2
    assert "only base is deployed by a person; its template has the other roles. Name base." in capsys.readouterr().err


def test_a_new_base_over_the_inline_limit_is_sent_through_its_own_bucket_and_says_so() -> None:
    endpoints = ["events", "kms", "lambda", "logs", "secretsmanager", "sns", "sqs", "ssm", "sts", "xray"]
    app = validated(described({**EVERYTHING, "vpc": {**EVERYTHING["vpc"], "endpoints": endpoints}}))
    rendered = render(app, app.stages["dev"])
    seen: list[Progress] = []
    deploy(make_plan(rendered), MemoryCloud(), seen.append)
    (bucket_first,) = [event for event in seen if isinstance(event, BucketFirst)]
    assert (bucket_first.stack, bucket_first.size > bucket_first.limit, bucket_first.limit) == (
        "base",
        True,
        INLINE_BYTES,
    )


def test_a_base_over_the_inline_limit_is_reported_with_the_way_to_send_it() -> None:
    app = validated(described(EVERYTHING))
    (base,) = render(app, app.stages["dev"])
    large = replace(base, body=base.body + "#" * INLINE_BYTES)
    (warning,) = too_large([large])
    assert "notes-dev-base" in str(warning)
    assert "--s3-bucket" in str(warning)


def test_rendering_says_what_costs_while_nothing_happens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.yaml").write_text(json.dumps(described({"vpc": {"nat": "one"}})))
    assert main(["render", "--app", str(tmp_path / "app.yaml"), "--out", str(tmp_path / "out")]) == 0
    assert "dev: base.vpc.nat: 1 NAT gateway for 37 USD a month" in capsys.readouterr().err
