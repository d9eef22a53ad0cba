"""The value that everything after rendering reads: one stack, as any client would deploy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from stacks.errors import UsageError
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stacks.json_types import TemplateData

Parameters = Mapping[str, Mapping[str, str]]
"""Stack → parameter → value."""


@value
class Rendered:
    """One stack, ready to deploy with any client.

    >>> from stacks import App, Stage, render
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> (base,) = render(app, app.stages["dev"])
    >>> base.stack, base.name, base.region, sorted(base.template)[:2]
    ('base', 'shop-dev-base', 'eu-west-1', ['AWSTemplateFormatVersion', 'Description'])
    """

    stack: str
    """``data``: what it is called in this project."""
    name: str
    """``notes-dev-data``: what it is called in CloudFormation."""
    region: str
    template: TemplateData
    body: str
    """The template as YAML."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters that are known without packaging."""
    needs: tuple[str, ...] = ()
    """The stacks whose outputs it reads."""
    macros: tuple[str, ...] = ()
    """Transforms that CloudFormation runs first; the template is seen as they leave it."""


def named(rendered: Sequence[Rendered], names: Collection[str]) -> list[Rendered]:
    """The stacks of these names in the order they are deployed; all, where none is named.

    Raises:
        UsageError: for names that no stack has.
    """
    refuse_unknown(names, [stack.stack for stack in rendered])
    return [stack for stack in rendered if not names or stack.stack in names]


def refuse_unknown(names: Collection[str], known: Collection[str]) -> None:
    """Raise ``UsageError`` for names of stacks that are not among ``known``."""
    if unknown := sorted(set(names) - set(known)):
        raise UsageError(", ".join(unknown), "there is no such stack", f"Name one of {', '.join(known)}")
