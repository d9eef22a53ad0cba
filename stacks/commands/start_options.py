"""The options of the commands that people start with: init, migrate, graph, cost … Imports argparse at most."""

from __future__ import annotations

TYPE_CHECKING = False  # typing and pathlib take as long to import as Python to start
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path


def add(parsers: Mapping[str, argparse.ArgumentParser]) -> None:
    """Add the options of these commands to their parsers, by name."""
    for name in parsers.keys() & OPTIONS.keys():
        OPTIONS[name](parsers[name])


def add_app(command: argparse.ArgumentParser) -> None:
    """Add ``--app``: a description, or the folder that holds it."""
    output = "a description, or its folder; default: app.yaml"
    command.add_argument("--app", type=_description, default="app.yaml", metavar="FILE", help=output)


def _description(text: str) -> Path:
    path = path_of(text)
    return path / "app.yaml" if path.is_dir() else path


def path_of(text: str) -> Path:
    """An argument as a path."""
    from pathlib import Path  # noqa: PLC0415 - not for --help

    return Path(text)


def _explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("words", nargs="+", metavar="ID|RULE|ERROR", help="a logical id, a rule, or a whole message")
    add_app(explain)
    explain.add_argument("--stage", help="one stage of the description")


def _cost(cost: argparse.ArgumentParser) -> None:
    add_app(cost)
    cost.add_argument("--stage", help="one stage of the description; default: the first")
    cost.add_argument("--requests", type=int, metavar="N", help="estimate the cost of N requests a month, too")
    cost.add_argument("--milliseconds", type=int, default=100, metavar="MS", help="of each request; default: 100")
    cost.add_argument("--kilobytes", type=int, default=20, metavar="KB", help="of each answer; default: 20")
    cost.add_argument("--stored", type=float, default=1, metavar="GB", help="in all tables; default: 1")


def _doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.epilog = "Exit codes: 0 no problem found, 1 a problem; 2 wrong command line."
    add_app(doctor)
    doctor.add_argument("--stage", help="one stage of the description; default: all")
    doctor.add_argument("--offline", action="store_true", help="check this machine and the description only")
    doctor.add_argument("--endpoint-url", metavar="URL", help="another AWS endpoint, such as the local one")


def _graph(graph: argparse.ArgumentParser) -> None:
    graph.epilog = "A format that is not named follows from the file's ending."
    add_app(graph)
    graph.add_argument("--stage", help="one stage of the description; default: the first")
    part = graph.add_mutually_exclusive_group()
    part.add_argument("--stack", metavar="STACK", help="every resource of one stack")
    part.add_argument("--function", metavar="FUNCTION", help="one function, what calls it and what it uses")
    part.add_argument("--request", metavar="REQUEST", help="the way of a request, such as /app/ or 'GET /api/notes'")
    graph.add_argument("--out", type=path_of, metavar="FILE", help="default: standard output")
    graph.add_argument("--format", choices=("text", "svg", "mermaid", "dot", "json"), help="default: text")


def _init(init: argparse.ArgumentParser) -> None:
    init.epilog = "In a folder with an application: stacks init."
    init.add_argument("folder", nargs="?", type=path_of, default=".", metavar="FOLDER", help="default: this folder")
    init.add_argument(
        "--template",
        choices=("flask", "fastapi", "spa", "functions", "all"),
        help="start with this example instead of what is in the folder",
    )
    init.add_argument("--entry", metavar="FILE:NAME", help="the application to use, when the folder has several")
    init.add_argument("--name", help="name of the application; default: the folder's name")
    init.add_argument("--region", help="region of the stage 'dev'; default: the AWS CLI's, or eu-west-1")
    init.add_argument("--dry-run", action="store_true", help="print what would be written, write nothing")
    init.add_argument("--force", action="store_true", help="overwrite existing files")


def _migrate(migrate: argparse.ArgumentParser) -> None:
    migrate.epilog = (
        "Reads serverless.yml and serverless.json, template.yaml of"
        " SAM, zappa_settings.json (also .toml, .yml) and .chalice/config.json."
    )
    migrate.add_argument("file", type=path_of, metavar="FILE", help="the configuration of the other framework")
    migrate.add_argument(
        "--output", type=path_of, metavar="DIR", help="where app.yaml is written; default: next to FILE"
    )
    migrate.add_argument("--dry-run", action="store_true", help="print what would be written, write nothing")
    migrate.add_argument("--force", action="store_true", help="overwrite app.yaml and MIGRATION.md")


OPTIONS = {"init": _init, "migrate": _migrate, "graph": _graph, "explain": _explain, "cost": _cost, "doctor": _doctor}
"""Verb → what adds its options, all of them."""
