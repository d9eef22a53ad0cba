"""A line → build specifications, as plain data that becomes part of the template. Pure.

They use nothing of AWS but what this project's own commands do, so that the same phases run on a laptop
(``stacks.pipelines.local``). https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.template.emit import yaml_text

if TYPE_CHECKING:
    from stacks.app import Pipelines
    from stacks.pipelines.line import Line

OUT = "templates_out"
_PYTHON = "3.13"
# uv installs in seconds what takes pip minutes; a build that starts with each push pays for it every time.
_INSTALL = (
    "python -m venv .venv",
    ". .venv/bin/activate",
    "python -m pip install --quiet uv",
    "uv pip install --quiet --editable '.[dev]'",
)


def build(line: Line, pipelines: Pipelines) -> str:
    """What makes the templates, parameters and code of a line out of the source, having tested it."""
    stage, family = line.stage.name, line.family
    making = f"package --stage {stage} --check" if family == "backend" else f"render --stage {stage}"
    commands = [
        *pipelines.build,
        f"python build.py lint --stage {stage}",
        *(f"python build.py permissions {one.stack} --check --stage {stage}" for one in line.stacks),
        f"python build.py {making}",
        f"python build.py pipeline prepare {family} --stage {stage}",
    ]
    files = [f"{OUT}/{stage}/{one.stack}{ending}" for one in line.stacks for ending in (".yaml", ".parameters.json")]
    return _text({"pre_build": [pipelines.tests], "build": commands}, {"artifacts": {"files": files}})


def publish(line: Line, pipelines: Pipelines) -> str:
    """What brings up the site's files out of the source, and tells the CDN."""
    return _text({"build": [*pipelines.build, f"python build.py publish --stage {line.stage.name}"]}, {})


def _text(phases: dict[str, list[str]], more: dict[str, Any]) -> str:
    install = {"runtime-versions": {"python": _PYTHON}, "commands": list(_INSTALL)}
    rest = {name: {"commands": commands} for name, commands in phases.items()}
    return yaml_text({"version": 0.2, "phases": {"install": install, **rest}, **more})
