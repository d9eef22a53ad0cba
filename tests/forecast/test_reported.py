"""Forecasts to the letter: the report in each form, what parameters become, renames, what follows from replacements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import UsageError
from stacks.forecast import compare
from stacks.forecast.change import Change, PropertyChange, StackChanges
from stacks.forecast.folders import in_folder
from stacks.forecast.parameters import filled, known_values
from stacks.forecast.renames import renames
from stacks.forecast.report import as_data, cost_summary, exit_code, markdown, report_lines, shown, summary
from stacks.prices.difference import CostChange

if TYPE_CHECKING:
    from pathlib import Path

KEYED = PropertyChange(path="KeySchema", action="changed", old="a", new="b`c", replacement="always")
PROPERTIES = (
    KEYED,
    PropertyChange(path="Tags", action="added", new=["x"], replacement="maybe", because="no one knows"),
    PropertyChange(path="Old", action="removed", old={"a": 1}, interrupts=True),
    PropertyChange(path="Order", action="reordered", old=[1, 2], new=[2, 1]),
    PropertyChange(path="", action="changed", old="same", new="same", security=True),
)
TABLE = Change(
    section="Resources",
    name="Notes",
    type="AWS::DynamoDB::Table",
    action="change",
    properties=PROPERTIES,
    replacement="always",
    loss="lost",
    refused=("keys are fixed",),
    notes=("looks renamed",),
)
POLICY = Change(section="Resources", name="Policy", type="AWS::IAM::Policy", action="add", security=True)
OUTPUT = Change(section="Outputs", name="Url", action="remove")
COSTS = (
    CostChange(logical_id="Key", what="encryption key", before=0, after=1),
    CostChange(logical_id="Db", what="AWS::RDS::DBInstance", before=0, after=None),
)
CHANGES = [StackChanges(stack="data", name="x-dev-data", changes=(TABLE, POLICY, OUTPUT), costs=COSTS)]
COUNTED = "1 stack: 1 added, 1 removed, 1 changed, 1 destructive, 1 security-relevant"
PRICED = (
    "Costs without traffic: +1.00 USD a month, and 1 resource without a price here"
    " (list prices of us-east-1, November 2025)"
)


def test_files_that_a_stack_publishes_are_no_stack_of_their_own() -> None:
    page = Change(section="Files", name="a.html", action="add")
    files = StackChanges(stack="data files", name="bucket", changes=(page,), costs=())
    assert summary([StackChanges(stack="data", name="x-dev-data", changes=(), costs=()), files]) == "1 stack: 1 added"


def test_accepted_findings_of_scanners_are_a_note_to_people_and_data_to_programs() -> None:
    reason = PropertyChange(path="cdk_nag.rules_to_suppress[8].id", action="changed", old="a", new="b")
    other = PropertyChange(path="stacks.skip", action="added", new=["x"])
    change = Change(section="Template", name="Metadata", action="change", properties=(reason, other))
    changes = [StackChanges(stack="data", name="x-dev-data", changes=(change,), costs=())]
    for text in ("\n".join(line.text for line in report_lines(changes)), markdown(changes)):
        assert "other findings of scanners are accepted" in text
        assert "cdk_nag" not in text
        assert "stacks.skip" in text
    assert "cdk_nag.rules_to_suppress[8].id" in str(as_data(changes))


def test_a_terminal_shows_what_is_destructive_first_with_every_effect() -> None:
    assert [(line.text, line.tone) for line in report_lines(CHANGES)] == [
        ("data: x-dev-data", "title"),
        ("  destructive", "bad"),
        ("    -/+ Notes  AWS::DynamoDB::Table: replaced; WHAT IT HOLDS IS LOST", "bad"),
        ("        ! AWS refuses it: keys are fixed", "warn"),
        ("        ! looks renamed", "warn"),
        ("        KeySchema: a -> b`c  (replaces)", "plain"),
        ('        Tags: + ["x"]  (may replace, no one knows)', "plain"),
        ('        Old: - {"a": 1}  (some interruption)', "plain"),
        ("        Order: order [1, 2] -> [2, 1]", "plain"),
        ("        (whole): same  (security)", "plain"),
        ("  security-relevant", "quiet"),
        ("    + Policy  AWS::IAM::Policy: added", "plain"),
        ("  other", "quiet"),
        ("    - Url  output: removed", "plain"),
        (COUNTED, "title"),
        (PRICED, "plain"),
        ("      +1.00  data.Key: encryption key", "quiet"),
        ("    unknown  data.Db: AWS::RDS::DBInstance", "quiet"),
    ]


def test_a_pull_request_shows_the_same() -> None:
    assert markdown(CHANGES).split("\n") == [
        f"**{COUNTED}**",
        "",
        "### `x-dev-data`",
        "",
        "**Destructive**",
        "",
        "- `-/+` **Notes** `AWS::DynamoDB::Table`: replaced; WHAT IT HOLDS IS LOST",
        "  - AWS refuses it: keys are fixed",
        "  - looks renamed",
        "  - `KeySchema` `a` → `b'c`  (replaces)",
        "  - `Tags` added: `['x']`  (may replace, no one knows)".replace("'", '"'),
        '  - `Old` removed: `{"a": 1}`  (some interruption)',
        "  - `Order` `[1, 2]` → `[2, 1]`",
        "  - ` ` `same`  (security)",
        "",
        "**Security-relevant**",
        "",
        "- `+` **Policy** `AWS::IAM::Policy`: added",
        "",
        "**Other**",
        "",
        "- `-` **Url** `output`: removed",
        "",
        f"**{PRICED}**",
        "",
        "- `    +1.00  data.Key: encryption key`",
        "- `  unknown  data.Db: AWS::RDS::DBInstance`",
    ]


def test_a_program_reads_the_same() -> None:
    (stack,) = as_data(CHANGES)
    assert (stack["stack"], stack["name"]) == ("data", "x-dev-data")
    assert [(change["name"], change["destructive"]) for change in stack["changes"]] == [
        ("Notes", True),
        ("Policy", False),
        ("Url", False),
    ]
    assert [(cost["logical_id"], cost["before"], cost["after"], cost["more"]) for cost in stack["costs"]] == [
        ("Key", 0, 1, 1),
        ("Db", 0, None, None),
    ]


def test_nothing_that_changes_is_good_and_costs_nothing() -> None:
    same = [StackChanges(stack="data", name="x", changes=()), StackChanges(stack="base", name="y", changes=())]
    assert [(line.text, line.tone) for line in report_lines(same)] == [("2 stacks: no changes", "good")]
    assert (cost_summary(same), summary(same), exit_code(same)) == ("", "2 stacks: no changes", 0)
    assert cost_summary([replace(CHANGES[0], costs=COSTS[:1])]).startswith("Costs without traffic: +1.00 USD a month (")


@pytest.mark.parametrize(
    ("change", "code"), [(OUTPUT, 3), (replace(TABLE, loss="kept"), 4), (replace(TABLE, loss="none"), 3)]
)
def test_the_exit_code_says_whether_data_is_at_stake(change: Change, code: int) -> None:
    assert exit_code([replace(CHANGES[0], changes=(change,))]) == code


@pytest.mark.parametrize(
    ("files", "last"),
    [(20, "    ~ f19  file: changed"), (21, "    … and 1 more file"), (22, "    … and 2 more files")],
)
def test_files_beyond_the_first_twenty_are_counted(files: int, last: str) -> None:
    changes = tuple(Change(section="Files", name=f"f{number}", action="change") for number in range(files))
    *_, line, _ = report_lines([replace(CHANGES[0], changes=changes, costs=())])
    assert line.text.rstrip() == last


def test_a_long_value_is_cut_at_one_width() -> None:
    widest = next(size for size in range(1, 500) if len(shown("x" * (size + 1))) == size)
    assert shown("x" * widest) == "x" * widest
    assert shown("x" * (widest + 1)) == "x" * (widest - 1) + "…"


@pytest.mark.parametrize("value", ["", " a", "a\n", "\x1b"])
def test_what_is_no_plain_word_is_shown_as_json(value: str) -> None:
    assert shown(value).startswith('"')


def declared(kind: str, **more: Any) -> dict[str, Any]:
    return {"Parameters": {"P": {"Type": kind, **more}}}


@pytest.mark.parametrize(
    ("kind", "value"),
    [("String", "a,b"), ("CommaDelimitedList", ["a", "b"]), ("List<AWS::EC2::Subnet::Id>", ["a", "b"])],
)
def test_a_parameter_stands_for_a_text_or_a_list(kind: str, value: Any) -> None:
    template = declared(kind, Default="a,b")
    (before, after) = known_values(template, {}, template, {"P": "a,b"})
    assert (before, after) == ({"P": value}, {"P": value})
    assert filled({"Ref": "P"}, after) == value


def test_what_parameter_store_has_is_not_known_from_its_name() -> None:
    template = declared("AWS::SSM::Parameter::Value<String>", Default="/name")
    assert known_values(template, {}, template, {}) == ({}, {})


def bodies(**names: dict[str, Any]) -> dict[str, Any]:
    return {name: {"Type": "AWS::SQS::Queue", "Properties": properties} for name, properties in names.items()}


def test_each_new_resource_is_the_new_name_of_one_old_one() -> None:
    same = {"DelaySeconds": 1, "KmsMasterKeyId": "k", "VisibilityTimeout": 3}
    assert renames(bodies(A=same, B=same), bodies(C=same)) == {"A": "C"}
    assert renames(bodies(A=same), bodies(C=same, D=same)) == {"A": "C"}
    near = {**same, "VisibilityTimeout": 4}
    assert renames(bodies(A=near, B=same), bodies(C=same, D=near)) == {"A": "D", "B": "C"}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", **({"Properties": properties} if properties else {})}


def test_properties_that_come_as_a_whole_are_reported_one_by_one() -> None:
    (change,) = compare({"Resources": {"Q": queue()}}, {"Resources": {"Q": queue(QueueName="q", DelaySeconds=1)}})
    assert [(entry.path, entry.action, entry.replacement) for entry in change.properties] == [
        ("DelaySeconds", "added", "never"),
        ("QueueName", "added", "always"),
    ]


def test_a_new_stack_has_resources_and_no_changes_of_its_description() -> None:
    new = {"Description": "d", "Resources": {"Q": queue()}}
    assert [(change.section, change.name) for change in compare(None, new)] == [("Resources", "Q")]
    assert [(change.section, change.name) for change in compare(new, None)] == [("Resources", "Q")]
    changed = compare(new, {**new, "Description": "e"})
    assert [(change.section, change.name) for change in changed] == [("Template", "Description")]


def with_reader(name: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Q": queue(QueueName=name), "R": {"Type": "AWS::Events::Rule", "Properties": properties}}}


READ = {"Fn::GetAtt": ["Q", "Arn"]}
TARGETS = [{"Id": "1", "Arn": READ}]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"Targets": TARGETS}, {"Targets": TARGETS}, [("Targets[0].Arn", "Q gets a new id")]),
        ({}, {"Targets": TARGETS}, [("Targets", "")]),
        ({"RoleArn": READ}, {"RoleArn": {"Fn::Sub": "${Q.Arn}x"}}, [("RoleArn", "")]),
        ({"Description": "a"}, {"Description": "b"}, [("Description", "")]),
    ],
)
def test_what_reads_a_replaced_resource_gets_a_new_id_and_no_change_is_reported_twice(
    old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    followed = compare(with_reader("a", **old), with_reader("b", **new))
    (rule,) = (change for change in followed if change.name == "R")
    assert [(change.path, change.because) for change in rule.properties] == expected


def test_only_templates_of_a_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/data.yaml").write_text("Resources: {}\n")
    (tmp_path / "dev/data.parameters.json").write_text('{"Parameters": {"A": "b"}}')
    (tmp_path / "README.md").write_text("no: [template")
    (tmp_path / "notes.yaml").mkdir()
    result = in_folder(tmp_path)
    assert list(result) == ["dev/data"]
    assert result["dev/data"].parameters == {"A": "b"}


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    with pytest.raises(UsageError, match="has no templates"):
        in_folder(tmp_path)
