"""Makes a Flask application take its static files from the CDN where the description says ``serve: split``.

``url_for('static', filename=…)`` then leads to ``https://<CDN_DOMAIN>/static/…``, and the Content-Security-Policy of
every page allows that host. Without ``CDN_DOMAIN`` nothing changes, so the same application runs at one origin, and on
a development machine. ::

    app = Flask(__name__)
    serve_static_from(app, os.environ.get("CDN_DOMAIN", ""))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from flask import Flask, Response

_POLICY = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_LOADS = {"default-src", "font-src", "img-src", "media-src", "script-src", "style-src"}


def serve_static_from(application: Flask, domain: str) -> None:
    """Let the application's own static files come from ``domain``; nothing changes when it is empty."""
    if not domain:
        return
    build = application.url_for

    def url_for(endpoint: str, **values: Any) -> str:
        if endpoint != "static":
            return build(endpoint, **values)
        more = {name: value for name, value in values.items() if name != "filename" and not name.startswith("_")}
        query = f"?{urlencode(more)}" if more else ""
        return f"https://{domain}{application.static_url_path}/{quote(values['filename'])}{query}"

    def allow(response: Response) -> Response:
        policy = response.headers.get("Content-Security-Policy", _POLICY)
        response.headers["Content-Security-Policy"] = allowing(policy, f"https://{domain}")
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
