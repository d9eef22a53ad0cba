"""What exists already under a name that a deployment would give is told before anything is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from stacks.aws.cloud_control import BotoLookup
from stacks.deploy.adoption import takes_back
from stacks.deploy.collisions import Named, refuse_collisions
from stacks.deploy.execute import deploy
from stacks.deploy.foresee import foresee_plan
from stacks.deploy.identity import StackPlace, chosen_identifier, identifier
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError, UsageError
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.local.emulator import Emulator
    from stacks.template.rendered import Rendered

    Build = Callable[..., Rendered]

REGION = "eu-west-1"
PLACE = StackPlace(account="111111111111", region=REGION, stack="t-x-data")
GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/t-web"}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "t-web"}}
TABLE = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {"TableName": "t-notes"}}


def looked(memory: MemoryCloud, *rendered: Rendered) -> str:
    plan = make_plan(rendered)
    return refuse_collisions(plan, foresee_plan(plan, memory), memory, "dev")


def test_each_name_that_is_taken_is_reported_with_how_to_import_it(memory: MemoryCloud, build: Build) -> None:
    memory.exists("AWS::Logs::LogGroup", "/aws/lambda/t-web", REGION)
    memory.exists("AWS::IAM::Role", "t-web", REGION)
    with pytest.raises(DeployError) as caught:
        looked(memory, build("backend", {"Logs": GROUP, "Role": ROLE, "Topic": {"Type": "AWS::SNS::Topic"}}))
    fix = "Bring it in with 'import backend {} --stage dev', or delete or rename it."
    assert str(caught.value).splitlines() == [
        f"t-x-backend.Logs: AWS::Logs::LogGroup /aws/lambda/t-web exists already, in no stack. {fix.format('Logs')}",
        f"t-x-backend.Role: AWS::IAM::Role t-web exists already, in no stack. {fix.format('Role')}",
    ]


def test_what_another_stack_holds_cannot_be_imported(build: Build) -> None:
    class Held(MemoryCloud):
        def owner(self, physical_id: str, region: str) -> str | None:
            return "other" if (physical_id, region) == ("t-web", REGION) else None

    memory = Held()
    memory.exists("AWS::IAM::Role", "t-web", REGION)
    with pytest.raises(
        DeployError, match=r"t-web exists already, in stack other\. Take it out of other first, or give"
    ):
        looked(memory, build("backend", {"Role": ROLE}))


def test_what_the_stack_has_already_is_no_collision_and_what_comes_new_is(memory: MemoryCloud, build: Build) -> None:
    deploy(make_plan([build("backend", {"Role": ROLE})]), memory, ignore)
    memory.exists("AWS::IAM::Role", "t-web", REGION)
    memory.exists("AWS::Logs::LogGroup", "/aws/lambda/t-web", REGION)
    assert looked(memory, build("backend", {"Role": ROLE})) == ""
    with pytest.raises(DeployError, match=r"^t-x-backend.Logs: [^\n]*$"):
        looked(memory, build("backend", {"Role": ROLE, "Logs": GROUP}))


def test_what_a_create_takes_back_is_no_collision_but_an_update_does_not(memory: MemoryCloud, build: Build) -> None:
    memory.exists("AWS::DynamoDB::Table", "t-notes", REGION)
    assert looked(memory, build("data", {"Table": TABLE})) == ""
    deploy(make_plan([build("data", {"Role": ROLE})]), memory, ignore)
    with pytest.raises(DeployError, match=r"t-x-data.Table: .* t-notes exists already"):
        looked(memory, build("data", {"Role": ROLE, "Table": TABLE}))


def test_only_retained_resources_with_a_name_of_their_own_are_taken_back() -> None:
    assert takes_back(TABLE, PLACE)
    assert not takes_back({**TABLE, "DeletionPolicy": "Delete"}, PLACE)
    assert not takes_back({**TABLE, "Properties": {}}, PLACE)
    topic = {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain", "Properties": {"TopicName": "t"}}
    assert not takes_back(topic, PLACE)


@pytest.mark.parametrize(
    ("type_name", "properties", "expected"),
    [
        ("AWS::DynamoDB::Table", {"TableName": "t-notes"}, "t-notes"),
        (
            "AWS::S3::Bucket",
            {"BucketName": {"Fn::Sub": "t-${AWS::AccountId}-${AWS::Region}"}},
            f"t-111111111111-{REGION}",
        ),
        ("AWS::S3::Bucket", {"BucketName": {"Fn::Sub": "t-${Other}"}}, None),
        ("AWS::S3::Bucket", {"BucketName": {"Ref": "AWS::StackName"}}, "t-x-data"),
        ("AWS::S3::Bucket", {"BucketName": {"Ref": "Parameter"}}, None),
        ("AWS::S3::Bucket", {}, None),
        ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "p"}, "arn:aws:iam::111111111111:policy/p"),
        ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "p", "Path": "/a/"}, "arn:aws:iam::111111111111:policy/a/p"),
        ("AWS::IAM::ManagedPolicy", {}, None),
        ("AWS::SQS::Queue", {"QueueName": "q"}, f"https://sqs.{REGION}.amazonaws.com/111111111111/q"),
        ("AWS::SNS::Topic", {"TopicName": "n"}, f"arn:aws:sns:{REGION}:111111111111:n"),
        ("AWS::Cognito::UserPool", {"UserPoolName": "n"}, None),
        ("Custom::Thing", {"Name": "n"}, None),
    ],
)
def test_a_name_is_known_when_the_template_gives_it(
    type_name: str, properties: dict[str, Any], expected: str | None
) -> None:
    known = identifier({"Type": type_name, "Properties": properties}, PLACE)
    assert (next(iter(known.values())) if known else None) == expected


def test_other_partitions_have_other_arns() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "n"}}
    places = [StackPlace(account="1", region=region, stack="s") for region in ("cn-north-1", "us-gov-west-1")]
    assert [identifier(topic, place) for place in places] == [
        {"TopicArn": "arn:aws-cn:sns:cn-north-1:1:n"},
        {"TopicArn": "arn:aws-us-gov:sns:us-gov-west-1:1:n"},
    ]


def test_an_identifier_that_was_typed_has_all_its_values() -> None:
    assert chosen_identifier("AWS::Cognito::UserPoolClient", "pool|client") == {
        "UserPoolId": "pool",
        "ClientId": "client",
    }
    for text in ("pool", "pool|", "a|b|c"):
        with pytest.raises(
            UsageError, match=r"is not an identifier of .* Write UserPoolId\|ClientId of the existing one"
        ):
            chosen_identifier("AWS::Cognito::UserPoolClient", text)


@pytest.fixture
def boto() -> BotoLookup:
    return BotoLookup(REGION, credentials=("test", "test"))


def named(kind: str, **identity: str) -> Named:
    return Named(logical_id=kind.rsplit(":", 1)[-1], type=kind, identifier=identity)


@pytest.fixture
def control(boto: BotoLookup) -> Iterator[Stubber]:
    """Cloud Control's answers."""
    with Stubber(boto._client("cloudcontrol", REGION)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


ROLE_NAMED = named("AWS::IAM::Role", RoleName="t-web")


def test_cloud_control_is_asked_by_type_and_identifier(boto: BotoLookup, control: Stubber) -> None:
    entry = named("AWS::Cognito::UserPoolGroup", UserPoolId="pool", GroupName="staff")
    control.add_response("get_resource", {"TypeName": entry.type}, {"TypeName": entry.type, "Identifier": "pool|staff"})
    assert boto.look_up([entry], REGION).existing == (entry,)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "UnsupportedActionException", "TypeNotFoundException"])
