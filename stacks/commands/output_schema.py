"""What verbs write with ``--format json`` → its JSON Schema, and the page of the documentation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from stacks.cloud import Event
from stacks.progress import Progress
from stacks.reporting import event_name

_WORK = "deploy and the like"
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_TRUE: dict[str, Any] = {"type": "boolean"}
_OPEN: dict[str, Any] = {"type": "object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbEvent:
    """An event that a verb writes itself; those of ``stacks.progress`` have their fields from there."""

    event: str
    verbs: str
    what: str
    fields: dict[str, dict[str, Any]]


EVENTS = (
    VerbEvent(
        event="check",
        verbs="doctor",
        what="Something was checked: `ok`, a `note` or a `problem`",
        fields={"what": _TEXT, "state": {"enum": ["ok", "note", "problem"]}, "told": _TEXT, "fix": _TEXT},
    ),
    VerbEvent(
        event="changes_foreseen",
        verbs="pipeline prepare",
        what="What a stack's deployment would change, as Markdown",
        fields={"stack": _TEXT, "markdown": _TEXT},
    ),
    VerbEvent(
        event="log",
        verbs="logs",
        what="A function, or the API, logged something; times are UTC in ISO 8601",
        fields={"time": _TEXT, "source": _TEXT, "level": _TEXT, "message": _TEXT, "request_id": _TEXT},
    ),
    VerbEvent(
        event="output",
        verbs="run, deploy",
        what="A command in a function wrote a line",
        fields={"function": _TEXT, "text": _TEXT},
    ),
    VerbEvent(
        event="ready",
        verbs="local",
        what="The local AWS runs the stage; `answers` says whether the application answered",
        fields={"site": _TEXT, "endpoint_url": _TEXT, "region": _TEXT, "answers": _TRUE, "outputs": _OPEN},
    ),
)
RESULTS = {
    "deploy": "`stage`, `outputs` (stack → name → value)",
    "destroy": "`stage`, `deleted`",
    "publish": "`bucket`, `distribution`",
    "import": "`imported`",
    "secrets set`, `rm": "`secret`, `stage`",
    "domain create`, `delete": "`zone`, `name`; created: `created`, `name_servers`",
    "permissions --check": "`base`, `checked` (stacks)",
    "pipeline run": "`pipelines`, `site`, `endpoint_url`",
    "run": "`function`, `exit_code`, `stopped` (by its time limit)",
    "invoke": "`payload` (text, mostly JSON), `failed`, `log`",
    "init": "`folder`, `files` (`path`, `action`), `notes`, `written`, `next`",
    "doctor": "`checks`, `problems` (how many)",
    "graph --out": "`file`, `format`, `changed`",
    "ci --output": "`service`, `file`",
    "sync": "`functions` (`name`, `seconds`, `changed`)",
    "local stop": "`stopped`",
}
"""Verb → what ``result`` of its end holds; null where a verb is missing here."""
ANSWERS = {
    "render": "a list: `stage`, `stack`, `name`, `resources`, `bytes`, `file`, `changed`, `limits`",
    "lint": "a list of findings: `stage`, where, rule, message, `grade`, `fails`; `--rules`: the rules",
    "schema": "the schema",
    "package": "a list: `stage`, `key`, `bytes`, `unzipped`, `file`",
    "diff": "a list of stacks with their changes",
    "permissions": "a list: `stack`, `name`, `actions`, `bytes`, `policies`; `reasons` with `--explain`",
    "publish --list`, `--dry-run": "releases; `operations`",
    "secrets list": "a list: `secret`, `kind`, `state`",
    "domain status": "a list: `name`, `what`, `told`, `bad`",
    "routes": "a list: `url`, `behavior`, `function`, `origin`, `path`, `cache`, `headers`, `status`",
    "graph": "the picture: its boxes and lines",
    "explain": "`explanations`",
    "cost": "`prices`, `floor`, `load`, `monthly`, `left_out`",
    "status": "a list of stacks: `name`, `region`, `status`, `changed`, `behind`, `drift`",
    "drift": "stack → resources that were changed",
    "outputs": "stack → name → value",
    "pipeline status": "`pipelines`, `waiting_connection`",
    "local status": "`site`, `endpoint_url`, `region`; null when nothing runs",
    "ci": "`service`, `workflow`",
}
"""Verb → the one line that it writes."""


def output_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a line: an event, an end, or an answer, which may be any value."""
    made = {event_name(fact): _event(event_name(fact), _fields(fact)) for fact in _facts()}
    made |= {one.event: _event(one.event, one.fields) for one in EVENTS}
    lines = [*made, "end"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of standard output with --format json",
        "description": "An answer of a verb that only reads is any value without 'event'.",
        "oneOf": [
            *({"$ref": f"#/$defs/{name}"} for name in lines),
            {"title": "answer", "not": {"type": "object", "required": ["event"]}},
        ],
        "$defs": dict(sorted({**made, "end": _END, "problem": _PROBLEM}.items())),
    }


