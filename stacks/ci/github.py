"""Stages → a workflow of GitHub Actions, as plain data and as text. Pure.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.ci import scripts
from stacks.ci.names import DEPLOYER, PLANNER, PREVIEWER, role_arn
from stacks.pipelines.release import ARCHIVE, DIGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.ci.scripts import Delivery, Script
    from stacks.json_types import JsonDict

ACTIONS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
}
"""Action → the commit of a release, which cannot move, and the release. As of August 2026."""
ACCOUNT = "${{ vars.AWS_ACCOUNT_ID }}"
"""A variable of the repository, for stages that do not name their account."""
_MACHINE = "ubuntu-24.04"
_NUMBER = "${{ github.event.number }}"
_ADDRESS = f'echo "url=$(cat {scripts.PREVIEW_URL})" >> "$GITHUB_OUTPUT"\n'
_OWN = "github.event.pull_request.head.repo.full_name == github.repository"
_READ = {"contents": "read"}
_SIGN_IN = {**_READ, "id-token": "write"}
_HAND_ON = """cat .build/plans/*.md > .build/plan.md
end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
{ echo "changes<<$end"; head -c LONGEST .build/plan.md; echo; echo "$end"; } >> "$GITHUB_OUTPUT"
""".replace("LONGEST", str(scripts.LONGEST))
_COMMENT = """printf '%s\\n\\n%s' "$MARK" "$TEXT" > comment.md
ours='.[] | select(.user.login == "github-actions[bot]") | select(.body | startswith(env.MARK)) | .id'
comments="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"
id=$(gh api --paginate "$comments" --jq "$ours" | sed -n 1p)
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field body=@comment.md --silent
else
  gh pr comment "$NUMBER" --repo "$GITHUB_REPOSITORY" --body-file comment.md
fi
"""
"""A comment begins with a mark that is not shown, by which the next run finds it."""
_PULL_REQUEST = f"github.event_name == 'pull_request' && {_OWN}"
_OPEN, _CLOSED = "github.event.action != 'closed'", "github.event.action == 'closed'"


def workflow(deliveries: Sequence[Delivery], program: str) -> JsonDict:
    """Tests, a plan as a comment of each pull request, a release, and its deployment to each stage, in their order."""
    branches = sorted({entry.ci.branch for entry in deliveries})
    app = deliveries[0].stage.app_name
    jobs = {"test": _test(deliveries[0]), "plan": _plan(deliveries, program)}
    jobs["comment"] = _comment(f"{app}: plan", "plan", "${{ needs.plan.outputs.changes }}")
    pulls: JsonDict = {"branches": branches}
    if some := scripts.previewed(deliveries):
        pulls["types"] = ["opened", "synchronize", "reopened", "closed"]
        jobs["test"] = {"if": _OPEN, **jobs["test"]}
        jobs["plan"]["if"] += f" && {_OPEN}"
        for delivery in some:
            jobs |= _preview_jobs(delivery, program, several=len(some) > 1)
    return {
        "name": f"Deploy {app}",
        "on": {"pull_request": pulls, "push": {"branches": branches}},
        "permissions": {},
        "defaults": {"run": {"shell": "bash"}},
        "jobs": {
            **jobs,
            **{job: _build(job, some, program) for job, some in scripts.released(deliveries).items()},
            **{f"deploy-{entry.stage.name}": _deploy(entry, deliveries, program) for entry in deliveries},
        },
    }


def _test(first: Delivery) -> JsonDict:
    steps = [
        *_checkout(),
        *_run(scripts.install_script(first.ci), scripts.build_script(first.ci), scripts.test(first.ci)),
    ]
    return {"runs-on": _MACHINE, "permissions": _READ, "steps": steps}


def _plan(deliveries: Sequence[Delivery], program: str) -> JsonDict:
    """A fork's pull requests get no token, and are not planned."""
    steps: list[JsonDict] = []
    for delivery in deliveries:
        same = f"github.base_ref == '{delivery.ci.branch}'"
        if len({other.ci.branch for other in deliveries}) == 1:
            same = ""
        planned = [_credentials(delivery, PLANNER), *_run(scripts.plan(delivery, program))]
        steps += [{**step, "if": same} if same else step for step in planned]
    message = {"name": "Hand on the plan", "id": "plan", "if": "${{ !cancelled() }}", "run": _HAND_ON}
    return {
        "needs": "test",
        "if": _PULL_REQUEST,
        "runs-on": _MACHINE,
        "permissions": _SIGN_IN,
        "outputs": {"changes": "${{ steps.plan.outputs.changes }}"},
        "steps": [
            *_checkout(),
            *_run(scripts.install_script(deliveries[0].ci), scripts.build_script(deliveries[0].ci)),
            *steps,
            message,
        ],
    }


def _preview_jobs(delivery: Delivery, program: str, *, several: bool) -> JsonDict:
    """A stage for each pull request of the repository: deployed with each push to it, deleted when it is closed.

    A fork's pull requests get no token, and no preview.
    """
    name = f"preview-{delivery.stage.name}" if several else "preview"
    on_own_branch = f"{_PULL_REQUEST} && github.base_ref == '{delivery.ci.branch}'"
    group = scripts.preview_name(delivery).replace(f"${scripts.NUMBER}", _NUMBER)
    shared = {
        "runs-on": _MACHINE,
        "concurrency": {"group": f"{delivery.stage.app_name}-{group}", "cancel-in-progress": False},
        "permissions": _SIGN_IN,
        "env": {scripts.NUMBER: _NUMBER},
    }
    ready = [*_checkout(), *_run(scripts.install_script(delivery.ci))]
    deploy = [
        *_run(scripts.build_script(delivery.ci)),
        _credentials(delivery, PREVIEWER),
        *_run(scripts.preview_script(delivery, program)),
        {"name": "Hand on the address", "id": "address", "run": _ADDRESS},
    ]
    url = f"${{{{ needs.{name}.outputs.url }}}}"
    return {
        name: {
            "needs": "test",
            "if": f"{on_own_branch} && {_OPEN}",
            **shared,
            "outputs": {"url": "${{ steps.address.outputs.url }}"},
            "steps": [*ready, *deploy],
        },
        f"{name}-comment": _comment(f"{delivery.stage.app_name}: {name}", name, f"Preview: {url}", wanted="url"),
        f"{name}-end": {
            "if": f"{on_own_branch} && {_CLOSED}",
            **shared,
            "steps": [*ready, _credentials(delivery, PREVIEWER), *_run(scripts.preview_end_script(delivery, program))],
        },
    }


def _comment(mark: str, job: str, text: str, wanted: str = "changes") -> JsonDict:
    """A job of its own: what may write to the pull request runs none of its code."""
    environment = {
        "GH_TOKEN": "${{ github.token }}",
        "NUMBER": _NUMBER,
        "MARK": f"<!-- {mark} -->",
        "TEXT": text,
    }
    return {
        "needs": job,
        "if": f"${{{{ !cancelled() && needs.{job}.outputs.{wanted} }}}}",
        "runs-on": _MACHINE,
        "permissions": {"pull-requests": "write"},
        "steps": [{"name": "Comment", "env": environment, "run": _COMMENT}],
    }


def _build(job: str, some: Sequence[Delivery], program: str) -> JsonDict:
    """Build once what the deployments take, in a job without credentials; the digest is the job's output."""
    first = some[0].ci
    packed = _run(scripts.install_script(first), scripts.build_script(first), scripts.release(some, program))
    packed[-1] |= {"id": "release", "run": f'{packed[-1]["run"]}echo "sha256=${DIGEST}" >> "$GITHUB_OUTPUT"\n'}
    kept = {"name": job, "path": ARCHIVE, "include-hidden-files": True, "if-no-files-found": "error"}
    return {
        "needs": "test",
        "if": _pushed(some[0]),
        "runs-on": _MACHINE,
        "permissions": _READ,
        "outputs": {"sha256": "${{ steps.release.outputs.sha256 }}"},
        "steps": [*_checkout(), *packed, {"uses": _pinned("actions/upload-artifact"), "with": kept}],
    }


def _deploy(delivery: Delivery, deliveries: Sequence[Delivery], program: str) -> JsonDict:
    """Deploy what was built before the environment's approval: no checkout, no build."""
    job = scripts.release_of(delivery, deliveries)
    digest = {DIGEST: f"${{{{ needs.{job}.outputs.sha256 }}}}"}
    (unpacked,) = _run(scripts.take())
    steps = [
        _python(),
        {"uses": _pinned("actions/download-artifact"), "with": {"name": job, "path": ARCHIVE.rpartition("/")[0]}},
        {**unpacked, "env": digest},
        *_run(scripts.install_script(delivery.ci)),
        _credentials(delivery, DEPLOYER),
    ]
    return {
        "needs": [job, f"deploy-{delivery.after}"] if delivery.after else [job],
        "if": _pushed(delivery),
        "runs-on": _MACHINE,
        **({"environment": delivery.ci.environment} if delivery.ci.environment else {}),
        "concurrency": {"group": delivery.group, "cancel-in-progress": False},
        "permissions": _SIGN_IN,
        "steps": [*steps, *_run(scripts.deploy_script(delivery, program))],
    }


def _pushed(delivery: Delivery) -> str:
    return f"github.event_name == 'push' && github.ref == 'refs/heads/{delivery.ci.branch}'"


def _checkout() -> list[JsonDict]:
    return [{"uses": _pinned("actions/checkout"), "with": {"persist-credentials": False}}, _python()]


def _python() -> JsonDict:
    return {"uses": _pinned("actions/setup-python"), "with": {"python-version": scripts.PYTHON}}


def _credentials(delivery: Delivery, kind: str) -> JsonDict:
    arn = role_arn(kind, delivery.stage, delivery.stage.account or ACCOUNT)
    return {
        "uses": _pinned("aws-actions/configure-aws-credentials"),
        "with": {"role-to-assume": arn, "aws-region": delivery.stage.region},
    }


def _run(*script: Script | None) -> list[JsonDict]:
    return [{"name": entry.name, "run": entry.text} for entry in script if entry]


def _pinned(action: str) -> str:
    return f"{action}@{ACTIONS[action][0]}"
