"""Rendered stacks → findings, by cfn-lint in this process: its rules are loaded once for all templates.

A template that was linted before, by the same cfn-lint for the same region, is not linted again: its findings
are kept in a folder of the user's, named by the hash of what they depend on.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from stacks.description.finding import dotted
from stacks.errors import CheckError, Problem, counted
from stacks.files import cache_folder, write_atomically
from stacks.intrinsics.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from stacks.template.rendered import Rendered

_NO_CONFIG = os.devnull
"""cfn-lint would read ``.cfnlintrc`` of the current folder, which can name Python to load as rules."""
Level = Literal["error", "warning", "informational"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """What a rule found in a template."""

    stack: str
    logical_id: str
    path: str
    line: int
    rule: str
    level: Level
    message: str

    @property
    def fails(self) -> bool:
        """Errors and warnings fail; information does not."""
        return self.level != "informational"

    def __str__(self) -> str:
        return f"{self.stack}:{self.line}: {self.logical_id}: {self.rule} {self.message} ({self.path})"


def refuse_failing(rendered: Sequence[Rendered]) -> None:
    """Let templates pass that deploy roles are derived from: no right can be derived from what is not a template.

    Raises:
        CheckError: for each template with errors, naming the first.
    """
    errors: dict[str, list[LintFinding]] = {}
    for finding in lint(rendered):
        if finding.level == "error":
            errors.setdefault(finding.stack, []).append(finding)
    problems = [
        Problem(
            where=stack,
            what="no deploy role is derived from a template that fails lint,"
            f" here with {counted(len(some), 'error')}: {some[0]}",
            fix="Correct it; 'lint' lists all of them",
        )
        for stack, some in errors.items()
    ]
    if problems:
        raise CheckError.of(tuple(problems))


def lint(rendered: Sequence[Rendered]) -> list[LintFinding]:
    """The findings of every template, in the order of the stacks."""
    cached = cache_folder("lint")
    findings: list[LintFinding] = []
    for stack in rendered:
        file = cached / f"{_key(stack)}.json"
        results = _read(file)
        if results is None:
            results = list(_linter().findings(stack))
            write_atomically(file, json.dumps([asdict(finding) for finding in results]).encode())
        findings += results
    return findings


def described_rules(names: Iterable[str]) -> Iterator[str]:
    """What cfn-lint says about some of its rules, by id; unknown ones are left out."""
    from cfnlint.config import ConfigMixIn  # noqa: PLC0415 - takes most of a second
    from cfnlint.runner import Runner  # noqa: PLC0415

    rules = Runner(ConfigMixIn(config_file=_NO_CONFIG)).rules
    for rule in sorted((rules[name] for name in names if name in rules), key=lambda rule: str(rule.id)):
        yield f"{rule.id} (cfn-lint)\n  {rule.shortdesc}\n  {rule.description}\n  See: {rule.source_url}"


def _key(stack: Rendered) -> str:
    text = "\0".join([version("cfn-lint"), stack.region, stack.stack, stack.body])
    return hashlib.sha256(text.encode()).hexdigest()


def _read(file: Path) -> list[LintFinding] | None:
    try:
        return [LintFinding(**item) for item in json.loads(file.read_bytes())]
    except (OSError, ValueError, TypeError):
        return None


class _Linter:
    """cfn-lint with its rules loaded; its modules are imported only here, since they take most of a second."""

    def __init__(self) -> None:
        from cfnlint.config import ConfigMixIn  # noqa: PLC0415
        from cfnlint.runner import Runner  # noqa: PLC0415

        self._config = ConfigMixIn
        self._rules = Runner(ConfigMixIn(config_file=_NO_CONFIG)).rules

    def findings(self, stack: Rendered) -> Iterator[LintFinding]:
        from cfnlint.decode.decode import decode_str  # noqa: PLC0415
        from cfnlint.exceptions import InvalidRegionException  # noqa: PLC0415
        from cfnlint.runner import run_template_by_data  # noqa: PLC0415

        template, matches = decode_str(stack.body)
        try:
            if template is not None:
                matches = list(
                    run_template_by_data(
                        template, self._config(regions=[stack.region], config_file=_NO_CONFIG), self._rules
                    )
                )
        except InvalidRegionException:
            raise CheckError(
                stack.name, f"cfn-lint does not know the region {stack.region}", "Upgrade cfn-lint"
            ) from None
        places = _places(stack.body)
        for match in sorted(matches, key=lambda match: (match.linenumber, match.rule.id, match.message)):
            path = places.get(match.linenumber, ())
            yield LintFinding(
                stack=stack.stack,
                logical_id=str(path[1]) if len(path) > 1 else "template",
                path=dotted(path),
                line=match.linenumber,
                rule=match.rule.id,
                level=match.rule.severity,
                message=match.message,
            )


@cache
def _linter() -> _Linter:
    """Loaded once in a process, when a template has no cached findings."""
    return _Linter()


def _places(body: str) -> dict[int, Any]:
    """Line → the path of the first value that starts there."""
    places: dict[int, Any] = {}
    for path, line in parse(body, "template").lines.items():
        places.setdefault(line, path)
    return places
