"""Services that answer as recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.aws.cloud import BotoCloud


@pytest.fixture
def stub(boto: BotoCloud) -> Iterator[Callable[[str], Stubber]]:
    """Stub a service's client: answers are given in order, and all of them must have been asked for."""
    stubbers = []

    def make(service: str) -> Stubber:
        stubber = Stubber(boto._client(service))
        stubber.activate()
        stubbers.append(stubber)
        return stubber

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
