"""The secrets of ``.env`` and of the environment → a gate before anything is written or uploaded, and masked output.

Besides, credentials that are known by their form (``checks.tokens``) may appear nowhere.

What counts: every value of ``.env`` and its like (``.env.dev``, ``.env.local``) next to the description, and of each
variable that the description uses (``${env:NAME}``) and that is named like a secret. What does not: values that cannot
be secrets (``leaks.is_plain``), names of the folder's own files, variables with a plain name that the description
uses, and settings of functions marked ``secret: false``. A description without such files and ``${env:…}`` has none.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, cast

from stacks.errors import CheckError, Problem
from stacks.files import LARGEST, opened, text_of
from stacks.printable import Printable, Steady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    from stacks.app import App
    from stacks.checks.leaks import KnownSecret
    from stacks.packaging import Artifact
    from stacks.publishing.step import Publish
    from stacks.template.rendered import Parameters, Rendered


def secrets_of(file: Path, app: App | None = None) -> tuple[KnownSecret, ...]:
    """The secrets of a description's folder; those that ``app`` marks ``secret: false`` left out."""
    try:
        text = text_of(file)
    except (OSError, UnicodeDecodeError):
        text = ""
    if "${env:" not in text and not any(file.parent.glob(".env*")):
        return ()
    return tuple(_secrets(text, file.parent, _public(app) if app else ()))


def _secrets(text: str, folder: Path, public: Sequence[str]) -> Iterator[KnownSecret]:
    from stacks.checks.leaks import KnownSecret, is_plain, spellings  # noqa: PLC0415 - few have secrets on their disk
    from stacks.description.environment import VARIABLE, every_file, held  # noqa: PLC0415
    from stacks.description.secret_settings import SECRET_NAME  # noqa: PLC0415

    used = set(VARIABLE.findall(_masked(text)))
    own = [held(dotenv) for dotenv in every_file(folder)]
    paths = {path.name for path in folder.iterdir()}
    for name in sorted(used.union(*own)):
        likely = SECRET_NAME.search(name.upper()) is not None
        results = {*(entry.get(name) for entry in own), os.environ.get(name) if name in used else None}
        for value in sorted({result.strip() for result in results if result}):
            known = not likely and (name in used or value in text or value in paths)
            if not known and not is_plain(value) and not any(value in item for item in public):
                yield KnownSecret(name=name, likely=likely, forms=spellings(value))


def _masked(text: str) -> str:
    """The texts of a description without its comments."""
    from stacks.intrinsics.reading import parse  # noqa: PLC0415 - as above

    return repr(parse(text, "").data) if "${env:" in text else ""


def _public(app: App) -> list[str]:
    functions = [function for stage in app.stages.values() for function in stage.backend.functions.values()]
    return [
        setting.value
        for function in functions
        for setting in function.environment.values()
        if setting.secret is False and isinstance(setting.value, str)
    ]


def keep_secret(
    secrets: Sequence[KnownSecret],
    *,
    rendered: Iterable[Rendered] = (),
    parameters: Parameters | None = None,
    artifacts: Iterable[Artifact] = (),
    publish: Publish | None = None,
) -> None:
    """Let pass what holds no secret: stacks with their parameters, packaged code, static files.

    Raises:
        CheckError: naming each place and variable, and no value.
    """
    rendered, artifacts = tuple(rendered), tuple(artifacts)
    problems = [*_known_forms(rendered, parameters or {}, artifacts, publish)]
    if secrets:
        problems += _of_stacks(rendered, parameters or {}, secrets)
        problems += _of_artifacts(artifacts, secrets)
        problems += _of_site(publish, secrets)
    if problems:
        raise CheckError.of(tuple(dict.fromkeys(problems)))


_REVOKE = (
    "Take it out, and revoke it where it was issued; functions read secrets through 'backend.secrets', "
    "and what a browser gets is public"
)


