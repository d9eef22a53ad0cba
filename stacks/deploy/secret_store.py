"""Where values of given secrets are kept: a small protocol, in our own words.

Values go in and never come out here: only functions read them. ``aws_secrets.BotoSecrets`` is Secrets Manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

RECOVERY_DAYS = 7
"""Days in which a removed secret comes back when it is set again."""
MOST_BYTES = 65_536
"""Of one value (Secrets Manager quotas, "Secret value size")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """A secret that has a value; ``changed`` is the day it was last set, as 2026-11-23."""

    name: str
    changed: str


class SecretStore(Protocol):
    """The secrets of an account and region. Every method may raise ``DeployError``."""

    def set(self, name: str, value: str, tags: Mapping[str, str]) -> None:
        """Give a secret its value; make it, or bring it back, when it is not there."""

    def stored(self, prefix: str) -> tuple[StoredSecret, ...]:
        """List the secrets whose names start with ``prefix``, sorted by name."""

    def forget(self, name: str) -> None:
        """Take a secret away; for ``RECOVERY_DAYS`` it can be brought back by setting it."""
