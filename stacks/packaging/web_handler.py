"""API Gateway's events → calls of a WSGI or ASGI application, whose answers go back; ``stacks_web.py`` in a zip.

It runs inside Lambda, where nothing of this library exists: it imports the standard library, the application, and
serverless-wsgi (which builds the WSGI environment) or ``stacks_asgi`` (which speaks ASGI). ``WSGI_APP`` or ``ASGI_APP``
names the application: ``module:attribute``, or ``module:factory('literal', key=1)`` for a function that makes one. All
are imported once, at cold start.

Answers are put together here, because serverless-wsgi decodes every text as UTF-8 (another encoding fails), does not
close what the application hands over, and gives Lambda answers that are over its limit.
"""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stacks.json_types import JsonDict, JsonObject

LIMIT = 6 * 1024 * 1024
"""Bytes of an event and of an answer (AWS Lambda developer guide, "Lambda quotas", synchronous invocation payload).

Base64 makes four characters of three bytes, so a binary body may have 4.5 MB.
"""

_TEXT = re.compile(r"text/.*|.*[/+](?:json|xml)|application/(?:javascript|x-www-form-urlencoded)")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?")
_API_GATEWAY = re.compile(r".*\.amazonaws\.com(?:\.cn)?")
_ESCAPED = sys.version_info < (3, 12)  # how Lambda's runtime writes characters that are not ASCII


def handler(event: JsonObject, context: object) -> JsonDict:
    """Answer one event of a REST API (payload 1.0), an HTTP API or a function URL (payload 2.0).

    With ``STRIP_STAGE_PATH=true`` the addresses that the application makes do not start with the stage's name, which
    is right behind CloudFront. The base path of a domain of your own becomes ``SCRIPT_NAME`` (``root_path``). The
    host that the viewer asked for is believed when the request proves that it came through our CloudFront
    (``_viewer_host``).

    A command of ``stacks run`` is run if it came through the alias for commands.

    Raises:
        TypeError: the event is neither, or a command that came another way.
    """
    if _is_command(event):
        return _run(event, context)
    if not _is_request(event):
        raise TypeError(_not_a_request(event))
    second = _is_second(event)
    if len(event.get("body") or "") > LIMIT:
        return _refusal(413, "The request is larger than the 6 MB (4.5 MB of binary) that Lambda takes.", second=second)
    if wrong := _wrong_token(event):
        return _refusal(401, wrong, second=second)
    request = _request(event)
    answer, content = _from_asgi(request, context) if "ASGI_APP" in os.environ else _from_wsgi(request, context)
    result = _answer(answer, b"" if _method(event) == "HEAD" else content, second=second)
    if _size(result) > LIMIT:
        what = f"{_method(event)} {request['path']}: the answer has {len(content)} bytes"
        print(f"{what}; Lambda takes 6 MB of text or 4.5 MB of binary", file=sys.stderr)  # noqa: T201 - the log
        return _refusal(500, "The answer is larger than the 6 MB (4.5 MB of binary) that Lambda takes.", second=second)
    return result


def _wrong_token(event: JsonObject) -> str | None:
    """Why a token that API Gateway let pass is refused; None for one that ``TOKEN_USE`` and ``TOKEN_CLIENTS`` allow.

    An ID token names its client in ``aud``, an access token in ``client_id``.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    """
    use, clients = os.environ.get("TOKEN_USE"), os.environ.get("TOKEN_CLIENTS", "").split()
    if not use and not clients:
        return None
    about = event["requestContext"].get("authorizer") or {}
    claims = (about.get("jwt") or about).get("claims") or {}
    if use and claims.get("token_use") != use:
        return f"This needs an {use} token."
    if clients and claims.get("client_id", claims.get("aud")) not in clients:
        return "This token is of another client."
    return None


def _is_request(event: Any) -> bool:
    """Whether an event is an HTTP request; a custom authorizer's event resembles one, but has a ``type``."""
    about = event.get("requestContext") if isinstance(event, dict) else None
    return (
        isinstance(about, dict) and "type" not in event and ("http" in about if _is_second(event) else "path" in event)
    )


