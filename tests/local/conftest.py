"""One local AWS per test session, reached as any user would; tests that want one are marked ``emulator``."""

from __future__ import annotations

import http.client
import itertools
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from stacks.local.emulator import Emulator, Notice, local_aws, notices

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME_REGION = "eu-west-1"
NUMBERS = itertools.count()


def _await_another_second() -> None:
    """The AWS CLI names change sets by the second, so two deploys of a stack within one would collide."""
    now = int(time.time())
    while int(time.time()) == now:
        time.sleep(0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the site answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A local AWS and what a user does with it."""

    emulator: Emulator
    templates: Path = field(default=Path(__file__).parent / "templates")

    def client(self, service: str, region: str = HOME_REGION) -> Any:
        """A boto3 client with the keys that stand for the account's root."""
        key, secret = self.emulator.credentials
        session: Any = boto3.session.Session(
            aws_access_key_id=key, aws_secret_access_key=secret, region_name=region, profile_name=None
        )
        config = Config(retries={"total_max_attempts": 1})
        return session.client(service, endpoint_url=self.emulator.endpoint_url, config=config)

    def cli(self, *arguments: str, region: str = HOME_REGION) -> str:
        """What the AWS CLI prints; the test fails when it does."""
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.emulator.home),
            "AWS_ACCESS_KEY_ID": self.emulator.key,
            "AWS_SECRET_ACCESS_KEY": self.emulator.secret,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL_S3": self.emulator.endpoint_url,
            "AWS_PAGER": "",
        }
        program = str(Path(sys.executable).parent / "aws")
        command = [sys.executable, program, *arguments, "--endpoint-url", self.emulator.endpoint_url]
        if "deploy" in arguments:
            _await_another_second()
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def template(self, name: str) -> str:
        return (self.templates / f"{name}.yaml").read_text(encoding="utf-8")

    def deploy(self, stack: str, template: str, region: str = HOME_REGION) -> None:
        """Create or update a stack with a change set, as the deployer does."""
        cloudformation = self.client("cloudformation", region)
        known = {result["StackName"] for result in cloudformation.describe_stacks()["Stacks"]}
        change = {"StackName": stack, "ChangeSetName": f"change-{next(NUMBERS)}"}
        cloudformation.create_change_set(
            **change,
            ChangeSetType="UPDATE" if stack in known else "CREATE",
            TemplateBody=template,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        cloudformation.get_waiter("change_set_create_complete").wait(**change, WaiterConfig={"Delay": 1})
        cloudformation.execute_change_set(**change)
        done = "stack_update_complete" if stack in known else "stack_create_complete"
        cloudformation.get_waiter(done).wait(StackName=stack, WaiterConfig={"Delay": 1})

    def deploy_site(self) -> None:
        """A whole application: the edge stack in us-east-1, the others at home, and one page."""
        self.deploy("raw-edge", self.template("edge"), region="us-east-1")
        for name in ("data", "backend", "frontend"):
            self.deploy(f"raw-{name}", self.template(name))
        page = {"Key": "app/index.html", "Body": b"<h1>Hi</h1>", "ContentType": "text/html; charset=utf-8"}
        self.client("s3").put_object(Bucket="raw-site", **page)

    def outputs(self, stack: str, region: str = HOME_REGION) -> dict[str, str]:
        result = self.client("cloudformation", region).describe_stacks(StackName=stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in result.get("Outputs", [])}

    def notices(self, stack: str) -> list[Notice]:
        return [notice for notice in notices(self.emulator.home) if notice.stack == stack]

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request to the site, as a browser would make it, without following redirects."""
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.edge, timeout=30)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=names)
            answer = connection.getresponse()
            return Answer(status=answer.status, headers=answer.getheaders(), body=answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with nothing in it but what other tests have left."""
    with local_aws(region=HOME_REGION, account="111111111111", home=tmp_path_factory.mktemp("local")) as emulator:
        yield Account(emulator=emulator)


@pytest.fixture(scope="session")
def site(account: Account) -> Account:
    """The account with a whole application in it."""
    account.deploy_site()
    return account
