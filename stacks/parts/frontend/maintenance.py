"""The page that answers everything while a stage says ``maintenance: true``, and what lets browsers use its style."""

from __future__ import annotations

import base64
import hashlib

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{display:grid;place-items:center;min-height:100vh;margin:0;text-align:center;"
    "font:1.125rem/1.6 system-ui,sans-serif}"
    "main{padding:0 1.25rem}h1{margin:0;font-size:2rem}"
)
PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Back soon</title>
<style>{_STYLE}</style>
<main><h1>Back soon</h1><p>This site is being worked on. Please come back in a few minutes.</p></main>
"""


def style_source() -> str:
    """The page's style as a source of the Content-Security-Policy: nothing can be asked of a site that is closed."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
