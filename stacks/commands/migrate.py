"""``migrate``: the configuration of another framework → app.yaml, and MIGRATION.md with what is left to do."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.checks.run import RULES, check
from stacks.description.environment import held
from stacks.errors import Problem, StacksError, UsageError, counted
from stacks.files import repository_of, text_of, write_atomically
from stacks.invocation import program
from stacks.linting import lint
from stacks.migrating.judged import Trouble
from stacks.migrating.kinds import NAMES
from stacks.migrating.migration import SCHEMA, Migration, MigrationInput, migrated
from stacks.migrating.report import lines, page
from stacks.migrating.tree import Folder
from stacks.rendering import render
from stacks.reporting import done
from stacks.starting.tree import read_tree

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from stacks.app import App
    from stacks.migrating.obstacles import Obstacle

_DESCRIPTION, _LIST, _ENVIRONMENT = "app.yaml", "MIGRATION.md", ".env"
_DOCS = "docs/migrating.md"
_CODE_ABOVE = re.compile(r"CodeUri:\s*[\"']?((?:\.\./)+)")
_CONFIGURATION_ENDINGS = {".py", ".yml", ".yaml", ".json", ".toml", ".txt", ".env", ""}


def run(arguments: Namespace) -> int:
    """Migrate, say what is left to do, and write; exit code 0 even when something is left."""
    file: Path = arguments.file
    text = _text(file)
    folder = _root(file, text)
    output: Path = arguments.output or folder
    result = migrated(_inputs(file, text, folder))
    wanted = _files(result, file, output)
    if not arguments.dry_run:
        _refuse_overwriting(output, wanted, force=arguments.force)
    functions = _functions(result)
    count = len(functions)
    done(
        file=str(file),
        framework=result.kind,
        functions=functions,
        stages=list(result.app.stages) if result.app else [],
        obstacles=[_data(obstacle) for obstacle in result.obstacles],
        folder=str(output.resolve()),
        files=list(wanted),
        written=not arguments.dry_run,
        description=result.text,
    )
    print(f"Migrating {file} of {NAMES[result.kind]}: {counted(count, 'function')}.")
    for line in lines(result.obstacles):
        print(line)
    if arguments.dry_run:
        print(f"\n{result.text}", end="")
        return 0
    for name, text in wanted.items():
        write_atomically(output / name, text.encode())
    print(f"\nWrote {', '.join(wanted)} in {output.resolve()}.")
    print(f"Next: work through {_LIST}, then run '{program()} lint' and '{program()} local'. Data: see {_DOCS}.")
    return 0


def _functions(result: Migration) -> list[str]:
    """The functions of all stages, by name."""
    stages = result.app.stages.values() if result.app else ()
    return sorted({name for stage in stages for name in stage.backend.functions})


def _data(obstacle: Obstacle) -> dict[str, str | int]:
    place = obstacle.place
    return {
        "kind": obstacle.kind,
        "subject": obstacle.subject,
        "what": obstacle.what,
        "fix": obstacle.fix,
        "file": place.file,
        "line": place.line,
    }


def _root(file: Path, text: str) -> Path:
    """The project's folder, which gets app.yaml: the file's, around ``.chalice``, or around the code of SAM."""
    if file.parent.name == ".chalice":
        return file.parent.parent
    ups = max((result.count("../") for result in _CODE_ABOVE.findall(text)), default=0)
    folder = file.parent.resolve()
    above = [folder, *folder.parents][min(ups, len(folder.parents))]
    repository = next((path for path in (folder, *folder.parents) if (path / ".git").exists()), above)
    return above if ups and above.is_relative_to(repository) else file.parent


def _inputs(file: Path, text: str, folder: Path) -> MigrationInput:
    base = "" if file.parent.name == ".chalice" else file.parent.resolve().relative_to(folder.resolve()).as_posix()
    return MigrationInput(
        file=file.name if file.parent.name != ".chalice" else f".chalice/{file.name}",
        text=text,
        environment={**{key: value or "" for key, value in held(folder / _ENVIRONMENT).items()}, **os.environ},
        include=lambda path: _included(folder / base, path),
        folder=Folder(frozenset(read_tree(folder).files), "" if base == "." else base),
        render=_troubles,
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        name=folder.resolve().name,
    )


def _text(file: Path) -> str:
    if file.suffix in {".ts", ".js", ".mjs", ".cjs"}:
        fix = "Run 'npx serverless print > serverless.yml' in its folder, and migrate that file"
        raise UsageError(str(file), "is a program, which only Serverless can run", fix)
    if file.is_dir():
        fix = "Name the file: serverless.yml, template.yaml, zappa_settings.json or .chalice/config.json"
        raise UsageError(str(file), "is a folder", fix)
    try:
        return text_of(file, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(str(file), "does not exist", "Correct the path") from None
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        raise UsageError(str(file), what, "Correct the file or its permissions") from None


def _included(folder: Path, path: str) -> str | None:
    """The text of a file that the configuration includes; only of the repository, and only of what holds settings."""
    top = repository_of(folder)
    file = Path(os.path.normpath(folder / path))
    if file.suffix not in _CONFIGURATION_ENDINGS or not file.resolve().is_relative_to(top):
        return None
    try:
        return text_of(file, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _troubles(app: App) -> Iterator[Trouble | Problem]:
    """What rendering and linting say about the stacks of every stage."""
    for name, stage in app.stages.items():
        try:
            rendered = render(app, stage)
        except StacksError as error:
            yield from error.problems
            continue
        for finding in lint(rendered):
            if finding.fails:
                what = f"{finding.rule} {finding.message} ({finding.path})"
                yield Trouble(
                    stage=name, stack=finding.stack, logical_id=finding.logical_id, what=what, fix="Correct it"
                )
        for broken in check(rendered, RULES):
            yield Trouble(
                stage=name,
                stack=broken.stack,
                logical_id=broken.logical_id,
                what=f"{broken.rule} {broken.what}: {broken.why}",
                fix=broken.fix,
                fails=broken.grade == "refused",
            )


def _files(result: Migration, file: Path, output: Path) -> dict[str, str]:
    """What is written: path from the output folder → text."""
    from stacks.description.schema import json_schema  # noqa: PLC0415 - brings pydantic

    files = {
        _DESCRIPTION: result.text,
        _LIST: page(file.name, NAMES[result.kind], result.obstacles, _DOCS),
        SCHEMA: json.dumps(json_schema(), indent=2) + "\n",
    }
    known = held(output / _ENVIRONMENT) if (output / _ENVIRONMENT).is_file() else {}
    missing = [f"{name}={value}" for name, value in result.environment.items() if name not in known]
    if missing:
        existing = text_of(output / _ENVIRONMENT) if (output / _ENVIRONMENT).is_file() else ""
        files[_ENVIRONMENT] = (
            existing + ("" if not existing or existing.endswith("\n") else "\n") + "\n".join(missing) + "\n"
        )
    return files


def _refuse_overwriting(output: Path, wanted: dict[str, str], *, force: bool) -> None:
    """Raise ``UsageError`` for files that exist; lines are added to .env, and the schema is ours."""
    clashes = [name for name in wanted if name in {_DESCRIPTION, _LIST} and (output / name).exists()]
    if clashes and not force:
        fix = "Pass --force to overwrite it, or --output DIR to write elsewhere"
        problems = tuple(Problem(where=str(output / name), what="already exists", fix=fix) for name in clashes)
        raise UsageError.of(problems)
