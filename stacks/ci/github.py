"""Stages → a workflow of GitHub Actions, as plain data and as text. Pure.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.ci import scripts
from stacks.ci.names import DEPLOYER, PLANNER, role_arn
from stacks.pipelines.release import ARCHIVE, DIGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.ci.scripts import Delivery, Script

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
_OWN = "github.event.pull_request.head.repo.full_name == github.repository"
_READ = {"contents": "read"}
_SIGN_IN = {**_READ, "id-token": "write"}
_HAND_ON = """cat .build/plans/*.md > .build/plan.md
end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
{ echo "changes<<$end"; head -c LONGEST .build/plan.md; echo; echo "$end"; } >> "$GITHUB_OUTPUT"
""".replace("LONGEST", str(scripts.LONGEST))
_COMMENT = """printf '%s' "$CHANGES" > plan.md
gh pr comment "$NUMBER" --repo "$GITHUB_REPOSITORY" --edit-last --create-if-none --body-file plan.md
"""


def workflow(found: Sequence[Delivery], program: str) -> dict[str, Any]:
    """Tests, a plan as a comment of each pull request, a release, and its deployment to each stage, in their order."""
    branches = sorted({one.ci.branch for one in found})
    jobs = {"test": _test(found[0]), "plan": _plan(found, program), "comment": _comment()}
    return {
        "name": f"Deploy {found[0].stage.app_name}",
        "on": {"pull_request": {"branches": branches}, "push": {"branches": branches}},
        "permissions": {},
        "defaults": {"run": {"shell": "bash"}},
        "jobs": {
            **jobs,
            **{job: _build(job, some, program) for job, some in scripts.released(found).items()},
            **{f"deploy-{one.stage.name}": _deploy(one, found, program) for one in found},
        },
    }


def _test(first: Delivery) -> dict[str, Any]:
    steps = [
        *_checkout(),
        *_run(scripts.install_script(first.ci), scripts.build_script(first.ci), scripts.test(first.ci)),
    ]
    return {"runs-on": _MACHINE, "permissions": _READ, "steps": steps}


def _plan(found: Sequence[Delivery], program: str) -> dict[str, Any]:
    """A fork's pull requests get no token, and are not planned."""
    steps: list[dict[str, Any]] = []
    for one in found:
        same = f"github.base_ref == '{one.ci.branch}'"
        if len({each.ci.branch for each in found}) == 1:
            same = ""
        planned = [_credentials(one, PLANNER), *_run(scripts.plan(one, program))]
        steps += [{**step, "if": same} if same else step for step in planned]
    told = {"name": "Hand on the plan", "id": "plan", "if": "${{ !cancelled() }}", "run": _HAND_ON}
    return {
        "needs": "test",
        "if": f"github.event_name == 'pull_request' && {_OWN}",
        "runs-on": _MACHINE,
        "permissions": _SIGN_IN,
        "outputs": {"changes": "${{ steps.plan.outputs.changes }}"},
        "steps": [
            *_checkout(),
            *_run(scripts.install_script(found[0].ci), scripts.build_script(found[0].ci)),
            *steps,
            told,
        ],
    }


def _comment() -> dict[str, Any]:
    """A job of its own: what may write to the pull request runs none of its code."""
    environment = {
        "GH_TOKEN": "${{ github.token }}",
        "NUMBER": "${{ github.event.number }}",
        "CHANGES": "${{ needs.plan.outputs.changes }}",
    }
    return {
        "needs": "plan",
        "if": "${{ !cancelled() && needs.plan.outputs.changes }}",
        "runs-on": _MACHINE,
        "permissions": {"pull-requests": "write"},
        "steps": [{"name": "Comment", "env": environment, "run": _COMMENT}],
    }


def _build(job: str, some: Sequence[Delivery], program: str) -> dict[str, Any]:
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


def _deploy(one: Delivery, found: Sequence[Delivery], program: str) -> dict[str, Any]:
    """Deploy what was built before the environment's approval: no checkout, no build."""
    job = scripts.release_of(one, found)
    digest = {DIGEST: f"${{{{ needs.{job}.outputs.sha256 }}}}"}
    (unpacked,) = _run(scripts.take())
    steps = [
        _python(),
        {"uses": _pinned("actions/download-artifact"), "with": {"name": job, "path": ARCHIVE.rpartition("/")[0]}},
        {**unpacked, "env": digest},
        *_run(scripts.install_script(one.ci)),
        _credentials(one, DEPLOYER),
    ]
    return {
        "needs": [job, f"deploy-{one.after}"] if one.after else [job],
        "if": _pushed(one),
        "runs-on": _MACHINE,
        **({"environment": one.ci.environment} if one.ci.environment else {}),
        "concurrency": {"group": one.group, "cancel-in-progress": False},
        "permissions": _SIGN_IN,
        "steps": [*steps, *_run(scripts.deploy_script(one, program))],
    }


def _pushed(one: Delivery) -> str:
    return f"github.event_name == 'push' && github.ref == 'refs/heads/{one.ci.branch}'"


def _checkout() -> list[dict[str, Any]]:
    return [{"uses": _pinned("actions/checkout"), "with": {"persist-credentials": False}}, _python()]


def _python() -> dict[str, Any]:
    return {"uses": _pinned("actions/setup-python"), "with": {"python-version": scripts.PYTHON}}


def _credentials(one: Delivery, kind: str) -> dict[str, Any]:
    arn = role_arn(kind, one.stage, one.stage.account or ACCOUNT)
    return {
        "uses": _pinned("aws-actions/configure-aws-credentials"),
        "with": {"role-to-assume": arn, "aws-region": one.stage.region},
    }


def _run(*found: Script | None) -> list[dict[str, Any]]:
    return [{"name": one.name, "run": one.text} for one in found if one]


def _pinned(action: str) -> str:
    return f"{action}@{ACTIONS[action][0]}"
