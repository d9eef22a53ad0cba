"""Whatever a message, a docstring or a page names exists: options, verbs, flags, modules, files, targets of make."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cli import parser
from stacks.commands.catalog import COMMANDS

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "stacks"
PAGES = [*(ROOT / "docs").glob("*.md"), *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"))]
SCHEMA = json.loads((PACKAGE / "app.schema.json").read_text(encoding="utf-8"))

OTHER_WORDS = {
    "words of JSON Schema": {"definitions", "description", "enum", "items", "properties"},
    "claims of a token": {"aud", "iss", "token_use"},
    "words of package.json": {"dependencies"},
    "programs": {"chalice", "flask", "npm", "npx", "pdm", "pip", "pipenv", "poetry", "sam", "uv"},
    "words of Python and YAML": {"def", "export", "false", "literal", "not", "object", "on", "self", "true"},
    "words of CI services": {"closed", "merge_request_event", "pull_request", "push"},
    "words of other frameworks": {"console_scripts", "staticfiles", "default", "dist", "event", "key"},
    "words of AWS": {"amazon", "artifacts", "authorizer", "code", "cognito", "custom", "detail", "ses"},
    "examples": {"dev", "notes", "production", "team", "test", "s"},
    "public names": {"stacks.load"},
    "principals": {"events.amazonaws.com", "logs.s3.amazonaws.com"},
}
"""Quoted words of messages that are no options of ours."""
OTHER_PROGRAMS = {
    "ci/github.py": "gh",
    "ci/scripts.py": "pip",
    "pipelines/buildspec.py": "pip",
    "pipelines/installing.py": "pip, uv, poetry, pipenv and pdm",
    "starting/description.py": "pip",
    "transforms/sam.py": "uv",
    "pipelines/release.py": "tar",
    "foreign/unbuilt.py": "uv",
    "forecast/folders.py": "git",
    "commands/places.py": "git",
    "local/environment.py": "uv",
    "packaging/": "uv and pip",
    "picture/svg.py": "custom properties of CSS",
    "checks/refused/storage.py": "suffixes of S3",
    "local/front/databases.py": "initdb",
    "model/base.py": "pip",
    "model/ci.py": "pip",
}
"""Modules that say flags of another program."""
AWS_FLAGS = {
    "--identifier",
    "--parameter-overrides",
    "--profile",
    "--replica-updates",
    "--s3-bucket",
    "--stack-name",
    "--type-name",
}
"""Flags of the AWS CLI that our messages tell people to use."""
PAGE_FLAGS = {
    *AWS_FLAGS,
    *("--no-index", "--require-hashes", "--template-file", "--capabilities", "--query", "--output"),
}
APPLICATIONS_FILES = {
    *("asgi.py", "wsgi.py", "manage.py", "app.py", "main.py", "db.py", "flaskr/__init__.py"),
    "src/migrations/versions/0001_notes.py",
    "test_infrastructure.py",  # docs/tutorial.md writes it
    *(
        "stacks_asgi.py",
        "stacks_commands.py",
        "stacks_database.py",
        "stacks_django.py",
        "stacks_secrets.py",
        "stacks_web.py",
    ),
}
"""Files of applications, and those that packaging writes."""


@dataclass(frozen=True)
class Text:
    """A text of the package or of a page, and where it stands."""

    file: Path
    text: str

    @property
    def place(self) -> str:
        return str(self.file.relative_to(ROOT))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def sources() -> tuple[Path, ...]:
    return tuple(file for file in sorted(PACKAGE.rglob("*.py")) if "templates" not in file.parts)


@cache
def texts() -> tuple[Text, ...]:
    """Every string of the package: messages, help and docstrings."""
    return tuple(
        Text(file, node.value)
        for file in sources()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def comments() -> Iterator[Text]:
    for file in sources():
        for token in tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline):
            if token.type == tokenize.COMMENT:
                yield Text(file, token.string)


def without_examples() -> Iterator[Text]:
    """The strings, without what docstrings show as Python."""
    for text in texts():
        yield Text(text.file, re.sub(r"(?m)^ *(>>>|\.\.\.) .*\n( *[^ \n>].*\n)?", "", text.text))


def pages() -> Iterator[Text]:
    return (Text(page, page.read_text(encoding="utf-8")) for page in PAGES)


def named_in(pattern: str, some: Iterable[Text]) -> list[tuple[Text, Any]]:
    return [(text, name) for text in some for name in re.findall(pattern, text.text)]


def options(schema: Any) -> Iterator[str]:
    """Each option of a description, and each word that one may be set to."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (value for value in (*schema.get("enum", ()), schema.get("const")) if isinstance(value, str))
        for value in schema.values():
            yield from options(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from options(value)


def children(schema: Any, step: str) -> Iterator[Any]:
    """What the schema says of ``step`` below a value, where that is an option or a name of the user's own."""
    if "$ref" in schema:
        yield from children(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], step)
    if step in schema.get("properties", {}):
        yield schema["properties"][step]
    elif isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]
    for keyword in ("anyOf", "oneOf", "allOf"):
        for entry in schema.get(keyword, ()):
            yield from children(entry, step)
    if isinstance(schema.get("items"), dict):
        yield from children(schema["items"], step)
    yield from schema.get("patternProperties", {}).values()


