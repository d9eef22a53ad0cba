"""A pipeline → build specifications, as plain data that becomes part of the template. Pure.

They use nothing of AWS but what this project's own commands do, so that the same phases run on a laptop
(``stacks.pipelines.local``). What is published was built before the approval: the build packs its folder, its digest
goes through a variable of the pipeline, and the publication refuses another archive. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.naming import variable
from stacks.pipelines.installing import installing
from stacks.pipelines.release import ARCHIVE, DIGEST, pack, unpack
from stacks.template.emit import yaml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.json_types import JsonDict
    from stacks.pipelines.pipeline import Pipeline, PipelineStage
    from stacks.template.rendered import Rendered

OUT = "templates_out"
_PYTHON = "3.13"
_NODE = "22"
"""For npm alone: https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html"""
# The script is a project's own where it adds rules to lint; a project without one gets the plain command as it.
_SCRIPT = "test -f build.py || printf 'from stacks.cli import main\\nraise SystemExit(main())\\n' > build.py"


def build(pipeline: Pipeline, pipeline_stage: PipelineStage) -> str:
    """The commands that build a stage's templates, parameters and code from the source; the first stage's test it.

    They export the questions of the approvals: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
    """
    stage, key = pipeline_stage.stage.name, pipeline.key
    has_code = "code" in pipeline_stage.stack.publishes
    making = f"package --stage {stage} --check" if has_code else f"render --stage {stage}"
    commands = [
        *pipeline_stage.settings.build,
        *_as(pipeline, pipeline_stage, "Build"),
        f"python build.py lint --stage {stage}",
        *(f"python build.py permissions {stack.stack} --check --stage {stage}" for stack in pipeline_stage.stacks),
        f"python build.py {making}",
        f"python build.py pipeline prepare {key} --stage {stage}",
        *(f'export {question(stack)}="$(cat {question_file(stage, stack.stack)})"' for stack in pipeline_stage.stacks),
    ]
    files = [
        f"{inside(pipeline_stage)}{OUT}/{stage}/{stack.stack}{ending}"
        for stack in pipeline_stage.stacks
        for ending in (".yaml", ".parameters.json")
    ]
    tests = {"pre_build": [pipeline_stage.settings.tests]} if pipeline_stage.number == 1 else {}
    exports = [question(stack) for stack in pipeline_stage.stacks]
    artifacts: JsonDict = {"files": files}
    if pipeline_stage.publishes_files:
        commands += [*_back(pipeline_stage), *pack(inside(pipeline_stage))]
        exports.append(DIGEST)
        artifacts = {
            "secondary-artifacts": {pipeline_stage.build: artifacts, pipeline_stage.files: {"files": [ARCHIVE]}}
        }
    more = {"env": {"exported-variables": exports}, "artifacts": artifacts}
    return _text(pipeline_stage, {**tests, "build": commands}, more)


def publish(pipeline: Pipeline, pipeline_stage: PipelineStage) -> str:
    """The commands that upload the site's files from the archive of the build, and invalidate the CDN."""
    publishing = f"python build.py publish --stage {pipeline_stage.stage.name}"
    return _text(pipeline_stage, {"build": [*_as(pipeline, pipeline_stage, "Publish"), publishing]}, {}, first=unpack())


def inside(pipeline_stage: PipelineStage) -> str:
    """The folder of the description in the repository, closed by a slash; nothing at its top."""
    folder = pipeline_stage.settings.folder
    return f"{folder}/" if folder else ""


def _back(pipeline_stage: PipelineStage) -> list[str]:
    """Change from the description's folder to the repository's top: the phases of a build share one shell."""
    folder = pipeline_stage.settings.folder
    return [f"cd {'/'.join('..' for _ in folder.split('/'))}"] if folder else []


def _as(pipeline: Pipeline, pipeline_stage: PipelineStage, kind: str) -> list[str]:
    """Commands after which the shell acts as the role of the stage's account.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
    """
    if not pipeline.is_cross_account(pipeline_stage):
        return []
    name = f"{pipeline.path_of(pipeline_stage)}{pipeline.role_name(pipeline_stage, kind.lower())}"
    role = f"role_arn = arn:aws:iam::{pipeline_stage.stage.account}:role{name}"
    profile = f"[profile {pipeline_stage.stage.name}]\\n{role}\\ncredential_source = EcsContainer\\n"
    return [
        f"mkdir -p .build && printf '{profile}' > .build/aws",
        f"export AWS_CONFIG_FILE=.build/aws AWS_PROFILE={pipeline_stage.stage.name}",
    ]


def question(stack: Rendered) -> str:
    """The variable with the question of a stack's approval: ``BACKEND_CHANGES``."""
    return variable(stack.stack, "CHANGES")


def question_file(stage: str, stack: str) -> str:
    """Where ``pipeline prepare`` leaves what a person is asked."""
    return f".build/changes/{stage}/{stack}.txt"


def _text(
    pipeline_stage: PipelineStage, phases: dict[str, list[str]], more: JsonDict, *, first: Sequence[str] = ()
) -> str:
    folder = pipeline_stage.settings.folder
    entered = [f"cd {folder}"] if folder else []
    commands = [*first, *entered, *installing(pipeline_stage.settings.install), _SCRIPT]
    has_node = any(function.is_node for function in pipeline_stage.stage.backend.functions.values())
    versions = {"python": _PYTHON, **({"nodejs": _NODE} if has_node else {})}
    install = {"runtime-versions": versions, "commands": commands}
    rest = {name: {"commands": commands} for name, commands in phases.items()}
    return yaml_text({"version": 0.2, "phases": {"install": install, **rest}, **more})
