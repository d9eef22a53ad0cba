"""Steps that deploy the stage from nothing, look at its site, and remove it."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from tools.acceptance import deploy_roles
from tools.acceptance.session import StepFailed

if TYPE_CHECKING:
    from tools.acceptance.session import Session

_SECONDS = 30
_CAPABILITIES = ("--capabilities", "CAPABILITY_NAMED_IAM")


def lint(session: Session) -> str:
    session.build("render")
    return session.build("lint", "--stage", session.stage_name).strip().splitlines()[-1]


def package(session: Session) -> str:
    session.build("package", "--stage", session.stage_name)
    return "code packaged"


def roles(session: Session) -> str:
    """A service role with the derived rights for each stack."""
    account = session.client("sts").get_caller_identity()["Account"]
    text = deploy_roles.template(session.stage, session.rendered(), account)
    file = session.folder / "acceptance-roles.json"
    file.write_text(text, encoding="utf-8")
    name = f"{session.prefix}-{deploy_roles.STACK}"
    deploy_file(session, name, file.name, session.stage.region)
    return f"{len(session.rendered())} roles with derived rights"


def by_cli(session: Session) -> str:
    """Every stack by ``aws cloudformation deploy``, in order, with its role."""
    account = session.client("sts").get_caller_identity()["Account"]
    for stack in session.rendered():
        if stack.stack == "backend":
            upload_code(session)
        role = f"arn:aws:iam::{account}:role/{deploy_roles.role_name(stack.stack, session.stage)}"
        file = f"templates_out/{session.stage_name}/{stack.stack}.yaml"
        values = [f"{name}={value}" for name, value in session.parameters(stack.stack).items()]
        overrides = ["--parameter-overrides", *values] if values else []
        deploy_file(session, stack.name, file, stack.region, "--role-arn", role, *overrides)
    return ", ".join(rendered_stack.stack for rendered_stack in session.rendered())


def deploy_file(session: Session, name: str, file: str, region: str, *more: str) -> None:
    words = ["--stack-name", name, "--template-file", file, *_CAPABILITIES, "--no-fail-on-empty-changeset", *more]
    session.aws("cloudformation", "deploy", *words, region=region)


def upload_code(session: Session) -> None:
    bucket = session.outputs("base")["ArtifactBucketName"]
    session.aws("s3", "cp", "--recursive", ".build/code", f"s3://{bucket}/code", region=session.stage.region)


def publish(session: Session) -> str:
    session.build("publish", "--stage", session.stage_name)
    return "static files published"


def site(session: Session) -> str:
    """The page, the single-page application and a protected route answer as they should."""
    expect(session, "/", 200)
    expect(session, "/app/", 200)
    expect(session, "/api/notes", 401)
    return "/ 200, /app/ 200, /api/notes 401 without a token"


def expect(session: Session, path: str, status: int, *, seconds: int = 120) -> str:
    """Ask for a path until it answers with ``status``; raises ``StepFailed`` with the last status after a while."""
    until = time.monotonic() + (10 if session.local else seconds)
    while True:
        result, body = get(session, path)
        if result == status:
            return body
        if time.monotonic() > until:
            raise StepFailed(f"{path} answers {result}, not {status}: {body[:200]}")
        time.sleep(1)


def get(session: Session, path: str) -> tuple[int, str]:
    address = session.site_url or session.outputs("frontend")["SiteUrl"].rstrip("/")
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=_SECONDS) as answer:  # noqa: S310 - http or https
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def deploy(session: Session, *words: str) -> str:
    return session.build("deploy", "--stage", session.stage_name, "--yes", *words)


def unchanged(session: Session) -> str:
    """Our deployer takes over what the AWS CLI made, and finds nothing to change twice."""
    deploy(session)
    session.build("diff", "--stage", session.stage_name, ok=(0,))
    return "deploy after the AWS CLI; diff: no changes"
