"""A rendered base template → what one of its pipelines does, step by step. Pure.

Reads the template as CloudFormation and CodePipeline would, not the description it was made from: what is wrong in the
template is wrong here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from stacks.errors import StacksError
from stacks.intrinsics.reading import UnreadableError, load
from stacks.intrinsics.references import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.json_types import JsonDict, JsonObject, TemplateData

_PHASES = ("install", "pre_build", "build", "post_build")
ActionPlace: TypeAlias = tuple[str, str]
"""An artifact and a path in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What every step is: an action of a stage."""

    stage: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSource(Action):
    """Make an artifact of the repository."""

    makes: str
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Build(Action):
    """Run the phases of a project's build specification on an artifact; files of it become others."""

    project: str
    phases: tuple[tuple[str, tuple[str, ...]], ...]
    takes: str
    makes: Mapping[str, tuple[str, ...]]
    """Artifact → patterns of its files."""
    variables: Mapping[str, str]
    """Variables of the environment → value, with ``#{namespace.NAME}`` in it."""
    exports: tuple[str, ...]
    """Variables of the shell that later actions read, as ``#{namespace.NAME}``."""
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(Action):
    """Make a change set."""

    stack: str
    region: str | None
    """None for the pipeline's own."""
    change_set: str
    template: ActionPlace
    configuration: ActionPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Action):
    """Wait for a person."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Action):
    """Execute a change set."""

    stack: str
    change_set: str


PipelineStep: TypeAlias = FetchSource | Build | Prepare | Approve | Execute


def steps(template: TemplateData, logical_id: str) -> tuple[PipelineStep, ...]:
    """The steps of a pipeline in the order CodePipeline runs them.

    Raises:
        StacksError: when the template has no such pipeline, or something of it cannot be understood.
    """
    pipeline = _resource(template, logical_id, "AWS::CodePipeline::Pipeline")
    return tuple(
        _step(template, stage["Name"], action)
        for stage in pipeline["Stages"]
        for action in sorted(stage["Actions"], key=lambda entry: int(entry.get("RunOrder", 1)))
    )


def _resource(template: TemplateData, logical_id: str, kind: str) -> JsonDict:
    body = template.get("Resources", {}).get(logical_id, {})
    if body.get("Type") != kind:
        fix = "Describe 'base.pipelines' for this stage, or render the base stack again"
        raise StacksError(f"base.Resources.{logical_id}", f"is not an {kind} of the base template", fix)
    properties: JsonDict = body["Properties"]
    return properties


def _step(template: TemplateData, stage: str, action: JsonObject) -> PipelineStep:
    message, name = action.get("Configuration", {}), action["Name"]
    match action["ActionTypeId"]["Provider"], message.get("ActionMode"):
        case (("CodeStarSourceConnection" | "CodeCommit"), _):
            result = action["OutputArtifacts"][0]["Name"]
            return FetchSource(stage=stage, action=name, makes=result, namespace=action.get("Namespace", ""))
        case "CodeBuild", _:
            return _build(template, stage, action)
        case "CloudFormation", "CHANGE_SET_REPLACE":
            return Prepare(
                stage=stage,
                action=name,
                stack=message["StackName"],
                region=action.get("Region"),
                change_set=message["ChangeSetName"],
                template=_place(message["TemplatePath"]),
                configuration=_place(message["TemplateConfiguration"]),
            )
        case "CloudFormation", "CHANGE_SET_EXECUTE":
            return Execute(stage=stage, action=name, stack=message["StackName"], change_set=message["ChangeSetName"])
        case "Manual", _:
            return Approve(stage=stage, action=name, question=message.get("CustomData", ""))
        case provider, mode:
            what = f"the action {name} of {provider} ({mode or 'no mode'}) cannot be run on this machine"
            raise StacksError(f"stage {stage}", what, "Leave it out, or run the pipeline in AWS")


def _place(text: str) -> ActionPlace:
    artifact, _, path = text.partition("::")
    return artifact, path


def _build(template: TemplateData, stage: str, action: JsonObject) -> Build:
    (logical_id,) = names(action["Configuration"]["ProjectName"])
    project = _resource(template, logical_id, "AWS::CodeBuild::Project")
    spec = _specification(project["Source"]["BuildSpec"], logical_id)
    variables = json.loads(action["Configuration"].get("EnvironmentVariables", "[]"))
    return Build(
        stage=stage,
        action=action["Name"],
        project=project["Name"],
        phases=tuple(_phases(spec)),
        takes=action["InputArtifacts"][0]["Name"],
        makes=_outputs(spec, [artifact["Name"] for artifact in action.get("OutputArtifacts", [])]),
        variables={variable["name"]: variable["value"] for variable in variables},
        exports=tuple(spec.get("env", {}).get("exported-variables", ())),
        namespace=action.get("Namespace", ""),
    )


def _outputs(spec: JsonObject, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Artifact → patterns of its files: of one artifact at the top, of several under their names.

    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-pipeline-multi-input-output.html
    """
    artifact = spec.get("artifacts", {})
    several = artifact.get("secondary-artifacts", {})
    return {name: tuple((artifact if len(names) == 1 else several.get(name, {})).get("files", ())) for name in names}


def _specification(text: str, logical_id: str) -> JsonDict:
    try:
        spec = load(text)
    except UnreadableError as error:
        where = f"base.Resources.{logical_id}.Source.BuildSpec"
        raise StacksError(where, f"is not YAML: {error}", "Correct it") from None
    return spec if isinstance(spec, dict) else {}


def _phases(spec: JsonObject) -> Iterator[tuple[str, tuple[str, ...]]]:
    phases = spec.get("phases", {})
    for name in _PHASES:
        if name in phases:
            yield name, tuple(phases[name].get("commands", ()))
