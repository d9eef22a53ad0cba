"""``routes``: what CloudFront will make of URLs, read from the rendered template; nothing is deployed or asked."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stacks.commands.common import described, root, stage
from stacks.edge_routes import routed
from stacks.errors import UsageError
from stacks.publishing.target import files_of
from stacks.publishing.web import cache_control
from stacks.release.publication import publication
from stacks.rendering import render
from stacks.reporting import answer

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.edge_routes import Routed
    from stacks.json_types import JsonObject, TemplateData
    from stacks.publishing.step import Publish


def run(arguments: Namespace) -> int:
    """Print behaviour, origin, path, cache policy, headers and status of each URL; by default one of each behaviour."""
    for url in arguments.urls:
        _refuse_unreadable(url)
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    step = publication(chosen, root(arguments))
    stacks = {stack.stack: stack for stack in render(app, chosen)}
    if "frontend" not in stacks:
        raise UsageError("routes", f"stage {chosen.name} has no site", "Describe 'frontend.site' or 'static'")
    template = stacks["frontend"].template
    parameters = {**stacks["frontend"].parameters, **(step.parameters if step else {})}
    objects = _objects(step) if step else {}
    urls = arguments.urls or _path_examples(template)
    results = [routed(url, template, _node, objects, parameters) for url in urls]
    answer([asdict(result) for result in results], lambda: _text(results))
    return 0


def _objects(step: Publish) -> dict[str, str]:
    """Key → Cache-Control of what would be published."""
    files = {file.key: file.headers.cache_control for file in files_of(step)}
    return {**files, **{file.key: cache_control(file.key) for file in step.generated}}


def _refuse_unreadable(url: str) -> None:
    try:
        urlsplit(url)
    except ValueError as error:
        what = f"is not a URL: {error}"
        raise UsageError(f"URL {url!r}", what, "Write a path such as /app/, or a whole URL") from None


def _path_examples(template: TemplateData) -> list[str]:
    config = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    return ["/", *(behavior["PathPattern"].replace("*", "example") for behavior in config.get("CacheBehaviors", []))]


def _text(results: Sequence[Routed]) -> str:
    blocks = []
    for entry in results:
        function = f" (function {entry.function})" if entry.function else ""
        place = f"{entry.origin} {entry.path}" if entry.origin else "answered by the function"
        rows = [("behaviour", entry.behavior + function), ("origin", place), ("cache", entry.cache)]
        rows += [("header", header) for header in entry.headers]
        rows.append(("status", entry.status))
        blocks.append("\n".join([entry.url, *(f"  {name:<9}  {text}" for name, text in rows)]))
    return "\n\n".join(blocks)


def _node(code: str, event: JsonObject) -> JsonObject:
    """Run a CloudFront Function as CloudFront does."""
    node = shutil.which("node")
    if node is None:
        fix = "Install Node.js 18 or newer (https://nodejs.org)"
        raise UsageError("routes", "node is not on the PATH, and CloudFront Functions are JavaScript", fix)
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run([node, "-e", script], check=True, capture_output=True, text=True)
    loads: JsonObject = json.loads(done.stdout)
    return loads
