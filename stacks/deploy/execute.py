"""Runs a plan with a ``Cloud`` and reports to a callback. Prints nothing, owns no clock.

Steps that need the stack of a failed step are skipped; the others are done, and one ``DeployError`` at the end lists
every failure. So a run continues after a failure, and shows all failures at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from stacks.cloud import Submission
from stacks.deploy.adoption import with_plain_names
from stacks.deploy.apply import DeployInterrupted, apply, vacate
from stacks.deploy.bucket_first import foundation
from stacks.deploy.code import bring, verify
from stacks.deploy.parallel import SideBySide
from stacks.deploy.plan import DeployStack, UploadArtifact
from stacks.deploy.protection import guard, report_unguarded
from stacks.deploy.readers import refuse_dropped
from stacks.deploy.reads import digest_parameter, refuse_unpublished
from stacks.deploy.route_steps import free_parameters
from stacks.deploy.table_steps import move_parts
from stacks.deploy.taken_back import bring_up_to_date
from stacks.errors import DeployError
from stacks.limits import INLINE_BYTES
from stacks.progress import BucketFirst, NotTried, StackFailed, StackStarted, Uploaded
from stacks.publishing.publish import publish
from stacks.publishing.step import Publish
from stacks.publishing.target import files_of, report_site, target_of, together
from stacks.template.emit import yaml_text
from stacks.wiring import ARTIFACT_BUCKET, Output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stacks.cloud import ChangeSet, Cloud, StackState
    from stacks.deploy.apply import Confirm
    from stacks.deploy.lock import Lock
    from stacks.deploy.plan import Plan, Step
    from stacks.errors import Problem
    from stacks.json_types import JsonDict
    from stacks.progress import Watch
    from stacks.publishing.sites import SiteObject
    from stacks.template.rendered import Rendered

__all__ = ["How", "deploy"]


def agree(_: ChangeSet) -> bool:
    """Agree to every change set."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a plan is carried out."""

    lock: Lock | None = None
    """Keeps other deploys of the stage out, from the moment that its bucket exists."""
    parallel: bool = False
    """Steps that do not need each other are done at the same time."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Stack → ARN of the role that CloudFormation deploys it with. A caller with roles may not protect stacks."""
    express: bool = False
    """CloudFormation returns when resources are configured, before they are ready; see ``Submission``."""


_PLAINLY = How()


def deploy(  # noqa: PLR0913 - two of them have a plain default
    plan: Plan,
    cloud: Cloud,
    watch: Watch,
    *,
    account: str | None = None,
    confirm: Confirm = agree,
    how: How = _PLAINLY,
) -> dict[str, dict[str, str]]:
    """Carry out a plan, and return the outputs of the stage's deployed stacks: stack key → output → value.

    Args:
        plan: What is to be done.
        cloud: The account to do it in.
        watch: Called with each event (``stacks.progress``).
        account: The account the stage is meant for, 12 digits: credentials of another one are refused.
        confirm: Asked before each change set; "no" leaves that stack, and those that need it, as they are.
        how: Whether stacks are deployed in parallel, the lock to take, the roles to use.

    Raises:
        DeployError: with every failure. Missing files and a wrong account are found before anything is changed.
        DeployInterrupted: for Ctrl-C while a stack was at work.

    >>> from stacks import App, MemoryCloud, Stage, plan, render
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> outputs = deploy(plan(render(app, app.stages["dev"])), MemoryCloud(), lambda event: None)
    >>> outputs["base"]["ArtifactBucketName"]
    'shop-dev-code-111111111111-eu-west-1-an'
    """
    files = _read_files(plan)
    check_account(cloud, account)
    refuse_dropped(plan, cloud)
    side_by_side = SideBySide(plan.steps, watch, confirm) if how.parallel else None
    run = _Run(
        plan,
        cloud,
        side_by_side.watch if side_by_side else watch,
        side_by_side.confirm if side_by_side else confirm,
        files,
        how,
    )
    run.take_lock()
    if side_by_side:
        side_by_side.run(run.attempt)
    else:
        for step in plan.steps:
            run.attempt(step)
    if problems := [problem for step in plan.steps for problem in run.problems.pop(step.stack, ())]:
        raise DeployError.of(tuple(problems))
    return outputs(plan.stacks, cloud)


