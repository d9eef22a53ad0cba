"""A stage and its CI service → the shell commands of a workflow, the same for every service. Pure.

They use nothing of the service, so that they run one by one on any machine. A virtual environment is made in the
checkout by ``install_script``, and entered by each of the others. What is deployed after an approval was built before
it: ``release`` packs it, ``deploy_script`` takes it and builds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks import naming
from stacks.pipelines.installing import ENTER, installing
from stacks.pipelines.release import pack, unpack
from stacks.stages.rows import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.app import App, Stage
    from stacks.model.ci import Ci

PYTHON = "3.13"
NUMBER = "NUMBER"
"""The variable of the shell with the number of a pull request."""
PREVIEW_URL = ".build/preview.url"
"""Where the address of a preview is written."""
_ADDRESS = (
    'import json; found = json.load(open(".build/preview.json")); '
    'print(found.get("frontend", {}).get("SiteUrl") or found.get("backend", {}).get("ApiUrl", ""))'
)
LONGEST = 60_000
"""Bytes of a plan in a comment: GitHub takes 65,536 characters, other services more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A stage that a service deploys, and the stage of the same branch that has to be deployed before it."""

    stage: Stage
    ci: Ci
    after: str | None

    @property
    def group(self) -> str:
        """What only one run at a time is in: ``notes-dev``."""
        return naming.prefix(self.stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A step of a job: commands of one shell, which ends at the first that fails."""

    name: str
    commands: tuple[str, ...]

    @property
    def text(self) -> str:
        """The commands as lines."""
        return "\n".join(self.commands) + "\n"


def commands_of(*steps: Script | None) -> list[str]:
    """The commands of several steps as one list; None is a step that a job lacks."""
    return [command for step in steps if step for command in step.commands]


def deliveries(app: App, service: str) -> tuple[Delivery, ...]:
    """The stages that a service deploys, in the order of the description."""
    results: list[Delivery] = []
    for stage in app.stages.values():
        ci = stage.base.ci
        if ci and ci.service == service:
            before = [delivery.stage.name for delivery in results if delivery.ci.branch == ci.branch]
            results.append(Delivery(stage=stage, ci=ci, after=before[-1] if before else None))
    return tuple(results)


def install_script(ci: Ci) -> Script:
    """A virtual environment with this library and what the tests need."""
    return Script(name="Install", commands=installing(ci.install))


def test(ci: Ci) -> Script:
    """The application's tests."""
    return Script(name="Test", commands=(ENTER, ci.tests))


def build_script(ci: Ci) -> Script | None:
    """What the description names and the repository does not hold."""
    return Script(name="Build", commands=(ENTER, *ci.build)) if ci.build else None


def plan(delivery: Delivery, program: str) -> Script:
    """What a deployment would change, as Markdown in ``.build/plans``; what would fail is reported after it.

    ``diff`` ends with 3 or 4 when it found changes.
    """
    stage, file = delivery.stage.name, plan_file(delivery)
    return Script(
        name=f"Plan {stage}",
        commands=(
            ENTER,
            "mkdir -p .build/plans",
            *_packaged(delivery, program),
            f"printf '## %s\\n\\n' {stage} > {file}",
            f"{program} diff --stage {stage} --no-change-set --format markdown >> {file} || test $? -ge 3",
            f"cat {file}",
            f"{program} lint --stage {stage}",
            f"{program} permissions --check --stage {stage}",
        ),
    )


def released(results: Sequence[Delivery]) -> dict[str, tuple[Delivery, ...]]:
    """Name of a job → the stages whose release it builds: those of one branch, from one build.

    ``build``, or with several branches ``build-dev``, after the first stage of the branch.
    """
    branches = dict.fromkeys(delivery.ci.branch for delivery in results)
    groups = [tuple(delivery for delivery in results if delivery.ci.branch == branch) for branch in branches]
    return {"build" if len(groups) == 1 else f"build-{some[0].stage.name}": some for some in groups}


def release_of(delivery: Delivery, results: Sequence[Delivery]) -> str:
    """The name of the job that builds the release of a stage."""
    return next(job for job, some in released(results).items() if delivery in some)


def release(some: Sequence[Delivery], program: str) -> Script:
    """Package what is deployed to the stages, and pack it for the jobs after the approval.

    The digest is left in a variable of the shell (``stacks.pipelines.release``). Handlers are imported and called here,
    where there are no credentials.
    """
    results = [
        f"{program} package --stage {delivery.stage.name} --check"
        if _has_code(delivery)
        else f"{program} render --stage {delivery.stage.name}"
        for delivery in some
    ]
    return Script(name="Package", commands=(ENTER, *results, *pack()))


def take() -> Script:
    """Unpack the release, if it has the digest that the build reported."""
    return Script(name="Unpack", commands=tuple(unpack()))


def deploy_script(delivery: Delivery, program: str) -> Script:
    """Deploy the release. Without ``--yes`` and ``--allow-replacement``, what would lose data is refused."""
    stage = delivery.stage.name
    return Script(
        name=f"Deploy {stage}",
        commands=(
            ENTER,
            f"{program} lint --stage {stage}",
            f"{program} permissions --check --stage {stage}",
            f"{program} deploy --stage {stage} --deploy-roles --packaged --no-check",
        ),
    )


def previewed(results: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """The stages that previews are made from, one for each pull request."""
    return tuple(delivery for delivery in results if delivery.ci.previews)


def preview_name(delivery: Delivery) -> str:
    """The preview of a pull request, whose number the shell has as ``NUMBER``: ``pr-$NUMBER``."""
    return str(delivery.ci.previews).replace("*", f"${NUMBER}")


def preview_script(delivery: Delivery, program: str) -> Script:
    """Deploy the preview of a pull request, and leave its address in ``.build/preview.url``."""
    stage = preview_name(delivery)
    return Script(
        name="Deploy the preview",
        commands=(
            ENTER,
            "mkdir -p .build",
            f"{program} deploy --stage {stage} --deploy-roles",
            f"{program} outputs --stage {stage} --json > .build/preview.json",
            f"python -c '{_ADDRESS}' > {PREVIEW_URL}",
            f"cat {PREVIEW_URL}",
        ),
    )


def preview_end_script(delivery: Delivery, program: str) -> Script:
    """Delete the preview of a pull request, with its data and files."""
    command = f"{program} destroy --stage {preview_name(delivery)} --yes"
    return Script(name="Delete the preview", commands=(ENTER, command))


def plan_file(delivery: Delivery) -> str:
    """Where the plan of a stage is written."""
    return f".build/plans/{delivery.stage.name}.md"


def _packaged(delivery: Delivery, program: str) -> Sequence[str]:
    return [f"{program} package --stage {delivery.stage.name}"] if _has_code(delivery) else []


def _has_code(delivery: Delivery) -> bool:
    return any("code" in stack.publishes for stack in chosen(delivery.stage))
