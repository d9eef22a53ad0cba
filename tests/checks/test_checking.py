"""Checking as such: suppressions, rules of your own, templates that are not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.checks import Hit, Stacks, Template, rule, written
from stacks.checks.places import places
from stacks.checks.run import RULES, check, suppressed
from stacks.checks.values import estimate, text
from stacks.cli import main
from stacks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks import Rendered
    from tests.checks.breaking import Copy


@rule("TEAM-TAG", why="costs are allocated by team", fix="Add the tag 'team'", source="https://example.com/tags")
def tables_name_their_team(stacks: Stacks) -> Iterator[Hit]:
    """A user's rule."""
    for table in stacks.of("AWS::DynamoDB::Table"):
        if "team" not in table.tags:
            yield table.hit("Tags", "has no tag 'team'")


def test_a_rule_of_ones_own_is_a_function(dev: Copy) -> None:
    (finding,) = dev.findings(tables_name_their_team)
    assert str(finding) == (
        "data: NotesTable: Tags: TEAM-TAG has no tag 'team': costs are allocated by team. Add the tag 'team'."
    )


def test_the_command_takes_rules_of_ones_own(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["lint", "--app", str(root / "app.yaml"), "--stage", "dev"]
    assert main(words) == 0
    assert main(words, rules=[tables_name_their_team]) == 1
    assert "dev/data: NotesTable: Tags: TEAM-TAG" in capsys.readouterr().out


def test_two_rules_of_one_id_are_refused(dev: Copy) -> None:
    with pytest.raises(UsageError, match="rule TEAM-TAG: is defined twice"):
        dev.findings(tables_name_their_team, tables_name_their_team)


def test_every_rule_says_why_how_and_where() -> None:
    for entry in RULES:
        assert entry.source.startswith("https://docs.aws.amazon.com/"), entry.id
        assert len(entry.why) >= 20, entry.id
        assert len(entry.fix) >= 10, entry.id
        assert not entry.why.endswith("."), entry.id
        assert not entry.fix.endswith("."), entry.id
        assert entry.find.__doc__, entry.id


def test_what_is_suppressed_is_reported_with_its_reason(rendered_dev: tuple[Rendered, ...]) -> None:
    result = {
        (finding.rule, f"{finding.logical_id} {finding.part}".strip()): reason
        for finding, reason in suppressed(rendered_dev)
    }
    assert set(result) == {
        ("USERS-SIGN-UP", "UserPool"),
        ("USERS-THREATS", "UserPool"),
        ("FN-SIGNING", "AddNoteFunction"),
        ("FN-SIGNING", "ListNotesFunction"),
        ("FN-SIGNING", "WebFunction"),
        ("API-AUTH", "Api ANY /"),
        ("API-AUTH", "Api ANY /{proxy+}"),
    }
    assert all(len(reason) >= 20 for reason in result.values())


def test_a_stale_suppression_is_found(dev: Copy) -> None:
    dev.put("data.UserPool", "AdminCreateUserConfig.AllowAdminCreateUserOnly", True)
    (finding,) = dev.findings()
    assert (finding.rule, finding.what) == ("SKIP-STALE", "suppresses USERS-SIGN-UP on nothing, not found there")


def test_a_suppression_of_a_resource_that_is_fine_is_found(dev: Copy) -> None:
    dev.skip("backend", "FN-SIGNING")["resources"] = ["WebFunction", "ApiStage"]
    assert {(finding.rule, finding.logical_id) for finding in dev.findings()} == {
        ("SKIP-STALE", "template"),
        ("FN-SIGNING", "AddNoteFunction"),
        ("FN-SIGNING", "ListNotesFunction"),
    }


def test_a_suppression_needs_a_reason(dev: Copy) -> None:
    dev.skip("backend", "FN-SIGNING")["reason"] = "because"
    (finding,) = dev.findings()
    assert (finding.rule, finding.what) == ("SKIP-REASON", "says in 7 characters why, 20 are needed")
    assert (finding.logical_id, finding.path) == ("template", "Metadata.stacks.skip[1]")


def judged(**properties: Any) -> list[tuple[str, str]]:
    """Place and fault of each secret that is written out in the properties of a resource."""
    template = {"Resources": {"It": {"Type": "Custom::It", "Properties": properties}}}
    return [
        (finding.path, finding.what)
        for finding in check([Template(stack="s", region="eu-west-1", template=template)], written.RULES)
    ]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"Password": "hunter-22"}, [("Password", "is written out")]),
        ({"Users": [{}, {"Password": "hunter-22"}]}, [("Users[1].Password", "is written out")]),
        ({"Login": {"Users": [["x", {"Password": "hunter-22"}]]}}, [("Login.Users[0][1].Password", "is written out")]),
        ({"Password": "{{resolve:secretsmanager:x}}"}, []),
        ({"Password": "hu-22"}, []),
        ({"Password": "hun-22"}, [("Password", "is written out")]),
        ({"PasswordLength": "hunter-22"}, []),
        ({"It": {"Name": "api_key", "Value": "hunter-22"}}, [("It", "says api_key, which is written out")]),
        ({"It": {"Key": "api_key", "Value": "hunter-22"}}, [("It", "says api_key, which is written out")]),
        ({"It": {"OptionName": "api_key", "Value": "hunter-22"}}, [("It", "says api_key, which is written out")]),
        ({"It": {"HeaderName": "X-Gate", "HeaderValue": "hunter-22"}}, [("It", "says X-Gate, which is written out")]),
        ({"It": {"Name": "color", "Value": "hunter-22"}}, []),
        ({"Environment": {"Variables": {"PASSWORD": "hunter-22"}}}, []),
        ({"Body": {"password": "hunter-22"}}, []),
        ({"GenerateSecretString": {"SecretStringTemplate": '{"username": "administrator"}'}}, []),
        (
            {"GenerateSecretString": {"SecretStringTemplate": '{"password": "hunter-22"}'}},
            [("GenerateSecretString.SecretStringTemplate", "has the secret written out")],
        ),
        ({"Note": "xoxb-" + "kanarienvogel"}, [("Properties", "hold what looks like a key (xoxb…)")]),
        ({"Note": "postgres://me:hunter-22@db.example"}, [("Properties", "hold an address with a password in it")]),
        ({"Note": "aB3" + "x" * 37}, [("Properties", "hold what looks like a secret access key")]),
        ({"Note": "aB3" + "x" * 38}, []),
    ],
)
def test_secrets_are_found_where_they_are_written_out(
    properties: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert judged(**properties) == expected


def test_every_text_is_found_with_its_place_and_the_names_on_the_way() -> None:
    value = {"Rules": [{"Bucket": {"Ref": "B"}, "On": True}, {"Days": 7}], "Left": {"Out": "x"}}
    assert [(place.path, place.names, place.text, place.is_literal) for place in places(value, leave={"Left"})] == [
        ("Rules[0].Bucket", ("Rules", "Bucket"), "${B}", False),
        ("Rules[1].Days", ("Rules", "Days"), "7", False),
    ]
    assert [place.around for place in places(value, path="P")] == [
        {"Bucket": {"Ref": "B"}, "On": True},
        {"Days": 7},
        {"Out": "x"},
    ]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("plain", "plain"),
        (True, "true"),
        (7, "7"),
        ({"Ref": "Bucket"}, "${Bucket}"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "${Bucket.Arn}"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "${Bucket.Arn}"),
        ({"Fn::Sub": "a-${B}"}, "a-${B}"),
        ({"Fn::Sub": ["a-${B}", {"B": {"Ref": "C"}}]}, "a-${C}"),
        ({"Fn::Join": ["/", ["a", {"Ref": "B"}]]}, "a/${B}"),
        ({"Fn::Join": ["/", ["a", {"Fn::ImportValue": "x"}]]}, None),
        ({"Fn::GetStackOutput": {"StackName": "s", "OutputName": "o"}}, "${s:o}"),
        ({"Fn::If": ["a", "b", "c"]}, None),
        ({"Fn::Sub": {}}, None),
        (["a"], None),
        (None, None),
    ],
)
def test_values_are_read_as_text(value: Any, read: str | None) -> None:
    assert text(value) == read


def test_account_and_region_are_put_into_an_estimate() -> None:
    assert estimate({"Fn::Sub": "${AWS::AccountId}-${AWS::Region}"}, "eu-west-1") == "123456789012-eu-west-1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["", "*", "Allow", "x", "cron(0 0 ? * 0 *)"]),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["Ref", "Fn::Sub", "Key", "Statement", "Effect"]), inside, max_size=3)
    ),
    max_leaves=6,
)


@given(st.data())
def test_rules_bear_any_template(rendered_dev: tuple[Rendered, ...], data: st.DataObject) -> None:
    """Anything in place of any value of the example: findings perhaps, never an exception."""
    stack = data.draw(st.sampled_from(rendered_dev))
    broken = _replaced(stack.template["Resources"], data)
    for finding in check([Template(stack=stack.stack, region=stack.region, template={"Resources": broken})]):
        assert finding.stack == stack.stack


def _replaced(value: Any, data: st.DataObject) -> Any:
    """The value with something else at a place drawn at random."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _replaced(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], _replaced(value[index], data), *value[index + 1 :]]
    return data.draw(JSON)
