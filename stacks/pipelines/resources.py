"""Pipelines of a stage → resources of its base template. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.pipelines import shared
from stacks.pipelines.building import build_project, publish_project
from stacks.pipelines.delivery import pipeline
from stacks.pipelines.line import lines
from stacks.roles import deploy_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from troposphere import Template

    from stacks.app import App, Pipelines, Stage
    from stacks.rendering import Rendered


def add_pipelines(made: Template, app: App, stage: Stage, pipelines: Pipelines, rendered: Sequence[Rendered]) -> None:
    """Add everything that deploys ``rendered``, the stacks of the stage but base, in the order they are deployed.

    Raises:
        StacksError: for a template that no deploy role can be derived from.
    """
    found = lines(app, stage, rendered)
    connection, resources = shared.connection(app, stage, pipelines)
    resources.append(shared.key(app, stage, pipelines))
    for line in found:
        for one in line.stacks:
            resources += deploy_role(app, stage, one)
        resources += build_project(line, pipelines, rendered)
        if line.family == "frontend":
            resources += publish_project(line, pipelines, rendered)
        resources += pipeline(line, pipelines, connection)
    if pipelines.source == "codecommit":
        resources += shared.starter(app, stage, pipelines, found)
    if pipelines.notify:
        resources += shared.notices(app, stage, pipelines.notify, found)
    for resource in resources:
        made.add_resource(resource)