def outputs(rendered: Sequence[Rendered], cloud: Cloud) -> dict[str, dict[str, str]]:
    """Return the outputs of each deployed stack, by stack key."""
    states = {stack.stack: cloud.stack(stack.name, stack.region) for stack in rendered}
    return {stack: dict(state.outputs) for stack, state in states.items() if state}


def deployed_artifact_bucket(rendered: Sequence[Rendered], cloud: Cloud) -> str | None:
    """Return the stage's artifact bucket; ``None`` while base is not deployed."""
    return outputs(rendered, cloud).get(ARTIFACT_BUCKET.stack, {}).get(ARTIFACT_BUCKET.name)


def check_account(cloud: Cloud, account: str | None) -> None:
    """Raise ``DeployError`` when the credentials do not work, or are for another account than the stage's."""
    actual = cloud.account()
    if account and actual != account:
        what = f"the stage belongs to account {account}, the credentials to account {actual}"
        raise DeployError("credentials", what, "Choose the right profile with AWS_PROFILE, or correct the stage")


def _read_files(plan: Plan) -> tuple[SiteObject, ...]:
    for step in plan.steps:
        if isinstance(step, UploadArtifact) and not step.path.is_file():
            raise DeployError(str(step.path), "the packaged code was not found", "Package it again")
    return tuple(file for step in plan.steps if isinstance(step, Publish) for file in files_of(step))


