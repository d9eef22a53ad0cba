"""Steps that change one thing of each kind in the deployed stage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tools.acceptance.deploying import deploy, deploy_file, expect
from tools.acceptance.session import StepFailed

if TYPE_CHECKING:
    from tools.acceptance.session import Session


def code(session: Session) -> str:
    session.edit("lambda_src/api/notes.py", r'"notes": ', '"changed": True, "notes": ')
    before = _code_hash(session)
    deploy(session)
    if _code_hash(session) == before:
        raise StepFailed("the function still runs the code of before")
    expect(session, "/api/notes", 401)
    return "new code in list-notes"


def _code_hash(session: Session) -> str:
    name = f"{session.prefix}-list-notes"
    sha256: str = session.client("lambda").get_function(FunctionName=name)["Configuration"]["CodeSha256"]
    return sha256


def _routes(session: Session, routes: list[str]) -> None:
    session.describe({"backend": {"functions": {"list-notes": {"routes": ["GET /api/notes", *routes]}}}})
    deploy(session)


def route_removed(session: Session) -> str:
    _routes(session, ["GET /api/archive"])
    expect(session, "/api/archive", 401)
    _routes(session, [])
    expect(session, "/api/archive", 404)
    return "/api/archive 401, then 404 from the application's catch-all"


def route_renamed(session: Session) -> str:
    _routes(session, ["GET /api/notes/{id}"])
    expect(session, "/api/notes/1", 401)
    _routes(session, ["GET /api/notes/{note}"])
    expect(session, "/api/notes/1", 401)
    return "/api/notes/{id} became /api/notes/{note}"


def index(session: Session) -> str:
    session.describe({"data": {"tables": {"notes": {"global_indexes": {"by-id": {"partition_key": "id"}}}}}})
    deploy(session)
    table = session.client("dynamodb").describe_table(TableName=f"{session.prefix}-notes")["Table"]
    names = [entry["IndexName"] for entry in table.get("GlobalSecondaryIndexes", ())]
    if "by-id" not in names:
        raise StepFailed(f"the table has the indexes {names}")
    return "index by-id"


def moved_output(session: Session) -> str:
    """An output whose value changes reaches the stack that reads it, in the same deploy."""
    reads = {"functions": {"list-notes": {"environment": {"MARKER": {"value": {"Fn::GetAtt": ["data", "Marker"]}}}}}}
    name = f"{session.prefix}-marker"
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{name}-one"}}
    section = {"resources": {"Marker": topic}, "outputs": {"Marker": {"Value": {"Ref": "Marker"}}}}
    session.describe({"data": section, "backend": reads})
    deploy(session)
    before = _marker(session)
    session.describe({"data": {"resources": {"Marker": {"Properties": {"TopicName": f"{name}-two"}}}}})
    deploy(session)
    after = _marker(session)
    if (before.endswith("-one"), after.endswith("-two")) != (True, True):
        raise StepFailed(f"the function reads {before}, then {after}")
    return f"{before.rpartition(':')[2]} became {after.rpartition(':')[2]} in the function"


def _marker(session: Session) -> str:
    name = f"{session.prefix}-list-notes"
    result = session.client("lambda").get_function_configuration(FunctionName=name)
    return str(result.get("Environment", {}).get("Variables", {}).get("MARKER", "nothing"))


def waf(session: Session) -> str:
    session.describe({"frontend": {"waf": {"rate_limit": 1500}}})
    deploy(session)
    return "rate limit of the web ACL"


def alias(session: Session) -> str:
    session.describe({"backend": {"functions": {"list-notes": {"snap_start": True}}}})
    deploy(session)
    name = f"{session.prefix}-list-notes"
    version = session.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    expect(session, "/api/notes", 401)
    return f"alias live is version {version}"


def rollback(session: Session) -> str:
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
        deploy_file(session, name, "broken.yaml", session.stage.region)
    except StepFailed:
        (stack,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        if stack["StackStatus"] != "UPDATE_ROLLBACK_COMPLETE":
            raise StepFailed(f"the stack is {stack['StackStatus']} after a failed update") from None
        deploy(session)
        return "UPDATE_ROLLBACK_COMPLETE, then deployed again"
    raise StepFailed("two event buses of one name were created")
