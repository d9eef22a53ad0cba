"""The steps of an acceptance run, in their order: what each does, and which promise it proves.

A step returns what it saw, raises ``StepFailed`` when that is not what it expects, and ``StepSkipped`` with the reason
when it cannot be done here. Later steps run even after one failed, unless nothing is deployed.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.acceptance import deploy_roles
from tools.acceptance.session import StepFailed, StepSkipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.acceptance.session import Session

DEPLOYS = "what is rendered deploys"
RIGHTS = "nobody gets more rights than needed"
DATA = "data is not lost"
_SECONDS = 30
_CAPABILITIES = ("--capabilities", "CAPABILITY_NAMED_IAM")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is done and looked at."""

    name: str
    promise: str
    run: Callable[[Session], str]
    needed: bool = False
    """Whether the steps after it make no sense when it fails."""


def _lint(session: Session) -> str:
    session.build("render")
    return session.build("lint", "--stage", session.stage_name).strip().splitlines()[-1]


def _package(session: Session) -> str:
    session.build("package", "--stage", session.stage_name)
    return "code packaged"


def _roles(session: Session) -> str:
    """A service role with the derived rights for each stack."""
    account = session.client("sts").get_caller_identity()["Account"]
    text = deploy_roles.template(session.stage, session.rendered(), account)
    file = session.folder / "acceptance-roles.json"
    file.write_text(text, encoding="utf-8")
    name = f"{session.prefix}-{deploy_roles.STACK}"
    _deploy_file(session, name, file.name, session.stage.region)
    return f"{len(session.rendered())} roles with derived rights"


def _by_cli(session: Session) -> str:
    """Every stack by ``aws cloudformation deploy``, in order, with its role."""
    account = session.client("sts").get_caller_identity()["Account"]
    for one in session.rendered():
        if one.stack == "backend":
            _upload_code(session)
        role = f"arn:aws:iam::{account}:role/{deploy_roles.role_name(one.stack, session.stage)}"
        file = f"templates_out/{session.stage_name}/{one.stack}.yaml"
        values = [f"{name}={value}" for name, value in session.parameters(one.stack).items()]
        overrides = ["--parameter-overrides", *values] if values else []
        _deploy_file(session, one.name, file, one.region, "--role-arn", role, *overrides)
    names = ", ".join(one.stack for one in session.rendered())
    return f"{names} (the local AWS does not enforce the roles)" if session.local else names


def _deploy_file(session: Session, name: str, file: str, region: str, *more: str) -> None:
    words = ["--stack-name", name, "--template-file", file, *_CAPABILITIES, "--no-fail-on-empty-changeset", *more]
    session.aws("cloudformation", "deploy", *words, region=region)


def _upload_code(session: Session) -> None:
    bucket = session.outputs("base")["ArtifactBucketName"]
    session.aws("s3", "cp", "--recursive", ".build/code", f"s3://{bucket}/code", region=session.stage.region)


def _publish(session: Session) -> str:
    session.build("publish", "--stage", session.stage_name)
    return "static files published"


def _site(session: Session) -> str:
    """The page, the single-page application and a protected route answer as they should."""
    _expect(session, "/", 200)
    _expect(session, "/app/", 200)
    _expect(session, "/api/notes", 401)
    return "/ 200, /app/ 200, /api/notes 401 without a token"


def _expect(session: Session, path: str, status: int, *, seconds: int = 120) -> str:
    """Ask for a path until it answers with ``status``; raises ``StepFailed`` with the last status after a while."""
    until = time.monotonic() + (10 if session.local else seconds)
    while True:
        found, body = _get(session, path)
        if found == status:
            return body
        if time.monotonic() > until:
            raise StepFailed(f"{path} answers {found}, not {status}: {body[:200]}")
        time.sleep(1)