def _is_command(event: Any) -> bool:
    """Whether an event is a command. No front door can send one: each sends an object with keys of its own."""
    return isinstance(event, dict) and set(event) == {"stacks_command"}


def _run(event: JsonObject, context: Any) -> JsonDict:
    """Run a command where commands are open, for a caller who may invoke the alias for them."""
    if os.environ.get("STACKS_COMMANDS") != "true" or not context.invoked_function_arn.endswith(":commands"):
        message = "Commands run with 'commands: true', and through the function's alias 'commands' only."
        raise TypeError(message)
    answer: JsonDict = import_module("stacks_commands").run(event["stacks_command"], context)
    return answer


def _not_a_request(event: object) -> str:
    """What is said about an event that no application can answer."""
    records = event.get("Records") if isinstance(event, dict) else None
    first = records[0] if records and isinstance(records, list) else event
    sources = (first.get(key) for key in ("eventSource", "EventSource", "source")) if isinstance(first, dict) else ()
    source = next(filter(None, sources), None)
    what = f"an event of {source}" if source else f"an event that is not an HTTP request ({json.dumps(event)[:80]})"
    named = os.environ.get("ASGI_APP") or os.environ.get("WSGI_APP")
    return f"{named} got {what}. It answers HTTP requests only: send this to a function with a 'handler'."


def _request(event: JsonObject) -> JsonDict:
    """The event as the application's adapter is to see it, with the ``script`` (``root_path``) and the ``host``.

    Each header has one value and each path starts where the application begins. Cookies are in the headers and in
    the list of payload 2.0, which some emulators leave out.
    """
    headers = _headers(event)
    if event.get("cookies"):
        headers["cookie"] = "; ".join(event["cookies"])
    host = _viewer_host(headers)
    prefix, path = _place(event)
    return {
        **event,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "cookies": [headers["cookie"]] if "cookie" in headers else [],
        "path": path,
        "rawPath": path,
        "script": _script(prefix, event, host or headers.get("host", "")),
        "host": host,
    }


def _headers(event: JsonObject) -> dict[str, str]:
    """One value for each header: browsers split cookies over several lines, and a WSGI environment has one.

    Names that differ by case only are one header. One with an underscore would become the same variable of the WSGI
    environment as its twin with a hyphen, which a proxy may have set; so it is left out, as nginx and gunicorn do.
    """
    many = event.get("multiValueHeaders") or {name: [text] for name, text in (event.get("headers") or {}).items()}
    values: dict[str, list[str]] = {}
    for name, texts in many.items():
        if "_" not in name:
            values.setdefault(name.lower(), []).extend(texts)
    joined = {name: ("; " if name == "cookie" else ", ").join(texts) for name, texts in values.items()}
    return {"host": "lambda", **joined}


def _place(event: JsonObject) -> tuple[str, str]:
    """What precedes the application in the event's path, and the path from there.

    Behind a domain's base path mapping the path starts with it, and payload 2.0's with a stage's name unless that is
    ``$default``. The path ends with the filled-in route, which shows where the application's part begins.
    """
    second = _is_second(event)
    path = str(event["rawPath"] if second else event["path"])
    plain, stage = unquote(path).rstrip("/"), _stage(event)
    route = event.get("resource") or event.get("routeKey", "").partition(" ")[2]
    parameters = event.get("pathParameters") or {}
    inside = unquote(re.sub(r"\{([^}+]+)\+?\}", lambda part: parameters.get(part[1], "\0"), route)).rstrip("/")
    prefix = ""
    if route and plain.endswith(inside):
        prefix = plain[: len(plain) - len(inside)]
    elif second and f"{plain}/".startswith(f"{stage}/"):
        prefix = stage
    return prefix, path[len(prefix) :] or "/"


def _script(prefix: str, event: JsonObject, host: str) -> str:
    """What the addresses start with that the application makes: a stage, or the base path of a domain of your own.

    A base path that is spelled like the stage cannot be distinguished from it in payload 2.0, and is taken for the
    stage.
    """
    stage = _stage(event)
    if _API_GATEWAY.fullmatch(host):
        stripped = os.environ.get("STRIP_STAGE_PATH", "").lower() == "true"
        return "" if stripped or stage == "/$default" else stage
    return "" if _is_second(event) and prefix == stage else prefix


