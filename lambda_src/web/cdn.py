"""Makes a Flask application take its static files from the CDN.

::

    app = Flask(__name__)
    if "STAGE" in os.environ:  # deployed; on a development machine Flask serves its files itself
        name_static_by_content(app)
    serve_static_from(app, os.environ.get("CDN_DOMAIN", ""))

``name_static_by_content`` links to ``/static/style.<hash>.css``, the name under which the file is also published and
which browsers and the CDN keep for ever: a changed file has another name, so no page ever meets a stale one.

``serve_static_from`` is for descriptions that say ``serve: split``: links lead to ``https://<CDN_DOMAIN>/static/…``,
and the Content-Security-Policy of every page allows that host. On the local AWS ``CDN_DOMAIN`` is an address with its
scheme, ``http://127.0.0.1:8080``. Without ``CDN_DOMAIN`` nothing changes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from flask import Flask, Response

_POLICY = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_LOADS = {"default-src", "font-src", "img-src", "media-src", "script-src", "style-src"}


def name_static_by_content(application: Flask) -> None:
    """Let ``url_for('static', filename=…)`` say what is in the file, as the publisher names it."""
    folder = Path(application.static_folder or "")

    @cache
    def name(filename: str) -> str:
        path = folder / filename
        if not path.is_file():
            return filename
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return str(PurePosixPath(filename).with_name(f"{path.stem}.{digest}{path.suffix}"))

    @application.url_defaults
    def rename(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["filename"] = name(values["filename"])


def serve_static_from(application: Flask, domain: str) -> None:
    """Let the application's own static files come from ``domain`` (a host, or an origin), if there is one."""
    if not domain:
        return
    origin = domain if "://" in domain else f"https://{domain}"
    build = application.url_for

    def url_for(endpoint: str, **values: Any) -> str:
        if endpoint != "static":
            return build(endpoint, **values)
        more = {name: value for name, value in values.items() if name != "filename" and not name.startswith("_")}
        query = f"?{urlencode(more)}" if more else ""
        application.inject_url_defaults(endpoint, values)
        return f"{origin}{application.static_url_path}/{quote(values['filename'])}{query}"

    def allow(response: Response) -> Response:
        policy = response.headers.get("Content-Security-Policy", _POLICY)
        response.headers["Content-Security-Policy"] = allowing(policy, origin)
        return response

    application.url_for = url_for  # type: ignore[method-assign]
    application.jinja_env.globals["url_for"] = url_for
    application.after_request(allow)


def allowing(policy: str, source: str) -> str:
    """The policy with a source added to each directive that says where files may come from."""
    parts = [part.strip() for part in policy.split(";") if part.strip()]
    return "; ".join(f"{part} {source}" if _is_open(part.split()) and source not in part else part for part in parts)


def _is_open(words: list[str]) -> bool:
    return words[0].lower() in _LOADS and words[1:] != ["'none'"]
