"""What a description says of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Between, Mistake, Name, Plain, short_for
from stacks.values import value


@value
class Secret(Described):
    """A secret. Functions get its id and the right to read it; ``stacks_secrets`` reads every kind."""

    kind: Literal["generated", "given", "parameter"] = "generated"
    """``generated``: CloudFormation generates it once, in Secrets Manager, and no person has to see it. ``given``: its
    value comes from ``python build.py secrets set``, and is in no template. Both cost 0.40 USD a month.
    ``parameter``: given too, but kept in Parameter Store as a SecureString: free, up to 4 KB, with no way back once
    it is removed."""
    length: Annotated[int, Between(32, 4096, "characters", rule="SECRET-LENGTH-RANGE", own_low=True)] = 64
    """Letters and digits of a generated one."""

    def __post_init__(self) -> None:
        if self.kind != "generated" and self.length != Secret.length:
            raise Mistake("has a 'length', and its value is given", "Leave 'length' out, or 'kind'")

    @property
    def endpoint(self) -> str:
        """The interface endpoint by which functions in a network reach it."""
        return "ssm" if self.kind == "parameter" else "secretsmanager"

    @property
    def is_generated(self) -> bool:
        """Whether a resource is made of it; people give the others."""
        return self.kind == "generated"


@value
class OfBackend(Described):
    """Secrets in the section ``backend``."""

    secrets: Mapping[Name, Annotated[Secret, Plain, short_for("kind")]] = field(default_factory=dict)
    """Secrets that functions read: ``session-key: true``."""


@value
class OfFunction(Described):
    """Secrets that a function reads."""

    secrets: tuple[Name, ...] = ()
    """The secrets it reads; it gets their ids, as ``SESSION_KEY_SECRET_ID``."""
