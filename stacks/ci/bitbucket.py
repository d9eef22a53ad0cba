"""Stages → a pipeline of Bitbucket Cloud, as plain data. Pure.

https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.ci import scripts
from stacks.ci.names import DEPLOYER, PLANNER, PREVIEWER, role_arn
from stacks.pipelines.release import ARCHIVE, DIGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.ci.scripts import Delivery
    from stacks.json_types import JsonDict

IMAGE = f"python:{scripts.PYTHON}"
ACCOUNT = "${AWS_ACCOUNT_ID}"
"""A variable of the repository, for stages that do not name their account."""
_TOKEN_AT = "/tmp/aws-token"  # noqa: S105, S108 - in the step's own container


def pipeline(deliveries: Sequence[Delivery], program: str) -> JsonDict:
    """Tests, a plan of each stage in pull requests, a release, and its deployment to each stage, in their order."""
    first = deliveries[0].ci
    script = scripts.commands_of(scripts.install_script(first), scripts.build_script(first), scripts.test(first))
    test = {"step": {"name": "Test", "script": script}}
    deploys = {
        some[0].ci.branch: [
            test,
            {"step": _build(some, program)},
            *({"step": _deploy(delivery, program)} for delivery in some),
        ]
        for some in scripts.released(deliveries).values()
    }
    plans = [test, *({"step": _plan(delivery, program)} for delivery in deliveries)]
    some = scripts.previewed(deliveries)
    plans += [{"step": _preview(delivery, program)} for delivery in some]
    ends = {
        f"preview-{delivery.stage.name}-end": [
            {"variables": [{"name": scripts.NUMBER, "description": "Number of the pull request"}]},
            {"step": _preview_end(delivery, program)},
        ]
        for delivery in some
    }
    custom = {"custom": ends} if ends else {}
    return {"image": IMAGE, "pipelines": {"pull-requests": {"**": plans}, "branches": deploys, **custom}}


def _preview(delivery: Delivery, program: str) -> JsonDict:
    """A stage for each pull request; Bitbucket runs none for those of forks."""
    ready = [
        scripts.install_script(delivery.ci),
        scripts.build_script(delivery.ci),
        scripts.preview_script(delivery, program),
    ]
    return {
        "name": "Preview",
        "oidc": True,
        "script": [
            f"export {scripts.NUMBER}=$BITBUCKET_PR_ID",
            *_signed_in(delivery, PREVIEWER),
            *scripts.commands_of(*ready),
        ],
        "artifacts": [scripts.PREVIEW_URL],
    }


def _preview_end(delivery: Delivery, program: str) -> JsonDict:
    """A pipeline that a person starts: Bitbucket runs nothing when a pull request is closed."""
    ready = [scripts.install_script(delivery.ci), scripts.preview_end_script(delivery, program)]
    return {
        "name": "Delete the preview",
        "oidc": True,
        "script": [*_signed_in(delivery, PREVIEWER), *scripts.commands_of(*ready)],
    }


def _plan(delivery: Delivery, program: str) -> JsonDict:
    script = [scripts.install_script(delivery.ci), scripts.build_script(delivery.ci), scripts.plan(delivery, program)]
    return {
        "name": f"Plan {delivery.stage.name}",
        "oidc": True,
        "script": [*_signed_in(delivery, PLANNER), *scripts.commands_of(*script)],
        "artifacts": [scripts.plan_file(delivery)],
    }


def _build(some: Sequence[Delivery], program: str) -> JsonDict:
    """Build once what the deployments take, without credentials; the digest is a variable of the steps after it.

    https://support.atlassian.com/bitbucket-cloud/docs/variable-sharing/
    """
    first = some[0].ci
    script = scripts.commands_of(
        scripts.install_script(first), scripts.build_script(first), scripts.release(some, program)
    )
    return {
        "name": "Build",
        "script": [*script, f'echo "{DIGEST}=${DIGEST}" >> "$BITBUCKET_PIPELINES_VARIABLES_PATH"'],
        "artifacts": [ARCHIVE],
        "output-variables": [DIGEST],
    }


def _deploy(delivery: Delivery, program: str) -> JsonDict:
    """Bitbucket runs one step at a time in a deployment; a later stage waits for a person.

    It deploys the release: nothing is cloned, and nothing built.
    """
    script = [scripts.take(), scripts.install_script(delivery.ci), scripts.deploy_script(delivery, program)]
    return {
        "name": f"Deploy {delivery.stage.name}",
        "deployment": delivery.ci.environment,
        **({"trigger": "manual"} if delivery.after else {}),
        "clone": {"enabled": False},
        "oidc": True,
        "script": [*_signed_in(delivery, DEPLOYER), *scripts.commands_of(*script)],
    }


def _signed_in(delivery: Delivery, kind: str) -> list[str]:
    """A token, and where AWS's SDK looks for it.

    https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
    """
    arn = role_arn(kind, delivery.stage, delivery.stage.account or ACCOUNT)
    return [
        f'export AWS_DEFAULT_REGION={delivery.stage.region} AWS_ROLE_ARN="{arn}"',
        f"export AWS_WEB_IDENTITY_TOKEN_FILE={_TOKEN_AT} AWS_ROLE_SESSION_NAME=bitbucket-$BITBUCKET_BUILD_NUMBER",
        f'printf %s "$BITBUCKET_STEP_OIDC_TOKEN" > {_TOKEN_AT}',
    ]