def _fields(fact: type) -> dict[str, dict[str, Any]]:
    """The fields of a fact as ``reporting.progress`` writes them."""
    said = {name: _schema(str(field.type)) for name, field in fact.__dataclass_fields__.items()}  # type: ignore[attr-defined]
    if "event" in said:
        inner = {name: _schema(str(field.type)) for name, field in Event.__dataclass_fields__.items()}
        return {**{name: one for name, one in said.items() if name != "event"}, **inner}
    return said


def _schema(annotation: str) -> dict[str, Any]:
    """The schema of a field's annotation; values of our own are objects."""
    kinds = [_KINDS.get(one) or ("array" if one.startswith("tuple[") else "object") for one in annotation.split(" | ")]
    if kinds == ["array"]:
        return {"type": "array", "items": _schema(annotation.removeprefix("tuple[").partition(",")[0])}
    return {"type": kinds[0] if len(kinds) == 1 else kinds}


_KINDS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null", "Any": "object"}
_PROBLEM = {
    "type": "object",
    "required": ["where", "what", "fix", "file", "line"],
    "properties": {
        "where": _TEXT,
        "what": _TEXT,
        "fix": _TEXT,
        "file": {"type": ["string", "null"]},
        "line": {"type": ["integer", "null"]},
    },
}
_END = {
    "type": "object",
    "required": ["event", "command", "ok", "exit_code", "result", "errors"],
    "properties": {
        "event": {"const": "end"},
        "command": _TEXT,
        "ok": _TRUE,
        "exit_code": _WHOLE,
        "result": {"type": ["object", "null"]},
        "errors": {"type": "array", "items": {"$ref": "#/$defs/problem"}},
    },
}


def _event(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["event", *fields],
        "properties": {"event": {"const": name}, **fields},
    }


def _facts() -> tuple[type, ...]:
    """The kinds of facts of ``stacks.progress``."""
    return tuple(one for part in get_args(Progress) for one in (get_args(part) or (part,)))


def output_page() -> str:
    """The page of the documentation."""
    rows = [f"| `{event_name(one)}` | {_WORK} | {_sentence(one)} | {_listed(_fields(one))} |" for one in _facts()]
    rows += [f"| `{one.event}` | {one.verbs} | {one.what}. | {_listed(one.fields)} |" for one in EVENTS]
    answers = [f"| `{verb}` | {what} |" for verb, what in sorted(ANSWERS.items())]
    results = [f"| `{verb}` | {what} |" for verb, what in sorted(RESULTS.items())]
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


def _listed(fields: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in fields)


_INTRODUCTION = """# JSON

Every verb takes `--format json`, or `--json`. `stacks schema --output` prints the JSON Schema of a line.
This page is generated: `python -m stacks.commands.output_schema > docs/json.md`.

* **Standard output** has JSON Lines: each line is one value. **Standard error** has what people read.
* A verb that only reads writes one line: its **answer**.
* A verb that works writes an **event** for each fact, as it happens, and at last an **end**:
  `{"event": "end", "command": "deploy", "ok": true, "exit_code": 0, "result": {…}, "errors": []}`.
* **Errors** are in an end, whatever the verb, and the exit code is that of the text form:
  `{"where": "backend.functions.web.timeout", "what": "…", "fix": "…", "file": "app.yaml", "line": 12}`.
  `file` and `line` are null where there are none.
* Nobody is asked: a verb that would ask fails and names `--yes`. So it does in CI services and for coding agents, which
  set `CI`, `AI_AGENT` and the like; nothing moves on the screen there, either.
* Fields and events may be added; those that are here stay.
"""


if __name__ == "__main__":
    print(output_page())
