"""Options for programs: ``--format json`` of every verb, ``ci`` and ``schema``; and options before the verb."""

from __future__ import annotations

from stacks.commands.catalog import COMMANDS
from stacks.commands.start_options import path_of

TYPE_CHECKING = False  # typing and pathlib take as long to import as Python to start
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from stacks.errors import Problem

BEFORE_VERB = ("--app", "--stage", "--format", "--endpoint-url", "--out")
"""Options with a value that are accepted in front of the verb, too."""


def verb_first(words: list[str]) -> list[str]:
    """The words with the verb moved before the options that precede it; ``render`` when there is none."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in BEFORE_VERB else 1
    before = words[:at]
    asked = [word for word in before if word in {"-h", "--help", "--version"}]
    if asked and not words[at:]:
        return asked
    if words[at : at + 1] and words[at] in COMMANDS:
        return [words[at], *before, *words[at + 1 :]]
    return ["render", *words]


def add(parsers: Mapping[str, argparse.ArgumentParser]) -> None:
    """Add the options to the parsers, by name; last, since verbs may have formats of their own."""
    if "ci" in parsers:
        _add_ci(parsers["ci"])
    if "schema" in parsers:
        parsers["schema"].add_argument(
            "--output", action="store_true", help="of the lines that verbs write with --format json, instead"
        )
    for parser in parsers.values():
        _add_format(parser)


def _add_ci(ci: argparse.ArgumentParser) -> None:
    ci.epilog = "The stages name the service under 'base.ci'."
    ci.add_argument("service", choices=("github", "gitlab", "bitbucket"))
    ci.add_argument("--output", type=path_of, metavar="FILE", help="write this file; default: print it")
    ci.add_argument("--force", action="store_true", help="with --output: replace a file that exists")


def _add_format(parser: argparse.ArgumentParser) -> None:
    """``--format`` where the verb has no formats of its own, and ``--json`` everywhere."""
    if not any(action.dest == "format" for action in parser._actions):  # noqa: SLF001 - argparse has no other way to ask
        parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="as --format json")


def wants_json(words: Sequence[str]) -> bool:
    """Whether a program reads the output, decided from arguments that cannot be parsed."""
    return "--json" in words or "--format=json" in words or " --format json" in " ".join(["", *words])


def print_end(command: str, exit_code: int, problems: tuple[Problem, ...]) -> None:
    """Write the end of a command that could not begin."""
    import json  # noqa: PLC0415 - only for mistakes

    from stacks.reporting import end_of  # noqa: PLC0415

    print(json.dumps(end_of(command, exit_code, problems)))