def test_what_is_absent_or_not_readable_at_all_is_not_reported(boto: BotoLookup, control: Stubber, code: str) -> None:
    control.add_client_error("get_resource", code)
    seen = boto.look_up([ROLE_NAMED], REGION)
    assert (seen.existing, seen.unseen) == ((), {})


@pytest.mark.parametrize("code", ["AccessDeniedException", "HandlerFailureException", "GeneralServiceException"])
def test_what_may_not_be_read_is_reported_and_stops_nothing(
    boto: BotoLookup, control: Stubber, build: Build, code: str
) -> None:
    control.add_client_error("get_resource", code, http_status_code=403)
    assert boto.look_up([ROLE_NAMED], REGION).unseen == {"AWS::IAM::Role": code}

    class Blind(MemoryCloud):
        look_up = boto.look_up

    control.add_client_error("get_resource", code, http_status_code=403)
    line = f"Whether these exist already could not be seen: AWS::IAM::Role ({code})"
    assert looked(Blind(), build("backend", {"Role": ROLE})) == line


def test_the_stack_that_holds_a_resource_is_named(boto: BotoLookup) -> None:
    ask = {"PhysicalResourceId": "t-web"}
    held = {"LogicalResourceId": "R", "ResourceType": "T", "Timestamp": "2026-01-01", "StackName": "other", **ask}
    with Stubber(boto._client("cloudformation", REGION)) as stubber:
        for status in ("CREATE_COMPLETE", "DELETE_SKIPPED"):
            results = [
                {**held, "PhysicalResourceId": "x", "ResourceStatus": status},
                {**held, "ResourceStatus": status},
            ]
            stubber.add_response("describe_stack_resources", {"StackResources": results}, ask)
        stubber.add_client_error("describe_stack_resources", "ValidationError", "Stack for t-web does not exist")
        stubber.add_client_error("describe_stack_resources", "AccessDenied", "no", http_status_code=403)
        assert [boto.owner("t-web", REGION) for _ in range(3)] == ["other", None, None]
        with pytest.raises(DeployError, match="no"):
            boto.owner("t-web", REGION)


@pytest.mark.emulator
@pytest.mark.usefixtures("emulated")
def test_names_are_looked_for_over_the_wire(emulator: Emulator) -> None:
    cloud = BotoLookup(REGION, endpoint_url=emulator.endpoint_url, credentials=emulator.credentials)
    cloud._client("cloudcontrol", REGION).create_resource(
        TypeName="AWS::S3::Bucket", DesiredState='{"BucketName": "t-there"}'
    )
    existing, absent = named("AWS::S3::Bucket", BucketName="t-there"), named("AWS::S3::Bucket", BucketName="t-absent")
    seen = cloud.look_up([existing, absent], REGION)
    assert (seen.existing, seen.unseen, cloud.owner("t-there", REGION)) == ((existing,), {}, None)
