"""``publish``: a stage's static files only: upload them, preview changes, list releases, restore one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, cognito, endpoint
from stacks.commands.common import described, root, stage
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.deploy.execute import check_account, outputs
from stacks.errors import UsageError
from stacks.publishing.publish import Restore, current_release, plan_publish, publish
from stacks.publishing.releases import numbers, read
from stacks.publishing.rollback import plan_rollback, rollback
from stacks.publishing.target import files_of, refuse_unrouted, report_site, target_of, together
from stacks.release.publication import publication
from stacks.rendering import render
from stacks.reporting import answer, done
from stacks.text_table import table
from stacks.ui import Screen

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from stacks.cloud import Cloud
    from stacks.publishing.publish import PublishPlan
    from stacks.publishing.step import Publish
    from stacks.publishing.target import Outputs, PublishTarget


def run(arguments: Namespace) -> int:
    """Publish, or what the options ask for instead; the stage's stacks must be there."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    step = publication(chosen, root(arguments), cognito_endpoint=cognito(endpoint(arguments)))
    if step is None:
        raise UsageError("publish", f"stage {chosen.name} has no static files", "Describe 'frontend.site' or 'static'")
    if not arguments.list and arguments.rollback is None:
        keep_secret(secrets_of(arguments.app, app), publish=step)
    target = cloud(chosen, endpoint(arguments))
    check_account(target, chosen.account)
    rendered = render(app, chosen)
    result = outputs(rendered, target)
    if arguments.list:
        return _listed(target_of(step, result), target)
    if arguments.rollback is None:
        (own,) = (stack for stack in rendered if stack.stack == step.stack)
        state = target.stack(own.name, own.region)
        refuse_unrouted(step, files_of(step), state.parameters if state else {})
    return _changed(arguments, step, result, target)


def _changed(arguments: Namespace, step: Publish, result: Outputs, target: Cloud) -> int:
    place, back = target_of(step, result), arguments.rollback is not None
    number = arguments.rollback or None
    if arguments.dry_run:
        listed = target.objects(place.bucket)
        if back:
            plan = plan_rollback(number, listed, target, bucket=place.bucket)
        else:
            current = current_release(target, place.bucket, listed)
            plan = plan_publish(together(files_of(step), place.generated), listed, current)
        answer({"operations": list(operations(plan))}, lambda: "\n".join(operations(plan)))
        return 0
    with Screen() as screen:
        if back:
            rollback(number, target, screen.show, bucket=place.bucket, distribution=place.distribution)
        else:
            wanted = together(files_of(step), place.generated)
            published = publish(wanted, target, screen.show, bucket=place.bucket, distribution=place.distribution)
            report_site(published, step, screen.show)
    done(bucket=place.bucket, distribution=place.distribution)
    return 0


def operations(plan: PublishPlan) -> Iterator[str]:
    """Print each operation of a plan, in the order it is done."""
    if plan.is_empty:
        yield "nothing to do"
        return
    for file in plan.puts:
        verb = "restore" if isinstance(file, Restore) else "put"
        yield f"{verb} {file.key} ({file.headers.content_type}; {file.headers.cache_control})"
    yield from (f"remove {key}" for key in plan.removed)
    yield from (f"invalidate {path}" for path in plan.forget)
    yield f"write release {plan.number}"


def _listed(place: PublishTarget, target: Cloud) -> int:
    known = numbers(target.objects(place.bucket))
    rows, data = [], []
    for number in known:
        release = read(target, place.bucket, number)
        note = "is served" if number == known[-1] else ""
        again = f"release {release.of} again" if release.of else ""
        data.append({"release": number, "files": len(release.files), "served": number == known[-1], "of": release.of})
        rows.append((str(number), str(len(release.files)), ", ".join(filter(None, (note, again)))))
    answer(data, lambda: table(rows, ("Release", "Files", "")) if rows else "No release yet.")
    return 0