def is_option(path: str) -> bool:
    """Whether a description can have an option at this path, from its root or from any of its parts."""
    steps = path.split(".")
    starts = [SCHEMA, *SCHEMA["$defs"].values()]
    for step in steps:
        starts = [below for schema in starts if isinstance(schema, dict) for below in children(schema, step)]
    return bool(starts)


def defined(file: Path) -> dict[str, ast.stmt]:
    """What a module defines, imports included."""
    names: dict[str, ast.stmt] = {}
    for node in tree_of(file).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names[name] = node
            case ast.Assign(targets=[*targets]):
                names |= {target.id: node for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names[name] = node
            case ast.ImportFrom(names=[*aliases]):
                names |= {alias.asname or alias.name: node for alias in aliases}
            case _:
                pass
    return names


def has(node: ast.stmt, attribute: str) -> bool:
    """Whether a class has an attribute; what a class inherits is not looked up."""
    if not isinstance(node, ast.ClassDef):
        return True
    inside = (inner for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AnnAssign))
    names = {inner.name if isinstance(inner, ast.FunctionDef) else ast.unparse(inner.target) for inner in inside}
    return attribute in names or bool(node.bases)


def is_module(folder: Path, steps: list[str]) -> bool:
    """Whether a dotted name leads to a module below a folder, or to something that this module defines."""
    if not steps:
        return True
    step, *rest = steps
    if (folder / step).is_dir() and is_module(folder / step, rest):
        return True
    file = folder / f"{step}.py"
    if not file.is_file():
        file, rest = folder / "__init__.py", steps
    if not rest or not file.is_file():
        return file.stem == step
    node = defined(file).get(rest[0])
    return node is not None and (len(rest) == 1 or has(node, rest[1]))


@cache
def classes() -> dict[str, list[ast.stmt]]:
    every: dict[str, list[ast.stmt]] = {}
    for file in sources():
        for name, node in defined(file).items():
            if isinstance(node, ast.ClassDef):
                every.setdefault(name, []).append(node)
    return every


def exists(text: Text, name: str) -> bool:
    """Whether a dotted name in backticks leads somewhere, if it looks like one of ours."""
    first, *rest = name.split(".")
    if first == "stacks":
        return is_module(PACKAGE, rest) or is_option(name)
    if first in SCHEMA["properties"] and is_option(name):
        return True
    if (PACKAGE / f"{first}.py").exists() or (PACKAGE / first / "__init__.py").exists():
        return is_module(PACKAGE, [first, *rest]) or is_option(name)
    if (text.file.parent / f"{first}.py").exists() and text.file.is_relative_to(PACKAGE):
        return is_module(text.file.parent, [first, *rest]) or is_option(name)
    if first in SCHEMA["properties"]:
        return False
    return first not in classes() or any(has(node, rest[0]) for node in classes()[first])


FOREIGN_NAMES = {
    *("functions.hello.events", "iam.role", "provider.s3"),  # of the Serverless Framework
    "Command.ScriptLocation",  # of AWS::Glue::Job
    "template.add_resource",  # of troposphere
    "app.app",
}
"""Dotted names whose first part is one of ours by chance."""
_NO_FILE = r"(?![\w.]+\.(?:py|ya?ml|json|txt|html|lock|toml|[cm]?js|css|md|ts|zip)`)"
DOTTED = rf"`{{1,2}}{_NO_FILE}([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?:\(\))?`{{1,2}}"


