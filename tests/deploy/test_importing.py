"""Existing resources come into a stack as they are; what cannot be imported is told in one clear error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import ANY, Stubber

from stacks.aws.importing import BotoImporting
from stacks.cli import main
from stacks.cloud import Submission
from stacks.deploy.collisions import Named
from stacks.deploy.execute import deploy
from stacks.deploy.importing import ImportRequest, bring_in
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError, StacksError, UsageError
from stacks.progress import ChangesFound, StackFinished
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.deploy.importing import ImportingCloud
    from stacks.local.emulator import Emulator
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

    Build = Callable[..., Rendered]

REGION = "eu-west-1"
TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {
        "TableName": "t-notes",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    },
}
GROUP: dict[str, Any] = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/t/web"}}
POOL: dict[str, Any] = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "t"}}
BUCKET: dict[str, Any] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "t-${AWS::Region}"}}}
TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {}}
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/t-x-data/1"
CHANGES = "arn:aws:cloudformation:eu-west-1:111111111111:changeSet/x/1"


def agree(_: object) -> bool:
    return True


def wanted(rendered: Rendered, *names: str, **texts: str) -> ImportRequest:
    return ImportRequest(rendered=rendered, parameters={}, asked={**dict.fromkeys(names, ""), **texts})


@pytest.fixture(params=["memory", pytest.param("emulator", marks=pytest.mark.emulator)])
def cloud(request: pytest.FixtureRequest) -> ImportingCloud:
    """Each cloud, with a table and a log group that no stack holds."""
    if request.param == "memory":
        memory = MemoryCloud()
        memory.exists("AWS::DynamoDB::Table", "t-notes", REGION)
        memory.exists("AWS::Logs::LogGroup", "/t/web", REGION)
        return memory
    request.getfixturevalue("emulated")
    emulator: Emulator = request.getfixturevalue("emulator")
    cloud = BotoImporting(REGION, endpoint_url=emulator.endpoint_url, credentials=emulator.credentials)
    cloud._client("dynamodb").create_table(**TABLE["Properties"])
    cloud._client("logs").create_log_group(logGroupName="/t/web")
    return cloud


def test_a_stack_is_created_from_what_exists_and_the_next_deploy_brings_the_rest(
    cloud: ImportingCloud, build: Build, seen: list[Progress]
) -> None:
    data = build("data", {"Table": TABLE, "Logs": GROUP, "Topic": TOPIC}, {"Name": {"Ref": "Topic"}})
    assert bring_in(wanted(data, "Logs", "Table"), cloud, seen.append, agree)
    changes = next(event for event in seen if isinstance(event, ChangesFound)).change_set.changes
    assert sorted((change.action, change.logical_id) for change in changes) == [("import", "Logs"), ("import", "Table")]
    assert [event.status for event in seen if isinstance(event, StackFinished)] == ["IMPORT_COMPLETE"]
    deploy(make_plan([data]), cloud, ignore)
    held = {resource.logical_id: resource.physical_id for resource in cloud.resources("t-x-data", REGION)}
    assert (set(held), held["Table"], held["Logs"]) == ({"Table", "Logs", "Topic"}, "t-notes", "/t/web")


def test_a_resource_joins_an_existing_stack_and_nothing_else_changes(cloud: ImportingCloud, build: Build) -> None:
    deploy(make_plan([build("data", {"Topic": TOPIC}, {"Old": "value"})]), cloud, ignore)
    newer = build("data", {"Topic": {**TOPIC, "Properties": {"DisplayName": "later"}}, "Logs": GROUP}, {"New": "value"})
    assert bring_in(wanted(newer, "Logs"), cloud, ignore, agree)
    state = cloud.stack("t-x-data", REGION)
    assert state is not None
    assert (state.status, state.outputs) == ("IMPORT_COMPLETE", {"Old": "value"})
    template = cloud.template("t-x-data", REGION)["Resources"]
    assert template["Topic"].get("Properties", {}) == {}
    assert template["Logs"]["DeletionPolicy"] == "Retain"


def test_what_is_imported_is_retained_and_the_parameters_of_the_stack_stay(build: Build) -> None:
    memory = MemoryCloud()
    deployed = build("data", {"Topic": TOPIC}, Parameters={"Old": {"Type": "String", "Default": "x"}})
    deploy(make_plan([deployed]), memory, ignore)
    memory.exists("AWS::Logs::LogGroup", "/t/web", REGION)
    keyed = {**GROUP, "Properties": {**GROUP["Properties"], "KmsKeyId": {"Ref": "Key"}}}
    parameters = {"Key": {"Type": "String", "Default": "k"}, "Unused": {"Type": "String", "Default": "u"}}
    assert bring_in(wanted(build("data", {"Logs": keyed}, Parameters=parameters), "Logs"), memory, ignore, agree)
    template = memory.template("t-x-data", REGION)
    assert template["Parameters"] == {"Key": parameters["Key"], "Old": {"Type": "String", "Default": "x"}}
    assert template["Resources"]["Logs"] == {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", **keyed}


def test_a_no_leaves_everything_as_it_was(cloud: ImportingCloud, build: Build) -> None:
    assert not bring_in(wanted(build("data", {"Logs": GROUP}), "Logs"), cloud, ignore, lambda _: False)
    assert cloud.stack("t-x-data", REGION) is None


def test_what_does_not_exist_is_reported_and_leaves_nothing(cloud: ImportingCloud, build: Build) -> None:
    other = {**TABLE, "Properties": {**TABLE["Properties"], "TableName": "t-other"}}
    with pytest.raises(DeployError, match=r"t-x-data: .*t-other"):
        bring_in(wanted(build("data", {"Table": other}), "Table"), cloud, ignore, agree)
    assert cloud.stack("t-x-data", REGION) is None


def test_without_names_all_that_exists_is_imported(build: Build, seen: list[Progress]) -> None:
    memory = MemoryCloud()
    memory.exists("AWS::Logs::LogGroup", "/t/web", REGION)
    memory.exists("AWS::S3::Bucket", "t-eu-west-1", REGION)
    resources = {"Table": TABLE, "Logs": GROUP, "Files": BUCKET, "Topic": TOPIC}
    assert bring_in(wanted(build("data", resources)), memory, seen.append, agree)
    assert [resource.logical_id for resource in memory.resources("t-x-data", REGION)] == ["Files", "Logs"]
    assert memory.template("t-x-data", REGION)["Resources"]["Files"]["Properties"]["BucketName"] == "t-eu-west-1"
    with pytest.raises(UsageError, match="t-x-data: nothing of what it lacks exists under the names it gives"):
        bring_in(wanted(build("data", resources)), memory, ignore, agree)


def test_a_new_stack_also_takes_what_its_creation_would_have_taken_back(build: Build) -> None:
    memory = MemoryCloud()
    memory.exists("AWS::Cognito::UserPool", "eu-west-1_a", REGION)
    memory.exists("AWS::DynamoDB::Table", "t-notes", REGION)
    memory.exists("AWS::Logs::LogGroup", "/t/web", REGION)
    data = build("data", {"Pool": POOL, "Table": TABLE, "Logs": GROUP})
    bring_in(wanted(data, Pool="eu-west-1_a"), memory, ignore, agree)
    assert [resource.logical_id for resource in memory.resources("t-x-data", REGION)] == ["Pool", "Table"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"Tabel": ""}, r"data.Tabel: there is no such logical id. Did you mean 'Table'"),
        ({"Held": ""}, r"data.Held: is in the stack already. Leave it out"),
        ({"Code": ""}, r"data.Code: CloudFormation cannot import AWS::IAM::Policy. Delete the existing one and deploy"),
        ({"Pool": ""}, r"data.Pool: AWS gives .*UserPool its identifier, so it is not known.*'Pool=UserPoolId'"),
        (
            {"Pool": "a|b"},
            r"a\|b: is not an identifier of AWS::Cognito::UserPool. Write UserPoolId of the existing one",
        ),
        (
            {"Table": "other"},
            r"data.Table: the description names it t-notes, not other. Only a resource with that name",
        ),
        ({"Reader": ""}, r"Missing.* Import that with it, or deploy the stack first"),
        ({"Keyed": ""}, r"t-x-data: the parameter Key has no value yet. Run 'package' first"),
    ],
)
def test_what_cannot_be_imported_is_one_clear_error(build: Build, asked: dict[str, str], message: str) -> None:
    memory = MemoryCloud()
    deploy(make_plan([build("data", {"Held": TOPIC})]), memory, ignore)
    reader = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/r", "KmsKeyId": {"Ref": "Missing"}}}
    keyed = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/k", "KmsKeyId": {"Ref": "Key"}}}
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p"}}
    resources = {"Held": TOPIC, "Table": TABLE, "Pool": POOL, "Code": policy, "Reader": reader, "Keyed": keyed}
    data = build("data", resources, Parameters={"Key": {"Type": "String"}})
    with pytest.raises(StacksError, match=message):
        bring_in(wanted(data, **asked), memory, ignore, agree)
    assert [resource.logical_id for resource in memory.resources("t-x-data", REGION)] == ["Held"]


def test_an_import_that_fails_leaves_the_stack_as_it_was(build: Build) -> None:
    memory = MemoryCloud()
    deploy(make_plan([build("data", {"Held": TOPIC})]), memory, ignore)
    memory.exists("AWS::Logs::LogGroup", "/t/web", REGION)
    memory.fail("Logs", "no")
    with pytest.raises(DeployError, match=r"t-x-data.Logs: .* IMPORT_FAILED: no"):
        bring_in(wanted(build("data", {"Held": TOPIC, "Logs": GROUP}), "Logs"), memory, ignore, agree)
    assert memory.status("t-x-data", REGION) == "IMPORT_ROLLBACK_COMPLETE"
    memory.repair("Logs")
    assert bring_in(wanted(build("data", {"Held": TOPIC, "Logs": GROUP}), "Logs"), memory, ignore, agree)


def test_the_call_names_each_resource_by_its_identifier() -> None:
    boto = BotoImporting(REGION, credentials=("test", "test"))
    client = Named(logical_id="C", type="AWS::Cognito::UserPoolClient", identifier={"UserPoolId": "p", "ClientId": "c"})
    resource = {"ResourceType": client.type, "LogicalResourceId": "C", "ResourceIdentifier": client.identifier}
    call = {
        "StackName": "t-x-data",
        "ChangeSetName": ANY,
        "ClientToken": ANY,
        "ChangeSetType": "IMPORT",
        "ResourcesToImport": [resource],
        "Parameters": [{"ParameterKey": "K", "ParameterValue": "v"}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "TemplateBody": "{}",
    }
    change = {"Action": "Import", "LogicalResourceId": "C", "ResourceType": client.type}
    described = {"ChangeSetId": CHANGES, "StackId": ARN, "Status": "CREATE_COMPLETE"}
    submission = Submission(name="t-x-data", region=REGION, template={}, body="{}", parameters={"K": "v"}, creates=True)
    with Stubber(boto._client("cloudformation", REGION)) as stubber:
        stubber.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN}, call)
        changes = [{"Type": "Resource", "ResourceChange": change}]
        stubber.add_response("describe_change_set", {**described, "Changes": changes})
        stubber.add_response("describe_events", {"OperationEvents": []})
        prepared = boto.prepare_import(submission, [client])
    assert [(entry.action, entry.logical_id) for entry in prepared.changes] == [("import", "C")]


@pytest.mark.emulator
@pytest.mark.usefixtures("emulated", "exported")
def test_the_command_takes_a_kept_user_pool_back(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = tmp_path / "app.yaml"
    app.write_text("name: t\nstages: {dev: {region: eu-west-1}}\ndata: {users: true}\n")
    where = ["--app", str(app), "--endpoint-url", emulator.endpoint_url]
    assert main(["deploy", "data", "--yes", *where]) == 0
    assert main(["destroy", "data", "--unprotect", "--yes", *where]) == 0
    output = capsys.readouterr().out
    command = next(line for line in output.splitlines() if "'import data UserPool=" in line).split("'")[1]
    assert main([*command.split(), "--yes", *where]) == 0
    assert capsys.readouterr().out.endswith("'deploy data' brings the rest of the stack.\n")
    assert main(["deploy", "data", "--yes", *where]) == 0
    pool = command.split("=")[1].split()[0]
    assert capsys.readouterr().out.split("UserPoolId")[1].split()[0] == pool
    for words, message in (
        (["import", "other"], "other: there is no such stack. Name one of base, data"),
        (["import", "data", "A", "A=b"], "A=b: A is named twice"),
        (["import", "data", "A="], "A=: is not a resource to import"),
    ):
        assert main([*words, *where]) == 2
        assert message in capsys.readouterr().err
