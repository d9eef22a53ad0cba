"""How many SAM templates of a public set load as ``backend: {template: …}``, and why the others do not.

    python -m tools.sam_inputs            cfn-lint's own fixtures, from its source package on PyPI
    python -m tools.sam_inputs FOLDER     any folder, such as tests/translator/input of the SAM translator's repository

Each is read, rendered into a backend stack, expanded by SAM's translator and held against CloudFormation's limits. The
translator's own inputs are in none of its source packages.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uv

from stacks.errors import StacksError
from stacks.foreign.reading import parse
from stacks.limits import within_limits
from stacks.loading import validated
from stacks.rendering import render
from stacks.template.rendered import Rendered
from stacks.transforms.sam import TRANSFORM, is_sam, translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CFN_LINT = "1.58.0"
_FETCH = ("tool", "run", "--quiet", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:")
_ENDINGS = {".yaml", ".yml", ".json", ".template"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file; ``problem`` is empty for one that loads."""

    file: str
    problem: str = ""


def outcomes(folder: Path) -> Iterator[Outcome]:
    """What becomes of every SAM template below a folder."""
    read: list[tuple[str, Rendered]] = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS):
        text = path.read_text(encoding="utf-8", errors="replace")
        name = path.relative_to(folder).as_posix()
        if "AWS::Serverless" not in text:
            continue
        try:
            template = parse(text, where=name)
            if "Transform" not in template:
                template["Transform"] = TRANSFORM  # the translator's own inputs leave it out
            if is_sam(template):
                read.append((name, _backend(template)))
        except StacksError as error:
            yield Outcome(file=name, problem=str(error))
    yield from _expanded(read)


def _backend(template: dict[str, Any]) -> Rendered:
    """The backend stack; parameters without a default get a value, as its user would give them one."""
    open_ones = [name for name, body in template.get("Parameters", {}).items() if "Default" not in body]
    backend = {"template": template, "parameters": dict.fromkeys(open_ones, "value")}
    app = validated({"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, "backend": backend})
    return next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend")


def _expanded(read: Sequence[tuple[str, Rendered]]) -> Iterator[Outcome]:
    wanted = [
        {
            "template": rendered_stack.template,
            "parameters": dict(rendered_stack.parameters),
            "region": rendered_stack.region,
        }
        for _, rendered_stack in read
    ]
    for (name, stack), result in zip(read, translate(wanted) if wanted else [], strict=True):
        if "problems" in result:
            yield Outcome(file=name, problem="; ".join(result["problems"]))
            continue
        try:
            within_limits(
                [Rendered(stack="backend", name=name, region=stack.region, template=result["template"], body="")]
            )
        except StacksError as error:
            yield Outcome(file=name, problem=str(error))
        else:
            yield Outcome(file=name)


def fixtures(into: Path) -> Path:
    """The templates of cfn-lint's tests, fetched into a folder."""
    subprocess.run([uv.find_uv_bin(), *_FETCH, "--dest", str(into), f"cfn-lint=={CFN_LINT}"], check=True)
    with tarfile.open(next(into.glob("*.tar.gz"))) as packed:
        packed.extractall(into, filter="data")
    return into / f"cfn_lint-{CFN_LINT}/test/fixtures/templates"


def report(folder: Path) -> None:
    """Print each file that does not load with its reason, and the count."""
    results = sorted(outcomes(folder), key=lambda outcome: outcome.file)
    lines = [f"{outcome.file}: {outcome.problem}" for outcome in results if outcome.problem]
    count = f"{len(results) - len(lines)} of {len(results)} SAM templates load"
    sys.stdout.write("\n".join([*lines, count, ""]))


if __name__ == "__main__":
    if sys.argv[1:]:
        report(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            report(fixtures(Path(temporary)))
