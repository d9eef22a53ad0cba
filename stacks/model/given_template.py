"""Templates that somebody else made, as loading reads them: what is in them, and the local files that they name.

No description has these values; it names a file, and loading adds what is in it to the stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from stacks.model.described import Described
from stacks.values import value


@value
class LocalFile(Described):
    """A file or folder that a template names, and that is uploaded to the artifact bucket."""

    parameter: str
    """The template parameter that takes the key of the uploaded file."""
    bundle: str
    """The name of the artifact; the same path is packaged once."""
    path: str
    """Relative to the project's folder."""
    zipped: bool
    text: str | None = None
    """What is uploaded in place of the file's own content: a nested template with parameters for its own files."""


@value
class GivenTemplate(Described):
    """A template that was read."""

    body: Mapping[str, Any]
    """The template, its local paths relative to the project's folder; in the place of a local template that it nests
    is ``{"path": …, "template": …}``."""
    files: tuple[LocalFile, ...] = ()
    """In the order of the template, those of nested templates among them."""
    nested: Mapping[str, Any] = field(default_factory=dict)
    """The resources of all templates that it nests, under logical ids made of both: ``JobsWork``."""
