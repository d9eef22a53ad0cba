"""What verbs write with ``--format json`` → its JSON Schema, and the page of the documentation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from stacks.cloud import Event
from stacks.commands.output_verbs import ANSWERS, INTEGER, LOCAL, OPEN, RESULTS, TEXT, TRUE, in_words
from stacks.progress import Progress
from stacks.reporting import event_name

if TYPE_CHECKING:
    from stacks.json_types import JsonDict

_WORK = "deploy and the like"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbEvent:
    """An event that a verb writes itself; those of ``stacks.progress`` have their fields from there."""

    event: str
    verbs: str
    what: str
    fields: dict[str, JsonDict]


EVENTS = (
    VerbEvent(
        event="check",
        verbs="doctor",
        what="Something was checked: `ok`, a `note` or a `problem`",
        fields={"what": TEXT, "state": {"enum": ["ok", "note", "problem"]}, "detail": TEXT, "fix": TEXT},
    ),
    VerbEvent(
        event="changes_foreseen",
        verbs="pipeline prepare",
        what="What a stack's deployment would change, as Markdown",
        fields={"stack": TEXT, "markdown": TEXT},
    ),
    VerbEvent(
        event="log",
        verbs="logs",
        what="A function, or the API, logged something; times are UTC in ISO 8601",
        fields={"time": TEXT, "source": TEXT, "level": TEXT, "message": TEXT, "request_id": TEXT},
    ),
    VerbEvent(
        event="output",
        verbs="run, deploy",
        what="A command in a function wrote a line",
        fields={"function": TEXT, "text": TEXT},
    ),
    VerbEvent(
        event="ready",
        verbs="local",
        what="The local AWS runs the stage; `answers` says whether the application answered",
        fields={**LOCAL, "answers": TRUE, "outputs": OPEN},
    ),
)


def output_schema() -> JsonDict:
    """The JSON Schema (2020-12) of a line: an event, an end, or an answer.

    ``$defs`` also has the answer and the result of each verb, by name: ``answer of stages``, ``result of deploy``.
    """
    mapping = {event_name(fact): _event(event_name(fact), _fields(fact)) for fact in fact_types()}
    mapping |= {event.event: _event(event.event, event.fields) for event in EVENTS}
    lines = [*mapping, "end"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of standard output with --format json",
        "description": "A value without 'event' is an answer; those of each verb, and their results, are in $defs.",
        "oneOf": [
            *({"$ref": f"#/$defs/{name}"} for name in lines),
            {"title": "answer", "not": {"type": "object", "required": ["event"]}},
        ],
        "$defs": {
            **dict(sorted({**mapping, "end": _END, "problem": _PROBLEM}.items())),
            **{f"answer of {verb}": answer for verb, answer in sorted(ANSWERS.items())},
            **{f"result of {verb}": result for verb, result in sorted(RESULTS.items())},
        },
    }


def _fields(fact: type) -> dict[str, JsonDict]:
    """The fields of a fact as ``reporting.progress`` writes them."""
    schemas = {name: _schema(str(field.type)) for name, field in fact.__dataclass_fields__.items()}  # type: ignore[attr-defined]
    if "event" in schemas:
        inner = {name: _schema(str(field.type)) for name, field in Event.__dataclass_fields__.items()}
        return {**{name: entry for name, entry in schemas.items() if name != "event"}, **inner}
    return schemas


def _schema(annotation: str) -> JsonDict:
    """The schema of a field's annotation; values of our own are objects."""
    kinds = [
        _KINDS.get(part) or ("array" if part.startswith("tuple[") else "object") for part in annotation.split(" | ")
    ]
    if kinds == ["array"]:
        return {"type": "array", "items": _schema(annotation.removeprefix("tuple[").partition(",")[0])}
    return {"type": kinds[0] if len(kinds) == 1 else kinds}


_KINDS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null", "Any": "object"}
_PROBLEM = {
    "type": "object",
    "required": ["where", "what", "fix", "file", "line", "rule"],
    "properties": {
        "where": TEXT,
        "what": TEXT,
        "fix": TEXT,
        "file": {"type": ["string", "null"]},
        "line": {"type": ["integer", "null"]},
        "rule": TEXT,
    },
}
_END = {
    "type": "object",
    "required": ["event", "command", "ok", "exit_code", "result", "errors"],
    "properties": {
        "event": {"const": "end"},
        "command": TEXT,
        "ok": TRUE,
        "exit_code": INTEGER,
        "result": {"type": ["object", "null"]},
        "errors": {"type": "array", "items": {"$ref": "#/$defs/problem"}},
    },
}


def _event(name: str, fields: JsonDict) -> JsonDict:
    return {
        "type": "object",
        "required": ["event", *fields],
        "properties": {"event": {"const": name}, **fields},
    }


def fact_types() -> tuple[type, ...]:
    """The kinds of facts of ``stacks.progress``."""
    return tuple(entry for part in get_args(Progress) for entry in (get_args(part) or (part,)))


def output_page() -> str:
    """The page of the documentation."""
    rows = [
        f"| `{event_name(fact)}` | {_WORK} | {_sentence(fact)} | {_listed(_fields(fact))} |" for fact in fact_types()
    ]
    rows += [f"| `{event.event}` | {event.verbs} | {event.what}. | {_listed(event.fields)} |" for event in EVENTS]
    answers = [f"| `{verb}` | {in_words(schema)} |" for verb, schema in sorted(ANSWERS.items())]
    results = [f"| `{verb}` | {in_words(schema)} |" for verb, schema in sorted(RESULTS.items())]
    return "\n".join(
        [
            _INTRODUCTION,
            "## Answers\n\n| verb | the line |\n|---|---|",
            *answers,
            "\n## Events\n\n| event | verbs | what happened | fields |\n|---|---|---|---|",
            *rows,
            "\n## Results\n\n| verb | `result` of its end |\n|---|---|",
            *results,
        ]
    )


def _sentence(fact: type) -> str:
    text = " ".join((fact.__doc__ or "").split()).replace("``", "`")
    return text.partition(". ")[0].rstrip(".") + "."


def _listed(fields: JsonDict) -> str:
    return ", ".join(f"`{name}`" for name in fields)


_INTRODUCTION = """# JSON

Every verb takes `--format json`, or `--json`. `stacks schema --output` prints the JSON Schema of a line, and
that of each verb's answer and result.
This page is generated: `python -m stacks.commands.output_schema > docs/json.md`.

* **Standard output** has JSON Lines: each line is one value. **Standard error** has what people read.
* A verb that only reads writes one line: its **answer**.
* A verb that works writes an **event** for each fact, as it happens, and at last an **end**:
  `{"event": "end", "command": "deploy", "ok": true, "exit_code": 0, "result": {…}, "errors": []}`.
* **Errors** are in an end, whatever the verb, and the exit code is that of the text form:
  `{"where": "backend.functions.web.timeout", "what": "…", "fix": "…", "file": "app.yaml", "line": 12, "rule": ""}`.
  `file` and `line` are null where there are none; `rule` is what AWS refuses, by its id in `lint --rules`, or empty.
* Nobody is asked: a verb that would ask fails and names `--yes`. So it does in CI services and for coding agents, which
  set `CI`, `AI_AGENT` and the like; nothing moves on the screen there, either.
* Fields and events may be added; those that are here stay.
"""


if __name__ == "__main__":
    print(output_page())
