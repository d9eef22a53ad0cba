"""The reader that functions find as ``stacks_secrets``, against botocore's own stubs of both stores."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from stacks.packaging import secret_reader

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """What Secrets Manager answers; nothing is kept from other tests."""
    with _stubbed("secretsmanager", "notes-dev/stripe-key", monkeypatch) as stubber:
        yield stubber


@pytest.fixture
def parameters(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """What Parameter Store answers."""
    with _stubbed("ssm", "/notes-dev/stripe-key", monkeypatch) as stubber:
        yield stubber


@contextmanager
def _stubbed(service: str, identity: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    monkeypatch.setenv("STRIPE_KEY_SECRET_ID", identity)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    make: Any = boto3.client
    client = make(service)
    monkeypatch.setattr(boto3, "client", {service: client}.__getitem__)
    secret_reader._client.cache_clear()
    secret_reader._kept.clear()
    with Stubber(client) as stubber:
        yield stubber
    secret_reader._client.cache_clear()


def answer(stubber: Stubber, value: str) -> None:
    stubber.add_response("get_secret_value", {"SecretString": value}, {"SecretId": "notes-dev/stripe-key"})


def test_a_secret_is_read_once_and_then_kept(answers: Stubber) -> None:
    answer(answers, "first")
    assert [secret_reader.secret("stripe-key") for _ in range(3)] == ["first"] * 3
    answers.assert_no_pending_responses()


def test_a_changed_secret_is_seen_when_the_time_is_up(answers: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    answer(answers, "first")
    answer(answers, "second")
    results = [secret_reader.secret("stripe-key")]
    now[0] += secret_reader.KEPT_SECONDS
    results.append(secret_reader.secret("stripe-key"))
    now[0] += 1
    results.append(secret_reader.secret("stripe-key"))
    assert results == ["first", "first", "second"]


def test_a_parameter_is_read_decrypted_and_kept(parameters: Stubber) -> None:
    asked = {"Name": "/notes-dev/stripe-key", "WithDecryption": True}
    parameters.add_response("get_parameter", {"Parameter": {"Value": "first"}}, asked)
    assert [secret_reader.secret("stripe-key") for _ in range(3)] == ["first"] * 3
    parameters.assert_no_pending_responses()


def test_a_secret_that_the_function_does_not_list_is_reported_by_name() -> None:
    with pytest.raises(KeyError, match="not given 'other'"):
        secret_reader.secret("other")
