"""What ``deploy`` does and ``diff`` reports: a stage rendered and packaged, as one plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.commands.aws import endpoint
from stacks.commands.common import out, root
from stacks.commands.packaged import packaged
from stacks.deploy.plan import make_plan
from stacks.packaging import package
from stacks.release.code import bundles, code_parameters, packaged_code
from stacks.stages.stacks import stack_at
from stacks.transforms.sam import without_sam

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from stacks.app import Stage
    from stacks.deploy.plan import Plan
    from stacks.packaging import Artifact
    from stacks.publishing.step import Publish
    from stacks.template.rendered import Parameters, Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, with the whole stage as it is deployed, and the packaged code with the parameters that name it."""

    plan: Plan
    rendered: Sequence[Rendered]
    artifacts: tuple[Artifact, ...]
    parameters: Parameters


def planned(
    arguments: Namespace,
    chosen: Stage,
    rendered: Sequence[Rendered],
    publish: Publish | None,
    say: Callable[[str], None],
) -> Planned:
    """Package the code, unless the stacks that ``arguments`` names run none, and plan the deployment.

    With ``--packaged`` the code is what ``package`` left.

    ``say`` is given one sentence for everything that takes time.
    Raises ``PackagingError`` and ``DeployError`` for what could not be deployed, ``UsageError`` for unknown stacks.
    """
    artifacts: tuple[Artifact, ...] = ()
    parameters: Parameters = {}
    if not arguments.stacks or any("code" in stack_at(key, chosen).publishes for key in arguments.stacks):
        folder = root(arguments)
        if getattr(arguments, "packaged", False):
            artifacts, parameters = packaged(chosen, rendered, folder, out(arguments))
        else:
            target = endpoint(arguments).python
            artifacts = package(bundles(chosen, folder), root=folder, out=folder / ".build", target=target, say=say)
            parameters = code_parameters(chosen, rendered, artifacts)
    if endpoint(arguments).is_here:
        rendered = without_sam(rendered, parameters)
    code = packaged_code(parameters, artifacts)
    plan = make_plan(rendered, code=code, publish=publish, only=arguments.stacks)
    return Planned(plan=plan, rendered=rendered, artifacts=artifacts, parameters=parameters)