def _get(session: Session, path: str) -> tuple[int, str]:
    address = session.site_url or session.outputs("frontend")["SiteUrl"].rstrip("/")
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=_SECONDS) as answer:  # noqa: S310 - http or https
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def _deploy(session: Session, *words: str) -> str:
    return session.build("deploy", "--stage", session.stage_name, "--yes", *words)


def _unchanged(session: Session) -> str:
    """Our deployer takes over what the AWS CLI made, and finds nothing to change twice."""
    _deploy(session)
    session.build("diff", "--stage", session.stage_name, ok=(0,))
    return "deploy after the AWS CLI; diff: no changes"


def _code(session: Session) -> str:
    session.edit("lambda_src/api/notes.py", r'"notes": ', '"changed": True, "notes": ')
    before = _code_key(session)
    _deploy(session)
    if _code_key(session) == before:
        raise StepFailed("the function still runs the code of before")
    _expect(session, "/api/notes", 401)
    return "new code in list-notes"


def _code_key(session: Session) -> str:
    name = f"{session.prefix}-list-notes"
    found: str = session.client("lambda").get_function(FunctionName=name)["Configuration"]["CodeSha256"]
    return found


def _routes(session: Session, routes: list[str]) -> None:
    session.describe({"backend": {"functions": {"list-notes": {"routes": ["GET /api/notes", *routes]}}}})
    _deploy(session)


def _route_removed(session: Session) -> str:
    _routes(session, ["GET /api/archive"])
    _expect(session, "/api/archive", 401)
    _routes(session, [])
    _expect(session, "/api/archive", 404)
    return "/api/archive 401, then 404 from the application's catch-all"


def _route_renamed(session: Session) -> str:
    _routes(session, ["GET /api/notes/{id}"])
    _expect(session, "/api/notes/1", 401)
    _routes(session, ["GET /api/notes/{note}"])
    _expect(session, "/api/notes/1", 401)
    return "/api/notes/{id} became /api/notes/{note}"


def _index(session: Session) -> str:
    session.describe({"data": {"tables": {"notes": {"global_indexes": {"by-id": {"partition_key": "id"}}}}}})
    _deploy(session)
    found = session.client("dynamodb").describe_table(TableName=f"{session.prefix}-notes")["Table"]
    names = [one["IndexName"] for one in found.get("GlobalSecondaryIndexes", ())]
    if "by-id" not in names:
        raise StepFailed(f"the table has the indexes {names}")
    return "index by-id"


def _moved_output(session: Session) -> str:
    """An output whose value changes reaches the stack that reads it, in the same deploy."""
    reads = {"functions": {"list-notes": {"environment": {"MARKER": {"value": {"Fn::GetAtt": ["data", "Marker"]}}}}}}
    name = f"{session.prefix}-marker"
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{name}-one"}}
    section = {"resources": {"Marker": topic}, "outputs": {"Marker": {"Value": {"Ref": "Marker"}}}}
    session.describe({"data": section, "backend": reads})
    _deploy(session)
    before = _marker(session)
    session.describe({"data": {"resources": {"Marker": {"Properties": {"TopicName": f"{name}-two"}}}}})
    _deploy(session)
    after = _marker(session)
    if (before.endswith("-one"), after.endswith("-two")) != (True, True):
        raise StepFailed(f"the function reads {before}, then {after}")
    return f"{before.rpartition(':')[2]} became {after.rpartition(':')[2]} in the function"


def _marker(session: Session) -> str:
    name = f"{session.prefix}-list-notes"
    found = session.client("lambda").get_function_configuration(FunctionName=name)
    return str(found.get("Environment", {}).get("Variables", {}).get("MARKER", "nothing"))


def _waf(session: Session) -> str:
    session.describe({"frontend": {"waf": {"rate_limit": 1500}}})
    _deploy(session)
    return "rate limit of the web ACL"


def _alias(session: Session) -> str:
    session.describe({"backend": {"functions": {"list-notes": {"snap_start": True}}}})
    _deploy(session)
    name = f"{session.prefix}-list-notes"
    version = session.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    _expect(session, "/api/notes", 401)
    return f"alias live is version {version}"


