"""After a local deploy: what a browser would miss on the pages that answer.

Each page is opened as a browser does; what its own Content-Security-Policy blocks, and the files of this site that it
asks for and that are missing, become notes with the line to add to ``app.yaml``. Nothing fails: the page may be usable.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from stacks.intrinsics.references import blanked
from stacks.parts.frontend.headers import content_security_policy
from stacks.publishing.inline import blocked
from stacks.publishing.policies import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.app import Stage
    from stacks.progress import Inline

_SECONDS = 30
_MOST_FILES = 30
_OK = 200


def notes_of_pages(stage: Stage, site_url: str, paths: Iterable[str], headers: dict[str, str]) -> Iterator[str]:
    """What a browser would miss on each path that answers with HTML; a note is made once for all pages."""
    reported: set[str] = set()
    own_policy = _pattern(content_security_policy(stage))
    for path in paths:
        status, kind, policy, body = _opened(site_url + path, headers)
        if status != _OK or not kind.startswith("text/html"):
            continue
        page = body.decode(errors="replace")
        is_ours = re.fullmatch(own_policy, policy) is not None
        results = [
            (f"{inline.directive} {inline.source}", _blocked(inline, is_ours=is_ours))
            for inline in blocked(page, parsed(policy))
        ]
        for key, note in (*results, *((item, item) for item in _missing(stage, page, path, site_url, headers))):
            if key not in reported:
                reported.add(key)
                yield f"{path}  {note}"


def _pattern(policy: str) -> str:
    """What the policy is when it is deployed: names of buckets in it have the account."""
    return "[^ ;]+".join(map(re.escape, blanked(policy, "\0").split("\0")))


def _blocked(inline: Inline, *, is_ours: bool) -> str:
    fix = inline.fix if is_ours else "Correct the policy that the application sends"
    return f"{inline.what} is blocked by the Content-Security-Policy ({inline.directive}). {fix}."


def _missing(stage: Stage, page: str, path: str, site_url: str, headers: dict[str, str]) -> Iterator[str]:
    reader = _Files()
    reader.feed(page)
    for address in list(dict.fromkeys(reader.results))[:_MOST_FILES]:
        file = urlsplit(urljoin(site_url + path, address))
        if f"{file.scheme}://{file.netloc}" != site_url or _opened(file.geturl(), headers)[0] < 400:  # noqa: PLR2004
            continue
        fix = "Publish it, or correct the page"
        if stage.frontend.static and file.path.startswith("/static/"):
            fix = f"Put it into {stage.frontend.static}"
        yield f"asks for {file.path}, which is missing. {fix}."


class _Files(HTMLParser):
    """The addresses of what a page needs to be shown: scripts, style sheets, images."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.results: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        needed = tag in {"script", "img"} and "src" in values
        linked = tag == "link" and {"stylesheet", "icon", "modulepreload"} & set(values.get("rel", "").lower().split())
        if needed or linked:
            self.results.append(values.get("src") or values.get("href", ""))


def _opened(url: str, headers: dict[str, str]) -> tuple[int, str, str, bytes]:
    """Status, content type, Content-Security-Policy and body; 599 for no answer."""
    asked = {"Accept": "text/html,*/*", "Sec-Fetch-Dest": "document", **headers}
    request = urllib.request.Request(url, headers=asked)  # noqa: S310 - http on this machine
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            received = answer.headers
            return (
                answer.status,
                received.get_content_type(),
                received.get("Content-Security-Policy", ""),
                answer.read(),
            )
    except urllib.error.HTTPError as error:
        return error.code, "", "", b""
    except (OSError, ValueError):
        return 599, "", "", b""
