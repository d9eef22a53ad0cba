"""What each verb writes with ``--format json``, as JSON Schema: answers of verbs that read, results of those that work.

A key is a verb, with the words that choose the form where it has several (``publish --list``). Pure.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TRUE: Schema = {"type": "boolean"}
OPEN: Schema = {"type": "object"}
"""An object whose names are those of the application, of AWS, or of another schema."""
ANY: Schema = {}


def record(**fields: Schema) -> Schema:
    """An object that has all of these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def listed(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def rows(**fields: Schema) -> Schema:
    """A list of objects that have all of these fields."""
    return listed(record(**fields))


def named(value: Schema) -> Schema:
    """An object whose names are those of stacks, functions or outputs."""
    return {"type": "object", "additionalProperties": value}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def choice(*names: str) -> Schema:
    """One of these texts."""
    return {"enum": list(names)}


_SITE = {"site": TEXT, "endpoint_url": TEXT}
LOCAL = {"site": maybe(TEXT), "api": maybe(TEXT), "endpoint_url": TEXT, "region": TEXT}
"""Where a stage is on this machine; without a site, its API is named."""
_FINDING = {
    "stage": TEXT,
    "stack": TEXT,
    "logical_id": TEXT,
    "path": TEXT,
    "rule": TEXT,
    "fails": TRUE,
    "described": maybe(TEXT),
}
_GRADE = choice("refused", "advice", "note")
_LINTED = record(**_FINDING, grade=_GRADE, line=INTEGER, level=TEXT, message=TEXT)
"""What cfn-lint found."""
_CHECKED = record(**_FINDING, grade=_GRADE, what=TEXT, why=TEXT, fix=TEXT, source=TEXT, part=TEXT)
"""What a rule of this project found."""
_PROPERTY = record(
    path=TEXT, action=TEXT, old=ANY, new=ANY, replacement=TEXT, interrupts=TRUE, because=TEXT, refused=TEXT,
    security=TRUE,
)  # fmt: skip
_CHANGE = record(
    section=TEXT, name=TEXT, type=TEXT, action=choice("add", "remove", "change"), properties=listed(_PROPERTY),
    replacement=TEXT, loss=TEXT, security=TRUE, refused=listed(TEXT), notes=listed(TEXT), destructive=TRUE,
)  # fmt: skip
_COST = record(logical_id=TEXT, what=TEXT, before=maybe(NUMBER), after=maybe(NUMBER), more=maybe(NUMBER))
_RIGHTS = {"stack": TEXT, "name": TEXT, "actions": listed(TEXT), "bytes": INTEGER, "policies": listed(OPEN)}
_REASON = record(
    action=TEXT, type=TEXT, resources=listed(TEXT), property=TEXT, operations=listed(TEXT), on=listed(TEXT),
    conditions=OPEN, source=TEXT,
)  # fmt: skip
_DRIFTED = record(
    logical_id=TEXT, physical_id=TEXT, type=TEXT, deleted=TRUE,
    differences=rows(path=TEXT, expected=TEXT, actual=TEXT),
)  # fmt: skip
_OUTPUTS = named(named(TEXT))

ANSWERS: dict[str, Schema] = {
    "render": rows(
        stage=TEXT, stack=TEXT, name=TEXT, resources=INTEGER, bytes=INTEGER, file=TEXT, changed=TRUE,
        limits=rows(where=TEXT, what=TEXT, used=INTEGER, allowed=INTEGER),
    ),
    "lint": listed({"anyOf": [_LINTED, _CHECKED]}),
    "lint --rules": rows(
        id=TEXT, grade=choice("refused", "advice"), of=choice("template", "description"), asks=TEXT, why=TEXT, fix=TEXT,
        source=TEXT,
    ),
    "schema": OPEN,
    "package": rows(stage=TEXT, key=TEXT, bytes=INTEGER, unzipped=INTEGER, file=TEXT),
    "diff": rows(stack=TEXT, name=TEXT, changes=listed(_CHANGE), costs=listed(_COST)),
    "permissions": rows(**_RIGHTS),
    "permissions --explain": rows(**_RIGHTS, reasons=listed(_REASON)),
    "publish --list": rows(release=INTEGER, files=INTEGER, served=TRUE, of=maybe(INTEGER)),
    "publish --dry-run": record(operations=listed(TEXT)),
    "secrets list": rows(secret=TEXT, kind=TEXT, state=TEXT),
    "domain status": rows(name=TEXT, what=TEXT, detail=TEXT, bad=TRUE),
    "routes": rows(
        url=TEXT, behavior=TEXT, function=TEXT, origin=TEXT, path=TEXT, cache=TEXT, headers=listed(TEXT), status=TEXT
    ),
    "graph": record(
        title=TEXT, subtitle=TEXT,
        boxes=rows(id=TEXT, title=TEXT, note=TEXT, panel=TEXT, tone=TEXT, column=INTEGER),
        arrows=rows(source=TEXT, target=TEXT, label=TEXT, quiet=TRUE),
        footer=listed(TEXT),
    ),
    "explain": record(explanations=listed(TEXT)),
    "cost": record(
        prices=TEXT,
        floor=rows(stack=TEXT, logical_id=TEXT, what=TEXT, option=TEXT, monthly=maybe(NUMBER), source=TEXT),
        load=rows(what=TEXT, amount=TEXT, monthly=NUMBER, source=TEXT),
        monthly=NUMBER,
        left_out=listed(TEXT),
    ),
    "stages": rows(stage=TEXT, region=TEXT, status=TEXT, created=TEXT, description=TEXT),
    "status": rows(
        stack=TEXT, name=TEXT, region=TEXT, status=TEXT, changed=TEXT, changes=INTEGER, destructive=INTEGER, drift=TEXT,
        synced=listed(TEXT), described=TRUE, behind=TEXT,
    ),
    "drift": named(listed(_DRIFTED)),
    "outputs": _OUTPUTS,
    "pipeline status": record(
        pipelines=rows(pipeline=TEXT, stage=TEXT, state=TEXT, because=TEXT), waiting_connection=maybe(TEXT)
    ),
    "local status": maybe(record(**LOCAL)),
    "ci": record(service=TEXT, workflow=TEXT),
}  # fmt: skip
"""Verb → the one line that it writes."""

RESULTS: dict[str, Schema] = {
    "init": record(
        folder=TEXT, files=rows(path=TEXT, action=TEXT), notes=listed(TEXT), written=TRUE, next=TEXT
    ),
    "migrate": record(
        file=TEXT, framework=TEXT, functions=listed(TEXT), stages=listed(TEXT),
        obstacles=rows(
            kind=choice("lost", "changed", "note"), subject=TEXT, what=TEXT, fix=TEXT, file=TEXT, line=INTEGER
        ),
        folder=TEXT, files=listed(TEXT), written=TRUE, description=TEXT,
    ),
    "deploy": record(stage=TEXT, outputs=_OUTPUTS),
    "destroy": record(stage=TEXT, deleted=TRUE),
    "publish": record(bucket=TEXT, distribution=maybe(TEXT)),
    "import": record(imported=TRUE),
    "secrets set": record(secret=TEXT, stage=TEXT),
    "secrets rm": record(secret=TEXT, stage=TEXT),
    "domain create": record(zone=TEXT, name=TEXT, created=TRUE, name_servers=listed(TEXT)),
    "domain delete": record(zone=TEXT, name=TEXT),
    "permissions --check": record(base=TEXT, checked=listed(TEXT)),
    "pipeline run": record(pipelines=listed(TEXT), **_SITE),
    "pipeline prepare": record(stacks=listed(TEXT)),
    "logs": record(events=INTEGER),
    "run": record(function=TEXT, exit_code=INTEGER, stopped=TRUE),
    "run --after-deploy": record(commands=rows(function=TEXT, command=TEXT)),
    "invoke": record(payload=TEXT, failed=TRUE, log=TEXT),
    "doctor": record(checks=INTEGER, problems=INTEGER),
    "graph --out": record(file=TEXT, format=TEXT, changed=TRUE),
    "ci --output": record(service=TEXT, file=TEXT),
    "sync": record(functions=rows(name=TEXT, changed=TRUE, seconds=NUMBER)),
    "local": record(**LOCAL, answers=TRUE),
    "local stop": record(stopped=TRUE),
}  # fmt: skip
"""Verb → ``result`` of its end; null when it failed before there was one."""


_WORDS = {"string": "text", None: "any value"}


def in_words(schema: Schema) -> str:
    """A schema as a cell of a table: the names of fields, those of inner objects in brackets."""
    match schema:
        case {"anyOf": some}:
            text = "; or ".join(dict.fromkeys(map(in_words, some)))
        case {"enum": values}:
            text = " or ".join(f"`{value}`" for value in values)
        case {"items": item}:
            inner = in_words(item)
            text = f"a list{':' if inner.startswith('`') else ' of'} {inner}"
        case {"properties": fields}:
            text = ", ".join(_field(name, inner) for name, inner in fields.items())
        case {"additionalProperties": value}:
            text = f"name → {in_words(value)}"
        case _:
            kind = schema.get("type")
            text = _WORDS.get(kind) or str(kind)
    return text


def _field(name: str, schema: Schema) -> str:
    inner = in_words(schema)
    return f"`{name}` ({inner})" if "`" in inner else f"`{name}`"