class _Run:
    """One run of a plan, with the stacks that have failed so far."""

    def __init__(  # noqa: PLR0913, PLR0917 - what deploy was given
        self,
        plan: Plan,
        cloud: Cloud,
        watch: Watch,
        confirm: Confirm,
        files: tuple[SiteObject, ...],
        how: How,
    ) -> None:
        self._cloud, self._watch, self._confirm, self._files, self._how = cloud, watch, confirm, files, how
        self._stacks = {stack.stack: stack for stack in plan.stacks}
        self._failed: set[str] = set()
        self.problems: dict[str, list[Problem]] = {}

    def take_lock(self) -> None:
        """Take the lock of the stage, once the bucket that holds it exists."""
        bucket = self._outputs_of(ARTIFACT_BUCKET.stack).get(ARTIFACT_BUCKET.name) if self._how.lock else None
        if self._how.lock and bucket:
            self._how.lock.take(bucket, list(self._stacks.values()))

    def attempt(self, step: Step) -> None:
        """Do a step, unless one that it needs has failed. A failure is recorded, not raised."""
        if because := next((stack for stack in step.needs if stack in self._failed), None):
            self._failed.add(step.stack)
            self._watch(NotTried(stack=step.stack, what=_title(step), because=because))
            return
        try:
            self._do(step)
        except DeployInterrupted:
            raise
        except DeployError as error:
            self._failed.add(step.stack)
            self.problems.setdefault(step.stack, []).extend(error.problems)
            self._watch(StackFailed(stack=step.stack, problems=error.problems))

    def _do(self, step: Step) -> None:
        match step:
            case UploadArtifact():
                self._upload(step.key, step.path)
            case DeployStack():
                self._deploy(step)
            case Publish():
                self._publish(step)
            case _:
                assert_never(step)

    def _upload(self, key: str, path: Path) -> None:
        bucket = self._value(ARTIFACT_BUCKET)
        fresh = bring(key, path, bucket, self._cloud)
        self._watch(Uploaded(key=key, size=path.stat().st_size, fresh=fresh))

    def _deploy(self, step: DeployStack) -> None:
        stack = step.rendered
        self._watch(StackStarted(stack=stack.stack, name=stack.name, region=stack.region))
        self._check_artifacts(step)
        state = vacate(stack.stack, self._cloud.stack(stack.name, stack.region), self._cloud, self._watch)
        refuse_unpublished(stack.name, stack.template, stack.region, self._cloud)
        template, body = self._plain_template(stack, creates=state is None)
        submission = Submission(
            name=stack.name,
            region=stack.region,
            template=template,
            body=body,
            parameters={**step.parameters, **digest_parameter(stack.name, stack.template, stack.region, self._cloud)},
            creates=state is None,
            express=self._how.express,
            role=self._how.roles.get(stack.stack),
            bucket=self._outputs_of(ARTIFACT_BUCKET.stack).get(ARTIFACT_BUCKET.name),
        )
        free_parameters(stack.stack, submission, self._cloud, self._watch, self._confirm)
        move_parts(stack.stack, submission, self._cloud, self._watch, self._confirm)
        submission, first = self._with_bucket(stack, submission)
        rest = apply(stack.stack, submission, self._cloud, self._watch, self._confirm)
        update = replace(submission, template=dict(stack.template), body=stack.body)
        bring_up_to_date(stack.stack, update, {*first, *(rest or ())}, self._cloud, self._watch, self._confirm)
        if settled := self._cloud.stack(stack.name, stack.region):
            self._guard(stack, settled)
        if stack.stack == ARTIFACT_BUCKET.stack:
            self.take_lock()

    def _guard(self, stack: Rendered, settled: StackState) -> None:
        if self._how.roles:
            report_unguarded(stack.stack, settled, stack.template, self._watch)
        else:
            guard(stack.stack, settled, stack.template, self._cloud, self._watch)

    def _with_bucket(self, stack: Rendered, submission: Submission) -> tuple[Submission, tuple[str, ...]]:
        """Create the bucket of a new base stack whose template is too large for a call; nothing for others.

        Returns the submission that is left, and the logical ids of what was imported.
        """
        small = len(submission.body.encode()) <= INLINE_BYTES
        first = None if small or submission.bucket or not submission.creates else foundation(submission.template)
        if first is None or stack.stack != ARTIFACT_BUCKET.stack:
            return submission, ()
        self._watch(BucketFirst(stack=stack.stack, size=len(submission.body.encode()), limit=INLINE_BYTES))
        declared = first.get("Parameters", {})
        parameters = {name: value for name, value in submission.parameters.items() if name in declared}
        start = replace(submission, template=first, body=yaml_text(first), parameters=parameters)
        adopted = apply(stack.stack, start, self._cloud, self._watch, self._confirm)
        bucket = self._value(ARTIFACT_BUCKET)
        return replace(submission, creates=False, adopts=True, bucket=bucket), adopted or ()

    def _publish(self, step: Publish) -> None:
        target = target_of(step, {stack: self._outputs_of(stack) for stack in step.needs})
        local = together(self._files, target.generated)
        done = publish(local, self._cloud, self._watch, bucket=target.bucket, distribution=target.distribution)
        report_site(done, step, self._watch)

    def _check_artifacts(self, step: DeployStack) -> None:
        for key in step.artifacts:
            bucket = self._value(ARTIFACT_BUCKET)
            if not self._cloud.has(bucket, key):
                what = f"its code {key} is not in bucket {bucket}"
                raise DeployError(step.rendered.name, what, "Deploy again: the code is then uploaded first")
            verify(key, bucket, self._cloud)

    def _plain_template(self, stack: Rendered, *, creates: bool) -> tuple[JsonDict, str]:
        if not creates:
            return dict(stack.template), stack.body
        template = with_plain_names(dict(stack.template), self._cloud.account(), stack.region, stack.name)
        return template, stack.body if template == stack.template else yaml_text(template)

    def _outputs_of(self, stack: str) -> dict[str, str]:
        rendered_stack = self._stacks.get(stack)
        state = self._cloud.stack(rendered_stack.name, rendered_stack.region) if rendered_stack else None
        return state.outputs if state else {}

    def _value(self, output: Output) -> str:
        result = self._outputs_of(output.stack).get(output.name)
        if result is None:
            raise DeployError(
                output.stack, f"the deployed stack has no output {output.name}", f"Deploy {output.stack} first"
            )
        return result


def _title(step: Step) -> str:
    match step:
        case UploadArtifact():
            return f"upload of {step.key}"
        case DeployStack():
            return "stack"
        case Publish():
            return "static files"
        case _:
            assert_never(step)
