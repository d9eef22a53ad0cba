"""The gateway and the edge against a stand-in emulator: an ASGI application that notes what reaches it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest

from stacks.local.front.asgi import at_home, body_of, bucket_and_key, never, once
from stacks.local.front.edge import Edge, for_browser, for_site, newest_distribution, routed
from stacks.local.front.gateway import BODY_LIMIT, Gateway, read_notices, stack_name
from stacks.local.front.misses import with_misses

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.local.front.asgi import AsgiApp, AsgiScope, Message, Receive, Send

LISTING = """<DistributionList><Items>
<DistributionSummary><Id>1</Id><LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>
<DomainName>dold.cloudfront.net</DomainName><Enabled>true</Enabled>
<Origins><Items><Origin><DomainName>localhost</DomainName></Origin></Items></Origins></DistributionSummary>
<DistributionSummary><Id>2</Id><LastModifiedTime>2026-01-02T00:00:00Z</LastModifiedTime>
<DomainName>dnew.cloudfront.net</DomainName><Enabled>true</Enabled></DistributionSummary>
<DistributionSummary><Id>3</Id><LastModifiedTime>2026-01-03T00:00:00Z</LastModifiedTime>
<DomainName>doff.cloudfront.net</DomainName><Enabled>false</Enabled></DistributionSummary>
</Items></DistributionList>"""


@dataclass(slots=True)
class StandIn:
    """Knows no trails; answers everything else with ``answer`` and keeps what it was asked."""

    answer: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["method"], scope["path"], headers, body))
        refused = "/cloudformation/" in headers.get("authorization", "") and b"Unrecognized" in self._verdict(body)
        answer = (
            self._verdict(body) if refused else LISTING.encode() if "distribution" in scope["path"] else self.answer
        )
        await send({"type": "http.response.start", "status": 400 if refused else 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": answer[:3], "more_body": True})
        await send({"type": "http.response.body", "body": answer[3:]})

    @staticmethod
    def _verdict(body: bytes) -> bytes:
        known = b"AWS%3A%3ACloudTrail%3A%3ATrail" not in body
        return b"" if known else b"<Message>Unrecognized resource types: [AWS::CloudTrail::Trail]</Message>"

    @property
    def last(self) -> dict[str, str]:
        return dict(parse_qsl(self.asked[-1][3].decode(), keep_blank_values=True))


def call(
    app: AsgiApp, path: str = "/", method: str = "POST", body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an ASGI application's answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": pairs}
    asyncio.run(app(scope, once(body, never), send))  # type: ignore[arg-type]
    answer = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answer, b"".join(message.get("body", b"") for message in sent[1:])


def credential(key: str = "test", region: str = "us-east-1", service: str = "cloudformation") -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=1"
    )


def cloudformation(gateway: Gateway, action: str = "CreateChangeSet", key: str = "test", **form: str) -> bytes:
    body = urlencode({"Action": action, "Version": "2010-05-15", **form}).encode()
    return call(gateway, body=body, authorization=credential(key))[2]


@pytest.fixture
def emulator() -> StandIn:
    return StandIn()


@pytest.fixture
def gateway(emulator: StandIn, tmp_path: Path) -> Gateway:
    return Gateway(app=emulator, region="eu-west-1", port=4566, notices=tmp_path / "notices.jsonl")


TRAIL = {"Resources": {"T": {"Type": "AWS::CloudTrail::Trail"}, "Q": {"Type": "AWS::SQS::Queue"}}}


@pytest.mark.parametrize("action", ["CreateStack", "UpdateStack", "CreateChangeSet", "ValidateTemplate"])
def test_every_action_with_a_template_gets_a_localized_one(gateway: Gateway, emulator: StandIn, action: str) -> None:
    cloudformation(gateway, action, TemplateBody=json.dumps(TRAIL))
    assert json.loads(emulator.last["TemplateBody"])["Resources"] == {"Q": {"Type": "AWS::SQS::Queue"}}


def test_the_rest_of_the_form_stays(gateway: Gateway, emulator: StandIn) -> None:
    cloudformation(gateway, StackName="s", TemplateBody=json.dumps(TRAIL), Description="", RoleARN="arn:aws:x")
    assert {key: value for key, value in emulator.last.items() if key != "TemplateBody"} == {
        "Action": "CreateChangeSet",
        "Version": "2010-05-15",
        "StackName": "s",
        "Description": "",
        "RoleARN": "arn:aws:x",
    }


def test_the_length_of_the_new_form_is_reported(gateway: Gateway, emulator: StandIn) -> None:
    cloudformation(gateway, TemplateBody=json.dumps(TRAIL))
    _, _, headers, body = emulator.asked[-1]
    assert int(headers["content-length"]) == len(body)


def test_a_type_is_asked_about_once(gateway: Gateway, emulator: StandIn) -> None:
    cloudformation(gateway, TemplateBody=json.dumps(TRAIL))
    cloudformation(gateway, TemplateBody=json.dumps(TRAIL))
    actions = [parse_qs(body.decode())["Action"][0] for _, _, _, body in emulator.asked]
    assert actions == ["ValidateTemplate", "CreateChangeSet", "CreateChangeSet"]


def test_what_is_no_template_is_for_the_emulator_to_refuse(gateway: Gateway, emulator: StandIn) -> None:
    cloudformation(gateway, TemplateBody="nonsense")
    assert emulator.last["TemplateBody"] == "nonsense"


def test_every_region_is_home_for_cloudformation(gateway: Gateway, emulator: StandIn) -> None:
    cloudformation(gateway, "DescribeStacks")
    assert emulator.asked[-1][2]["authorization"] == credential(region="eu-west-1")


def test_a_signature_that_will_be_verified_is_left_alone(gateway: Gateway, emulator: StandIn) -> None:
    cloudformation(gateway, key="ASIAEXAMPLE", TemplateBody=json.dumps(TRAIL))
    assert json.loads(emulator.last["TemplateBody"]) == TRAIL


@pytest.mark.parametrize("service", ["s3", "cloudfront", "sts"])
def test_other_services_keep_their_region(service: str) -> None:
    assert at_home(credential(service=service), "eu-west-1") == credential(service=service)


def test_a_form_that_is_not_for_cloudformation_is_left_alone(gateway: Gateway, emulator: StandIn) -> None:
    body = urlencode({"Action": "CreateStack", "TemplateBody": json.dumps(TRAIL)}).encode()
    call(gateway, "/_aws/execute-api/a/dev/form", body=body)
    assert emulator.asked[-1][3] == body


def test_every_request_counts_as_https(gateway: Gateway, emulator: StandIn) -> None:
    call(gateway, "/bucket/key", "GET", X_Forwarded_Proto="http")
    assert emulator.asked[-1][2]["x-forwarded-proto"] == "https"


def test_notices_name_their_stack(gateway: Gateway) -> None:
    cloudformation(gateway, StackName="s", TemplateBody=json.dumps(TRAIL))
    assert read_notices(gateway.notices) == [
        {
            "stack": "s",
            "kind": "left out",
            "logical_id": "T",
            "type": "AWS::CloudTrail::Trail",
            "detail": "the local AWS has no such type",
        }
    ]


def test_a_stack_deployed_again_shows_its_notices_once(gateway: Gateway) -> None:
    for name in ("s", "arn:aws:cloudformation:eu-west-1:1:stack/s/uuid", "other"):
        cloudformation(gateway, StackName=name, TemplateBody=json.dumps(TRAIL))
    assert [notice["stack"] for notice in read_notices(gateway.notices)] == ["s", "other"]


def test_a_stack_that_needs_nothing_left_out_any_more_has_no_notices(gateway: Gateway) -> None:
    cloudformation(gateway, StackName="s", TemplateBody=json.dumps(TRAIL))
    cloudformation(gateway, StackName="s", TemplateBody=json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
    assert read_notices(gateway.notices) == []


def test_a_deleted_stack_has_no_notices(gateway: Gateway) -> None:
    cloudformation(gateway, StackName="s", TemplateBody=json.dumps(TRAIL))
    cloudformation(gateway, "DeleteStack", StackName="s")
    assert read_notices(gateway.notices) == []


def test_a_validated_template_leaves_no_notices(gateway: Gateway) -> None:
    cloudformation(gateway, "ValidateTemplate", TemplateBody=json.dumps(TRAIL))
    assert read_notices(gateway.notices) == []


def test_what_a_stack_lost_is_missing_in_the_stacks_that_read_it(gateway: Gateway, emulator: StandIn) -> None:
    producer = {**TRAIL, "Outputs": {"Arn": {"Value": {"Ref": "T"}}}}
    reads = {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "Arn", "Region": "us-east-1"}}
    consumer = {
        "Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": reads}}, **TRAIL["Resources"]}
    }
    cloudformation(gateway, StackName="s", TemplateBody=json.dumps(producer))
    cloudformation(gateway, StackName="t", TemplateBody=json.dumps(consumer))
    assert json.loads(emulator.last["TemplateBody"])["Resources"].keys() == {"Q"}


def test_a_template_that_became_too_long_goes_by_url(gateway: Gateway, emulator: StandIn) -> None:
    long = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Metadata": {"long": "q" * BODY_LIMIT}}}}
    cloudformation(gateway, TemplateBody=json.dumps(long))
    put = emulator.asked[-2]
    assert (put[0], f"http://127.0.0.1:4566{put[1]}") == ("PUT", emulator.last["TemplateURL"])


def test_a_template_by_url_is_read_from_its_bucket(gateway: Gateway, emulator: StandIn) -> None:
    emulator.answer = json.dumps(TRAIL).encode()
    cloudformation(gateway, TemplateURL="https://raw.s3.eu-west-1.amazonaws.com/a/b%20c.yaml")
    assert (emulator.asked[0][1], "TemplateURL" in emulator.last) == ("/raw/a/b c.yaml", False)


def test_get_template_answers_with_what_the_client_sent(gateway: Gateway, emulator: StandIn) -> None:
    sent = json.dumps(TRAIL)
    cloudformation(gateway, TemplateBody=sent)
    stored = emulator.last["TemplateBody"].replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    emulator.answer = f"<TemplateBody>{stored}</TemplateBody>".encode()
    assert cloudformation(gateway, "GetTemplate", StackName="s") == f"<TemplateBody>{sent}</TemplateBody>".encode()


@pytest.mark.parametrize(
    "url",
    [
        "https://raw.s3.eu-west-1.amazonaws.com/a/b",
        "https://raw.s3.amazonaws.com/a/b",
        "https://s3.eu-west-1.amazonaws.com/raw/a/b",
        "https://s3.amazonaws.com/raw/a/b?versionId=1",
        "http://127.0.0.1:4566/raw/a/b",
    ],
)
def test_a_template_url_names_bucket_and_key(url: str) -> None:
    assert bucket_and_key(url) == ("raw", "a/b")


@pytest.mark.parametrize("name", ["s", "arn:aws:cloudformation:eu-west-1:1:stack/s/uuid"])
def test_a_stack_is_known_by_name_and_by_arn(name: str) -> None:
    assert stack_name(name) == "s"


def test_the_newest_enabled_distribution_is_the_site() -> None:
    assert newest_distribution(LISTING) == "dnew.cloudfront.net"


def test_without_distributions_there_is_no_site() -> None:
    assert newest_distribution("<DistributionList></DistributionList>") is None


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://d1.cloudfront.net/a?b=c", "/a?b=c"),
        ("http://d1.cloudfront.net", "/"),
        ("/a", "/a"),
        ("https://d1.cloudfront.net.example.com/", "https://d1.cloudfront.net.example.com/"),
        ("https://example.com/", "https://example.com/"),
    ],
)
def test_redirects_to_the_distribution_stay_at_the_edge(location: str, expected: str) -> None:
    headers = [(b"Location", location.encode()), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
    assert for_browser(headers, "d1.cloudfront.net") == [(b"Location", expected.encode()), *headers[1:]]


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("http://127.0.0.1:80/form", "https://d1.cloudfront.net/form"),
        ("http://127.0.0.1:80", "https://d1.cloudfront.net"),
        ("http://127.0.0.1:8080/form", "http://127.0.0.1:8080/form"),
        ("https://evil.example.com/form", "https://evil.example.com/form"),
    ],
)
@pytest.mark.parametrize("name", [b"Referer", b"origin"])
def test_a_form_seems_to_come_from_the_distribution(name: bytes, sent: str, seen: str) -> None:
    headers = [(b"host", b"127.0.0.1:80"), (name, sent.encode()), (b"x-link", sent.encode())]
    assert for_site(headers, "d1.cloudfront.net")[1:] == [(name, seen.encode()), (b"x-link", sent.encode())]


@pytest.mark.parametrize("path", ["/login", "/logout", "/oauth2/token", "/health", "/_ministack/reset", "/v2/notes"])
def test_paths_the_emulator_would_take_are_the_applications(path: str) -> None:
    assert routed(path) == f"/{path}"


@pytest.mark.parametrize("path", ["/", "/login.html", "/api/login", "/static/x.css", "/v2x"])
def test_other_paths_choose_their_behaviour_as_they_are(path: str) -> None:
    assert routed(path) == path


def test_the_site_is_asked_for_by_its_own_name(gateway: Gateway, emulator: StandIn) -> None:
    call(Edge(gateway=gateway), "/a", "GET", host="127.0.0.1:9999")
    assert emulator.asked[-1][2]["host"] == "dnew.cloudfront.net"


def test_cognito_is_at_the_same_origin(gateway: Gateway, emulator: StandIn) -> None:
    call(Edge(gateway=gateway), "/_local/cognito/", body=b"{}", X_Amz_Target="x.SignUp", cookie="session=1")
    method, path, headers, body = emulator.asked[-1]
    assert (method, path, headers["x-amz-target"], body, "cookie" in headers) == ("POST", "/", "x.SignUp", b"{}", False)


def test_before_the_first_distribution_the_edge_says_so(tmp_path: Path) -> None:
    async def empty(_scope: AsgiScope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<DistributionList/>"})

    gateway = Gateway(app=empty, region="eu-west-1", port=1, notices=tmp_path / "n")
    status, headers, body = call(Edge(gateway=gateway), "/", "GET")
    assert (status, headers["content-type"], body[:28]) == (
        503,
        "text/plain; charset=utf-8",
        b"No distribution is deployed ",
    )


def test_the_edge_has_a_lifespan_of_its_own(gateway: Gateway, emulator: StandIn) -> None:
    waiting: list[Message] = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]
    sent: list[Any] = []

    async def receive() -> Message:
        return waiting.pop()

    async def send(message: Message) -> None:
        sent.append(message["type"])

    asyncio.run(Edge(gateway=gateway)({"type": "lifespan"}, receive, send))
    assert (sent, emulator.asked) == (["lifespan.startup.complete", "lifespan.shutdown.complete"], [])


def refusal(resource: str, code: str = "AccessDenied", content_type: bytes = b"application/xml") -> list[Message]:
    body = f"<Error><Code>{code}</Code><Message>Access Denied</Message><Resource>{resource}</Resource></Error>".encode()
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    return [
        {"type": "http.response.start", "status": 403, "headers": headers},
        {"type": "http.response.body", "body": body[:20], "more_body": True},
        {"type": "http.response.body", "body": body[20:]},
    ]


def judged(messages: list[Message], *existing: str) -> list[Message]:
    passed: list[Message] = []

    async def send(message: Message) -> None:
        passed.append(message)

    async def exists(path: str) -> bool:
        return path in existing

    async def run() -> None:
        checked_send = with_misses(send, exists)
        for message in messages:
            await checked_send(message)

    asyncio.run(run())
    return passed


def test_a_refusal_of_what_does_not_exist_is_not_found() -> None:
    start, body = judged(refusal("/b/a &amp; b.js"), "/b/other.js")
    assert (start["status"], dict(start["headers"])[b"content-length"]) == (404, str(len(body["body"])).encode())
    assert b"<Code>NoSuchKey</Code>" in body["body"]
    assert b"<Resource>/b/a &amp; b.js</Resource>" in body["body"]


@pytest.mark.parametrize(
    "messages",
    [
        refusal("/b/a &amp; b.js"),
        refusal("/b/gone.js", code="SignatureDoesNotMatch"),
        refusal("/b/gone.js", content_type=b"text/html"),
    ],
)
def test_other_refusals_stay_as_they_are(messages: list[Message]) -> None:
    assert judged(messages, "/b/a & b.js") == messages
