"""The command line: words → one call of ``stacks.commands``, and errors → one clear message and an exit code.

0 done, 1 failed, 2 wrong command line or description, 130 interrupted. Nothing but argparse is imported before
a command is chosen: ``--help`` is instant.
"""

from __future__ import annotations

import argparse
import os
import re
import sys

from stacks.commands import program_options, start_options, verb_options
from stacks.commands.catalog import COMMANDS, EXAMPLES
from stacks.commands.start_options import path_of
from stacks.invocation import program

TYPE_CHECKING = False  # typing and pathlib take as long to import as Python to start
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from stacks.checks import Rule
    from stacks.errors import Problem
    from stacks.extension.hooks import Extend

INTERRUPTED = 130
_START = (
    "Start with '{program} init', then '{program} local' on this machine, '{program} deploy --stage dev' on AWS."
    " '{program} COMMAND --help' says more of each, with an example."
)


def main(
    argv: Sequence[str] | None = None,
    *,
    rules: Sequence[Rule] = (),
    extend: Mapping[str, Sequence[Extend]] | None = None,
) -> int:
    """Run one command; return the process's exit code.

    ``lint`` adds ``rules`` to its own (see ``stacks.checks``). ``extend`` (stack → functions) changes the generated
    templates of every stage, after what the description itself names under ``extend``.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    words, after = _split(words)
    _Parser.words = words
    if words and words[0] not in COMMANDS and not words[0].startswith("-"):
        parser(verbs=()).error(_UNRECOGNIZED + words[0])
    words = program_options.verb_first(words)
    known = parser(verbs=words[:1]) if words[0] in COMMANDS else parser()
    arguments = known.parse_args(words, argparse.Namespace(rules=rules, extend=extend or {}, words=after))
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some reads every package's metadata
    try:
        return _with_safe_output(arguments)
    except KeyboardInterrupt:  # while modules are imported; ``_done`` knows those of the work
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED


def _with_safe_output(arguments: argparse.Namespace) -> int:
    from stacks.commands.secrecy import safe_output  # noqa: PLC0415 - not before --help is answered
    from stacks.errors import StacksError  # noqa: PLC0415

    try:
        with safe_output(path_of(getattr(arguments, "app", "app.yaml")), endless=arguments.command == "logs"):
            return _run(arguments)
    except StacksError as error:  # of .env itself: what it holds cannot be masked
        from stacks.printable import printable  # noqa: PLC0415

        print(printable(str(error)), file=sys.stderr)
        if arguments.format == "json":
            program_options.print_end(arguments.command, error.exit_code, error.problems)
        return error.exit_code
    except OSError as error:  # of the output itself, such as a full disk: ``_done`` knows those of the work
        print(f"standard output: {error.strerror}. Write it elsewhere.", file=sys.stderr)
        return 1


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The words of ``run``, and behind the first ``--`` those of the command that it runs elsewhere."""
    at = words.index("--") if "--" in words else len(words)
    return (words[:at], words[at + 1 :]) if "run" in words[:at] else (words, [])


def _run(arguments: argparse.Namespace) -> int:
    from stacks.reporting import reporting  # noqa: PLC0415

    with reporting(arguments.command, wanted=arguments.format == "json") as report:
        exit_code, problems = _done(arguments)
        if report:
            report.end(exit_code, problems)
    return exit_code


def _done(arguments: argparse.Namespace) -> tuple[int, tuple[Problem, ...]]:
    """Run the command; what went wrong is printed, and returned with the exit code."""
    from importlib import import_module  # noqa: PLC0415

    from stacks.errors import Problem, StacksError  # noqa: PLC0415

    verb = arguments.command
    try:
        command = import_module(f"stacks.commands.{_MODULES.get(verb, verb)}")
        return int(command.run(arguments)), ()
    except StacksError as error:
        from stacks.commands.common import located  # noqa: PLC0415 - only for mistakes

        print(located(error, arguments), file=sys.stderr)
        return error.exit_code, error.problems
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED, (Problem(where=verb, what="interrupted", fix="Run it again"),)
    except BrokenPipeError:  # of an endless command alone: its reader has read enough
        return 0, ()
    except OSError as error:
        where, what = str(error.filename or "disk"), str(error.strerror or error)
        print(f"{where}: {what}. Correct it and try again.", file=sys.stderr)
        return 1, (Problem(where=where, what=what, fix="Correct it and try again"),)