def _viewer_host(headers: dict[str, str]) -> str:
    """The host in the browser's address bar, which CloudFront does not send as ``Host``; empty when it is not sure.

    A CloudFront Function sends it in ``x-viewer-host``. Anyone can send that to API Gateway itself, so it counts only
    when it is one of ``SITE_HOSTS``; ``*`` there says that a gate in front of API Gateway lets through only what our
    CloudFront sends.
    """
    host = headers.pop("x-viewer-host", "")
    headers.pop("x-origin-verify", None)  # the key of that gate
    hosts = os.environ.get("SITE_HOSTS", "").split()
    if not _HOST.fullmatch(host):
        return ""
    if host not in hosts and "*" not in hosts:
        _as_own_page(headers, host)
        return ""
    return host


def _as_own_page(headers: dict[str, str], host: str) -> None:
    """A page of the viewer's own host is one of the application's, though no address uses a host without proof.

    Protection against forged forms compares ``Referer`` or ``Origin`` with the host. No page elsewhere can pass: a form
    cannot send ``x-viewer-host``, and at our CloudFront it is what the browser asked, whose cookies are sent.
    """
    for name in ("origin", "referer"):
        page = headers.get(name, "")
        if page == f"https://{host}" or page.startswith(f"https://{host}/"):
            headers[name] = f"https://{headers['host']}{page.removeprefix(f'https://{host}')}"


def _from_wsgi(request: JsonObject, context: object) -> tuple[JsonDict, bytes]:
    """Status and headers as serverless-wsgi returns them, and the whole body."""
    content = bytearray()
    answer: JsonDict = _serverless_wsgi().handle_request(_recorded(request, content), request, context)
    return answer, bytes(content)


def _from_asgi(request: JsonObject, context: object) -> tuple[JsonDict, bytes]:
    """The same of an ASGI application."""
    body = request.get("body") or ""
    sent = base64.b64decode(body) if request.get("isBase64Encoded") else body.encode()
    status, headers, content = _server().respond(_scope(request, context, len(sent)), sent)
    many: dict[str, list[str]] = {}
    for name, value in headers:
        many.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return {"statusCode": status, "multiValueHeaders": many}, content


def _scope(request: JsonObject, context: object, length: int) -> JsonDict:
    """The request as an ASGI scope (https://asgi.readthedocs.io/en/stable/specs/www.html#http-connection-scope).

    ``path`` starts with ``root_path``, as the specification asks.
    """
    about, headers = request["requestContext"], dict(request["headers"])
    headers |= {"host": request["host"]} if request["host"] else {}
    headers |= {"content-length": str(length)} if length or "content-length" in headers else {}
    caller = about["http"] if _is_second(request) else about.get("identity", {})
    path = request["script"] + request["path"]
    host, _, port = headers["host"].partition(":")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": _method(request),
        "scheme": headers.get("x-forwarded-proto", "https"),
        "path": unquote(path),
        "raw_path": quote(path, safe="/%:@!$&'()*+,;=~").encode(),
        "root_path": request["script"],
        "query_string": _query(request).encode(),
        "headers": [(name.encode(), _bytes(value)) for name, value in headers.items() if name != "transfer-encoding"],
        "client": (caller.get("sourceIp", ""), 0),
        "server": (host, int(port or headers.get("x-forwarded-port", "443"))),
        "aws.event": request,
        "aws.context": context,
    }


def _query(request: JsonObject) -> str:
    if _is_second(request):
        return str(request.get("rawQueryString") or "")
    many = request.get("multiValueQueryStringParameters") or request.get("queryStringParameters") or {}
    return urlencode(many, doseq=True)


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _recorded(request: JsonObject, content: bytearray) -> Callable[..., list[bytes]]:
    """The application in its place, with its whole answer read into ``content`` and closed."""

    def run(environ: JsonDict, start_response: Callable[..., object]) -> list[bytes]:
        def start(status: str, headers: list[tuple[str, str]], problem: Any = None) -> Callable[[bytes], None]:
            start_response(status, headers, problem)
            return content.extend

        environ["SCRIPT_NAME"] = request["script"]
        if request["host"]:
            environ["HTTP_HOST"] = environ["SERVER_NAME"] = request["host"]
        parts = application()(environ, start)
        try:
            for part in parts:
                content.extend(part)
        finally:
            getattr(parts, "close", bool)()
        return []

    return run