def _rollback(session: Session) -> str:
    """An update that cannot succeed is rolled back, and the stack stays usable."""
    session.build("package", "--stage", session.stage_name)
    source = session.folder / "templates_out" / session.stage_name / "data.yaml"
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": f"{session.prefix}-twice"}}
    text = source.read_text(encoding="utf-8").replace(
        "\nResources:\n", f"\nResources:\n  BusOne: {json.dumps(bus)}\n  BusTwo: {json.dumps(bus)}\n", 1
    )
    (session.folder / "broken.yaml").write_text(text, encoding="utf-8")
    name = f"{session.prefix}-data"
    try:
        _deploy_file(session, name, "broken.yaml", session.stage.region)
    except StepFailed:
        (found,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        if found["StackStatus"] != "UPDATE_ROLLBACK_COMPLETE":
            raise StepFailed(f"the stack is {found['StackStatus']} after a failed update") from None
        _deploy(session)
        return "UPDATE_ROLLBACK_COMPLETE, then deployed again"
    raise StepFailed("two event buses of one name were created")


def _pipelines(session: Session) -> str:
    if session.local:
        raise StepSkipped("the local AWS has no CodePipeline; 'pipeline run --local' runs the same build phases")
    pipelines = session.stage.base.pipelines
    if pipelines is None:
        raise StepSkipped("the stage describes no pipelines; they need a connection that a person completes")
    client = session.client("codepipeline")
    names = [f"{stack}-{session.prefix}" for stack in pipelines.stacks or ("data", "backend", "frontend")]
    runs = {name: client.start_pipeline_execution(name=name)["pipelineExecutionId"] for name in names}
    return f"started {', '.join(runs)}; approve them in the console"


def _drift(session: Session) -> str:
    session.build("drift", "--stage", session.stage_name, ok=(0,))
    return "no drift"


def destroy(session: Session) -> str:
    """Remove every stack of the stage with its data, and the roles of this run."""
    words = ("--yes", "--unprotect", "--empty-buckets", "--delete-data")
    session.build("destroy", "--stage", session.stage_name, *words)
    name = f"{session.prefix}-{deploy_roles.STACK}"
    session.aws("cloudformation", "delete-stack", "--stack-name", name, region=session.stage.region)
    session.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", name, region=session.stage.region)
    return "stacks, data and roles removed"


STEPS = (
    Step(name="render and lint", promise=DEPLOYS, run=_lint, needed=True),
    Step(name="package", promise=DEPLOYS, run=_package, needed=True),
    Step(name="roles with the derived rights", promise=RIGHTS, run=_roles, needed=True),
    Step(name="every stack by the AWS CLI, with its role", promise=RIGHTS, run=_by_cli, needed=True),
    Step(name="publish", promise=DEPLOYS, run=_publish),
    Step(name="the site answers", promise=DEPLOYS, run=_site),
    Step(name="our deployer takes over", promise=DEPLOYS, run=_unchanged),
    Step(name="code changes", promise=DEPLOYS, run=_code),
    Step(name="a removed route is gone", promise=DEPLOYS, run=_route_removed),
    Step(name="a path parameter is renamed", promise=DEPLOYS, run=_route_renamed),
    Step(name="a table gets an index", promise=DATA, run=_index),
    Step(name="a moved output reaches its reader", promise=DEPLOYS, run=_moved_output),
    Step(name="an option of the web ACL changes", promise=DEPLOYS, run=_waf),
    Step(name="a function gets an alias", promise=DEPLOYS, run=_alias),
    Step(name="a failed update rolls back", promise=DATA, run=_rollback),
    Step(name="pipelines run", promise=RIGHTS, run=_pipelines),
    Step(name="drift", promise=DEPLOYS, run=_drift),
    Step(name="destroy", promise=DATA, run=destroy),
)
"""A regular stage comes first, then one change of each kind, then the end of it all."""
