"""The workflows and roles of an application with everything that CI services deploy, as they were reviewed.

``python -m tests.ci.test_ci_reviewed`` writes what changed; look at the difference, and say why in the commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks import render
from stacks.ci.files import workflow
from stacks.loading import validated
from tests.ci.conftest import ACCOUNT, BITBUCKET

FOLDER = Path(__file__).with_name("reviewed")
SERVICES: dict[str, Any] = {"github": "someone/notes", "gitlab": "group/notes", "bitbucket": BITBUCKET}


def described(service: str) -> dict[str, Any]:
    """Two stages and previews of the first, with a web application, a site, pages of sign-in and kept data."""
    named = {"ci": {service: SERVICES[service], "environment": "development", "previews": "pr-*"}, "trail": "existing"}
    prod = {
        "ci": {service: SERVICES[service], "environment": "production", "provider": "existing", "previews": None},
        "trail": "existing",
    }
    return {
        "name": "notes",
        "base": {"trail": "existing"},
        "data": {"tables": {"notes": {"partition_key": "id", "encryption": "own"}}, "users": {}},
        "backend": {
            "functions": {
                "web": {"wsgi": "app.py:app", "public": True, "commands": True, "after_deploy": ["flask db upgrade"]}
            }
        },
        "frontend": {},
        "stages": {
            "dev": {"region": "eu-west-1", "account": ACCOUNT, "base": named},
            "prod": {"region": "us-east-1", "account": ACCOUNT, "base": prod},
            "pr-*": {"from": "dev"},
        },
    }


def roles() -> dict[str, Any]:
    """What base has for the service, but for the policies that ``tests/roles`` reviews."""
    app = validated(described("github"))
    base = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base")
    resources = {name: body for name, body in base.template["Resources"].items() if name.startswith(("Ci", "Preview"))}
    return {name: body for name, body in resources.items() if "DeployPolicy" not in name}


def written(name: str) -> str:
    """A reviewed file as it is now."""
    if name == "roles":
        return yaml.safe_dump(roles(), sort_keys=False, width=120)
    return workflow(validated(described(name)), name, "stacks")


@pytest.mark.parametrize("name", [*SERVICES, "roles"])
def test_what_a_service_runs_and_may_do_is_what_was_reviewed(name: str) -> None:
    assert written(name) == (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for reviewed in (*SERVICES, "roles"):
        (FOLDER / f"{reviewed}.yaml").write_text(written(reviewed), encoding="utf-8")
