"""Who may reach the two ports of the local AWS: the gate in front of a stand-in that notes what passes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import boto3
import botocore.session
import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from stacks.local.front.asgi import never, once
from stacks.local.front.gate import Gate, Ports, SiteGate
from stacks.local.front.signatures import claims, is_genuine
from stacks.local.front.unsigned import UNSIGNED_TARGETS

if TYPE_CHECKING:
    from stacks.local.front.asgi import AsgiScope, Message, Receive, Send

PORTS = Ports(gateway=4566, edge=8080)
KEY, SECRET = "LOCALABCDEFGHIJKLMNO", "a-secret-of-this-run"
SITE, EVIL = "http://127.0.0.1:8080", "https://evil.example"
OPEN = [(b"Access-Control-Allow-Origin", b"*"), (b"access-control-allow-headers", b"*"), (b"etag", b"1")]
API = "/_aws/execute-api/abc/dev/notes"
SIGN_UP = "AWSCognitoIdentityProviderService.SignUp"


@dataclass(slots=True)
class StandIn:
    """Answers everything for everybody, as the emulator does, and keeps what reached it."""

    reached: list[AsgiScope] = field(default_factory=list)

    async def __call__(self, scope: AsgiScope, _: Receive, send: Send) -> None:
        self.reached.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": OPEN})
            await send({"type": "http.response.body", "body": b"secret"})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def asgi(
    method: str, path: str, headers: dict[str, str], *, port: int = PORTS.gateway, kind: str = "http"
) -> AsgiScope:
    """A request as hypercorn hands it over; ``headers`` may name another Host."""
    raw, _, query = path.partition("?")
    all_headers = {"host": f"127.0.0.1:{port}"} | {
        name.lower().replace("_", "-"): value for name, value in headers.items()
    }
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in all_headers.items()]
    return {
        "type": kind,
        "method": method,
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "headers": pairs,
    }


def ask(app: Gate | SiteGate, scope: AsgiScope, body: bytes = b"") -> Answer:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, once(body, never), send))
    if sent[0]["type"] != "http.response.start":
        return Answer(0, {}, sent[0]["type"])
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(entry.get("body", b"") for entry in sent[1:]).decode())


@pytest.fixture
def emulator() -> StandIn:
    return StandIn()


@pytest.fixture
def gate(emulator: StandIn) -> Gate:
    return Gate(app=emulator, ports=PORTS, key=KEY, secret=SECRET)


@pytest.fixture
def site(emulator: StandIn) -> SiteGate:
    return SiteGate(app=emulator, ports=PORTS)


def by_us(method: str = "GET", path: str = "/", service: str = "lambda", **headers: str) -> AsgiScope:
    """A request signed with the keys of the run."""
    return by(Credentials(KEY, SECRET), method, path, service, **headers)


def by(keys: Credentials, method: str = "GET", path: str = "/", service: str = "lambda", **headers: str) -> AsgiScope:
    request: Any = AWSRequest(method, f"http://127.0.0.1:{PORTS.gateway}{path}", data=b"")
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(keys, service, "eu-west-1").add_auth(request)
    return asgi(method, path, dict(request.headers) | headers)


def presigned(keys: Credentials, *, old: bool = False) -> str:
    """A URL for ``GET /bucket/key``, without scheme and host."""
    request: Any = AWSRequest("GET", f"http://127.0.0.1:{PORTS.gateway}/bucket/key")
    if old:
        HmacV1QueryAuth(keys, expires=60).add_auth(request)
    else:
        S3SigV4QueryAuth(keys, "s3", "eu-west-1", expires=60).add_auth(request)
    parts = urlsplit(request.url)
    return f"{parts.path}?{parts.query}"


ROLE = Credentials("ASIA0123456789ABCDEF", "known to the emulator", "token")


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "LocalHost:4566"])
def test_a_signed_request_to_our_own_name_passes(gate: Gate, host: str) -> None:
    request: Any = AWSRequest("GET", f"http://{host}/", headers={"Host": host})
    SigV4Auth(Credentials(KEY, SECRET), "lambda", "eu-west-1").add_auth(request)
    assert ask(gate, asgi("GET", "/", dict(request.headers))).body == "secret"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:4566",
        "127.0.0.1:8080",
        "localhost.",
        "localhost.:4566",
        "[::1]:4566",
        "127.0.0.1.evil.example:4566",
        "abc.execute-api.localhost:4566",
        "bucket.localhost:4566",
        "0.0.0.0:4566",
        "0x7f000001:4566",
    ],
)
@pytest.mark.parametrize("path", ["/", API + "x", "/_ministack/ready", "/login"])
def test_no_other_name_is_answered(gate: Gate, emulator: StandIn, host: str, path: str) -> None:
    answer = ask(gate, by_us(path=path, Host=host))
    assert (answer.status, "its Host is not" in answer.body, emulator.reached) == (403, True, [])


@pytest.mark.parametrize(("path", "status"), [("/", 403), ("/login", 403), (API, 200)])
def test_only_the_api_is_called_by_name_alone_as_the_emulators_cloudfront_does(
    gate: Gate, path: str, status: int
) -> None:
    assert ask(gate, asgi("GET", path, {"Host": "localhost"})).status == status


FOREIGN = [
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": "http://localhost:9999", "Sec_Fetch_Site": "same-site"},
    {"Origin": "https://127.0.0.1:8080"},
    {"Origin": "http://127.0.0.1:8080.evil.example"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"},
    {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
]


@pytest.mark.parametrize("marks", FOREIGN, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "HEAD"])
def test_another_sites_page_is_refused_even_with_our_keys(
    gate: Gate, emulator: StandIn, method: str, marks: dict[str, str]
) -> None:
    answer = ask(gate, by_us(method, "/2015-03-31/functions", **marks))
    assert (answer.status, emulator.reached) == (403, [])
    assert not any(name.startswith("access-control-") for name in answer.headers)


def test_a_preflight_that_no_page_of_ours_sent_is_refused(gate: Gate, emulator: StandIn) -> None:
    assert ask(gate, asgi("OPTIONS", "/", {"Access_Control_Request_Method": "PUT"})).status == 403
    assert emulator.reached == []


@pytest.mark.parametrize("key", ["", "test", "000000000000", "AWS", "LOCALABCDEFGHIJKLMNOX", "LOCAL"])
@pytest.mark.parametrize("where", ["header", "query", "old query", "old header"])
def test_other_keys_are_refused(gate: Gate, emulator: StandIn, key: str, where: str) -> None:
    keys = Credentials(key, SECRET)
    scopes = {
        "header": by(keys),
        "query": asgi("GET", presigned(keys), {}),
        "old query": asgi("GET", presigned(keys, old=True), {}),
        "old header": asgi("GET", "/bucket/key", {"Authorization": f"AWS {key}:c2ln"}),
    }
    assert (ask(gate, scopes[where]).status, emulator.reached) == (403, [])


@pytest.mark.parametrize("scope", [by(Credentials(KEY, "x")), {**by_us(), "path": "/a", "raw_path": b"/a"}])
def test_our_key_with_another_signature_is_refused(gate: Gate, emulator: StandIn, scope: AsgiScope) -> None:
    answer = ask(gate, scope)
    assert (answer.status, answer.headers["x-amzn-errortype"], emulator.reached) == (403, "SignatureDoesNotMatch", [])


@pytest.mark.parametrize("old", [False, True])
def test_a_presigned_url_of_ours_passes_until_it_expires(gate: Gate, *, old: bool) -> None:
    url = presigned(Credentials(KEY, SECRET), old=old)
    assert ask(gate, asgi("GET", url, {})).status == 200
    past = url.replace("X-Amz-Expires=60", "X-Amz-Expires=0")
    past = past.replace("Expires=", "Expires=1&Was=") if old else past
    assert ask(gate, asgi("GET", past, {})).status == 403


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/bucket/key", {}),
        ("POST", "/", {"X_Amz_Target": "DynamoDB_20120810.Scan"}),
        ("POST", "/", {"X_Amz_Target": "AWSCognitoIdentityProviderService.AdminCreateUser"}),
        ("POST", "/", {"Content_Type": "application/x-www-form-urlencoded"}),
        ("POST", "/2015-03-31/functions/f/invocations", {}),
        ("POST", "/_ministack/reset", {}),
        ("GET", "/_ministack/lambda-code/f/x", {}),
        ("GET", "/health", {}),
        ("GET", "/_aws/execute-api/", {}),
        ("GET", "/_aws/execute-api//x", {}),
        ("POST", "/bucket", {"Content_Type": "multipart/form-data", "X_Amz_Target": "DynamoDB_20120810.Scan"}),
        ("PUT", "/bucket", {"Content_Type": "multipart/form-data"}),
    ],
)
def test_without_a_signature_nothing_of_aws_is_reached(
    gate: Gate, emulator: StandIn, method: str, path: str, headers: dict[str, str]
) -> None:
    assert (ask(gate, asgi(method, path, headers)).status, emulator.reached) == (403, [])


@pytest.mark.parametrize("origin", [None, SITE, "http://localhost:8080", "http://127.0.0.1:4566"])
def test_users_sign_in_without_keys(gate: Gate, origin: str | None) -> None:
    headers = {"X_Amz_Target": SIGN_UP} | ({"Origin": origin} if origin else {})
    answer = ask(gate, asgi("POST", "/", headers))
    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (200, origin)


def test_calls_without_a_signature_are_those_of_aws() -> None:
    session: Any = botocore.session.get_session()
    expected = set()
    for service in ("cognito-idp", "cognito-identity"):
        model = session.get_service_model(service)
        results = (model.operation_model(name) for name in model.operation_names)
        unsigned = [
            result.name for result in results if result.auth_type == "none" or result.auth == ["smithy.api#noAuth"]
        ]
        expected |= {f"{model.metadata['targetPrefix']}.{name}" for name in unsigned}
    assert expected == UNSIGNED_TARGETS


@pytest.mark.parametrize("old", [False, True])
def test_what_a_function_has_signed_is_for_the_emulator_to_check(gate: Gate, emulator: StandIn, *, old: bool) -> None:
    assert ask(gate, by(ROLE)).status == 200
    assert ask(gate, asgi("GET", presigned(ROLE, old=old), {})).status == 200
    assert ROLE.access_key.encode() in emulator.reached[0]["headers"][-1][1] + emulator.reached[1]["query_string"]


def test_a_role_does_not_reach_the_emulators_own_controls(gate: Gate, emulator: StandIn) -> None:
    assert (ask(gate, by(ROLE, "POST", "/_ministack/reset")).status, emulator.reached) == (403, [])


def test_a_page_of_another_origin_shows_an_object_that_a_function_has_signed(gate: Gate) -> None:
    url = presigned(ROLE)
    assert ask(gate, asgi("GET", url, {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "image"})).status == 200
    assert ask(gate, asgi("GET", url, {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"})).status == 403


@pytest.mark.parametrize("origin", [SITE, "http://localhost:8080"])
def test_the_site_uploads_with_a_signed_url(gate: Gate, origin: str) -> None:
    headers = {"Origin": origin, "Access_Control_Request_Method": "PUT"}
    assert ask(gate, asgi("OPTIONS", "/bucket/key", headers)).headers["access-control-allow-origin"] == origin
    assert ask(gate, asgi("PUT", presigned(ROLE), headers)).headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("marks", [{}, *FOREIGN], ids=str)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_the_application_is_public_and_keeps_its_own_cors(gate: Gate, method: str, marks: dict[str, str]) -> None:
    answer = ask(gate, asgi(method, API, marks))
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")


def test_the_application_is_not_called_with_invented_keys(gate: Gate, emulator: StandIn) -> None:
    assert (ask(gate, by(Credentials("test", "test"), path=API)).status, emulator.reached) == (403, [])


def test_cors_for_everybody_is_taken_back(gate: Gate) -> None:
    assert set(ask(gate, by_us()).headers) == {"etag"}


def test_a_person_is_led_to_a_sign_in_page(gate: Gate) -> None:
    opened = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert ask(gate, asgi("GET", "/oauth2/authorize?client_id=x", opened)).status == 200
    assert ask(gate, asgi("GET", "/oauth2/authorize", opened | {"Sec_Fetch_Dest": "iframe"})).status == 403
    assert ask(gate, asgi("POST", "/login", opened)).status == 403


def test_a_verified_request_reaches_the_emulator_as_the_accounts_root(gate: Gate, emulator: StandIn) -> None:
    ask(gate, by_us())
    authorization = dict(emulator.reached[0]["headers"])[b"authorization"]
    assert authorization.startswith(b"AWS4-HMAC-SHA256 Credential=test/")


@pytest.mark.parametrize("headers", [{}, {"Origin": EVIL}, {"Origin": SITE}, {"Host": "evil.example:4566"}], ids=str)
def test_websockets_are_refused(gate: Gate, site: SiteGate, emulator: StandIn, headers: dict[str, str]) -> None:
    for app, port in ((gate, 4566), (site, 8080)):
        assert ask(app, asgi("GET", "/", headers, port=port, kind="websocket")).body == "websocket.close"
    assert emulator.reached == []


@pytest.mark.parametrize("host", ["evil.example:8080", "127.0.0.1:4566", "localhost"])
def test_the_site_answers_by_its_own_name_only(site: SiteGate, emulator: StandIn, host: str) -> None:
    assert (ask(site, asgi("GET", "/", {"Host": host}, port=8080)).status, emulator.reached) == (403, [])


@pytest.mark.parametrize("marks", FOREIGN, ids=str)
def test_sign_in_at_the_site_is_for_its_own_pages(site: SiteGate, emulator: StandIn, marks: dict[str, str]) -> None:
    request = asgi("POST", "/_local/cognito/", {"X_Amz_Target": SIGN_UP} | marks, port=8080)
    assert (ask(site, request).status, emulator.reached) == (403, [])


def test_own_pages_sign_in_at_the_site(site: SiteGate) -> None:
    headers = {"X_Amz_Target": SIGN_UP, "Origin": SITE, "Sec_Fetch_Site": "same-origin"}
    assert ask(site, asgi("POST", "/_local/cognito/", headers, port=8080)).status == 200


@pytest.mark.parametrize("target", ["DynamoDB_20120810.Scan", "AWSCognitoIdentityProviderService.ListUsers", ""])
def test_nothing_but_sign_in_passes_at_the_site(site: SiteGate, emulator: StandIn, target: str) -> None:
    request = asgi("POST", "/_local/cognito/", {"X_Amz_Target": target, "Origin": SITE}, port=8080)
    assert (ask(site, request).status, emulator.reached) == (403, [])


@pytest.mark.parametrize("marks", FOREIGN, ids=str)
def test_the_sites_own_pages_are_public(site: SiteGate, marks: dict[str, str]) -> None:
    assert ask(site, asgi("GET", "/", marks, port=8080)).status == 200


PATHS = st.lists(st.sampled_from(["a", "ü", "b c", "+", "%", "..", ".", "", "~", "x:y", "=&?"]), max_size=4)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6)
QUERIES = st.dictionaries(st.sampled_from(["a", "A b", "x-id", "ü", "list-type"]), VALUES, max_size=3)


@given(PATHS, QUERIES, st.sampled_from(["s3", "lambda", "dynamodb"]), st.binary(max_size=9), VALUES)
def test_signatures_are_those_of_botocore(
    parts: list[str], query: dict[str, str], service: str, body: bytes, value: str
) -> None:
    path = "/" + "/".join(quote(part, safe="~") for part in parts)
    sent = "&".join(f"{quote(name, safe='-_.~')}={quote(text, safe='-_.~')}" for name, text in query.items())
    headers = {"X-Amz-Meta-Own": value.strip() or "-", "Content-Type": "text/plain"}
    url = f"http://127.0.0.1:4566{path}" + (f"?{sent}" if sent else "")
    request: Any = AWSRequest("PUT", url, data=body, headers=headers)
    (S3SigV4Auth if service == "s3" else SigV4Auth)(Credentials(KEY, SECRET), service, "eu-west-1").add_auth(request)
    scope = asgi("PUT", path + (f"?{sent}" if sent else ""), dict(request.headers))
    (claim,) = claims(scope)
    assert claim
    assert is_genuine(claim, SECRET, scope, body)
    assert not is_genuine(claim, SECRET + "x", scope, body)
    assert not is_genuine(claim, SECRET, {**scope, "method": "GET"}, body)


@given(parts=PATHS, query=QUERIES, old=st.booleans())
def test_presigned_urls_are_those_of_botocore(parts: list[str], query: dict[str, str], *, old: bool) -> None:
    path = "/bucket/" + "/".join(quote(part, safe="~") for part in parts)
    sent = "&".join(f"{quote(name, safe='-_.~')}={quote(text, safe='-_.~')}" for name, text in query.items())
    request: Any = AWSRequest("GET", f"http://127.0.0.1:4566{path}" + (f"?{sent}" if sent else ""))
    if old:
        HmacV1QueryAuth(Credentials(KEY, SECRET), expires=60).add_auth(request)
    else:
        SigV4QueryAuth(Credentials(KEY, SECRET), "lambda", "eu-west-1", expires=60).add_auth(request)
    parsed = urlsplit(request.url)
    scope = asgi("GET", f"{parsed.path}?{parsed.query}", {})
    (claim,) = claims(scope)
    assert claim
    assert is_genuine(claim, SECRET, scope, b"")
    assert not is_genuine(claim, "another", scope, b"")


def test_a_presigned_url_of_boto3_is_genuine() -> None:
    session: Any = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="eu-west-1")
    url = session.client("s3", endpoint_url="http://127.0.0.1:4566").generate_presigned_url(
        "get_object", Params={"Bucket": "bucket", "Key": "a b", "ResponseContentType": "text/plain"}
    )
    parts = urlsplit(url)
    scope = asgi("GET", f"{parts.path}?{parts.query}", {})
    (claim,) = claims(scope)
    assert claim
    assert is_genuine(claim, SECRET, scope, b"")
