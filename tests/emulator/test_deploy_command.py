"""``python build.py deploy`` and ``destroy`` against an account: once, again, after a change, and gone."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.accounts import PASSWORD
from tests.running import STAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.running import Running

pytestmark = pytest.mark.emulator
STACKS = ["base", "data", "frontend-edge", "backend", "frontend", "frontend-logs-edge"]


@pytest.fixture(scope="module")
def deployed(account: Running) -> Running:
    """The module's account with the example in it; what a test changes in the project, it deploys."""
    account.command("deploy", "--yes")
    return account


def site_versions(running: Running) -> dict[str, int]:
    """How often each static file was put; our own notes of releases are none."""
    bucket = running.outputs()["frontend"]["SiteBucketName"]
    versions = running.client("s3").list_object_versions(Bucket=bucket)["Versions"]
    keys = [version["Key"] for version in versions if not version["Key"].startswith(".stacks/")]
    return {key: keys.count(key) for key in sorted(set(keys))}


def test_the_deployed_site_answers(deployed: Running) -> None:
    assert "What is on your mind?" in deployed.visitor().ask("/").text


def test_the_site_gets_the_cognito_of_this_machine(deployed: Running) -> None:
    endpoint = deployed.visitor().ask("/app/config.json").json()["cognitoEndpoint"]
    assert endpoint == "/_local/cognito/"


def test_deployed_again_no_stack_changes_and_no_file_is_put(deployed: Running) -> None:
    before = site_versions(deployed)
    output = deployed.command("deploy", "--yes")
    assert re.findall(r"^([\w-]+): \S+ \(.*\)\n  nothing to change$", output, re.MULTILINE) == STACKS
    assert re.findall(r"^files: (\d+) to put", output, re.MULTILINE) == ["0"]
    assert site_versions(deployed) == before


def test_a_changed_page_is_put_alone_and_the_cdn_forgets_it(deployed: Running) -> None:
    before = site_versions(deployed)
    with (deployed.project.folder / "site/index.html").open("a") as page:
        page.write("<!-- changed -->\n")
    output = deployed.command("deploy", "--yes")
    assert output.count("nothing to change") == len(STACKS)
    assert site_versions(deployed) == {**before, "app/index.html": 2}
    assert "the CDN invalidates /app/ /app/index.html\n" in output
    cdn = deployed.client("cloudfront")
    distribution = deployed.outputs()["frontend"]["DistributionId"]
    newest = cdn.list_invalidations(DistributionId=distribution)["InvalidationList"]["Items"][0]
    invalidation = cdn.get_invalidation(DistributionId=distribution, Id=newest["Id"])["Invalidation"]
    assert invalidation["InvalidationBatch"]["Paths"]["Items"] == ["/app/", "/app/index.html"]


def test_a_deployment_changes_what_diff_announced(deployed: Running) -> None:
    assert deployed.project.run("diff", "--json", *deployed.target).returncode == 0
    folder = deployed.project.folder
    for name, text in (("lambda_src/api/notes.py", "# changed\n"), ("site/index.html", "<!-- again -->\n")):
        with (folder / name).open("a") as file:
            file.write(text)
    (folder / "site/new.html").write_text("<p>new</p>")
    described = folder / "app.yaml"
    more = "alarms: {email: team@example.com}\n"
    described.write_text(f"{described.read_text()}{more}")
    result = deployed.project.run("diff", "--json", *deployed.target)
    assert result.returncode == 3, result.stdout
    changes = [(load["stack"], change) for load in json.loads(result.stdout) for change in load["changes"]]
    announced = {(stack, entry["name"]) for stack, entry in changes if entry["section"] == "Resources"}
    files = {entry["name"] for _, entry in changes if entry["section"] == "Files"}
    output = deployed.command("deploy", "--yes")
    stacks = re.split(r"^([\w-]+): notes-dev-\S+ \(.*\)$", output, flags=re.MULTILINE)
    done = {
        (stack, name)
        for stack, lines in zip(stacks[1::2], stacks[2::2], strict=True)
        for name in re.findall(r"^  [+~>-] (\w+)  AWS::", lines, re.MULTILINE)
    }
    assert done == announced
    assert files == {"app/index.html", "app/new.html"}
    assert re.findall(r"^files: (\d+) to put", output, re.MULTILINE) == ["2"]
    assert deployed.project.run("diff", *deployed.target).returncode == 0


