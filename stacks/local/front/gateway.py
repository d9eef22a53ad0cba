"""The AWS endpoint: every request counts as https; templates on their way to CloudFormation are adapted.

It talks to the emulator as any client does, by requests. Only the keys whose signatures the emulator does not verify
(``test`` and account numbers) are served so: a verified request that is changed would not verify any more.
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from .asgi import (
    CREDENTIAL,
    AsgiApp,
    AsgiScope,
    Message,
    RawHeaders,
    Receive,
    Send,
    at_home,
    body_of,
    bucket_and_key,
    header,
    never,
    once,
    replaced,
)
from .databases import Databases, clusters, with_databases
from .imported import ROUTES
from .localize import NoticeData, localize, original_answer, parse, resources_of, with_original
from .refused import Deployed, conflicts, created, import_refusals, refusals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.json_types import JsonDict

QueryForm = dict[str, str]

SENDS_TEMPLATE = frozenset({"CreateStack", "UpdateStack", "CreateChangeSet", "ValidateTemplate"})
BODY_LIMIT = 51_200  # bytes of TemplateBody; a longer template goes by TemplateURL (CloudFormation quotas)
BUCKET = "local-aws-long-templates"
OK = 200
_MOST_REASONS = 20
"""Reasons that one answer gives."""
NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of the front's own to the emulator; ``key`` is the access key it is made with.

    Only S3 looks at the region: a bucket is reached in its own, and only in us-east-1 it is made without naming one.
    """

    service: str
    method: str = "GET"
    path: str = "/"
    body: bytes = b""
    key: str = "test"
    region: str = "us-east-1"


