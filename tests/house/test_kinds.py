"""No list outside of ``stacks/kinds`` enumerates kinds of resources: a kind that is added would be missing there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, get_args, get_type_hints

import pytest

from stacks.app import Backend, Base, Data, Frontend
from stacks.kinds import KINDS
from tests.house.test_walls import modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = {
    word: kind.name
    for kind in KINDS
    for word in (kind.name, kind.singular, kind.group, kind.use_field, kind.suffix, *kind.types)
}
"""Everything that a list may call a kind."""
ALLOWED = {
    "__init__": "the public names: sections and building blocks",
    "app": "the public names: sections and what they have",
    "aws.stored_data": "a call of AWS for each type that holds data: whether it holds any now",
    "blocks.senders": "the documents of AWS resources that a service may come to, of kinds or not",
    "checks.expected_data": "rows of facts, a property each",
    "checks.refused.names": "rows of facts, a property each",
    "checks.refused.ranges": "rows of facts, a property each",
    "deploy.stored_data": "the words for what a type holds; other types that hold data are asked about, too",
    "migrating.assembly": "what other frameworks declare and we recognise",
    "migrating.functions": "the order in which a migrated function is written",
    "migrating.judged": "what other frameworks declare and we recognise",
    "migrating.recognised": "what other frameworks declare and we recognise",
    "migrating.sam_functions": "events of SAM, in the words of the Serverless Framework",
    "migrating.service": "what other frameworks declare and we recognise",
    "suppressions.content": "findings by AWS type, of resources that are no kinds, too",
    "types.compute": "records of AWS types",
    "types.messaging": "records of AWS types",
    "types.storage": "records of AWS types",
}
"""Module → why it may name three kinds in one collection."""
OF_EVERY_SECTION = {"outputs", "overrides", "parameters", "resources"}
"""CloudFormation of the user's own, which each section takes."""
NO_KINDS = {
    "frontend.errors": "pages by status: settings of the one distribution",
    "frontend.paths": "behaviors by path: settings of the one distribution",
}
"""Named entries of the description that are no kinds, with the reason."""


def _members(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.Set(elts=members) | ast.List(elts=members) | ast.Tuple(elts=members):
            return members
        case ast.Match(cases=cases):
            return [case.pattern.value for case in cases if isinstance(case.pattern, ast.MatchValue)]
        case _:
            return []


def enumerated(source: str) -> Iterator[set[str]]:
    """The kinds that each collection of a module names, where these are three or more."""
    for node in ast.walk(ast.parse(source)):
        inner = (part for member in _members(node) for part in ast.walk(member))
        texts = {part.value if isinstance(part, ast.Constant) else getattr(part, "attr", None) for part in inner}
        kinds = {WORDS[text] for text in texts if isinstance(text, str) and text in WORDS}
        if len(kinds) > 2:
            yield kinds


def test_no_module_enumerates_kinds(root: Path) -> None:
    listing = {
        name
        for name, file in modules(root).items()
        if not name.startswith(("kinds.", "starting.templates"))
        and name != "kinds"
        and any(enumerated(file.read_text(encoding="utf-8")))
    }
    assert listing - ALLOWED.keys() == set(), "loop over KINDS instead"
    assert ALLOWED.keys() - listing == set(), "an exception that is no longer needed"


@pytest.mark.parametrize(
    "source",
    [
        'SHARED = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::DynamoDB::Table")',
        "names = [*backend.queues, *backend.topics, *backend.buses]",
        'titles = {"queues": 1, "topics": 2, "secrets": 3}',
        'match kind:\n    case "queue":\n        a()\n    case "topic":\n        b()\n    case "bucket":\n        c()',
    ],
)
def test_a_list_of_kinds_is_noticed(source: str) -> None:
    assert any(enumerated(source))


def _named_entries(section: str, model: type) -> Iterator[str]:
    """The fields of a section that map names of the user's own to things."""
    for field, hint in get_type_hints(model).items():
        origin = getattr(hint, "__origin__", None)
        if origin is not None and getattr(origin, "__name__", "") == "Mapping" and get_args(hint):
            yield f"{section}.{field}"


def test_named_entries_of_a_description_are_kinds() -> None:
    """What is named in the description, and may be many, is a kind: it is in every loop over the kinds."""
    sections = {"base": Base, "data": Data, "backend": Backend, "frontend": Frontend}
    entries = {entry for section, model in sections.items() for entry in _named_entries(section, model)}
    raw = {f"{section}.{field}" for section in sections for field in OF_EVERY_SECTION}
    groups = {kind.group for kind in KINDS if not (kind.single or kind.inside)}
    assert groups <= entries
    assert entries - groups == NO_KINDS.keys() | raw