def test_one_stack_can_be_deployed_by_itself(deployed: Running) -> None:
    output = deployed.command("deploy", "data", "--yes")
    names = re.findall(r"^([\w-]+): ", output, re.MULTILINE)
    assert [name for name in names if name in STACKS] == ["data"]


def test_destroy_does_not_begin_unasked(deployed: Running) -> None:
    done = deployed.project.run("destroy", *deployed.target)
    assert done.returncode == 1
    assert "data: notes-dev-data (eu-west-1): " in done.stdout
    assert "termination protection" in done.stderr
    done = deployed.project.run("destroy", "--unprotect", *deployed.target)
    assert done.returncode == 2
    assert done.stderr.startswith("destroy: ")
    assert "--yes" in done.stderr
    assert list(deployed.outputs()) == STACKS


def test_destroy_leaves_no_stack_and_names_what_it_leaves(own_account: Running) -> None:
    own_account.command("deploy", "--yes")
    pool = own_account.outputs()["data"]["UserPoolId"]
    output = own_account.command("destroy", "--unprotect", "--yes")
    for region in ("eu-west-1", "us-east-1"):
        assert own_account.client("cloudformation", region).describe_stacks()["Stacks"] == []
    kept = re.findall(r"^  kept: (\S+) \((\S+), \w+\)$", output, re.MULTILINE)
    assert ("notes-dev-notes", "AWS::DynamoDB::Table") in kept
    assert (pool, "AWS::Cognito::UserPool") in kept
    assert own_account.client("dynamodb").list_tables()["TableNames"] == ["notes-dev-notes"]
    again = own_account.command("destroy", "--unprotect", "--yes")
    assert again.count("does not exist") + again.count("is gone already") == len(STACKS)
    assert f"unless 'import data UserPool={pool} --stage dev' comes first" in again
    gone = own_account.command("destroy", "--delete-data", "--yes")
    assert "  deleted for good: notes-dev-notes (AWS::DynamoDB::Table)" in gone
    assert own_account.client("dynamodb").list_tables()["TableNames"] == []
    assert own_account.client("s3").list_buckets()["Buckets"] == []
    done = own_account.project.run("outputs", *own_account.target)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_destroyed_stage_is_deployed_again_with_its_files(own_account: Running) -> None:
    own_account.command("deploy", "--yes")
    bucket = own_account.outputs()["frontend"]["SiteBucketName"]
    own_account.client("s3").put_object(Bucket=bucket, Key="mine.txt", Body=b"still here")
    own_account.command("destroy", "--unprotect", "--empty-buckets", "--yes")
    output = own_account.command("import", "frontend", "--yes")
    assert re.findall(r"^  > (\w+)  AWS::", output, re.MULTILINE) == ["SiteBucket"]
    output = own_account.command("deploy", "--yes")
    assert re.findall(r"taken back as they were before: (.*)", output) == [
        "ArtifactBucket, LogBucket, TrailBucket",
        "NotesTable",
    ]
    assert own_account.client("s3").get_object(Bucket=bucket, Key="mine.txt")["Body"].read() == b"still here"
    assert own_account.visitor().ask("/").status == 200


def test_a_table_and_a_pool_that_outlived_their_stack_come_back_with_notes_and_people(own_account: Running) -> None:
    own_account.command("deploy", "data", "--yes")
    tables, people = own_account.client("dynamodb"), own_account.client("cognito-idp")
    pool = own_account.outputs()["data"]["UserPoolId"]
    person = {"UserPoolId": pool, "Username": "ada@example.com", "TemporaryPassword": PASSWORD}
    people.admin_create_user(**person, MessageAction="SUPPRESS")
    item = {"owner": {"S": "somebody"}, "id": {"S": "1"}, "text": {"S": "still here"}}
    tables.put_item(TableName="notes-dev-notes", Item=item)
    own_account.command("destroy", "data", "--unprotect", "--yes")
    own_account.command("import", "data", f"UserPool={pool}", "--yes")
    output = own_account.command("deploy", "data", "--yes")
    assert "UserPool" not in re.findall(r"^  \+ (\w+) ", output, re.MULTILINE)
    assert own_account.outputs()["data"]["UserPoolId"] == pool
    assert len(people.list_users(UserPoolId=pool)["Users"]) == 1
    assert tables.scan(TableName="notes-dev-notes")["Items"] == [item]
    assert own_account.command("deploy", "data", "--yes").count("nothing to change") == 1


