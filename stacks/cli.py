"""The command line: words → one call of ``stacks.commands``, and errors → one clear message and an exit code.

0 done, 1 failed, 2 wrong command line or description, 130 interrupted. Nothing but argparse is imported before
a command is chosen: ``--help`` is instant.
"""

from __future__ import annotations

import argparse
import os
import sys

from stacks.commands import program_options, start_options
from stacks.commands.catalog import COMMANDS, EXAMPLES
from stacks.invocation import program

TYPE_CHECKING = False  # typing and pathlib take as long to import as Python to start
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
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
    known = parser()
    words, after = _split(words)
    words = program_options.verb_first(words)
    _Parser.words = words
    arguments = known.parse_args(words, argparse.Namespace(rules=rules, extend=extend or {}, words=after))
    from stacks.commands.secrecy import safe_output  # noqa: PLC0415 - not before --help is answered
    from stacks.errors import StacksError  # noqa: PLC0415

    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some reads every package's metadata

    try:
        with safe_output(_path(getattr(arguments, "app", "app.yaml"))):
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
            known = {*self._options(), *COMMANDS}
            close = difflib.get_close_matches(word, known - {word}, n=1)
            message = f"{word!r} is not known{' to this command' if word in known else ''}"
            fix = f"Did you mean {close[0]!r}?" if close else fix
        if program_options.wants_json(_Parser.words):
            from stacks.errors import Problem  # noqa: PLC0415

            verb = next((word for word in _Parser.words if word in COMMANDS), self.prog)
            program_options.print_end(verb, 2, (Problem(where=self.prog, what=message, fix=fix),))
        self.exit(2, f"{self.prog}: {message}. {fix}{'' if fix.endswith('?') else '.'}\n")

    def _options(self) -> set[str]:
        """The options of this parser and of the commands below it."""
        below = [
            parser for action in self._actions if isinstance(action.choices, dict) for parser in action.choices.values()
        ]
        own = {option for action in self._actions for option in action.option_strings}
        return own.union(*(parser._options() for parser in below))  # noqa: SLF001 - of the same class


_WITH_ENDPOINT = (
    "diff", "deploy", "stages", "status", "drift", "outputs", "destroy", "run",
    "invoke", "sync", "secrets", "domain", "import", "logs", "publish", "pipeline",
)  # fmt: skip

_MODULES = {"import": "imports"}
"""Verbs whose module cannot be called like them."""


def _path(text: str) -> Path:
    from pathlib import Path  # noqa: PLC0415 - not for --help

    return Path(text)


