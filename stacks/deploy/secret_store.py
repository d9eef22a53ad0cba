"""A small protocol for stores of secrets whose values people set.

Values can be set but not read: only functions read them. ``aws.secrets.BotoSecrets`` is Secrets Manager,
``aws.parameters.BotoParameters`` is Parameter Store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

RECOVERY_DAYS = 7
"""Days in which Secrets Manager restores a removed secret when it is set again."""
MOST_BYTES = {"given": 65_536, "parameter": 4_096}
"""Of one value, by the kind of its secret (Secrets Manager quotas, "Secret value size"; PutParameter, "Value")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """A secret that has a value; ``changed`` is the day it was last set, as 2026-11-23."""

    name: str
    changed: str


class SecretStore(Protocol):
    """Secrets of an account and region. Every method may raise ``DeployError``."""

    def set(self, name: str, value: str, tags: Mapping[str, str]) -> None:
        """Set the value of a secret; create or restore the secret when it does not exist."""

    def stored(self, prefix: str) -> tuple[StoredSecret, ...]:
        """List the secrets whose names start with ``prefix``, sorted by name."""

    def forget(self, name: str) -> None:
        """Remove a secret; in Secrets Manager, setting it within ``RECOVERY_DAYS`` restores it."""
