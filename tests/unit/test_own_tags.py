"""Tags of your own are on everything that carries ours, and never replace ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import DescriptionError, registry, render
from stacks.loading import validated

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS: dict[str, Any] = {
    "base": {"vpc": True, "trail": {"cloudwatch": True}, "alarms": {"email": "a@example.com"}, "budget": None},
    "data": {
        "tables": {"t": {"partition_key": "id", "encryption": "own"}},
        "buckets": {"files": True},
        "users": {"credentials": {"tables": {"t": "read"}}},
        "backup": True,
    },
    "backend": {
        "functions": {
            "f": {
                "handler": "lambda_src/api/notes.py:add_note",
                "routes": ["GET /x"],
                "public": True,
                "gradual": "canary-5m",
                "events": {"schedules": ["rate(1 day)"], "tables": ["t"]},
            }
        },
        "queues": {"q": True},
        "secrets": {"s": True},
        "api": {"keys": ["k"]},
    },
    "frontend": {"site": {"folder": "site", "path": "/app"}, "static": "static", "waf": {"allow": ["203.0.113.0/24"]}},
}


def resources(tags: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every resource of a stage, by its stack and logical id."""
    sections = {key: {k: v for k, v in value.items() if v is not None} for key, value in SECTIONS.items()}
    app = validated({"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "tags": tags, **sections})
    for stack in render(app, app.stages["s"]):
        for name, body in stack.template["Resources"].items():
            yield f"{stack.stack}.{name}", body


def tagged(tags: dict[str, Any]) -> list[dict[str, str]]:
    """The tags of every resource that has any."""
    results = []
    for _, body in resources(tags):
        for key, value in body.get("Properties", {}).items():
            if key.endswith("Tags"):
                results.append(value if isinstance(value, dict) else {tag["Key"]: tag["Value"] for tag in value})
    return results


def test_every_tagged_resource_carries_them() -> None:
    results = tagged({"team": "notes", "cost center": 42})
    assert len(results) > 20
    assert all((result["team"], result["cost center"]) == ("notes", "42") for result in results)
    assert all({"app", "stage", "stack"} <= result.keys() for result in results)


def test_every_resource_whose_type_takes_tags_carries_them() -> None:
    without = [
        f"{name} ({body['Type']})"
        for name, body in resources({"team": "notes"})
        if (known := registry.schema(body["Type"])) and known.get("tagging", {}).get("taggable")
        if "notes" not in str(body["Properties"].get(known["tagging"]["tagProperty"].rpartition("/")[2]))
    ]
    assert without == []


def test_a_stage_adds_its_own() -> None:
    stages = {"s": {"region": "eu-west-1", "tags": {"env": "test"}}}
    app = validated({"name": "n", "stages": stages, "tags": {"team": "notes"}})
    assert app.stages["s"].tags == {"team": "notes", "env": "test"}


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"stack": "x"}, "'stack' is not a tag of your own"),
        ({"Stage": "x"}, "'Stage' is not a tag of your own"),
        ({"aws:x": "x"}, "'aws:x' is not a tag of your own"),
        ({"a": "x" * 257}, "has 257 characters, 256 are allowed"),
        ({"a": "naïve"}, "is not a value of a tag"),
        ({" a": "x"}, "' a' is not a tag of your own"),
        ({"a": ""}, "is not a value of a tag"),
        ({"Team": "x", "team": "x"}, "differs from another tag by case alone, which IAM refuses"),
        ({f"t{n}": "x" for n in range(41)}, "are 41"),
    ],
)
def test_what_no_service_takes_is_refused(tags: dict[str, str], message: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        tagged(tags)
    assert message in str(caught.value)
