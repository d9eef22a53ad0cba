"""A description → the workflow file of a CI service, as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from stacks.ci import bitbucket, github, gitlab
from stacks.ci.scripts import deliveries
from stacks.errors import UsageError

if TYPE_CHECKING:
    from stacks.app import App

USUAL = {
    "github": ".github/workflows/deploy.yml",
    "gitlab": ".gitlab-ci.yml",
    "bitbucket": "bitbucket-pipelines.yml",
}
"""Service → where it looks for its workflow."""
_ONE_LINE = 1_000
"""Characters of a line: commands are not folded."""
_REPOSITORY = {"github": "owner/name", "gitlab": "group/project", "bitbucket": "{repository: workspace/name, …}"}
_MAKERS = {"github": github.workflow, "gitlab": gitlab.pipeline, "bitbucket": bitbucket.pipeline}


def workflow(app: App, service: str, program: str) -> str:
    """The workflow that deploys the stages whose ``base.ci`` names the service; ``program`` is how it calls us.

    Raises:
        UsageError: no stage names it.
    """
    results = deliveries(app, service)
    if not results:
        others = sorted({stage.base.ci.service for stage in app.stages.values() if stage.base.ci})
        what = f"no stage is deployed by {service}{f', but by {others[0]}' if others else ''}"
        fix = (
            f"Run 'ci {others[0]}'"
            if others
            else f"Describe 'base: {{ci: {{{service}: {_REPOSITORY[service]}}}}}' for a stage"
        )
        raise UsageError(f"ci {service}", what, fix)
    head = (
        f"# Deploys {', '.join(delivery.stage.name for delivery in results)} of {app.name}. "
        f"Written by '{program} ci {service}';\n"
        "# write it again after 'base.ci' or the stages changed.\n"
    )
    result = _MAKERS[service](results, program)
    return head + _with_releases(yaml.dump(result, Dumper=_Plain, sort_keys=False, width=_ONE_LINE))


def _with_releases(text: str) -> str:
    """Name the release behind each pinned commit, and write ``on`` as people do."""
    for commit, release in github.ACTIONS.values():
        text = text.replace(f"@{commit}\n", f"@{commit} # {release}\n")
    return text.replace("\n'on':", "\non:")


class _Plain(yaml.SafeDumper):
    """Writes texts of several lines as they are, and no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """See ``yaml.SafeDumper``."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Plain.add_representer(str, _text)
