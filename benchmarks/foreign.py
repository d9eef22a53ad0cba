"""Counts how many templates of a public set load through the template path, and why the others do not.

    python benchmarks/foreign.py            cfn-lint's own fixtures, from its source package on PyPI
    python benchmarks/foreign.py FOLDER     any folder, such as tests/translator/input of the SAM translator

The SAM translator's source packages (1.10 to 1.115) carry no example inputs; cfn-lint's has some, beside hundreds of
plain templates. A template loads when it is read, written as our backend stack, and read again to the same data; one
with SAM's transform also has to be translated, offline. What is in ``bad`` is wrong on purpose.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uv

sys.path.insert(0, str(Path(__file__).parents[1]))

from stacks.errors import StacksError
from stacks.foreign.artifacts import uploaded
from stacks.foreign.reading import parse
from stacks.foreign.sam import is_sam, translate
from stacks.template.emit import yaml_text

CFN_LINT = "cfn-lint==1.58.0"
_REGION = "eu-west-1"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What became of one file: ``problem`` is empty when it loads; ``sam`` says that it asks for SAM's transform."""

    file: Path
    sam: bool
    problem: str


def fixtures(into: Path) -> Path:
    """cfn-lint's template fixtures, fetched from PyPI into a folder."""
    pip = [
        uv.find_uv_bin(),
        "tool",
        "run",
        "--quiet",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
    ]
    subprocess.run([*pip, "--dest", str(into), CFN_LINT], check=True)
    with tarfile.open(next(into.glob("*.tar.gz"))) as packed:
        packed.extractall(into, filter="data")
    return next(into.glob("cfn_lint-*/test/fixtures/templates"))


def count(folder: Path) -> list[Counted]:
    """Load every template of ``folder``."""
    made: list[Counted] = []
    asked: list[tuple[Path, dict[str, Any]]] = []
    for file in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml"), *folder.rglob("*.json")]):
        try:
            template = _loaded(file)
        except StacksError as error:
            made.append(Counted(file=file, sam=_mentions_sam(file), problem=error.problems[0].what))
            continue
        if is_sam(template):
            asked.append((file, template))
        else:
            made.append(Counted(file=file, sam=False, problem=""))
    wanted = [{"template": one, "parameters": _values(one), "region": _REGION} for _, one in asked]
    for (file, _), answer in zip(asked, translate(wanted), strict=True):
        made.append(Counted(file=file, sam=True, problem="; ".join(answer.get("problems", []))))
    return made


def _values(template: dict[str, Any]) -> dict[str, str]:
    """A value for each parameter without a default, as ``backend.parameters`` would give one."""
    wanted = {name: body for name, body in (template.get("Parameters") or {}).items() if "Default" not in body}
    return {name: str(body.get("AllowedValues", ["live"])[0]) for name, body in wanted.items()}


def _loaded(file: Path) -> dict[str, Any]:
    template = uploaded(parse(file.read_text(encoding="utf-8", errors="replace"), where=file.name), "bucket")
    again = parse(yaml_text(template), where=file.name)
    if json.dumps(again, sort_keys=True) != json.dumps(template, sort_keys=True):
        raise StacksError(file.name, "reads differently once it is written", "Tell the authors")
    return template


def _mentions_sam(file: Path) -> bool:
    return b"AWS::Serverless-2016-10-31" in file.read_bytes()


def report(counted: list[Counted], folder: Path) -> str:
    """The counts, and the reason of each template that does not load."""
    lines = []
    for name, some in (
        ("SAM", [one for one in counted if one.sam]),
        ("plain", [one for one in counted if not one.sam]),
    ):
        good = sum(not one.problem for one in some)
        lines.append(f"{name}: {good} of {len(some)} load")
        lines += [f"  {one.file.relative_to(folder)}: {one.problem[:150]}" for one in some if one.problem]
    kinds = Counter(one.problem.partition(":")[0][:60] for one in counted if one.problem)
    return "\n".join([*lines, "reasons:", *(f"  {number} times: {kind}" for kind, number in kinds.most_common())])


def main() -> None:
    """Print the report on the folder of the command line, or on cfn-lint's fixtures."""
    if sys.argv[1:]:
        folder = Path(sys.argv[1])
        print(report(count(folder), folder))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = fixtures(Path(temporary))
        print(report(count(folder), folder))


if __name__ == "__main__":
    main()
