"""``init``: an empty folder or an existing application → app.yaml and what goes with it."""

from __future__ import annotations

import configparser
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.description.validation import app_of
from stacks.errors import DescriptionError, UsageError
from stacks.files import write_atomically
from stacks.intrinsics.reading import parse
from stacks.invocation import program
from stacks.reporting import done
from stacks.starting.description import app_name
from stacks.starting.detect import detected
from stacks.starting.files import StartPlan, start
from stacks.starting.tree import read_tree

if TYPE_CHECKING:
    from argparse import Namespace

_VERBS = {"create": "create", "append": "extend", "replace": "replace", "keep": "keep"}
_DEFAULT_REGION = "eu-west-1"


def run(arguments: Namespace) -> int:
    """Detect, say what will be written, write it, and name the next command."""
    folder: Path = arguments.folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(str(folder), "is not a folder", "Name a folder, or leave it out to use the current one")
    tree = read_tree(folder)
    name = arguments.name or app_name(folder.resolve().name)
    result = detected(tree)
    planned = start(
        tree,
        name=name,
        region=arguments.region or _region(),
        schema=_schema(),
        template=arguments.template,
        entry=arguments.entry,
        force=arguments.force,
    )
    _refuse_invalid(planned)
    print(f"Found {result}." if result.something and not arguments.template else f"Template {arguments.template}.")
    print(f"{'Would write' if arguments.dry_run else 'Writing'} in {folder.resolve()}:")
    for line in _listed(planned):
        print(line)
    done(
        folder=str(folder.resolve()),
        files=[{"path": file.path, "action": file.action} for file in planned.files],
        notes=list(planned.notes),
        written=not arguments.dry_run,
        next=_next(planned, folder),
    )
    if arguments.dry_run:
        return 0
    for file in planned.files:
        if file.action != "keep":
            write_atomically(folder / file.path, file.text.encode())
    for note in planned.notes:
        print(f"\nNote: {note}")
    print(f"\nNext: {_next(planned, folder)}")
    return 0


def _listed(planned: StartPlan) -> list[str]:
    width = max(len(file.path) for file in planned.files)
    return [f"  {_VERBS[file.action]:<7}  {file.path:<{width}}  {file.what}".rstrip() for file in planned.files]


def _next(planned: StartPlan, folder: Path) -> str:
    enter = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    build = f"{planned.build} && " if planned.build else ""
    return f"{enter}{build}{program()} local"


def _schema() -> str:
    from stacks.description.schema import json_schema  # noqa: PLC0415 - brings pydantic

    return json.dumps(json_schema(), indent=2) + "\n"


def _refuse_invalid(planned: StartPlan) -> None:
    """Check the description before anything is written: ``--name`` or ``--region`` may be wrong."""
    text = next(file.text for file in planned.files if file.path == "app.yaml")
    try:
        app_of(parse(text, "app.yaml"), "app.yaml")
    except DescriptionError as error:
        problems = error.problems
        raise UsageError.of(problems) from None


def _region() -> str:
    """The region that the AWS CLI would use, from the environment or the configuration file."""
    named = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if named:
        return named
    file = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    configuration = configparser.ConfigParser()
    try:
        configuration.read(file)
    except (configparser.Error, OSError, UnicodeDecodeError):
        return _DEFAULT_REGION
    profile = os.environ.get("AWS_PROFILE", "default")
    section = "default" if profile == "default" else f"profile {profile}"
    return configuration.get(section, "region", fallback=_DEFAULT_REGION)
