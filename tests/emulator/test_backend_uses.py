"""What functions say they use works with the rights they get, on an AWS that checks them; nothing else does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.running import REGION, ROOT, STAGE, Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator

WORK = '''
import json, os
import boto3
from botocore.config import Config
from stacks_secrets import secret


def run(event, _context):
    """Use everything, and say what came of it; an event with records is kept in the bucket."""
    if "Records" in event and "Sns" in event["Records"][0]:
        boto3.client("s3").put_object(Bucket=os.environ["UPLOADS_BUCKET"], Key="told", Body=b"")
        return {}
    if event.get("detail-type") == "Placed":
        boto3.client("s3").put_object(Bucket=os.environ["UPLOADS_BUCKET"], Key=event["detail"]["order"], Body=b"")
        return {}
    if event == {"presign": True}:
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        s3 = boto3.client("s3", config=config)
        bucket, key = os.environ["UPLOADS_BUCKET"], "presigned"
        return s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key})
    if event == {"mail": True}:
        sender = os.environ["SHOP_SENDER"]
        text = {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hello"}}}
        boto3.client("ses").send_email(Source=sender, Destination={"ToAddresses": [sender]}, Message=text)
        return {}
    if event == {"publish": True}:
        for kind in ("Placed", "Paid"):
            entry = {"Source": "shop", "DetailType": kind, "Detail": json.dumps({"order": kind})}
            boto3.client("events").put_events(Entries=[{**entry, "EventBusName": os.environ["SHOP_BUS_NAME"]}])
        boto3.client("sns").publish(TopicArn=os.environ["NEWS_TOPIC_ARN"], Message="from run")
        return {}
    bucket = os.environ["UPLOADS_BUCKET"]
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    if "Records" in event:
        s3.put_object(Bucket=bucket, Key="heard", Body=event["Records"][0]["body"].encode())
        return {}
    cognito, pool = boto3.client("cognito-idp"), os.environ["USER_POOL_ID"]
    users = cognito.list_users(UserPoolId=pool)["Users"]
    s3.put_object(Bucket=bucket, Key="mine", Body=b"kept")
    sqs.send_message(QueueUrl=os.environ["JOBS_QUEUE_URL"], MessageBody="from run")
    denied = []
    for name, call in (
        ("table", lambda: boto3.client("dynamodb").scan(TableName="notes-dev-notes")),
        ("code", lambda: s3.list_objects_v2(Bucket=bucket.replace("uploads", "code"))),
        ("account", lambda: cognito.admin_delete_user(UserPoolId=pool, Username="ada@example.com")),
        ("parameter", lambda: boto3.client("ssm").get_parameter(Name="/notes-dev/other-key")),
        ("user", lambda: boto3.client("iam").create_user(UserName="mallory")),
    ):
        try:
            call()
        except Exception as error:
            denied.append([name, type(error).__name__])
    read = s3.get_object(Bucket=bucket, Key="mine")["Body"].read().decode()
    return {"read": read, "secrets": [secret("mail-key"), secret("push-key")], "denied": denied, "users": len(users)}
'''

ADDED = """
backend:
  queues: {jobs: true, archive: true}
  topics: {news: {queues: [archive], email: team@example.com}}
  buses: {shop: true}
  senders: {shop: shop@example.com}
  workflows:
    flow:
      definition:
        StartAt: Call
        States:
          Call:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Parameters: {FunctionName: "${functions.hear}", Payload: {detail-type: Placed, detail: {order: flowed}}}
            Next: Send
          Send:
            Type: Task
            Resource: arn:aws:states:::sqs:sendMessage
            Parameters: {QueueUrl: "${queues.archive}", MessageBody: from flow}
            End: true
  api: {cors: https://app.example.com}
  secrets:
    mail-key: given
    push-key: parameter
    other-key: parameter
"""
FUNCTION = """  functions:
    work:
      handler: lambda_src/jobs/work.py:run
      buckets: {uploads: read-write}
      queues: {jobs: send}
      users: read
      secrets: [mail-key, push-key]
      events: {queues: [jobs]}
      topics: {news: publish}
      buses: {shop: put}
      senders: {shop: send}
    hear:
      handler: lambda_src/jobs/work.py:run
      buckets: {uploads: write}
      events:
        topics: [news]
        buses: {shop: {detail-type: [Placed]}}
        schedules: [{at: 'cron(0 9 ? * MON-FRI *)', zone: Europe/Berlin}]
"""


@pytest.fixture(scope="module")
def unset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example with a function that uses a bucket, a queue and given secrets, which have no values yet."""
    project = copied(tmp_path_factory.mktemp("uses"))
    (project.folder / "lambda_src/jobs").mkdir()
    (project.folder / "lambda_src/jobs/work.py").write_text(WORK, encoding="utf-8")
    file = project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ("\nbackend:\n  secrets:\n", ADDED),
        ("  functions:\n    web:\n      wsgi", f"{FUNCTION}    web:\n      wsgi"),
        ("\ndata:\n", "\ndata:\n  buckets: {uploads: {cors: https://app.example.com}}\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    with local_run(project) as running:
        assert "backend.secrets: mail-key, push-key have no value yet in dev" in running.output
        yield running


@pytest.fixture(scope="module")
def refused(unset: Running) -> str:
    """What a deploy says before the secrets have values."""
    return unset.project.run("deploy", "--yes", *unset.target).stderr


@pytest.fixture(scope="module")
def site(unset: Running, refused: str) -> Running:
    """The same with the values set, one of them twice."""
    assert refused
    for name in ("mail-key", "push-key", "push-key", "other-key"):
        _set(unset, name)
    return unset


def _set(running: Running, name: str) -> None:
    subprocess.run(
        [sys.executable, "build.py", "secrets", "set", name, *running.target],
        cwd=running.project.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=f"canary of {name}",
        text=True,
        check=True,
        capture_output=True,
    )


def test_a_deploy_is_refused_while_secrets_that_functions_read_have_no_values(refused: str) -> None:
    assert "backend.secrets: mail-key, push-key have no value yet in dev. Run 'python build.py secrets set" in refused


def test_a_parameter_is_listed_where_it_is_kept_until_it_is_removed(site: Running) -> None:
    before = site.command("secrets", "list")
    site.command("secrets", "rm", "other-key", "--yes")
    rows = [re.search(r"^other-key .*$", output, re.MULTILINE) for output in (before, site.command("secrets", "list"))]
    assert [row and row[0].split()[1:3] for row in rows] == [["parameter", "set"], ["parameter", "not"]]


def test_a_function_can_do_what_it_says_and_nothing_else(site: Running) -> None:
    answer = site.client("lambda", REGION).invoke(FunctionName=f"notes-{STAGE}-work", Payload=b"{}")
    loads: dict[str, Any] = json.loads(answer["Payload"].read())
    assert loads.get("read") == "kept", loads
    assert loads["secrets"] == ["canary of mail-key", "canary of push-key"]
    assert loads["users"] == 0
    assert [name for name, _ in loads["denied"]] == ["table", "code", "account", "parameter", "user"]


def test_a_message_starts_the_function(site: Running) -> None:
    sqs = site.client("sqs", REGION)
    sqs.send_message(QueueUrl=_queue(site, "JobsQueue"), MessageBody="hello")
    assert _kept(site, "heard") == ["heard"]


def test_a_published_message_reaches_functions_and_queues(site: Running) -> None:
    answer = site.client("lambda", REGION).invoke(FunctionName=f"notes-{STAGE}-work", Payload=b'{"publish": true}')
    assert answer["Payload"].read() == b"{}"
    assert _kept(site, "told") == ["told"]
    sqs = site.client("sqs", REGION)
    (message,) = sqs.receive_message(QueueUrl=_queue(site, "ArchiveQueue"), WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "from run"
    sqs.delete_message(QueueUrl=_queue(site, "ArchiveQueue"), ReceiptHandle=message["ReceiptHandle"])
    assert (_kept(site, "Placed"), _kept(site, "Paid", seconds=0.5)) == (["Placed"], [])


def test_a_schedule_in_a_time_zone_has_its_function_as_target(site: Running) -> None:
    schedule = site.client("scheduler", REGION).get_schedule(Name=f"notes-{STAGE}-hear-1")
    assert schedule["Target"]["Arn"].endswith(f":function:notes-{STAGE}-hear")


def test_a_workflow_calls_what_its_definition_names(site: Running) -> None:
    states = site.client("stepfunctions", REGION)
    (machine,) = states.list_state_machines()["stateMachines"]
    states.start_execution(stateMachineArn=machine["stateMachineArn"])
    assert _kept(site, "flowed") == ["flowed"]
    sqs = site.client("sqs", REGION)
    (message,) = sqs.receive_message(QueueUrl=_queue(site, "ArchiveQueue"), WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "from flow"


def test_a_page_uploads_by_a_presigned_url(site: Running) -> None:
    answer = site.client("lambda", REGION).invoke(FunctionName=f"notes-{STAGE}-work", Payload=b'{"presign": true}')
    url = json.loads(answer["Payload"].read())
    origin = {"Origin": f"http://127.0.0.1:{site.emulator.edge}"}
    with urlopen(Request(url, method="PUT", data=b"from a page", headers=origin), timeout=30) as response:
        assert response.status == 200
    assert _kept(site, "presigned") == ["presigned"]


def test_a_function_sends_e_mail_from_its_sender(site: Running) -> None:
    answer = site.client("lambda", REGION).invoke(FunctionName=f"notes-{STAGE}-work", Payload=b'{"mail": true}')
    assert json.loads(answer["Payload"].read()) == {}


def _queue(site: Running, logical_id: str) -> str:
    """The address of a queue of the backend."""
    urls = site.client("sqs", REGION).list_queues()["QueueUrls"]
    (queue,) = (url for url in urls if logical_id in url and "DeadLetters" not in url)
    return str(queue)


def _kept(site: Running, key: str, seconds: float = 30) -> list[str]:
    """The file that a function keeps in the bucket, once it is there."""
    bucket, deadline = site.outputs()["data"]["UploadsBucketName"], time.monotonic() + seconds
    results: list[str] = []
    while not results and time.monotonic() < deadline:
        listed = site.client("s3", REGION).list_objects_v2(Bucket=bucket, Prefix=key)
        results = [content["Key"] for content in listed.get("Contents", [])]
        time.sleep(0.2)
    return results


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 204), ("GET", 401)])
def test_preflight_and_refusals_name_the_one_origin(site: Running, method: str, status: int) -> None:
    api = site.outputs()["backend"]["ApiId"]
    url = f"{site.emulator.endpoint_url}/_aws/execute-api/{api}/{STAGE}/api/notes"
    answer = _ask(Request(url, method=method, headers={"Origin": "https://evil.example"}))
    assert answer == (status, "https://app.example.com")


def _ask(request: Request) -> tuple[int, str | None]:
    try:
        with urlopen(request, timeout=30) as response:
            return response.status, response.headers["Access-Control-Allow-Origin"]
    except HTTPError as refused:
        return refused.code, refused.headers["Access-Control-Allow-Origin"]
