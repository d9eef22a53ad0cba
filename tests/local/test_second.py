"""Groups of two origins at the edge: the second one is asked for what the first one lacks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from stacks.local.front.localize import localize
from stacks.local.front.second import SECOND, has_second, with_second

if TYPE_CHECKING:
    from stacks.local.front.asgi import Message, Send

LISTING = "".join(
    f"<PathPattern>{item}</PathPattern>"
    for item in ("/static/*", "/a&amp;b/*", f"{SECOND}/static/*", f"{SECOND}/a&amp;b/*")
)
BOTH = f"{LISTING}<PathPattern>{SECOND}/*</PathPattern>"


@pytest.mark.parametrize(
    ("method", "path", "listing", "expected"),
    [
        ("GET", "/static/x.css", LISTING, True),
        ("HEAD", "/a&b/x", LISTING, True),
        ("POST", "/static/x.css", LISTING, False),
        ("GET", "/other", LISTING, False),
        ("GET", "/other", BOTH, True),
        ("GET", "/static/x.css", "", False),
    ],
)
def test_the_behaviour_of_a_path_has_a_second_origin(method: str, path: str, listing: str, *, expected: bool) -> None:
    assert has_second(method, path, listing) is expected


@pytest.mark.parametrize(("status", "expected"), [(200, ["first"]), (403, ["first"]), (404, ["second"])])
def test_the_second_origin_answers_for_what_is_missing(status: int, expected: list[str]) -> None:
    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def second(send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"second"})

        checked_send = with_second(send, second)
        await checked_send({"type": "http.response.start", "status": status, "headers": []})
        await checked_send({"type": "http.response.body", "body": b"fi", "more_body": True})
        await checked_send({"type": "http.response.body", "body": b"rst"})
        return sent

    body = b"".join(entry.get("body", b"") for entry in asyncio.run(ask()))
    assert [body.decode()] == expected


def test_a_group_becomes_its_first_origin_and_a_twin_with_the_second() -> None:
    members = {"Items": [{"OriginId": "bucket"}, {"OriginId": "api"}], "Quantity": 2}
    config: dict[str, Any] = {
        "OriginGroups": {"Items": [{"Id": "both", "Members": members}], "Quantity": 1},
        "DefaultCacheBehavior": {"TargetOriginId": "both"},
        "CacheBehaviors": [
            {"PathPattern": "/x/*", "TargetOriginId": "both"},
            {"PathPattern": "/y", "TargetOriginId": "api"},
        ],
    }
    site = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    template, notices = localize({"Resources": {"Site": site}}, frozenset(), 1)
    result = template["Resources"]["Site"]["Properties"]["DistributionConfig"]
    assert result == {
        "DefaultCacheBehavior": {"TargetOriginId": "bucket"},
        "CacheBehaviors": [
            {"PathPattern": "/x/*", "TargetOriginId": "bucket"},
            {"PathPattern": "/y", "TargetOriginId": "api"},
            {"PathPattern": f"{SECOND}/x/*", "TargetOriginId": "api"},
            {"PathPattern": f"{SECOND}/*", "TargetOriginId": "api"},
        ],
    }
    assert [notice["detail"] for notice in notices] == ["the edge asks the second origin of a group"]