_KEPT = {"content-type", "if-match", "if-none-match", "range", "x-amz-target"}


class _Between(BaseHTTPRequestHandler):
    """Passes every call on to the AWS endpoint; when a change set runs, ``reached`` is told of each action first."""

    endpoint: str
    keys: tuple[str, str]
    reached: Callable[[str], None]
    runs = False

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        call = urllib.request.Request(self.endpoint + self.path, body or None, self._signed(body), method=self.command)
        try:
            with urllib.request.urlopen(call) as response:
                status, headers, answer = response.status, response.headers, response.read()
        except urllib.error.HTTPError as refused:
            with refused:
                status, headers, answer = refused.code, refused.headers, refused.read()
        self.send_response(status)
        for name in {"Content-Type", "ETag"} & {*headers}:
            self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        action = dict(parse_qsl(body.decode(errors="replace"))).get("Action", "")
        type(self).runs |= action == "ExecuteChangeSet"
        if self.runs:
            type(self).reached(action)
        self.wfile.write(answer)

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = _pass_on  # noqa: N815 - the base class wants these names

    def _signed(self, body: bytes) -> dict[str, str]:
        """The headers that say what is asked, signed anew: the signature is for the address that is called."""
        _, _, region, service, _ = self.headers["Authorization"].partition("Credential=")[2].split(",")[0].split("/")
        kept = {name: text for name, text in self.headers.items() if name.lower() in _KEPT}
        request = AWSRequest(self.command, self.endpoint + self.path, headers=kept, data=body)
        auth = S3SigV4Auth if service == "s3" else SigV4Auth
        auth(Credentials(*self.keys), service, region).add_auth(request)
        return dict(request.headers.items())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


MOMENTS = (
    (signal.SIGINT, "ExecuteChangeSet", "base"),
    (signal.SIGTERM, "DescribeStackEvents", "data"),
    (signal.SIGHUP, "ExecuteChangeSet", "frontend-edge"),
)


def test_a_signal_while_a_stack_is_at_work_says_that_it_goes_on_and_the_next_deploy_completes(
    own_account: Running,
) -> None:
    stacks = [stack for _, _, stack in MOMENTS]
    for number, moment, stack in MOMENTS:
        code, errors = interrupted(own_account, number, moment, *stacks)
        assert code == 130, errors
        assert errors.count("\n") == 1
        assert "goes on in AWS" in errors
        assert f"aws cloudformation describe-stack-events --stack-name notes-dev-{stack} --region " in errors
    own_account.command("deploy", *stacks, "--yes")
    assert own_account.command("deploy", *stacks, "--yes").count("nothing to change") == len(stacks)


def interrupted(account: Running, number: signal.Signals, moment: str, *stacks: str) -> tuple[int, str]:
    """Exit code and messages of a deploy that gets a signal at the first ``moment`` after a change set has begun."""
    started = threading.Event()
    process_ids: list[int] = []

    def interrupt(action: str) -> None:
        if action == moment:
            started.wait(30)
            os.kill(process_ids[0], number)

    keys = (account.emulator.key, account.emulator.secret)
    attributes = {"endpoint": account.emulator.endpoint_url, "keys": keys, "reached": interrupt}
    handler = type("Handler", (_Between,), attributes)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as between:
        thread = threading.Thread(target=between.serve_forever)
        thread.start()
        words = (*stacks, "--stage", STAGE, "--endpoint-url", f"http://127.0.0.1:{between.server_port}", "--yes")
        variables = {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
        with account.project.started("deploy", *words, **variables) as process:
            process_ids.append(process.pid)
            started.set()
            _, errors = process.communicate(timeout=60)
        between.shutdown()
        thread.join()
    return process.returncode, errors
