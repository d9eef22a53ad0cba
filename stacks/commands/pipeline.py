"""``pipeline``: run a rendered pipeline on this machine, show the state of those in AWS, and a build's last step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, connected, endpoint, endpoint_of
from stacks.commands.common import described, root, stage
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.commands.template_files import parameter_file
from stacks.commands.undescribed import note, seen_undescribed
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.reads import digest_parameter
from stacks.errors import UsageError
from stacks.files import write_atomically
from stacks.forecast.report import markdown
from stacks.local.emulator import running, start
from stacks.pipelines import local, preparing
from stacks.pipelines.buildspec import OUT, question_file
from stacks.pipelines.pipeline import pipelines_of
from stacks.pipelines.preparing import brief, bring_up, digest, foretold
from stacks.pipelines.shell import clean_environment
from stacks.pipelines.steps import steps
from stacks.release.built import built_parameters
from stacks.release.code import code_keys
from stacks.rendering import render
from stacks.reporting import answer, done, event
from stacks.stages.rows import row
from stacks.stages.stacks import BASE
from stacks.text_table import table
from stacks.ui import Screen

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.aws.cloud import BotoCloud
    from stacks.local.emulator import Emulator
    from stacks.pipelines.pipeline import Pipeline
    from stacks.template.rendered import Rendered

_ACCOUNT = "000000000000"


def run(arguments: Namespace) -> int:
    """Do the action for the pipelines named, or for all of the stage."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    staged = [(chosen, rendered)]
    if arguments.action == "run":
        staged += [(entry, render(app, entry)) for entry in row(app, chosen)[1:]]
    every = pipelines_of([(entry, [stack for stack in stacks if stack.stack != BASE]) for entry, stacks in staged])
    pipelines = _named(arguments, chosen, every)
    if arguments.action != "status":
        keep_secret(secrets_of(arguments.app, app), rendered=rendered)
    if arguments.action == "prepare":
        return _prepare(arguments, chosen, rendered, pipelines)
    _refuse_later(chosen)
    if arguments.action == "status":
        return _status(arguments, chosen, rendered, pipelines)
    if not arguments.local:
        raise UsageError("pipeline run", "runs on this machine only", "Add --local; in AWS a push starts a pipeline")
    return _run(arguments, staged, every, pipelines)


def _named(arguments: Namespace, chosen: Stage, every: Sequence[Pipeline]) -> list[Pipeline]:
    known = [pipeline.key for pipeline in every]
    if not known:
        raise UsageError(f"stage {chosen.name}", "has no pipelines", "Describe them under 'base.pipelines'")
    unknown = [name for name in arguments.stacks if name not in known]
    if unknown:
        raise UsageError(", ".join(unknown), "there is no such pipeline", f"Name one of {', '.join(known)}")
    return [pipeline for pipeline in every if not arguments.stacks or pipeline.key in arguments.stacks]


def _refuse_later(chosen: Stage) -> None:
    if chosen.base.pipelines and chosen.base.pipelines.after:
        first = f"the pipelines of another stage go on to it, after {chosen.base.pipelines.after!r}"
        raise UsageError(f"stage {chosen.name}", first, "Name the first stage of the row")


def _without_pipeline(chosen: Stage, every: Sequence[Pipeline], rendered: Sequence[Rendered]) -> list[str]:
    """Base, and the stacks that those with a pipeline read from, directly or not, and that have none: a person's."""
    piped = {
        stack.stack
        for pipeline in every
        for pipeline_stage in pipeline.stages
        if pipeline_stage.stage is chosen
        for stack in pipeline_stage.stacks
    }
    by_name, needed, more = {stack.stack: stack for stack in rendered}, set[str](), {BASE, *piped}
    while more:
        needed |= more
        more = {other for stack in more for other in by_name[stack].needs} - needed
    return [stack.stack for stack in rendered if stack.stack in needed - piped]


def _prepare(arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered], pipelines: Sequence[Pipeline]) -> int:
    """Report the changes, upload the code, and give parameter files the digest of what is read in other regions.

    Stacks that left the description are reported in the log and in each question.
    """
    target = cloud(chosen, endpoint(arguments))
    folder = root(arguments)
    parameters = built_parameters(folder, chosen)
    allowed = chosen.base.pipelines.allow_replacement if chosen.base.pipelines else ()
    coming: dict[str, str] = {}
    left = seen_undescribed(chosen, rendered, target)
    print("".join(f"{note(stack)}\n" for stack in left), end="")
    for rendered_stack in (stack for pipeline in pipelines for stack in pipeline.stacks):
        reads = digest_parameter(
            rendered_stack.name, rendered_stack.template, rendered_stack.region, target, coming=coming
        )
        values = {**parameters.get(rendered_stack.stack, {}), **reads}
        preparing.refuse_several_moves(rendered_stack, target)
        preparing.refuse_renamed_parameters(rendered_stack, target)
        changes = foretold(rendered_stack, values, allowed, target, print)
        print(markdown([changes]))
        event("changes_foreseen", stack=rendered_stack.stack, markdown=markdown([changes]))
        write_atomically(
            folder / question_file(chosen.name, rendered_stack.stack),
            brief(changes, [stack.name for stack in left]).encode(),
        )
        code = code_keys(chosen, {rendered_stack.stack: parameters.get(rendered_stack.stack, {})})
        bring_up(rendered_stack, code, folder / ".build", target, print)
        coming[rendered_stack.name] = digest(rendered_stack.body, values)
        out = folder / OUT / chosen.name
        write_atomically(
            out / f"{rendered_stack.stack}.parameters.json", parameter_file({**rendered_stack.parameters, **values})
        )
    done(stacks=[stack.stack for pipeline in pipelines for stack in pipeline.stacks])
    return 0


