"""Where a stage is that runs on this machine: its site or API, and AWS, for people and programs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from stacks.files import text_of, write_atomically
from stacks.stages.stacks import BACKEND, FRONTEND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.local.emulator import Emulator

_API_URL = re.compile(r"https://([a-z0-9]+)\.execute-api\.[^/]+((?:/[^/]+)*)/?$")
_APPLICATION = "application.json"


def places(emulator: Emulator) -> dict[str, str | None]:
    """Where the application and AWS answer, for a program: at the site, or without one at the API."""
    application = _application(emulator)
    return {
        "site": application.get("Site"),
        "api": application.get("API"),
        "endpoint_url": emulator.endpoint_url,
        "region": emulator.region,
    }


def _application(emulator: Emulator) -> dict[str, str]:
    """What the stage has of a site and an API, and where it is here; ``note_application`` wrote it down."""
    file = emulator.home / _APPLICATION
    application: dict[str, str] = json.loads(text_of(file)) if file.exists() else {}
    return application


def note_application(emulator: Emulator, result: Mapping[str, Mapping[str, str]]) -> None:
    """Write down where the application is, by the outputs of its stacks."""
    api = api_url(emulator, result)
    named = {"Site": f"{emulator.site_url}/"} if FRONTEND in result else {"API": api} if api else {}
    write_atomically(emulator.home / _APPLICATION, json.dumps(named).encode())


def application_at(emulator: Emulator) -> str:
    """Where the application answers, a line; empty without a site and an API."""
    return "".join(f"{title:<6} {url}\n" for title, url in _application(emulator).items())


def addresses(emulator: Emulator) -> str:
    """Where the application and AWS answer, with the variables that AWS's own tools need."""
    variables = {
        "AWS_ENDPOINT_URL": emulator.endpoint_url,
        "AWS_DEFAULT_REGION": emulator.region,
        "AWS_ACCESS_KEY_ID": emulator.key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret,
    }
    export = " ".join(f"{name}={value}" for name, value in variables.items())
    aws = f"AWS    {emulator.endpoint_url} (region {emulator.region}), with the keys of this run only:"
    return f"{application_at(emulator)}{aws}\n       export {export}"


def api_url(emulator: Emulator, result: Mapping[str, Mapping[str, str]]) -> str | None:
    """The address of the API here: its output holds the one on AWS."""
    api = _API_URL.match(result.get(BACKEND, {}).get("ApiUrl", ""))
    return f"{emulator.endpoint_url}/_aws/execute-api/{api[1]}{api[2]}/" if api else None
