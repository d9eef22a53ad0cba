"""The options of the commands that read a description, beyond ``--app`` and ``--stage``.

Those of the commands that people start with are in ``start_options``, those for programs in ``program_options``.
"""

from __future__ import annotations

from stacks.commands.start_options import path_of

TYPE_CHECKING = False  # typing and pathlib take as long to import as Python to start
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from stacks.json_types import JsonDict


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
    other.add_argument("--between", nargs=2, type=path_of, metavar="DIR", help="compare two folders of templates")
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


def _add_run(run: argparse.ArgumentParser) -> None:
    run.usage = "%(prog)s FUNCTION [options] -- COMMAND ..."
    run.epilog = "The function says 'commands: true'; its 'timeout' is the limit."
    run.add_argument("function", nargs="?", metavar="FUNCTION", help="a web application of 'backend.functions'")
    run.add_argument("--after-deploy", action="store_true", help="run the commands of 'after_deploy' instead")


def _add_invoke(invoke: argparse.ArgumentParser) -> None:
    invoke.epilog = "Exit code 1: the function failed."
    invoke.add_argument("function", metavar="FUNCTION", help="a function of 'backend.functions'")
    invoke.add_argument("--event", type=path_of, metavar="FILE", help="a file of JSON; default: an empty object")


def _add_sync(sync: argparse.ArgumentParser) -> None:
    sync.epilog = "Only code changes; the next deploy puts the deployed code back."
    sync.add_argument("functions", nargs="+", metavar="FUNCTION", help="functions of 'backend.functions'")


def _add_drift(drift: argparse.ArgumentParser) -> None:
    drift.epilog = "Exit codes: 0 no drift, 3 drift; 1 failed, 2 wrong command line."


def _add_package(package: argparse.ArgumentParser) -> None:
    package.add_argument(
        "--check", action="store_true", help="import each handler as Lambda does, and prove that it can be called"
    )


def _add_pipeline(pipeline: argparse.ArgumentParser) -> None:
    pipeline.add_argument(
        "action",
        choices=("run", "status", "prepare"),
        help="run: on this machine; status: in AWS; prepare: the last step of a build, which uploads its code",
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


_WITH_ENDPOINT = {
    "diff", "deploy", "stages", "status", "drift", "outputs", "destroy", "run",
    "invoke", "sync", "secrets", "domain", "import", "logs", "publish", "pipeline",
}  # fmt: skip
ONE_STAGE = "the stage; needed where several are described"
STAGE = {
    **dict.fromkeys(("render", "lint", "package"), "one stage; default: all"),
    "local": "the stage; default: the first",
}
"""What ``--stage`` means where it need not be given."""
SHARED: tuple[tuple[set[str], str, JsonDict], ...] = (
    (
        {"render", "package"},
        "--out",
        {"type": path_of, "metavar": "DIR", "help": "default: templates_out next to the description"},
    ),
    (
        _WITH_ENDPOINT - {"pipeline"},
        "--local",
        {"dest": "here", "action": "store_true", "help": "on the local AWS that runs in this project"},
    ),
    (_WITH_ENDPOINT, "--endpoint-url", {"metavar": "URL", "help": "another AWS endpoint"}),
    (
        {"diff", "deploy", "drift", "destroy"},
        "stacks",
        {"nargs": "*", "metavar": "STACK", "help": "only these; default: all"},
    ),
    (
        {"deploy", "destroy", "secrets", "domain", "import", "run"},
        "--yes",
        {"action": "store_true", "help": "do not ask"},
    ),
    (
        {"deploy", "destroy"},
        "--take-over",
        {"action": "store_true", "help": "ignore the lock that a killed deploy left behind"},
    ),
)
"""Verbs that have an option, the option, and its settings."""
OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "deploy": _add_deploy,
    "destroy": _add_destroy,
    "diff": _add_diff,
    "domain": _add_domain,
    "drift": _add_drift,
    "import": _add_import,
    "invoke": _add_invoke,
    "lint": _add_lint,
    "local": _add_local,
    "logs": _add_logs,
    "package": _add_package,
    "permissions": _add_permissions,
    "pipeline": _add_pipeline,
    "publish": _add_publish,
    "routes": _add_routes,
    "run": _add_run,
    "secrets": _add_secrets,
    "sync": _add_sync,
}
"""Verb → what adds the options that only it has."""