@dataclass(slots=True, kw_only=True)
class Gateway:
    """The AWS endpoint: the emulator with templates adapted on their way in."""

    app: AsgiApp
    region: str
    port: int
    notices: Path
    site: str = ""
    """Where the edge serves the distribution: ``http://127.0.0.1:8080``."""
    account: str = "000000000000"
    databases: Databases | None = None
    _known: dict[str, bool] = field(default_factory=dict)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one ASGI request."""
        if scope["type"] == "http":
            scope = {**scope, "headers": _with_defaults(scope)}
            match = CREDENTIAL.search(header(scope["headers"], b"authorization"))
            if match and scope["method"] == "POST":
                await self._cloudformation(scope, receive, send, match["key"])
                return
        await self.app(scope, receive, send)

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """Status and body of the emulator's answer to a request of our own."""
        scope = f"{request.key}/20260101/{request.region}/{request.service}/aws4_request"
        headers = [
            (b"host", f"127.0.0.1:{self.port}".encode()),
            (b"x-forwarded-proto", b"https"),
            (b"content-length", str(len(request.body)).encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0".encode()),
        ]
        messages: list[Message] = []

        async def send(message: Message) -> None:
            messages.append(message)

        asked: AsgiScope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": request.method,
            "path": request.path,
            "raw_path": quote(request.path).encode(),
            "query_string": b"",
            "headers": headers,
        }
        await self.app(asked, once(request.body, never), send)
        return messages[0]["status"], b"".join(message.get("body", b"") for message in messages[1:])

    async def _cloudformation(self, scope: AsgiScope, receive: Receive, send: Send, key: str) -> None:
        form = dict(parse_qsl((await body_of(receive)).decode(), keep_blank_values=True))
        region = region_of(header(scope["headers"], b"authorization")) or self.region
        if form.get("Action") in SENDS_TEMPLATE:
            form, why = await self._adapted(form, key, region)
            if why:
                await refused(send, why)
                return
        elif form.get("Action") == "DeleteStack":
            self._note(stack_name(form.get("StackName", "")), [])
        body = urlencode(form).encode()
        authorization = at_home(header(scope["headers"], b"authorization"), self.region)
        headers = replaced(scope["headers"], authorization=authorization, content_length=str(len(body)))
        answer = _with_answer(send, CHANGED[form["Action"]]) if form.get("Action") in CHANGED else send
        await self.app({**scope, "headers": headers}, once(body, receive), answer)

    async def _adapted(self, form: QueryForm, key: str, region: str) -> tuple[QueryForm, str | None]:
        """The form with its template localized, or why AWS refuses it; untouched when it cannot be read."""
        try:
            original = await self._template(form, key)
            template = parse(original)
        except ValueError:
            return form, None
        if why := await self._refusal(template, form, key, region):
            return form, why
        unknown = await self._unknown({str(body.get("Type")) for body in resources_of(template).values()}, key)
        stack = stack_name(form.get("StackName", ""))
        notices = read_notices(self.notices)
        missing = frozenset(
            f"{notice['stack']}/{notice['logical_id']}" for notice in notices if notice["type"] == "Output"
        )
        template, databases = await self._with_databases(template, stack, region)
        local, own_notices = localize(template, unknown, self.port, missing, self.site)
        own_notices += databases
        if stack:
            self._note(stack, own_notices)
        text = json.dumps(with_original(local, original), separators=(",", ":"))
        if form.get("ImportExistingResources") == "true":
            # MiniStack's validation counts buckets that are about to be imported as taken names.
            form = {**form, "DisableValidation": "true"}
        return await self._with_template(form, text, key), None

    async def _with_databases(self, template: JsonDict, stack: str, region: str) -> tuple[JsonDict, list[NoticeData]]:
        """The template with databases of this machine; the first of a cluster takes a second or two to start."""
        if self.databases is None or not (results := clusters(template)):
            return template, []
        started = {name: await asyncio.to_thread(self.databases.of, stack, name) for name in results}
        return with_databases(template, started, region, self.account)

    async def _refusal(self, template: JsonDict, form: QueryForm, key: str, region: str) -> str | None:
        """Why AWS refuses the template, its change of what is deployed, or what it would import."""
        name = form.get("StackName", "")
        changes = form.get("Action") == "UpdateStack" or form.get("ChangeSetType", "UPDATE") != "CREATE"
        deployed = await self._deployed(name, key) if name and changes else None
        results = refusals(template, form, region, deployed)
        results += import_refusals(template, form, deployed)
        wanted = created(template, form, region, deployed) if name else []
        if wanted and not results:
            results += conflicts(wanted, await self._held(key), stack_name(name))
        return "\n".join(results[:_MOST_REASONS]) or None

    async def _call(self, action: str, key: str, **more: str) -> ET.Element | None:
        body = urlencode({"Action": action, "Version": "2010-05-15", **more}).encode()
        request = Request(service="cloudformation", method="POST", body=body, key=key, region=self.region)
        status, answer = await self.ask(request)
        if status != OK or not answer:
            return None
        return ET.fromstring(original_answer(answer.decode()))  # noqa: S314 - the emulator's own

    async def _deployed(self, name: str, key: str) -> Deployed | None:
        """A stack as it is; None when there is none, or its template cannot be read."""
        answer = await self._call("GetTemplate", key, StackName=name)
        described = await self._call("DescribeStacks", key, StackName=name)
        if answer is None or described is None:
            return None
        if described.findtext(".//{*}StackStatus") in {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}:
            return None
        try:
            template = parse(answer.findtext(".//{*}TemplateBody") or "")
        except ValueError:
            return None
        members = described.findall(".//{*}Parameters/{*}member")
        values = {
            member.findtext("{*}ParameterKey") or "": member.findtext("{*}ParameterValue") or "" for member in members
        }
        return Deployed(template=template, parameters=values)

    async def _held(self, key: str) -> dict[tuple[str, str], str]:
        """What stacks hold: type and physical id → the stack's name."""
        held: dict[tuple[str, str], str] = {}
        listed = await self._call("DescribeStacks", key)
        for element in [] if listed is None else listed.findall(".//{*}Stacks/{*}member"):
            name = element.findtext("{*}StackName") or ""
            resources = await self._call("ListStackResources", key, StackName=name)
            for resource in [] if resources is None else resources.iter():
                kind, physical = resource.findtext("{*}ResourceType"), resource.findtext("{*}PhysicalResourceId")
                if kind and physical and not (resource.findtext("{*}ResourceStatus") or "").startswith("DELETE"):
                    held[kind, physical] = name
        return held

    def _note(self, stack: str, notices: list[NoticeData]) -> None:
        others = [notice for notice in read_notices(self.notices) if notice["stack"] != stack]
        write_notices(self.notices, others + [{"stack": stack, **notice} for notice in notices])

    async def _template(self, form: QueryForm, key: str) -> str:
        if "TemplateURL" not in form:
            return form.get("TemplateBody", "")
        bucket, name = bucket_and_key(form["TemplateURL"])
        for region in (self.region, "us-east-1"):
            status, body = await self.ask(Request(service="s3", path=f"/{bucket}/{name}", key=key, region=region))
            if status == OK:
                return body.decode()
        return ""

    async def _with_template(self, form: QueryForm, text: str, key: str) -> QueryForm:
        rest = {name: value for name, value in form.items() if name not in {"TemplateBody", "TemplateURL"}}
        if len(text.encode()) <= BODY_LIMIT:
            return {**rest, "TemplateBody": text}
        path = f"/{BUCKET}/{zlib.crc32(text.encode()):08x}.json"
        await self.ask(Request(service="s3", method="PUT", path=f"/{BUCKET}", key=key))
        await self.ask(Request(service="s3", method="PUT", path=path, body=text.encode(), key=key))
        return {**rest, "TemplateURL": f"http://127.0.0.1:{self.port}{path}"}

    async def _unknown(self, types: set[str], key: str) -> frozenset[str]:
        """The types the emulator refuses, as ValidateTemplate reports; each type is checked once."""
        asked = sorted(name for name in types - self._known.keys() if not name.startswith("AWS::Serverless::"))
        if asked:
            probe = json.dumps({"Resources": {f"R{n}": {"Type": name} for n, name in enumerate(asked)}})
            body = urlencode({"Action": "ValidateTemplate", "Version": "2010-05-15", "TemplateBody": probe}).encode()
            _, answer = await self.ask(Request(service="cloudformation", method="POST", body=body, key=key))
            match = re.search(rb"Unrecognized resource types: \[(.*?)\]", answer)
            refused = set(match[1].decode().split(", ")) if match else set()
            self._known |= {name: name not in refused for name in asked}
        return frozenset(name for name in types if not self._known.get(name, True))


