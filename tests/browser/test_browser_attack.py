"""A web page of somebody else, open in the same browser, against the local AWS and the local site."""

from __future__ import annotations

import contextlib
import http.server
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import EVIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Browser
    from tests.running import Running

pytestmark = pytest.mark.browser

ATTACK = """
const [aws, site, keys, name, done] = given;
const signature = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${keys}/20260101/eu-west-1/sns/aws4_request`
    + "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=" + "0".repeat(64);
const create = (how) => `${aws}/?Action=CreateTopic&Version=2010-03-31&Name=${name}-${how}&${signature}`;
const within = (start) => Promise.race([new Promise(start), new Promise((_, no) => setTimeout(no, 4000, "silence"))]);
const authorization = `AWS4-HMAC-SHA256 Credential=${keys}/20260101/eu-west-1/dynamodb/aws4_request, `
    + "SignedHeaders=host, Signature=" + "0".repeat(64);
const post = (url, headers) => fetch(url, {method: "POST", headers, body: "{}"}).then((answer) => answer.text());
const attacks = {
    read: () => fetch(`${aws}/?Action=ListTopics&Version=2010-03-31&${signature}`).then((answer) => answer.text()),
    write: () => post(aws + "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables", authorization}),
    code: () => fetch(`${aws}/2015-03-31/functions/notes-dev-web/code?${signature}`, {method: "PUT", body: "{}"}),
    users: () => post(aws + "/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}),
    siteUsers: () => post(site + "/_local/cognito/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}),
    reset: () => fetch(aws + "/_ministack/reset", {method: "POST", mode: "no-cors"}),
    blind: () => fetch(create("blind"), {method: "POST", mode: "no-cors", body: "x"}),
    image: () => within((yes, no) => Object.assign(new Image(), {onload: yes, onerror: no, src: create("image")})),
    script: () => within((yes, no) => document.head.append(
        Object.assign(document.createElement("script"), {onload: yes, onerror: no, src: create("script")}))),
    form: () => within((yes) => {
        const frame = Object.assign(document.createElement("iframe"), {name: "frame"});
        const form = Object.assign(document.createElement("form"), {method: "POST", action: create("form")});
        form.target = "frame";
        document.body.append(frame, form);
        frame.onload = () => yes("sent");
        form.submit();
    }),
    socket: () => within((yes, no) => Object.assign(
        new WebSocket(aws.replace("http", "ws") + "/_aws/execute-api/a/b"), {onopen: yes, onerror: no})),
    siteSocket: () => within((yes, no) => Object.assign(
        new WebSocket(site.replace("http", "ws") + "/"), {onopen: yes, onerror: no})),
};
const results = {};
for (const [attack, run] of Object.entries(attacks)) {
    try { const got = await run(); results[attack] = got && got.type === "opaque" ? "opaque" : String(got); }
    catch (error) { results[attack] = "refused"; }
}
done(results);
"""
BLIND = {"reset", "blind", "form"}
"""What a page cannot see the answer of: judged by its effect."""


class _Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Kittens</title><p>Look at these kittens."
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@dataclass(frozen=True, slots=True)
class Attacker:
    port: int


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    """A web site of somebody else."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with contextlib.closing(server.socket):
        yield Attacker(port=server.server_address[1])
        server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", EVIL])
@pytest.mark.parametrize("keys", ["test", "000000000000", "of this run"])
def test_no_page_of_another_origin_reaches_aws(
    browser: Browser, site: Running, attacker: Attacker, host: str, keys: str
) -> None:
    key = site.emulator.key if keys == "of this run" else keys
    name = f"evil-{host.replace('.', '-')}-{keys.replace(' ', '-')}"
    browser.driver.get(f"http://{host}:{attacker.port}/")
    message = browser.driver.execute_async_script(
        f"const given = arguments; (async () => {{{ATTACK}}})();",
        site.emulator.endpoint_url,
        site.emulator.site_url,
        key,
        name,
    )
    assert {attack: result for attack, result in message.items() if attack not in BLIND and result != "refused"} == {}
    topics = [topic["TopicArn"] for topic in site.client("sns").list_topics()["Topics"]]
    assert [topic for topic in topics if name in topic] == []
    assert "What is on your mind?" in site.visitor().ask("/").text  # nothing was reset


@pytest.mark.parametrize("port", ["gateway", "edge"])
def test_a_name_pointed_at_this_machine_is_refused(browser: Browser, site: Running, port: str) -> None:
    browser.driver.get(f"http://{EVIL}:{getattr(site.emulator, port)}/")
    assert "refuses this request: its Host is not 127.0.0.1" in browser.driver.page_source