def _status(arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered], pipelines: Sequence[Pipeline]) -> int:
    from stacks.aws.pipelines import PipelineCloud  # noqa: PLC0415 - brings boto3

    target = connected(PipelineCloud, chosen, endpoint(arguments))
    base = next(stack for stack in rendered if stack.stack == BASE)
    rows = [(pipeline.name, *target.standing(pipeline.name)) for pipeline in pipelines]
    waiting = target.waiting_connection(base.name, chosen)
    heads = ("pipeline", "stage", "state", "because")
    answer(
        {"pipelines": [dict(zip(heads, row, strict=True)) for row in rows], "waiting_connection": waiting},
        lambda: table(rows, heads),
    )
    if waiting:
        print(f"The connection {waiting} still waits for its handshake: complete it in the console, under Developer")
        print("Tools, Settings, Connections. Until then no pipeline can read the repository.")
    return 0


def _run(
    arguments: Namespace,
    staged: Sequence[tuple[Stage, Sequence[Rendered]]],
    every: Sequence[Pipeline],
    pipelines: Sequence[Pipeline],
) -> int:
    chosen, rendered = staged[0]
    base = next(stack for stack in rendered if stack.stack == BASE)
    abroad = [item.name for item, _ in staged if item.account != chosen.account]
    if abroad:
        print(f"In another account, and not run here: {', '.join(abroad)}")
    plans = {
        pipeline.name: [step for step in steps(base.template, pipeline.id("Pipeline")) if step.stage not in abroad]
        for pipeline in pipelines
    }
    emulator = _emulator(arguments, chosen)
    target = cloud(chosen, endpoint_of(emulator))
    for entry, stacks in reversed(staged):
        if entry.name not in abroad:
            bucket = _deploy(stacks, _without_pipeline(entry, every, stacks), target)
    for name, plan in plans.items():
        print(f"\n{name}")
        with tempfile.TemporaryDirectory(prefix="pipeline-") as work, Screen() as screen:
            folder = Path(work)
            shop = local.RunContext(
                repository=_repository(root(arguments), chosen),
                work=folder,
                logs=root(arguments) / ".build" / "pipelines",
                region=chosen.region,
                bucket=bucket,
                environment=_environment(folder, emulator, chosen),
                cloud=target,
                say=print,
                watch=screen.show,
            )
            local.run(name, plan, shop)
    print(f"\nSite   {emulator.site_url}/\nAWS    {emulator.endpoint_url}")
    done(pipelines=list(plans), site=f"{emulator.site_url}/", endpoint_url=emulator.endpoint_url)
    return 0


def _repository(folder: Path, chosen: Stage) -> Path:
    """The top of the repository; the description may be in a folder of it.

    Raises:
        UsageError: it is in another folder than ``base.pipelines.folder`` names.
    """
    relative = Path((chosen.base.pipelines and chosen.base.pipelines.folder) or ".")
    here = folder.resolve()
    top = here.parents[len(relative.parts) - 1] if relative.parts else here
    if top / relative != here:
        fix = "Write the path of its folder from the repository's top"
        raise UsageError("base.pipelines.folder", f"is {relative}, and app.yaml is in {here.name}", fix)
    return top


def _emulator(arguments: Namespace, chosen: Stage) -> Emulator:
    """The local AWS of the project, started when it does not run; it goes on afterwards."""
    home = root(arguments) / ".local"
    emulator = running(home)
    if emulator is None:
        account = chosen.account or _ACCOUNT
        return start(region=chosen.region, account=account, home=home, say=print, detached=True)
    if emulator.region != chosen.region:
        what = f"runs in {emulator.region}, stage {chosen.name} is in {chosen.region}"
        raise UsageError("the local AWS", what, "End it first: 'local stop'")
    return emulator


def _deploy(rendered: Sequence[Rendered], only: Sequence[str], target: BotoCloud) -> str | None:
    """Deploy some stacks as a person would; return the bucket of artifacts."""
    with Screen() as screen:
        outputs = deploy(make_plan(rendered, only=only), target, screen.show)
    return outputs["base"].get("ArtifactBucketName")


def _environment(work: Path, emulator: Emulator, chosen: Stage) -> dict[str, str]:
    home = work / "home"
    home.mkdir()
    aws = {
        "AWS_ENDPOINT_URL": emulator.endpoint_url,
        "AWS_ACCESS_KEY_ID": emulator.key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret,
        "AWS_DEFAULT_REGION": chosen.region,
    }
    return clean_environment(home, os.environ, aws)
