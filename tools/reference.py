"""``python -m tools.reference``: write the generated pages of ``docs/``: every option, every command, and llms.txt.

Pages are text made of the JSON Schema and of the argument parser, so they are as true as ``--help`` and the errors.
A test compares the committed pages with what this module returns.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.cli import parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
_SCHEMA = ROOT / "stacks/app.schema.json"
_OPTIONS_HEAD = """\
# Options of app.yaml

All sections but `name` and `stages` hold what every stage shares. A stage repeats any part of them, as
`stages: {prod: {backend: {…}}}`, and `null` removes one. `stacks schema` prints the same as JSON Schema, which editors
complete from. This page is generated: `python -m tools.reference`.

## Top level
"""
_COMMANDS_HEAD = """\
# Commands

`stacks` and `python build.py` are the same program; `stacks` alone renders. Exit codes: 0 done, 1 failed, 2 wrong
description or command line, 130 interrupted. Programs read `--format json` ([JSON](json.md)). This page is generated:
`python -m tools.reference`.

| command | |
|---|---|"""
_MOST_VALUES = 8
_NONE: tuple[Any, ...] = (None, [], {}, "")


def pages() -> dict[str, str]:
    """File below ``docs`` → text of every generated page."""
    written = {
        "options.md": options_page(json.loads(_SCHEMA.read_text(encoding="utf-8"))),
        "commands.md": commands_page(),
    }
    return {**written, "llms.txt": llms_text(written)}


def options_page(schema: Mapping[str, Any]) -> str:
    """Every option of ``app.yaml``, section by section, from its JSON Schema."""
    top = {name: body for name, body in schema["properties"].items() if name != "stages"}
    stage = {
        name: body
        for name, body in schema["$defs"]["Stage"]["properties"].items()
        if name not in top and name != "name"
    }
    parts = list(_parts(schema))
    places = {name: path for path, name, _ in parts}
    rows = [
        *_rows("", top, schema["required"], places),
        *_rows("stages.NAME.", stage, schema["$defs"]["Stage"]["required"], places),
    ]
    sections = (line for path, _, body in parts for line in _section(path, body, places))
    return "\n".join([_OPTIONS_HEAD, *_table(rows), *sections, ""])


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each definition once: the first path that leads to it, its name, itself; in the order of the description."""
    seen: set[str] = set()
    queue = [(name, body) for name, body in schema["properties"].items() if name != "stages"]
    while queue:
        path, body = queue.pop(0)
        definitions = list(_definitions(path, body))
        for place, name in definitions:
            definition = schema["$defs"][name]
            if name in seen or "properties" not in definition:
                continue
            seen.add(name)
            yield place, name, definition
            queue = [*((f"{place}.{key}", value) for key, value in definition["properties"].items()), *queue]


def _definitions(path: str, body: Any) -> Iterator[tuple[str, str]]:
    """The definitions that an option's value may have, with the path of the value."""
    if not isinstance(body, dict):
        return
    if "$ref" in body:
        yield path, body["$ref"].rsplit("/", 1)[-1]
    for part in body.get("anyOf", ()):
        yield from _definitions(path, part)
    if isinstance(body.get("items"), dict):
        yield from _definitions(f"{path}[]", body["items"])
    for part in _values(body):
        yield from _definitions(f"{path}.NAME", part)


def _section(path: str, body: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[str]:
    yield from ("", f"## {path}", "")
    if text := _text(body):
        yield from (text, "")
    yield from _table(_rows("", body["properties"], body.get("required", ()), places))


def _rows(
    prefix: str, options: Mapping[str, Any], required: Any, places: Mapping[str, str]
) -> list[tuple[str, str, str, str]]:
    return [
        (f"`{prefix}{name}`", _kind(body, places), "required" if name in required else _default(body), _text(body))
        for name, body in options.items()
    ]


def _kind(body: Any, places: Mapping[str, str]) -> str:  # noqa: PLR0911 - one for each form of a schema
    """A few words for the type of a value, with a link to the table of its own options."""
    if not isinstance(body, dict) or not body:
        return "any"
    if "const" in body or "enum" in body:
        values = [f"`{json.dumps(value).strip(chr(34))}`" for value in body.get("enum", [body.get("const")])]
        return ", ".join(values) if len(values) <= _MOST_VALUES else f"{values[0]} … {values[-1]}"
    if "anyOf" in body:
        kinds = " or ".join(_kind(part, places) for part in body["anyOf"] if part.get("type") != "null").split(" or ")
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "any")) or "any"
    if "$ref" in body:
        place = places.get(body["$ref"].rsplit("/", 1)[-1])
        return f"[options](#{_anchor(place)})" if place else "map"
    if body.get("type") == "array":
        return f"list of {_kind(body.get('items'), places)}"
    if body.get("type") == "object":
        inner = next(_values(body), None)
        return f"map of {_kind(inner, places)}" if inner else "map"
    return _limited(str(body.get("type", "any")), body)


