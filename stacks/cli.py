"""The command line: words → one call of ``stacks.commands``, and errors → one clear message and an exit code.

0 done, 1 failed, 2 wrong command line or description, 130 interrupted. Nothing but argparse is imported before
a command is chosen: ``--help`` is instant.
"""

from __future__ import annotations

import argparse
import os
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
    words = program_options.verb_first(words)
    _Parser.words = words
    known = parser(verbs=words[:1]) if words[0] in COMMANDS else parser()
    arguments = known.parse_args(words, argparse.Namespace(rules=rules, extend=extend or {}, words=after))
    from stacks.commands.secrecy import safe_output  # noqa: PLC0415 - not before --help is answered
    from stacks.errors import StacksError  # noqa: PLC0415

    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some reads every package's metadata

    try:
        with safe_output(path_of(getattr(arguments, "app", "app.yaml"))):
            return _run(arguments)
    except StacksError as error:  # of .env itself: what it holds cannot be masked
        from stacks.printable import printable  # noqa: PLC0415

        print(printable(str(error)), file=sys.stderr)
        if arguments.format == "json":
            program_options.print_end(arguments.command, error.exit_code, error.problems)
        return error.exit_code


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
    except BrokenPipeError:
        sys.stderr.close()
        return 1, ()
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
        if message.startswith("unrecognized arguments: "):
            import difflib  # noqa: PLC0415 - only for a mistake

            word = message.removeprefix("unrecognized arguments: ").split()[0]
            known = {*parser().options(), *COMMANDS}
            close = difflib.get_close_matches(word, known - {word}, n=1)
            message = f"{word!r} is not known{' to this command' if word in known else ''}"
            fix = f"Did you mean {close[0]!r}?" if close else fix
        if program_options.wants_json(_Parser.words):
            from stacks.errors import Problem  # noqa: PLC0415

            verb = next((word for word in _Parser.words if word in COMMANDS), self.prog)
            program_options.print_end(verb, 2, (Problem(where=self.prog, what=message, fix=fix),))
        self.exit(2, f"{self.prog}: {message}. {fix}{'' if fix.endswith('?') else '.'}\n")

    def options(self) -> set[str]:
        """The options of this parser and of the commands below it."""
        below = [
            parser for action in self._actions if isinstance(action.choices, dict) for parser in action.choices.values()
        ]
        own = {option for action in self._actions for option in action.option_strings}
        return own.union(*(parser.options() for parser in below))


_MODULES = {"import": "imports"}
"""Verbs whose module cannot be called like them."""


def parser(prog: str = "", verbs: Sequence[str] = tuple(COMMANDS)) -> _Parser:
    """The argument parser of commands, without importing one; the program is called ``prog`` in its help.

    ``verbs`` are the commands that it knows. Building the options of all takes as long as reading a description.
    """
    parser = _Parser(prog=prog or program(), description="A serverless web application on AWS from one description.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    each = {
        name: commands.add_parser(name, help=COMMANDS[name], description=f"{COMMANDS[name]}.")
        for name in COMMANDS
        if name in verbs
    }
    for name in each.keys() - {*start_options.OPTIONS, "schema"}:
        start_options.add_app(each[name])
        each[name].add_argument("--stage", help="the stage; default: every stage, or the only one")
    for names, option, settings in verb_options.SHARED:
        for name in each.keys() & names:
            each[name].add_argument(option, **settings)
    for name in each.keys() & verb_options.OPTIONS.keys():
        verb_options.OPTIONS[name](each[name])
    start_options.add(each)
    for name, example in EXAMPLES.items():
        if name in each:
            own = f"Example: {each[name].prog.removesuffix(name)}{example}. {each[name].epilog or ''}"
            each[name].epilog = own.strip()
    program_options.add(each)
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