def _answer(answer: JsonDict, content: bytes, *, second: bool) -> JsonDict:
    """The answer with its content. Payload 2.0 knows one value for each header, and a list for cookies."""
    headers: dict[str, list[str]] = {name: list(values) for name, values in answer["multiValueHeaders"].items()}
    result = {"statusCode": answer["statusCode"], **_body(content, headers)}
    if not second:
        return {**result, "multiValueHeaders": {**headers, **_for_other_origins(headers)}}
    cookies = [value for name, values in headers.items() if name.lower() == "set-cookie" for value in values]
    joined = {name.lower(): ", ".join(values) for name, values in headers.items() if name.lower() != "set-cookie"}
    return {**result, "headers": joined, "cookies": cookies}


def _for_other_origins(headers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Who else may read the answer, as the description says under ``api.cors``; headers of the application are kept.

    A REST API adds no headers to what functions answer; an HTTP API does, and replaces theirs.
    """
    origin = os.environ.get("CORS_ORIGINS")
    if not origin or any(name.lower() == "access-control-allow-origin" for name in headers):
        return {}
    credentials = os.environ.get("CORS_CREDENTIALS") == "true"
    allowed = {"Access-Control-Allow-Credentials": ["true"]} if credentials else {}
    return {"Access-Control-Allow-Origin": [origin], **allowed}


def _body(content: bytes, headers: Mapping[str, list[str]]) -> JsonDict:
    """Text as it is when it is UTF-8 and not compressed; everything else in base64."""
    by_name = {name.lower(): values[0] for name, values in headers.items()}
    kind = by_name.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if _TEXT.fullmatch(kind) and "content-encoding" not in by_name:
        try:
            return {"body": content.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(content).decode(), "isBase64Encoded": bool(content)}


def _refusal(status: int, text: str, *, second: bool) -> JsonDict:
    headers = {"multiValueHeaders": {"Content-Type": ["text/plain; charset=utf-8"], "Cache-Control": ["no-store"]}}
    return _answer({"statusCode": status, **headers}, f"{text}\n".encode(), second=second)


def _size(answer: JsonObject) -> int:
    """Bytes of the answer as Lambda counts them; a body that is small in any spelling is not written out for it."""
    longest = 6 * len(answer["body"])
    return longest if longest < LIMIT // 2 else len(json.dumps(answer, ensure_ascii=_ESCAPED).encode())


def _is_second(event: JsonObject) -> bool:
    return bool(event.get("version") == "2.0")


def _stage(event: JsonObject) -> str:
    return f"/{event['requestContext'].get('stage', '$default')}"


def _method(event: JsonObject) -> str:
    return str(event["requestContext"]["http"]["method"] if _is_second(event) else event["httpMethod"])


@cache
def _serverless_wsgi() -> Any:
    return import_module("serverless_wsgi")


@cache
def _server() -> Any:
    return import_module("stacks_asgi").Server(application())


@cache
def application() -> Any:
    """The application that the environment names, made once."""
    named = os.environ.get("ASGI_APP") or os.environ["WSGI_APP"]
    module, _, called = named.partition(":")
    attribute, _, arguments = called.partition("(")
    result = getattr(import_module(module), attribute)
    if "django.conf" in sys.modules:
        import_module("stacks_django").adapt()
    if not arguments:
        return result
    call: Any = ast.parse(f"f({arguments}", mode="eval").body
    keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    return result(*map(ast.literal_eval, call.args), **keywords)


# Lambda gives the whole processor to the import of the module, and takes its time from no request.
if "ASGI_APP" in os.environ:
    _server().warm()
elif "WSGI_APP" in os.environ:
    _serverless_wsgi()
    application()
