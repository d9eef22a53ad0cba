"""The last number that a description may have, and the first that is refused, where it takes more than one value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.description.body_schemas import schema_mistakes
from stacks.description.statements import table_problems
from stacks.errors import StacksError
from stacks.loading import validated

if TYPE_CHECKING:
    from collections.abc import Callable

    Described = Callable[[int], dict[str, Any]]

LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:l{}:1"


def _function(**more: Any) -> dict[str, Any]:
    return {"backend": {"functions": {"web": {"handler": "app.py:f", **more}}}}


def _table(**more: Any) -> dict[str, Any]:
    return {"data": {"tables": {"notes": {"partition_key": "id", "sort_key": "at", **more}}}}


def _users(**more: Any) -> dict[str, Any]:
    return {"data": {"users": {"domain": "sign-in-notes", **more}}}


def _called(length: int) -> dict[str, Any]:
    """Names of the application and the stage that have so many characters together."""
    return {"name": "n" * 20, "stages": {"d" * (length - 20): {"region": "eu-west-1"}}}


def _bucket(length: int) -> dict[str, Any]:
    """A bucket whose whole name has so many characters."""
    around = len("notes-dev-" + "-123456789012-eu-west-1-an")
    return {"data": {"buckets": {"b" * (length - around): {}}}}


def _in_california(zones: int) -> dict[str, Any]:
    return {"stages": {"dev": {"region": "us-west-1", "base": {"vpc": {"zones": zones}}}}}


def _access(minutes: int) -> dict[str, Any]:
    client = {"kind": "browser", "callbacks": ["https://example.com/"], "access_minutes": minutes, "refresh_hours": 1}
    return _users(clients={"web": client})


def _provider(length: int) -> dict[str, Any]:
    provider = {"kind": "oidc", "client_id": "x", "client_secret": "env.SECRET", "issuer": "https://example.com"}
    return _users(providers={"p" * length: provider})


NUMBERS: dict[str, tuple[str, int, int, Described]] = {
    "seconds behind a route": (
        "API Gateway waits 29 s", 29, 30, lambda n: _function(routes=["GET /x"], public=True, timeout=n),
    ),
    "layers": ("Lambda takes 5", 5, 6, lambda n: _function(layers=[LAYER.format(number) for number in range(n)])),
    "warm instances": (
        "only 7 may run", 7, 8, lambda n: _function(reserved_concurrency=7, provisioned_concurrency=n),
    ),
    "tags": ("40 fit on a resource", 40, 41, lambda n: {"tags": {f"k{number}": "v" for number in range(n)}}),
    "names together": ("leave room for 25", 25, 26, _called),
    "name of a bucket": ("S3 takes 63", 63, 64, _bucket),
    "zones of California": ("an account sees 2", 2, 3, _in_california),
    "local indexes": (
        "DynamoDB allows 5", 5, 6, lambda n: _table(local_indexes={f"by-{number}": "x" for number in range(n)}),
    ),
    "attributes of an index": (
        "takes 1 to 20", 20, 21,
        lambda n: _table(global_indexes={"by-x": {"partition_key": "x", "holds": [f"a{held}" for held in range(n)]}}),
    ),
    "attributes of people": (
        "Cognito allows 50", 50, 51, lambda n: _users(attributes={f"a{number}": {} for number in range(n)}),
    ),
    "minutes of access": ("longer than the 1 h", 60, 61, _access),
    "shortest name of a provider": ("Use 3 to 32", 3, 2, _provider),
}  # fmt: skip
"""What is refused, the last number that is taken, the first that is not, and a description with a number."""


def _refusal(described: dict[str, Any]) -> str:
    try:
        validated({"name": "notes", "stages": {"dev": {"region": "eu-west-1"}}, **described})
    except StacksError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("what", NUMBERS)
def test_the_last_number_is_taken_and_the_next_is_not(what: str) -> None:
    message, last, refused, described = NUMBERS[what]
    assert _refusal(described(last)) == ""
    assert message in _refusal(described(refused))


@pytest.mark.parametrize(("size", "refused"), [(20_480, False), (20_481, True)])
def test_statements_of_a_table_fit_its_policy(size: int, *, refused: bool) -> None:
    statement = {"Sid": "", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "dynamodb:GetItem"}
    statement["Sid"] = "x" * (size - len(json.dumps([statement])))
    assert any("DynamoDB takes 20,480" in finding[1] for finding in table_problems([statement], ())) is refused


@pytest.mark.parametrize(("size", "refused"), [(400_000, False), (400_001, True)])
def test_a_schema_fits_a_model(size: int, *, refused: bool) -> None:
    schema = {"type": "string", "description": "ä"}
    schema["description"] += "x" * (size - len(json.dumps(schema, ensure_ascii=False).encode()))
    assert any("API Gateway takes 400,000" in finding[1] for finding in schema_mistakes(schema)) is refused
