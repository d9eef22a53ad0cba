"""The value that everything after rendering reads: one stack, as any client would deploy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Parameters = Mapping[str, Mapping[str, str]]
"""Stack → parameter → value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One stack, ready to deploy with any client."""

    stack: str
    """``data``: what it is called in this project."""
    name: str
    """``notes-dev-data``: what it is called in CloudFormation."""
    region: str
    template: Mapping[str, Any]
    body: str
    """The template as YAML."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters that are known without packaging."""
    needs: tuple[str, ...] = ()
    """The stacks whose outputs it reads."""
    macros: tuple[str, ...] = ()
    """Transforms that CloudFormation runs first; the template is seen as they leave it."""