def _with_defaults(scope: AsgiScope) -> RawHeaders:
    """The headers of a request that came by https; API Gateway returns binary bodies only for ``Accept: */*``."""
    headers = replaced(scope["headers"], x_forwarded_proto="https")
    plain = scope["path"].startswith("/_aws/execute-api/") and not header(headers, b"accept")
    return [*headers, (b"accept", b"*/*")] if plain else headers


def region_of(authorization: str) -> str | None:
    """The region that a request was signed for."""
    match = re.search(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/", authorization)
    return match[1] if match else None


def stack_name(name: str) -> str:
    """The name in a StackName parameter, which may be a stack's ARN."""
    return name.rpartition(":stack/")[2].partition("/")[0]


def read_notices(path: Path) -> list[NoticeData]:
    """The notices of every stack, in the order their stacks came."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_notices(path: Path, notices: list[NoticeData]) -> None:
    """Put the notices in the place of the old ones, so that no reader sees half of them."""
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(json.dumps(notice) + "\n" for notice in notices), encoding="utf-8")
    fresh.replace(path)


async def refused(send: Send, why: str) -> None:
    """Answer as CloudFormation refuses a template."""
    error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{escape(why)}</Message></Error>"
    body = f'<ErrorResponse xmlns="{NAMESPACE}">{error}<RequestId>local</RequestId></ErrorResponse>'.encode()
    headers = [(b"content-type", b"text/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def without_routes(answer: str) -> str:
    """An answer without the resources that stand for the routes of a body, but for those that failed."""
    if ROUTES not in answer:
        return answer
    root = ET.fromstring(answer)  # noqa: S314 - the emulator's own
    for holder in root.iter():
        for member in list(holder):
            named = member.find("{*}LogicalResourceId")
            if named is None:
                named = member.find("{*}ResourceChange/{*}LogicalResourceId")
            status = member.findtext("{*}ResourceStatus") or ""
            if named is not None and (named.text or "").startswith(ROUTES) and not status.endswith("FAILED"):
                holder.remove(member)
    ET.register_namespace("", NAMESPACE)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


CHANGED: dict[str, Callable[[str], str]] = {
    "GetTemplate": original_answer,
    **dict.fromkeys(
        (
            *("DescribeChangeSet", "DescribeStackEvents", "DescribeStackResourceDrifts"),
            *("DescribeStackResources", "ListStackResources"),
        ),
        without_routes,
    ),
}
"""Actions whose answers differ from the emulator's."""


def _with_answer(send: Send, changed: Callable[[str], str]) -> Send:
    """A ``send`` that holds an answer back until it is whole, to change it."""
    start: list[Message] = []
    chunks: list[bytes] = []

    async def held(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            body = changed(b"".join(chunks).decode()).encode()
            headers = replaced(start[0]["headers"], content_length=str(len(body)))
            await send({**start[0], "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return held
