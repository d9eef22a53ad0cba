"""A small stage to deploy, and the clouds to deploy it to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.cloud import LogEvent
from stacks.template.emit import yaml_text
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from tests.signed import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.deploy.stored_data import DataCloud
    from stacks.local.emulator import Emulator

REGION = "eu-west-1"


@pytest.fixture
def build() -> Callable[..., Rendered]:
    """Make a rendered stack named ``t-x-<stack>`` from resources and outputs."""

    def make(stack: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None, **more: Any) -> Rendered:
        needs, parameters = more.pop("needs", ()), more.pop("parameters", {})
        template = {"Resources": resources, "Outputs": {k: {"Value": v} for k, v in (outputs or {}).items()}, **more}
        body = yaml_text(template)
        name = f"t-x-{stack}"
        return Rendered(
            stack=stack, name=name, region=REGION, template=template, body=body, parameters=parameters, needs=needs
        )

    return make


@pytest.fixture
def parameter() -> Callable[..., dict[str, Any]]:
    """Make an SSM parameter resource that holds a value."""

    def make(value: Any, **attributes: Any) -> dict[str, Any]:
        return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}, **attributes}

    return make


def reads(name: str) -> dict[str, Any]:
    """A template parameter that reads Parameter Store."""
    return {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}


@pytest.fixture
def stage(build: Callable[..., Rendered], parameter: Callable[..., Any]) -> Callable[[str], list[Rendered]]:
    """Make base (artifact bucket), data (an output), backend (reads it, has code), frontend (bucket), extra (alone)."""

    def make(value: str = "one") -> list[Rendered]:
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {}}
        published = parameter(value)
        published["Properties"]["Name"] = "/t/x/data/TableName"
        read = {"Ref": "DataTableName"}
        return [
            build("base", {"Artifacts": bucket}, {"ArtifactBucketName": {"Ref": "Artifacts"}}),
            build("data", {"Table": parameter(value), "Published": published}, {"TableName": value}),
            build(
                "backend",
                {"Web": parameter(read), "Code": parameter({"Ref": "CodeKey"})},
                {"Read": read},
                needs=("data",),
                Parameters={"CodeKey": {"Type": "String"}, "DataTableName": reads("/t/x/data/TableName")},
            ),
            build("frontend", {"Site": bucket}, {"SiteBucket": {"Ref": "Site"}}, needs=("base",)),
            build("extra", {"Alone": parameter("x")}),
        ]

    return make


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The local AWS, for as long as the tests run."""
    from stacks.local.emulator import local_aws  # noqa: PLC0415 - only tests marked so need it

    with local_aws(region=REGION, account="111111111111", home=tmp_path_factory.mktemp("local")) as running:
        yield running


@pytest.fixture(scope="session")
def emptied(emulator: Emulator) -> Callable[[], None]:
    """Take everything out of the local AWS."""
    return lambda: signed(emulator, "POST", "/_ministack/reset").close()


@pytest.fixture
def exported(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that ``local`` prints for other tools."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", emulator.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", emulator.secret)


@pytest.fixture
def emulated(emulator: Emulator, emptied: Callable[[], None]) -> DataCloud:
    """The local AWS, emptied, through boto3."""
    from stacks.aws.stored_data import BotoData  # noqa: PLC0415 - as above

    emptied()
    return BotoData(REGION, endpoint_url=emulator.endpoint_url, credentials=emulator.credentials)


@pytest.fixture(params=["memory", pytest.param("emulated", marks=pytest.mark.emulator)])
def cloud(request: pytest.FixtureRequest) -> DataCloud:
    """Each cloud that must behave alike."""
    data_cloud: DataCloud = request.getfixturevalue(request.param)
    return data_cloud


@pytest.fixture
def write_log(request: pytest.FixtureRequest, cloud: DataCloud) -> Callable[[str, int, str], None]:
    """Write an event (group, milliseconds since 1970, message) as Lambda does."""
    if isinstance(cloud, MemoryCloud):
        return lambda group, at, text: cloud.logs[group].append(
            LogEvent(id=f"{at}/{len(cloud.logs[group])}", time=at, message=text)
        )
    emulator: Emulator = request.getfixturevalue("emulator")
    return lambda group, at, text: _put_log(emulator, group, at, text)


def _put_log(emulator: Emulator, group: str, at: int, text: str) -> None:
    import boto3  # noqa: PLC0415 - only tests marked so need it

    key, secret = emulator.credentials
    session: Any = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)
    logs = session.client("logs", endpoint_url=emulator.endpoint_url)
    logs.create_log_stream(logGroupName=group, logStreamName=f"{at}")
    logs.put_log_events(logGroupName=group, logStreamName=f"{at}", logEvents=[{"timestamp": at, "message": text}])


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    """A file to upload as code."""
    path = tmp_path / "web.zip"
    path.write_bytes(b"PK")
    return path