def test_every_quoted_word_of_a_message_is_an_option_a_verb_or_known() -> None:
    known = {*options(SCHEMA), *COMMANDS}.union(*OTHER_WORDS.values())
    quoted = named_in(r"(?<!\w)'([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)(?=[': ])", without_examples())
    assert len(quoted) > 500
    assert {(text.place, name) for text, name in quoted if name not in known and not is_option(name)} == set()


def test_every_other_word_is_still_in_use() -> None:
    quoted = {name for _, name in named_in(r"(?<!\w)'([a-z][a-z0-9_.]*)(?=[': ])", texts())}
    assert set[str]().union(*OTHER_WORDS.values()) - quoted == set()


def test_every_dotted_name_leads_to_a_module_an_attribute_or_an_option() -> None:
    named = named_in(DOTTED, [*texts(), *comments(), *pages()])
    assert len(named) > 200
    assert {(text.place, name) for text, name in named if name not in FOREIGN_NAMES and not exists(text, name)} == set()


def test_every_file_of_python_that_is_named_exists() -> None:
    files = [str(file.relative_to(ROOT)) for folder in ("stacks", "tests", "tools", "lambda_src", "benchmarks", ".")
             for file in (ROOT / folder).glob("**/*.py" if folder != "." else "*.py")]  # fmt: skip
    ends = {f"/{file}"[at:] for file in files for at in range(len(file) + 1) if f"/{file}"[at] == "/"}
    named = named_in(r"`{1,2}((?:[\w-]+/)*\w+\.py)`{1,2}", [*texts(), *comments(), *pages()])
    assert len(named) > 100
    gone = {(text.place, name) for text, name in named if f"/{name}" not in ends}
    assert {(place, name) for place, name in gone if not f"/{name}".endswith(tuple(APPLICATIONS_FILES))} == set()


@cache
def flags() -> dict[str, set[str]]:
    """Verb → its flags; the flags of verbs in verbs count as theirs."""

    def of(parser: ArgumentParser) -> set[str]:
        own = {flag for action in parser._actions for flag in action.option_strings}
        return own.union(*(of(inner) for action in parser._actions for inner in _inner(action).values()))

    (verbs,) = [_inner(action) for action in parser("stacks")._actions if _inner(action)]
    return {verb: of(inner) for verb, inner in verbs.items()}


def _inner(action: Any) -> dict[str, Any]:
    return action.choices if isinstance(action.choices, dict) else {}


FLAG = r"(?<![\w-])--[a-z][a-z0-9-]*\w"


def test_every_flag_that_a_message_names_exists() -> None:
    own_flags = {"--help", "--version", "--color"}.union(*flags().values())
    of_our_programs = [
        text for text in texts() if not text.place.removeprefix("stacks/").startswith(tuple(OTHER_PROGRAMS))
    ]
    assert {
        (entry.place, flag) for entry, flag in named_in(FLAG, of_our_programs) if flag not in own_flags | AWS_FLAGS
    } == set()


@pytest.mark.parametrize("some", [texts, pages], ids=["messages", "pages"])
def test_a_flag_that_is_named_with_its_verb_belongs_to_it(some: Any) -> None:
    verbs = "|".join(COMMANDS)
    named = named_in(rf"['`](?:stacks |python build\.py )?({verbs})((?: [^'`\n]*)? --[^'`\n]+)['`]", some())
    assert len(named) > 5
    pairs = [
        (text.place, verb, flag) for text, (verb, rest) in named for flag in re.findall(FLAG, rest.split(" -- ")[0])
    ]
    assert [(place, verb, flag) for place, verb, flag in pairs if flag not in flags()[verb]] == []


def test_every_verb_that_is_named_exists() -> None:
    named = named_in(r"['`](?:python build\.py|stacks) ([a-z]+)(?=[ '`])", [*texts(), *pages()])
    assert len(named) > 10
    assert {(text.place, verb) for text, verb in named if verb not in COMMANDS} == set()


def test_every_target_of_make_and_every_tool_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    every = [*texts(), *comments(), *pages()]
    assert {(text.place, name) for text, name in named_in(r"`make ([a-z]+)", every) if name not in known} == set()
    tools = named_in(r"python -m (tools\.\w+)", every)
    assert {(text.place, name) for text, name in tools if not is_module(ROOT, name.split("."))} == set()
