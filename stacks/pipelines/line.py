"""Rendered stacks → lines: what one pipeline deploys, and every name that its roles and resources share. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from troposphere import GetAtt, Join

from stacks import naming
from stacks.parts.policies import arn
from stacks.pipelines.rules import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from troposphere import Sub

    from stacks.app import App, Stage
    from stacks.rendering import Rendered

BUCKET = "ArtifactBucket"
KEY = "PipelineKey"
TOPIC = "PipelineTopic"
SOURCE, BUILD = "Source", "Build"
"""Names of the artifacts. CodePipeline cuts them to ten characters in keys, so they are short."""
_PART = re.compile(r"-\d+$")
_KEPT_IN_KEYS = 20
"""Characters of a pipeline's name that are surely in its artifacts' keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The pipeline of one stack, or of a stack that is spread over several."""

    family: str
    """``backend``: the stack, as the description calls it."""
    stacks: tuple[Rendered, ...]
    """In the order they are deployed."""
    app: App
    stage: Stage

    @property
    def name(self) -> str:
        """The pipeline: ``backend-notes-dev``.

        The stack comes first, unlike in all other names: a pipeline's artifacts lie under the first characters of its
        name, and IAM is to tell them from those of the other pipelines.
        """
        return f"{self.family}-{naming.prefix(self.app, self.stage)}"

    @property
    def project(self) -> str:
        """The CodeBuild project that builds: ``notes-dev-backend``."""
        return naming.stack_name(self.app, self.stage, self.family)

    def id(self, kind: str) -> str:
        """A logical id in the base template: ``BackendPipeline``."""
        return naming.logical_id(self.family, kind)

    def artifacts(self, name: str = "") -> Join:
        """The ARN of what the pipeline keeps in the artifact bucket, or of one of its artifacts."""
        inside = f"{name}/*" if name else "*"
        return Join("", [GetAtt(BUCKET, "Arn"), f"/{self.name[:_KEPT_IN_KEYS]}*/{inside}"])

    @property
    def arn(self) -> Sub:
        """The pipeline's ARN, known before it is there."""
        return arn("codepipeline", self.name)


def lines(app: App, stage: Stage, rendered: Sequence[Rendered]) -> tuple[Line, ...]:
    """The pipelines of a stage; ``rendered`` are its stacks but base, in the order they are deployed."""
    return tuple(
        Line(
            family=family,
            stacks=tuple(one for one in rendered if _PART.sub("", one.stack) == family),
            app=app,
            stage=stage,
        )
        for family in chosen(stage)
    )


def stack_arn(name: str, region: str = "${AWS::Region}") -> Sub:
    """The ARN of a CloudFormation stack, whatever id AWS gave it."""
    return arn("cloudformation", f"stack/{name}/*", region=region)
