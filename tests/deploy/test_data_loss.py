"""What the guard of data says and lets through, change by change; what is kept is counted and priced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stacks.cloud import ChangedResource as SetChange
from stacks.cloud import ChangeSet, StackResource, StackState
from stacks.deploy.data_loss import refuse_unnamed, second_look, unneeded
from stacks.deploy.destroy_plan import Going, Held, destroy_lines
from stacks.deploy.stored_data import StoredData, contents, cost, monthly, size
from stacks.errors import DeployError, UsageError
from stacks.forecast.change import Change, PropertyChange, StackChanges
from stacks.prices.list_prices import KEY, READ_UNIT, WRITE_UNIT

TABLE = "AWS::DynamoDB::Table"
BACK = "Put it back into the description"
COPY = "Take the change back; or describe a second one under another name, copy the data, then remove this one"
RENAME = "Keep the old name in the description, or say under 'moved' what was renamed"
STAYS = "; what it holds stays in AWS outside of the stack, and a new one starts empty"
REMOVED = Change(section="Resources", name="Notes", type=TABLE, action="remove", loss="lost")
KEYED = PropertyChange(path="KeySchema", action="changed", old="a", new="b", replacement="always")
REPLACED = replace(REMOVED, action="change", loss="kept", replacement="always", properties=(KEYED,))


def of(*changes: Change) -> list[StackChanges]:
    return [StackChanges(stack="data", name="t-x-data", changes=changes)]


def refused(*changes: Change, allowed: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    with pytest.raises(DeployError) as caught:
        refuse_unnamed(of(*changes), allowed)
    return [(problem.what, problem.fix) for problem in caught.value.problems]


def ways(way: str) -> str:
    return f"{way}, or pass --allow-replacement Notes"


@pytest.mark.parametrize(
    ("change", "what", "fix"),
    [
        (REMOVED, f"{TABLE} would be removed; WHAT IT HOLDS IS LOST", ways(BACK)),
        (
            replace(REMOVED, notes=("cannot keep its name", "looks renamed to 'Memos'")),
            f"{TABLE} would be removed; WHAT IT HOLDS IS LOST; cannot keep its name; looks renamed to 'Memos'",
            ways(RENAME),
        ),
        (
            REPLACED,
            f"{TABLE} would be replaced{STAYS}, since KeySchema changes (a -> b)",
            ways(COPY),
        ),
        (
            replace(REPLACED, replacement="maybe", properties=(replace(KEYED, because="its role may change"),)),
            f"{TABLE} may be replaced{STAYS}, since its role may change",
            ways(COPY),
        ),
        (
            replace(REPLACED, properties=(KEYED, replace(KEYED, path="Tags", replacement="never"))),
            f"{TABLE} would be replaced{STAYS}, since KeySchema changes (a -> b)",
            ways(COPY),
        ),
        (
            replace(REPLACED, refused=("its keys are fixed",)),
            f"AWS would refuse this update of {TABLE}, its keys are fixed",
            COPY,
        ),
        (
            replace(REPLACED, loss="none", refused=("its name is taken",)),
            f"AWS would refuse this update of {TABLE}, its name is taken",
            "Take the change back in the description",
        ),
    ],
)
def test_a_refusal_says_what_why_and_the_way_out(change: Change, what: str, fix: str) -> None:
    assert refused(change) == [(what, fix)]


def test_only_what_loses_data_and_was_not_named_is_refused() -> None:
    harmless = replace(REPLACED, name="Role", loss="none")
    refuse_unnamed(of(harmless), ())
    refuse_unnamed(of(REMOVED, harmless), ("Notes", "Role"))
    assert len(refused(REMOVED, replace(REMOVED, name="Other"), allowed=("Other",))) == 1


def test_agreeing_does_not_let_through_what_aws_refuses() -> None:
    assert len(refused(replace(REMOVED, refused=("no",)), allowed=("Notes",))) == 1


@pytest.mark.parametrize(
    ("changes", "fix"),
    [((), "Nothing is: leave it out"), ((REMOVED, replace(REPLACED, name="A")), "These are: A, Notes")],
)
def test_a_name_that_is_not_affected_is_a_mistake_of_the_call(changes: tuple[Change, ...], fix: str) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_unnamed(of(*changes), ["Zebra", "Nothing"])
    (problem,) = caught.value.problems
    assert (problem.where, problem.fix) == ("--allow-replacement Nothing", fix)


def test_another_option_is_named_where_there_is_one() -> None:
    with pytest.raises(DeployError, match=r"or pass --replace Notes\."):
        refuse_unnamed(of(REMOVED), (), option="--replace")


@pytest.mark.parametrize(
    ("change", "goes"),
    [
        (REMOVED, True),
        (REPLACED, True),
        (replace(REPLACED, replacement="maybe"), True),
        (replace(REPLACED, replacement="never"), False),
        (replace(REMOVED, section="Outputs"), False),
    ],
)
def test_only_what_is_removed_or_replaced_can_be_named(change: Change, *, goes: bool) -> None:
    assert unneeded(of(change), ["Notes"]) == ([] if goes else ["Notes"])


RESOURCE = SetChange(action="change", logical_id="Notes", type=TABLE, replacement="always")


def looked(change: SetChange, *, forecast: tuple[Change, ...] = (), allowed: tuple[str, ...] = ()) -> list[str]:
    """The questions to a person about a change set; a refusal is an error."""
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    change_set = ChangeSet(id="1", stack="t-x-data", region="eu-west-1", creates=False, changes=(change,))
    second_look(of(*forecast), allowed, agree)(change_set)
    return asked


@pytest.mark.parametrize("change", [RESOURCE, replace(RESOURCE, action="remove", replacement="never")])
def test_what_cloudformation_is_sure_of_and_the_forecast_did_not_show_is_refused(change: SetChange) -> None:
    with pytest.raises(DeployError) as caught:
        looked(change)
    assert str(caught.value) == (
        f"t-x-data.Notes: {TABLE} would be replaced or removed, says CloudFormation; the comparison of templates did"
        " not show it. Look at it with 'diff'; to accept it, pass --allow-replacement Notes."
    )


def test_what_cloudformation_may_replace_is_asked_for() -> None:
    assert looked(replace(RESOURCE, replacement="maybe")) == [
        "CloudFormation may replace Notes, which hold data. Go on?"
    ]


@pytest.mark.parametrize("change", [replace(RESOURCE, replacement="never"), replace(RESOURCE, type="AWS::IAM::Role")])
def test_what_keeps_its_data_is_not_asked_for(change: SetChange) -> None:
    assert looked(change) == []


def test_what_was_shown_or_named_before_is_not_asked_for_again() -> None:
    assert looked(RESOURCE, forecast=(REMOVED,)) == looked(RESOURCE, allowed=("Notes",)) == []


def test_a_forecast_of_another_stack_or_of_no_loss_lets_nothing_through() -> None:
    with pytest.raises(DeployError):
        looked(RESOURCE, forecast=(replace(REMOVED, loss="none"),))


GIB = 1024**3


@pytest.mark.parametrize(
    ("kind", "stored", "price"),
    [
        (TABLE, StoredData(items=1, bytes=10 * GIB), 4.5),
        ("AWS::DynamoDB::GlobalTable", StoredData(items=1, bytes=10 * GIB), 4.5),
        ("AWS::S3::Bucket", StoredData(items=1, bytes=100 * GIB), 2.3),
        (TABLE, StoredData(bytes=0, read_units=2, write_units=3), 730 * (2 * READ_UNIT.usd + 3 * WRITE_UNIT.usd)),
        (TABLE, StoredData(bytes=-1), None),
        ("AWS::KMS::Key", StoredData(), KEY.usd),
        ("AWS::Cognito::UserPool", StoredData(items=5), 0),
        ("AWS::RDS::DBInstance", StoredData(bytes=GIB), None),
    ],
)
def test_what_is_kept_costs_what_its_page_says(kind: str, stored: StoredData, price: float | None) -> None:
    assert monthly(kind, stored) == (None if price is None else pytest.approx(price))


@pytest.mark.parametrize(
    ("kind", "stored", "words"),
    [
        (TABLE, StoredData(items=1, bytes=999), "1 item, 999 bytes"),
        (TABLE, StoredData(items=1_200, bytes=1_000, more=True), "at least 1,200 items, 1.0 kB"),
        ("AWS::S3::Bucket", StoredData(items=0, bytes=0), "0 objects, 0 bytes"),
        ("AWS::Cognito::UserPool", StoredData(items=2), "2 users"),
        (TABLE, StoredData(bytes=5), "5 bytes"),
        (TABLE, StoredData(), ""),
    ],
)
def test_contents_are_counted_in_words(kind: str, stored: StoredData, words: str) -> None:
    assert contents(kind, stored) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (999_999, "1000.0 kB"),
        (1_000_000, "1.0 MB"),
        (1_000_000_000, "1.0 GB"),
    ],
)
def test_units_change_at_a_thousand(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "cost not known"),
        (0, "free"),
        (0.0099, "less than 0.01 USD a month"),
        (0.01, "about 0.01 USD a month"),
    ],
)
def test_amounts_are_shown_from_a_cent_on(amount: float | None, words: str) -> None:
    assert cost(amount) == words


def held(kind: str, name: str, *, named: bool = False, **stored: Any) -> Held:
    return Held(
        resource=StackResource(logical_id=name, physical_id=name.lower(), type=kind),
        stored=StoredData(**stored),
        named=named,
    )


STATE = StackState(id="1", name="t-x-data", region="eu-west-1", status="CREATE_COMPLETE")
ROLE = StackResource(logical_id="Role", physical_id="role", type="AWS::IAM::Role")
GOING = Going(stack="data", name="t-x-data", region="eu-west-1", state=STATE, deleted=(ROLE,))
NOTES = held(TABLE, "Notes", named=True, items=3, bytes=GIB)
POOL = held("AWS::Cognito::UserPool", "Pool", items=2)


def test_a_plan_says_line_by_line_what_becomes_of_a_stage() -> None:
    gone = Going(stack="frontend", name="t-x-frontend", region="eu-west-1", state=None)
    left = replace(gone, kept=(NOTES,))
    full = replace(GOING, state=replace(STATE, protected=True), deleted=(ROLE, ROLE), kept=(NOTES, POOL))
    bucket = held("AWS::S3::Bucket", "Site", items=1, bytes=7)
    notes = "Notes notes: 3 items, 1.1 GB"
    assert list(destroy_lines([gone, left, replace(full, buckets=(bucket,))], delete_data=False, stage="dev")) == [
        "frontend: t-x-frontend does not exist",
        "frontend: t-x-frontend (eu-west-1): is gone already",
        f"  = keeps {notes}; about 0.45 USD a month; the next deploy takes it back",
        "data: t-x-data (eu-west-1): 2 resources are deleted; its termination protection is switched off",
        "  - empties Site site: 1 object, 7 bytes",
        f"  = keeps {notes}; about 0.45 USD a month; the next deploy takes it back",
        (
            "  = keeps Pool pool: 2 users; free; the next deploy makes another one, unless"
            " 'import data Pool=pool --stage dev' comes first"
        ),
        (
            "What is kept costs about 0.90 USD a month, by its size now and prices of us-east-1, November 2025;"
            " '--delete-data' deletes it."
        ),
    ]
    assert list(destroy_lines([replace(GOING, kept=(NOTES,))], delete_data=True, stage="dev")) == [
        "data: t-x-data (eu-west-1): 1 resource is deleted",
        f"  - deletes for good {notes}",
    ]


def test_what_holds_nothing_is_kept_without_a_price() -> None:
    role = held("AWS::IAM::Role", "Log", bytes=5)
    (_, line) = destroy_lines([replace(GOING, kept=(role,))], delete_data=True, stage="dev")
    assert line == "  = keeps Log log: 5 bytes"
