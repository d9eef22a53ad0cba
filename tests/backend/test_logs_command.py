"""``logs`` without AWS: which groups it reads, what it makes of Lambda's lines, and what it shows again (nothing)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import load
from stacks.cli import main
from stacks.cloud import ChangeSet, LogEvent, Submission
from stacks.commands.log_lines import level_and_text, line, requests_of
from stacks.commands.logs import LogFilter, LogReading, api_group, chosen_groups, milliseconds
from stacks.errors import DeployError, UsageError
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App

TEXT = """
name: notes
stages: {dev: {region: eu-west-1}}
backend:
  functions:
    web: {handler: src/one.py:web}
    list-notes: {handler: src/one.py:web}
"""
REQUEST = "8f3a1c2d-1111-4222-8333-444455556666"
NOON = 1_795_348_800_000
WEB, LIST = "/aws/lambda/notes-dev-web", "/aws/lambda/notes-dev-list-notes"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The description, with the code it names."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/one.py").write_text("web = print\n")
    (tmp_path / "app.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "app.yaml"


@pytest.fixture
def app(file: Path) -> App:
    """The application."""
    return load(file)


def event(message: str, after: int = 0) -> LogEvent:
    return LogEvent(id=f"{after}/{message}", time=NOON + after, message=message)


def platform(kind: str, **record: Any) -> str:
    return json.dumps({"time": "2026-11-22T12:00:00Z", "type": f"platform.{kind}", "record": record})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (platform("start", requestId=REQUEST, version="$LATEST"), ("-", "START 8f3a1c2d")),
        (
            platform(
                "report",
                requestId=REQUEST,
                status="success",
                metrics={"durationMs": 12.6, "maxMemoryUsedMB": 67, "memorySizeMB": 128, "initDurationMs": 116.7},
            ),
            ("-", "REPORT 8f3a1c2d 13 ms, 67 MB used, started in 117 ms"),
        ),
        (
            platform("report", requestId=REQUEST, status="timeout", metrics={"durationMs": 3000}),
            ("ERROR", "REPORT 8f3a1c2d timeout, 3000 ms"),
        ),
        (
            platform("logsDropped", reason="too many", droppedRecords=3),
            ("-", "logsDropped reason=too many droppedRecords=3"),
        ),
        (
            '{"timestamp": "x", "level": "WARNING", "message": "Slow", "logger": "a", "requestId": "r", "ms": 7}',
            ("WARN", "Slow ms=7"),
        ),
        (
            json.dumps(
                {"log_level": "ERROR", "errorType": "KeyError", "errorMessage": "'a'", "stackTrace": ["  at\n"]}
            ),
            ("ERROR", "  at\nKeyError: 'a'"),
        ),
        ('{"message": {"a": [1]}}', ("", '{"a": [1]}')),
        ("{not json", ("", "{not json")),
        (f"START RequestId: {REQUEST} Version: $LATEST\n", ("-", "START 8f3a1c2d")),
        (f"END RequestId: {REQUEST}\n", ("-", "END 8f3a1c2d")),
        (
            f"REPORT RequestId: {REQUEST}\tDuration: 3.21 ms\tMax Memory Used: 30 MB\tInit Duration: 99.10 ms\t\n",
            ("-", "REPORT 8f3a1c2d 3.21 ms, 30 MB used, started in 99.10 ms"),
        ),
        (f"[INFO]\t2026-11-22T12:00:00.000Z\t{REQUEST}\tHello\n", ("INFO", "Hello")),
        ("[ERROR] KeyError: 'a'\nTraceback", ("ERROR", "KeyError: 'a'\nTraceback")),
        (
            f"2026-11-22T12:00:00.000Z {REQUEST} Task timed out after 3.00 seconds",
            ("ERROR", "Task timed out after 3.00 seconds"),
        ),
        ("just printed\n", ("", "just printed")),
    ],
)
def test_what_lambda_writes_is_reported_in_few_words(message: str, expected: tuple[str, str]) -> None:
    assert level_and_text(message) == expected


def test_a_line_has_time_function_level_and_message_and_its_continuation_is_set_in() -> None:
    assert line(event('{"level": "INFO", "message": "One\\nTwo"}', 7), "web", 10) == (
        "2026-11-22 12:00:00.007  web         INFO   One\n    Two"
    )


def test_control_characters_of_strangers_do_not_reach_the_terminal() -> None:
    shown = line(event("GET \x1b]0;owned\x07 \x9b31m \rback"), "web", 3)
    assert shown.endswith(r"GET \x1b]0;owned\x07 \x9b31m \rback")


def test_a_level_that_is_no_word_is_left_out() -> None:
    assert level_and_text('{"level": "\\u001b[2J", "message": "One"}') == ("", "One")


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
)
_FIELDS = st.sampled_from(["type", "record", "message", "level", "stackTrace", "errorType", "requestId", "metrics"])


@given(st.text() | st.dictionaries(_FIELDS, _JSON | st.just("platform.report")).map(json.dumps))
def test_any_message_makes_a_line_without_control_characters(message: str) -> None:
    shown = line(event(message), "web", 3)
    assert shown.startswith("2026-11-22 12:00:00.000  web")
    assert all(letter.isprintable() or letter in "\n\t" or ord(letter) > 0x9F for letter in shown)
    assert shown.encode()


def test_json_nested_beyond_reason_is_shown_as_it_is() -> None:
    message = '{"a":' * 100_000
    assert level_and_text(message) == ("", message)


@pytest.mark.parametrize(
    ("span", "expected"), [("30s", 30_000), ("10m", 600_000), ("2h", 7_200_000), ("1d", 86_400_000)]
)
def test_a_span_has_a_unit(span: str, expected: int) -> None:
    assert milliseconds(span) == expected


@pytest.mark.parametrize("span", ["", "10", "m", "-5m", "1w", "10m ago", "9999999d"])
def test_what_is_no_span_is_refused(span: str) -> None:
    with pytest.raises(UsageError, match="is not a span of time"):
        milliseconds(span)


def test_every_function_has_its_group_and_one_can_be_asked_for(app: App) -> None:
    stage, aws = app.stages["dev"], MemoryCloud()
    assert chosen_groups(stage, None, aws) == {"web": WEB, "list-notes": LIST}
    assert chosen_groups(stage, "web", aws) == {"web": WEB}


def test_a_function_of_a_template_from_elsewhere_may_log_where_it_says(tmp_path: Path) -> None:
    code = {"Code": {"ZipFile": "1"}, "Handler": "index.f", "Runtime": "python3.13", "Role": "r"}
    own = {"FunctionName": "own", "LoggingConfig": {"LogGroup": {"Ref": "Logs"}}}
    resources = {
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "shop/own"}},
        "Own": {"Type": "AWS::Lambda::Function", "Properties": code | own},
        "Other": {"Type": "AWS::Lambda::Function", "Properties": {**code, "FunctionName": "other"}},
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": resources}))
    (tmp_path / "app.yaml").write_text("{name: notes, stages: {dev: {region: eu-west-1}}, backend: {template: t.json}}")
    app, aws = load(tmp_path / "app.yaml"), MemoryCloud()
    template = {"Resources": resources}
    submission = Submission(
        name="notes-dev-backend", region="eu-west-1", template=template, body="", parameters={}, creates=True
    )
    change_set = aws.prepare(submission)
    assert isinstance(change_set, ChangeSet)
    list(aws.execute(change_set))
    assert chosen_groups(app.stages["dev"], None, aws) == {"Own": "shop/own", "Other": "/aws/lambda/other"}


def test_an_unknown_function_is_reported_with_the_nearest_name(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["logs", "list-note", "--app", str(file), "--endpoint-url", "http://127.0.0.1:9"]
    assert main(words) == 2
    assert capsys.readouterr().err == "function 'list-note': is not described. Did you mean 'list-notes'?\n"


def test_lines_of_several_functions_are_one_row_in_time_and_none_comes_twice(app: App) -> None:
    aws = MemoryCloud()
    aws.logs = {WEB: [event("one", 1), event("three", 3)], LIST: [event("two", 2)]}
    reading = LogReading(aws, "eu-west-1", chosen_groups(app.stages["dev"], None, aws))
    assert [text.split()[-1] for text in reading.next(NOON)] == ["one", "two", "three"]
    aws.logs[LIST].append(event("came late", 1))
    assert [text.split("  ")[-1].strip() for text in reading.next(NOON)] == ["came late"]
    assert reading.next(NOON) == []


def test_a_function_that_is_not_deployed_yet_does_not_hide_the_others(app: App) -> None:
    aws = MemoryCloud()
    aws.logs = {WEB: [event("one")]}
    reading = LogReading(aws, "eu-west-1", chosen_groups(app.stages["dev"], None, aws))
    assert len(reading.next(NOON)) == 1


def test_without_any_log_group_the_backend_is_not_deployed(app: App) -> None:
    aws = MemoryCloud()
    reading = LogReading(aws, "eu-west-1", chosen_groups(app.stages["dev"], "web", aws))
    with pytest.raises(DeployError, match=f"web: there is no log group yet .{WEB} in eu-west-1.. Deploy"):
        reading.next(NOON)


FUNCTIONS_ID = "0a1b2c3d-1111-4222-8333-444455556666"


def logged_request(app: App) -> MemoryCloud:
    """A request at the API, in the function that answered it, and another one."""
    access = {"requestId": REQUEST, "integrationRequestId": FUNCTIONS_ID, "status": "200"}
    aws = MemoryCloud()
    aws.logs = {
        api_group(app.stages["dev"]): [event(json.dumps(access))],
        WEB: [
            event(json.dumps({"requestId": FUNCTIONS_ID, "message": "found it"}), 1),
            event(json.dumps({"requestId": "another", "message": "Found nothing"}), 2),
        ],
    }
    return aws


@pytest.mark.parametrize("asked", [REQUEST, FUNCTIONS_ID])
def test_a_request_is_joined_over_the_api_and_the_function(app: App, asked: str) -> None:
    groups = {**chosen_groups(app.stages["dev"], None, logged_request(app)), "API": api_group(app.stages["dev"])}
    reading = LogReading(logged_request(app), "eu-west-1", groups, LogFilter(request=asked))
    assert [source for _, source in reading.fresh(NOON)] == ["API", "web"]


def test_only_what_contains_the_text_is_shown_in_any_case(app: App) -> None:
    groups = chosen_groups(app.stages["dev"], None, logged_request(app))
    reading = LogReading(logged_request(app), "eu-west-1", groups, LogFilter(text="FOUND NO"))
    assert [json.loads(entry.message)["message"] for entry, _ in reading.fresh(NOON)] == ["Found nothing"]


@pytest.mark.parametrize(
    ("message", "ids"),
    [
        (f"START RequestId: {REQUEST} Version: 1", (REQUEST,)),
        (f"[INFO]\t2026-11-22T12:00:00.000Z\t{REQUEST}\tsaid", (REQUEST,)),
        (platform("report", requestId=REQUEST), (REQUEST,)),
        (json.dumps({"function_request_id": REQUEST, "message": "by Powertools"}), (REQUEST,)),
        (json.dumps({"requestId": REQUEST, "integrationRequestId": FUNCTIONS_ID}), (REQUEST, FUNCTIONS_ID)),
        ("{broken", ()),
        ("nothing", ()),
    ],
)
def test_ids_of_requests_are_found_in_every_form(message: str, ids: tuple[str, ...]) -> None:
    assert requests_of(message) == ids