def parser(prog: str = "") -> _Parser:
    """The argument parser of every command, without importing one; the program is called ``prog`` in its help."""
    parser = _Parser(prog=prog or program(), description="A serverless web application on AWS from one description.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    each = {name: commands.add_parser(name, help=text, description=f"{text}.") for name, text in COMMANDS.items()}
    for name in [name for name in each if name not in {*start_options.OPTIONS, "schema"}]:
        start_options.add_app(each[name])
        each[name].add_argument("--stage", help="the stage; default: every stage, or the only one")
    for name in ("render", "package"):
        each[name].add_argument(
            "--out", type=_path, metavar="DIR", help="default: templates_out next to the description"
        )
    for name in _WITH_ENDPOINT:
        each[name].add_argument("--endpoint-url", metavar="URL", help="another AWS endpoint, such as the local one")
    for name in ("diff", "deploy", "drift", "destroy"):
        each[name].add_argument("stacks", nargs="*", metavar="STACK", help="only these; default: all")
    for name in ("deploy", "destroy", "secrets", "domain", "import", "run"):
        each[name].add_argument("--yes", action="store_true", help="do not ask")
    for name in ("deploy", "destroy"):
        each[name].add_argument(
            "--take-over", action="store_true", help="ignore the lock that a killed deploy left behind"
        )
    _add_lint(each["lint"])
    _add_deploy(each["deploy"])
    _add_destroy(each["destroy"])
    _add_import(each["import"])
    _add_diff(each["diff"])
    each["drift"].epilog = "Exit codes: 0 no drift, 3 drift; 1 failed, 2 wrong command line."
    each["package"].add_argument(
        "--check", action="store_true", help="import each handler as Lambda does, and prove that it can be called"
    )
    _add_local(each["local"])
    _add_logs(each["logs"])
    _add_permissions(each["permissions"])
    _add_publish(each["publish"])
    _add_routes(each["routes"])
    _add_calls(each["run"], each["invoke"])
    each[
        "sync"
    ].epilog = "Example: sync web --stage dev. Only code changes; the next deploy puts the deployed code back."
    each["sync"].add_argument("functions", nargs="+", metavar="FUNCTION", help="functions of 'backend.functions'")
    _add_pipeline(each["pipeline"])
    _add_secrets(each["secrets"])
    _add_domain(each["domain"])
    start_options.add(each)
    for name, example in EXAMPLES.items():
        each[name].epilog = f"Example: {each[name].prog.removesuffix(name)}{example}. {each[name].epilog or ''}".strip()
    program_options.add(each)
    return parser


def _add_secrets(secrets: argparse.ArgumentParser) -> None:
    secrets.epilog = "The value is asked for, or read from standard input: pass it in a pipe, never as an argument."
    secrets.add_argument("action", choices=("set", "list", "rm"))
    secrets.add_argument(
        "name", nargs="?", metavar="NAME", help="a secret of 'backend.secrets' that is 'given' or a 'parameter'"
    )


def _add_domain(domain: argparse.ArgumentParser) -> None:
    domain.epilog = "Certificates and records come and go with the stacks. Exit code 1 of status: it cannot work yet."
    domain.add_argument("action", choices=("create", "status", "delete"))
    domain.add_argument("name", nargs="?", metavar="NAME", help="the zone's domain, as example.com; not for status")


def _add_lint(lint: argparse.ArgumentParser) -> None:
    lint.epilog = "Exit codes: 0 nothing fails, 1 refused by AWS, or advice without a reason why it stays."
    lint.add_argument("--rules", dest="list_rules", action="store_true", help="list the rules, and check nothing")
    lint.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help="default: text; markdown: with --rules"
    )


def _add_deploy(deploy: argparse.ArgumentParser) -> None:
    deploy.add_argument(
        "--allow-replacement",
        action="append",
        default=[],
        metavar="ID",
        help="let this logical id be replaced or removed although it holds data; may be given several times",
    )
    for option, text in (
        ("--parallel", "deploy stacks that do not need each other at the same time"),
        ("--prune", "delete, after a question, stacks no longer described"),
        ("--deploy-roles", "let CloudFormation work with the stacks' deploy roles, as a CI service does; without base"),
        ("--packaged", "deploy what 'package' wrote, and build nothing again"),
        ("--anew", "deploy although the stage is deployed in another region or account, or by another name, and stays"),
    ):
        deploy.add_argument(option, action="store_true", help=text)
    deploy.add_argument(
        "--express",
        action="store_true",
        help="finish when resources are configured, not when they are ready; not for production",
    )
    deploy.add_argument(
        "--no-check",
        dest="check",
        action="store_false",
        help="do not import and call the handlers on this machine first",
    )
    deploy.add_argument("--continue-rollback", action="store_true", help="first continue a rollback that failed")
    deploy.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="ID",
        help="with --continue-rollback: leave this logical id as it is; may be given several times",
    )


def _add_destroy(destroy: argparse.ArgumentParser) -> None:
    destroy.epilog = "The plan is printed first. Tables, users and files are kept unless --delete-data is given."
    destroy.add_argument("--unprotect", action="store_true", help="delete stacks that are protected from termination")
    destroy.add_argument("--empty-buckets", action="store_true", help="empty the buckets that go with their stacks")
    destroy.add_argument(
        "--region", help="with --stage: where a stage is deployed that was removed from the description, or moved"
    )
    destroy.add_argument(
        "--delete-data", action="store_true", help="delete permanently, at the end, what the stacks keep"
    )


def _add_import(imports: argparse.ArgumentParser) -> None:
    imports.epilog = "An identifier is what AWS calls the resource, as UserPool=eu-west-1_AbCdEf; several parts with |."
    imports.add_argument("stack", metavar="STACK", help="the stack to import into; created when missing")
    imports.add_argument(
        "resources",
        nargs="*",
        metavar="LOGICAL_ID[=IDENTIFIER]",
        help="default: all that exist under the names in the stack",
    )


