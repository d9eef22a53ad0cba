"""Projects of other frameworks as they stand after packaging: the template that the tool wrote, and code next to it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).with_name("packaged")
HANDLER = """
import json

def app(event, context):
    name = (event.get("pathParameters") or {}).get("name")
    return {"statusCode": 200, "body": json.dumps({"hello": name})}

hello = index = web = app
"""
WSGI = """
import json

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"hello": environ["PATH_INFO"].rpartition("/")[2] or None}).encode()]
"""
BACKENDS: dict[str, dict[str, Any]] = {
    "chalice": {"template": "out/chalice.json", "outputs": {"ApiId": "RestAPIId"}},
    "serverless": {"template": "out/serverless.json", "outputs": {"ApiId": "ApiGatewayRestApi"}},
    "zappa": {"template": "out/zappa.json", "functions": {"web": {"wsgi": "src/app.py:app"}}},
    "zappa-v2": {"template": "out/zappa-v2.json", "functions": {"web": {"wsgi": "src/app.py:app"}}},
}
_ZIPS = {"chalice": {"deployment": "app"}, "serverless": dict.fromkeys(("hello", "index", "web"), "handler")}


def project(folder: Path, framework: str, **backend: Any) -> Path:
    """The description of a project in ``folder`` that takes the framework's template, with a site next to it."""
    for name, text in {"site/index.html": "<h1>site</h1>", "src/app.py": WSGI}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "out").mkdir(exist_ok=True)
    shutil.copy(PACKAGED / f"{framework}.json", folder / "out")
    for name, module in _ZIPS.get(framework, {}).items():
        with zipfile.ZipFile(folder / "out" / f"{name}.zip", "w") as zipped:
            zipped.writestr(f"{module}.py", HANDLER)
    described = {
        "name": "shop",
        "stages": {"dev": {"region": "eu-west-1"}},
        "backend": {**BACKENDS.get(framework, {"template": f"out/{framework}.json"}), **backend},
        "frontend": {"site": {"folder": "site", "path": "/app"}, "waf": False},
    }
    (folder / "app.yaml").write_text(json.dumps(described))
    return folder / "app.yaml"
