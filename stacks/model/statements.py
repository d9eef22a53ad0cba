"""Policy statements that a description brings as they are, as a mapping or built with awacs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from stacks.model.texts import Mistake, ShortFor

CLOSED = {
    "account",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codepipeline",
    "iam",
    "organizations",
    "sso",
    "sts",
}
"""Services whose use would lead out of the boundary, or to where deployments and audits are made."""


def plain_statement(statement: object) -> Any:
    """A statement as a mapping; awacs' own are no data, and cannot be copied."""
    if hasattr(statement, "JSONrepr"):
        from troposphere import encode_to_dict  # noqa: PLC0415 - for statements built with awacs, which it knows

        return encode_to_dict(statement)
    if not isinstance(statement, Mapping):
        raise Mistake(f"{statement!r} is not a statement", "Write a mapping of Effect, Action and Resource")
    return statement


PolicyStatement = Annotated[Any, ShortFor(plain_statement, ("object",))]
"""A statement of an IAM policy: a mapping, or an ``awacs.aws.Statement``."""