def _values(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas that the values of a map are held to."""
    for schema in (*body.get("patternProperties", {}).values(), body.get("additionalProperties")):
        if isinstance(schema, dict):
            yield schema


def _anchor(heading: str) -> str:
    """The anchor of a heading, as MkDocs and GitHub make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _limited(kind: str, body: Mapping[str, Any]) -> str:
    low, high = body.get("minimum", body.get("exclusiveMinimum")), body.get("maximum")
    if low is None and high is None:
        return kind
    return f"{kind}, {'' if low is None else low} to {'' if high is None else high}".replace("  ", " ").strip()


def _default(body: Mapping[str, Any]) -> str:
    default = body.get("default")
    return "" if default in _NONE or isinstance(default, dict) else f"`{json.dumps(default).strip(chr(34))}`"


def _text(body: Mapping[str, Any]) -> str:
    text = " ".join(str(body.get("description", "")).split())
    return re.sub(r"``(.+?)``", r"`\1`", text)


def _table(rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    yield "| option | value | default | |"
    yield "|---|---|---|---|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def commands_page() -> str:
    """Every command with its help, from the argument parser."""
    program_parser = parser("stacks")
    (commands,) = (action for action in program_parser._actions if isinstance(action.choices, dict))  # noqa: SLF001
    lines = [_COMMANDS_HEAD]
    known: Mapping[str, argparse.ArgumentParser] = commands.choices or {}  # type: ignore[assignment]
    lines += [f"| [`stacks {name}`](#{name}) | {command.description} |" for name, command in known.items()]
    for name, command in known.items():
        lines += [
            "",
            f"## {name}",
            "",
            f"{command.description} {_epilog(command)}".strip(),
            "",
            "| option | |",
            "|---|---|",
        ]
        lines += [f"| `{_usage(action)}` | {_help(action)} |" for action in command._actions if action.dest != "help"]  # noqa: SLF001
    return "\n".join(lines) + "\n"


def _epilog(command: argparse.ArgumentParser) -> str:
    """The text below the options, with its example as code."""
    return re.sub(r"Example: (.+?)\.(?= [A-Z]|$)", r"Example: `\1`.", command.epilog or "")


def _usage(action: argparse.Action) -> str:
    """An option or argument as one types it."""
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper() if action.nargs != 0 else ""
    if action.choices:
        value = "/".join(map(str, action.choices))
    shown = f"[{value}]" if action.nargs in {"?", "*"} and value else value
    return " ".join(filter(None, (", ".join(action.option_strings), shown)))


def _help(action: argparse.Action) -> str:
    text = (action.help or "").replace("|", "\\|")
    return text[:1].upper() + text[1:]


def llms_text(generated: Mapping[str, str]) -> str:
    """An index of the documentation for language models (https://llmstxt.org): each page with its first sentence."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    title, summary = readme.split("\n\n", 2)[:2]
    lines = [title, "", "> " + " ".join(summary.split()), "", "## Documentation", ""]
    texts = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")}
    texts.update(generated)
    for name, text in sorted(texts.items()):
        if name.endswith(".md"):
            heading, *rest = text.split("\n\n")
            first = re.split(r"(?<=[.:])\s", " ".join(rest[0].split()))[0] if rest else ""
            lines.append(f"- [{heading.removeprefix('# ')}]({name}): {first}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