def _add_diff(diff: argparse.ArgumentParser) -> None:
    diff.epilog = "Exit codes: 0 no changes, 3 changes, 4 destructive changes; 1 failed, 2 wrong command line."
    other = diff.add_mutually_exclusive_group()
    other.add_argument("--against", metavar="REV", help="compare with templates_out of this git revision; needs no AWS")
    other.add_argument("--between", nargs=2, type=_path, metavar="DIR", help="compare two folders of templates")
    other.add_argument(
        "--no-change-set",
        dest="change_set",
        action="store_false",
        help="do not ask CloudFormation for change sets, which are discarded at once; for credentials that only read",
    )
    diff.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")


def _add_logs(logs: argparse.ArgumentParser) -> None:
    logs.add_argument("function", nargs="?", metavar="FUNCTION", help="only this one; default: all of the stage")
    logs.add_argument("--follow", action="store_true", help="keep going until Ctrl-C")
    logs.add_argument("--since", default="10m", metavar="SPAN", help="as 30s, 10m, 2h or 1d; default: 10m")
    logs.add_argument("--filter", default="", metavar="TEXT", help="only what contains this text, in any case")
    logs.add_argument(
        "--request", default="", metavar="ID", help="one request, by its id at the API or in a function, over both"
    )


def _add_permissions(permissions: argparse.ArgumentParser) -> None:
    permissions.add_argument("stack", nargs="?", metavar="STACK", help="its policies; default: a table of all stacks")
    permissions.add_argument("--explain", action="store_true", help="show what needs each action")
    permissions.add_argument("--check", action="store_true", help="fail when the deployed roles do not suffice")
    permissions.add_argument("--endpoint-url", metavar="URL", help="with --check: another AWS endpoint")
    permissions.add_argument(
        "--format",
        choices=("text", "json", "template"),
        default="text",
        help="default: text; template: base's policies as a CloudFormation template",
    )


def _add_publish(publish: argparse.ArgumentParser) -> None:
    publish.add_argument("--dry-run", action="store_true", help="show each operation without doing it")
    other = publish.add_mutually_exclusive_group()
    other.add_argument("--list", action="store_true", help="list the releases that can be put back")
    other.add_argument(
        "--rollback",
        nargs="?",
        type=int,
        const=0,
        metavar="RELEASE",
        help="put this release back; default: the one before the current",
    )


def _add_calls(run: argparse.ArgumentParser, invoke: argparse.ArgumentParser) -> None:
    run.usage = "%(prog)s FUNCTION [options] -- COMMAND ..."
    run.epilog = "Example: run web -- flask db upgrade. The function says 'commands: true'; its 'timeout' is the limit."
    run.add_argument("function", nargs="?", metavar="FUNCTION", help="a web application of 'backend.functions'")
    run.add_argument("--after-deploy", action="store_true", help="run the commands of 'after_deploy' instead")

    invoke.epilog = "Example: invoke resize --event event.json --local. Exit code 1: the function failed."
    invoke.add_argument("function", metavar="FUNCTION", help="a function of 'backend.functions'")
    invoke.add_argument("--event", type=_path, metavar="FILE", help="a file of JSON; default: an empty object")
    invoke.add_argument("--local", action="store_true", help="on the local AWS that runs in this project")


def _add_pipeline(pipeline: argparse.ArgumentParser) -> None:
    pipeline.add_argument(
        "action",
        choices=("run", "status", "prepare"),
        help="run: on this machine; status: in AWS; prepare: the last step of a build, brings its code up",
    )
    pipeline.add_argument("stacks", nargs="*", metavar="STACK", help="only these pipelines; default: all of the stage")
    pipeline.add_argument("--local", action="store_true", help="with run: on this machine and the local AWS")


def _add_routes(routes: argparse.ArgumentParser) -> None:
    routes.add_argument("urls", nargs="*", metavar="URL", help="a path or a whole URL; default: one of each behaviour")


def _add_local(local: argparse.ArgumentParser) -> None:
    local.add_argument("action", nargs="?", choices=("start", "stop", "status"), default="start")
    local.add_argument("--watch", action="store_true", help="deploy changed files as they are saved")
    local.add_argument("--keep", action="store_true", help="keep what was deployed locally before")
    local.add_argument("--detach", action="store_true", help="leave it running in the background; 'local stop' ends it")
    local.add_argument("--port", type=int, help="port of the AWS endpoint; default: a free one")
    local.add_argument("--edge-port", type=int, help="port of the site; default: a free one")


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
