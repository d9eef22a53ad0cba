"""Stages → a pipeline of GitLab CI/CD, as plain data. Pure.

https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.ci import scripts
from stacks.ci.names import DEPLOYER, PLANNER, PREVIEWER, role_arn
from stacks.ci.tokens import audience
from stacks.pipelines.release import ARCHIVE, DIGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.ci.scripts import Delivery
    from stacks.json_types import JsonDict

IMAGE = f"python:{scripts.PYTHON}"
ACCOUNT = "${AWS_ACCOUNT_ID}"
"""A CI/CD variable of the project, for stages that do not name their account."""
_TOKEN_AT = "/tmp/aws-token"  # noqa: S105, S108 - in the job's own container
_DOTENV, _PREVIEW_DOTENV = ".build/release.env", ".build/preview.env"
_MERGE_REQUEST = "$CI_PIPELINE_SOURCE == 'merge_request_event'"


def pipeline(deliveries: Sequence[Delivery], program: str) -> JsonDict:
    """Tests, a plan of each stage in merge requests, a release, and its deployment to each stage, in their order."""
    branches = sorted({entry.ci.branch for entry in deliveries})
    pushed = [{"if": f"$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH == '{name}'"} for name in branches]
    jobs = {f"plan-{entry.stage.name}": _plan(entry, program) for entry in deliveries}
    jobs |= {job: _build(some, program) for job, some in scripts.released(deliveries).items()}
    jobs |= {f"deploy-{entry.stage.name}": _deploy(entry, deliveries, program) for entry in deliveries}
    for delivery in scripts.previewed(deliveries):
        jobs |= _preview_jobs(delivery, program)
    first = deliveries[0]
    test = [scripts.install_script(first.ci), scripts.build_script(first.ci), scripts.test(first.ci)]
    return {
        "stages": ["test", "plan", "build", "deploy"],
        "workflow": {"rules": [{"if": _MERGE_REQUEST}, *pushed]},
        "default": {"image": IMAGE},
        "test": {"stage": "test", "script": scripts.commands_of(*test)},
        **jobs,
    }


def _plan(delivery: Delivery, program: str) -> JsonDict:
    asked = f"{_MERGE_REQUEST} && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == '{delivery.ci.branch}'"
    file = scripts.plan_file(delivery)
    return {
        "stage": "plan",
        "rules": [{"if": asked}],
        **_signed_in(delivery, PLANNER),
        "script": scripts.commands_of(
            scripts.install_script(delivery.ci), scripts.build_script(delivery.ci), scripts.plan(delivery, program)
        ),
        "artifacts": {"paths": [file], "expose_as": f"plan of {delivery.stage.name}", "when": "always"},
    }


def _build(some: Sequence[Delivery], program: str) -> JsonDict:
    """Build once what the deployments take, without credentials; the digest is a variable of the jobs after it.

    https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
    """
    first = some[0].ci
    script = scripts.commands_of(
        scripts.install_script(first), scripts.build_script(first), scripts.release(some, program)
    )
    return {
        "stage": "build",
        "needs": ["test"],
        "rules": [_pushed(some[0])],
        "script": [*script, f'echo "{DIGEST}=${DIGEST}" > {_DOTENV}'],
        "artifacts": {"paths": [ARCHIVE], "reports": {"dotenv": _DOTENV}},
    }


def _pushed(delivery: Delivery) -> JsonDict:
    return {"if": f"$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH == '{delivery.ci.branch}'"}


def _deploy(delivery: Delivery, deliveries: Sequence[Delivery], program: str) -> JsonDict:
    """One at a time (``resource_group``); with an environment, after a person started it.

    It deploys the release: nothing is checked out, and nothing built.
    """
    rule, job = _pushed(delivery), scripts.release_of(delivery, deliveries)
    named: JsonDict = {}
    if delivery.ci.environment:
        rule |= {"when": "manual", "allow_failure": False}
        named = {"environment": {"name": delivery.ci.environment}}
    return {
        "stage": "deploy",
        "needs": [job, f"deploy-{delivery.after}"] if delivery.after else [job],
        "rules": [rule],
        "resource_group": delivery.group,
        **named,
        **_signed_in(delivery, DEPLOYER, GIT_STRATEGY="empty"),
        "script": scripts.commands_of(
            scripts.take(), scripts.install_script(delivery.ci), scripts.deploy_script(delivery, program)
        ),
    }


def _preview_jobs(delivery: Delivery, program: str) -> JsonDict:
    """A stage for each merge request inside the project; GitLab starts its end when the merge request is closed.

    https://docs.gitlab.com/ci/environments/#stopping-an-environment
    """
    own = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    asked = f"{_MERGE_REQUEST} && {own} && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == '{delivery.ci.branch}'"
    name, end = f"preview-{delivery.stage.name}", f"preview-{delivery.stage.name}-end"
    number = "$CI_MERGE_REQUEST_IID"
    environment = {"name": f"{name}/{number}"}
    signed_in = _signed_in(delivery, PREVIEWER, NUMBER=number)
    shared = {"stage": "deploy", "resource_group": f"{delivery.group}-{name}-{number}", **signed_in}
    install = scripts.install_script(delivery.ci)
    url = f'echo "PREVIEW_URL=$(cat {scripts.PREVIEW_URL})" > {_PREVIEW_DOTENV}'
    return {
        name: {
            "needs": ["test"],
            "rules": [{"if": asked}],
            **shared,
            "environment": {**environment, "url": "$PREVIEW_URL", "on_stop": end, "auto_stop_in": "1 week"},
            "script": [
                *scripts.commands_of(
                    install, scripts.build_script(delivery.ci), scripts.preview_script(delivery, program)
                ),
                url,
            ],
            "artifacts": {"reports": {"dotenv": _PREVIEW_DOTENV}},
        },
        end: {
            "needs": [],
            "rules": [{"if": asked, "when": "manual", "allow_failure": True}],
            **shared,
            "environment": {**environment, "action": "stop"},
            "script": scripts.commands_of(install, scripts.preview_end_script(delivery, program)),
        },
    }


def _signed_in(delivery: Delivery, kind: str, **more: str) -> JsonDict:
    """A token, and where AWS's SDK looks for it.

    https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
    """
    return {
        "id_tokens": {"AWS_TOKEN": {"aud": audience(delivery.ci)}},
        "variables": {
            "AWS_DEFAULT_REGION": delivery.stage.region,
            "AWS_ROLE_ARN": role_arn(kind, delivery.stage, delivery.stage.account or ACCOUNT),
            "AWS_ROLE_SESSION_NAME": "gitlab-$CI_JOB_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE": _TOKEN_AT,
            **more,
        },
        "before_script": [f'printf %s "$AWS_TOKEN" > {_TOKEN_AT}'],
    }