def _known_forms(
    rendered: Iterable[Rendered],
    parameters: Mapping[str, Mapping[str, str]],
    artifacts: Iterable[Artifact],
    publish: Publish | None,
) -> Iterator[Problem]:
    """Credentials that are known by their form, though no variable holds them."""
    from stacks.checks.tokens import tokens, tokens_of_zip  # noqa: PLC0415 - not for other verbs

    def problem(where: str, kind: str) -> Problem:
        return Problem(where=where, what=f"holds {kind}", fix=_REVOKE)

    for stack in rendered:
        values = "\n".join((stack.body, *stack.parameters.values(), *parameters.get(stack.stack, {}).values()))
        yield from (problem(f"the template of {stack.name}", kind) for kind in dict.fromkeys(tokens(values.encode())))
    for artifact in artifacts:
        content = artifact.path.read_bytes()
        inside = tokens_of_zip(content) if content[:4] == b"PK\x03\x04" else (("", kind) for kind in tokens(content))
        yield from (problem(f"code {artifact.bundle}:{name}".rstrip(":"), kind) for name, kind in inside)
    if publish:
        from stacks.publishing.target import files_of  # noqa: PLC0415 - as above

        for file in files_of(publish):
            body = file.body if isinstance(file.body, bytes) else _start(file.body)
            yield from (problem(file.key, kind) for kind in dict.fromkeys(tokens(body)))


def _of_stacks(
    rendered: Iterable[Rendered], parameters: Mapping[str, Mapping[str, str]], secrets: Sequence[KnownSecret]
) -> Iterator[Problem]:
    from stacks.checks.leaks import leaks_of_data, leaks_of_file  # noqa: PLC0415 - as above

    for stack in rendered:
        values = {**stack.parameters, **parameters.get(stack.stack, {})}
        inside = [*leaks_of_data(stack.template, stack.name, secrets), *leaks_of_data(values, stack.name, secrets)]
        yield from inside or leaks_of_file(f"the template of {stack.name}", stack.body.encode(), secrets)


def _of_artifacts(artifacts: Iterable[Artifact], secrets: Sequence[KnownSecret]) -> Iterator[Problem]:
    from stacks.checks.leaks import leaks_of_file  # noqa: PLC0415 - as above

    for artifact in artifacts:
        yield from leaks_of_file(f"code {artifact.bundle}", artifact.path.read_bytes(), secrets)


def _of_site(publish: Publish | None, secrets: Sequence[KnownSecret]) -> Iterator[Problem]:
    if publish is None:
        return
    from stacks.checks.leaks import leaks_of_data, leaks_of_file  # noqa: PLC0415 - as above
    from stacks.publishing.target import files_of  # noqa: PLC0415

    for file in files_of(publish):
        body = file.body if isinstance(file.body, bytes) else _start(file.body)
        yield from leaks_of_file(file.key, body, secrets)
    for json_file in publish.generated:
        yield from leaks_of_data({name: str(value) for name, value in json_file.values}, json_file.key, secrets)


def _start(path: Path) -> bytes:
    """As much of a published file as is looked through: films and archives may have gigabytes."""
    with opened(path) as file:
        return file.read(LARGEST)


@contextmanager
def safe_output(file: Path, *, endless: bool = False) -> Iterator[None]:
    """While it is entered, what is printed is ``printable``, with ``(NAME)`` in the place of a secret's value.

    A reader that leaves ends only what is ``endless`` (``printable.Steady``).
    """
    secrets = secrets_of(file)
    out, errors = (cast("TextIO", Steady(stream, ends=endless)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(_shown(out, secrets)), redirect_stderr(_shown(errors, secrets)):
        yield
        sys.stdout.flush()


def _shown(stream: TextIO, secrets: Sequence[KnownSecret]) -> TextIO:
    masked = cast("TextIO", Printable(stream, _masking(secrets))) if secrets else stream
    return cast("TextIO", Printable(masked))


def _masking(secrets: Sequence[KnownSecret]) -> Callable[[str], str]:
    masks = [(form.decode(), f"({secret.name})") for secret in secrets for form in secret.forms]
    masks.sort(key=lambda mask: -len(mask[0]))  # a secret may begin with another

    def mask(text: str) -> str:
        for form, shown in masks:
            text = text.replace(form, shown)
        return text

    return mask