class _Parser(argparse.ArgumentParser):
    """Usage errors in this project's form, with the nearest option."""

    words: Sequence[str] = ()
    """What was typed, for errors that a program reads."""

    def error(self, message: str) -> NoReturn:
        fix = f"See '{self.prog} --help'"
        if message.startswith(_UNRECOGNIZED):
            message, fix = _unrecognized(message.removeprefix(_UNRECOGNIZED).split()[0])
        elif choice := _CHOICE.fullmatch(message):
            from stacks.errors import nearest  # noqa: PLC0415 - only for a mistake

            message = f"{choice['option']}: {choice['word']!r} is not one of its values"
            fix = nearest(choice["word"], re.findall(r"[\w-]+", choice["known"]))
        if program_options.wants_json(_Parser.words):
            from stacks.errors import Problem  # noqa: PLC0415

            verb = next((argument for argument in _Parser.words if argument in COMMANDS), self.prog)
            program_options.print_end(verb, 2, (Problem(where=self.prog, what=message, fix=fix),))
        self.exit(2, f"{self.prog}: {message}. {fix}{'' if fix.endswith('?') else '.'}\n")

    def options(self) -> set[str]:
        """The options of this parser and of the commands below it."""
        below = [
            parser for action in self._actions if isinstance(action.choices, dict) for parser in action.choices.values()
        ]
        own = {option for action in self._actions for option in action.option_strings}
        return own.union(*(parser.options() for parser in below))


_UNRECOGNIZED = "unrecognized arguments: "
_CHOICE = re.compile(r"argument (?P<option>.+): invalid choice: '(?P<word>.*)' \(choose from (?P<known>.*)\)")
"""How argparse says these; the second since Python 3.12 without quotes around what is known."""


def _unrecognized(word: str) -> tuple[str, str]:
    """What is wrong with a word that is no option of the typed command, or no command; and the nearest."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake

    verb = next((typed for typed in _Parser.words if typed in COMMANDS), "")
    known = parser(verbs=[verb]).options() if verb else {*parser().options(), *COMMANDS}
    option, of = word.startswith("-"), f" of {verb}" if verb else ""
    wrong = f"is not {'an option' if option else 'a command'}{of}" if option or not verb else "is one argument too many"
    close = get_close_matches(word, known, n=1, cutoff=0.75)
    unlike = f"See '{program()} {verb} --help'" if verb else f"'{program()} --help' lists them"
    return f"{word!r} {wrong}", f"Did you mean {close[0]!r}?" if close else unlike


_MODULES = {"import": "imports"}
"""Verbs whose module cannot be called like them."""


def parser(prog: str = "", verbs: Sequence[str] = tuple(COMMANDS)) -> _Parser:
    """The argument parser of commands, without importing one; the program is called ``prog`` in its help.

    ``verbs`` are the commands that it knows. Building the options of all takes as long as reading a description.
    """
    parser = _Parser(
        prog=prog or program(),
        description="A serverless web application on AWS from one description.",
        epilog=_START.format(program=prog or program()),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    parsers = {
        name: commands.add_parser(name, help=COMMANDS[name], description=f"{COMMANDS[name]}.")
        for name in COMMANDS
        if name in verbs
    }
    for name in parsers.keys() - {*start_options.OPTIONS, "schema"}:
        start_options.add_app(parsers[name])
        if name not in {"ci", "stages"}:  # which are about all of them
            parsers[name].add_argument("--stage", help=verb_options.STAGE.get(name, verb_options.ONE_STAGE))
    for names, option, settings in verb_options.SHARED:
        for name in parsers.keys() & names:
            parsers[name].add_argument(option, **settings)
    for name in parsers.keys() & verb_options.OPTIONS.keys():
        verb_options.OPTIONS[name](parsers[name])
    start_options.add(parsers)
    for name, example in EXAMPLES.items():
        if name in parsers:
            own = f"Example: {parsers[name].prog.removesuffix(name)}{example}. {parsers[name].epilog or ''}"
            parsers[name].epilog = own.strip()
    program_options.add(parsers)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

        try:
            number = version("serverless-stacks")
        except PackageNotFoundError:
            number = "not installed"
        print(f"serverless-stacks {number}")
        parser.exit()


if __name__ == "__main__":
    raise SystemExit(main())
