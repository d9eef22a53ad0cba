"""What is packaged for a stage's functions: their code, and the layers with what they share. Values and names only.

Functions of one folder, runtime and architecture share one zip, and those of one runtime and architecture one layer.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from stacks import naming
from stacks.model.backend import Function
from stacks.values import value

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.model.backend import Interface

_LONGEST = 60
"""Characters of a folder in names; an object's key may have 1,024 bytes, a parameter's name 255."""


@value
class Code:
    """What is packaged together: functions of one folder, runtime and architecture share one zip.

    ``contents`` are what of the folder is packaged; nothing means all.
    """

    folder: str
    contents: tuple[str, ...]
    runtime: str
    architecture: str
    application: Interface | None

    @property
    def name(self) -> str:
        """``lambda-src-web``, ``root-flaskr``; what is not the usual runtime and architecture is said too."""
        place = "/".join(["root" if self.folder == "." else self.folder, *self.contents[:1]])
        kind = [self.application] if self.application else []
        return "-".join([_text(place), *_unusual(self.runtime, self.architecture), *kind])

    @property
    def parameter(self) -> str:
        """The template parameter that takes the zip's key in the artifact bucket."""
        return naming.logical_id(self.name, "CodeKey")


@value
class SharedLayer:
    """The layer with ``shared_requirements`` for one runtime and architecture."""

    runtime: str
    architecture: str

    @property
    def name(self) -> str:
        """``shared_layer``; the underscore keeps it apart from every name of code."""
        return "_".join(["shared_layer", *_unusual(self.runtime, self.architecture)])

    @property
    def title(self) -> str:
        """Its logical id."""
        return naming.words(self.name)

    @property
    def parameter(self) -> str:
        """The template parameter that takes the zip's key in the artifact bucket."""
        return f"{self.title}Key"


def _text(place: str) -> str:
    """A folder as part of keys and names: ASCII letters, digits and hyphens, with a hash where that is not all."""
    text = "-".join(re.findall(r"[A-Za-z0-9]+", place))
    if len(text) <= _LONGEST and re.fullmatch(r"[A-Za-z0-9_./ -]+", place):
        return text
    return "-".join(filter(None, [text[:_LONGEST].strip("-"), hashlib.sha256(place.encode()).hexdigest()[:8]]))


def _unusual(runtime: str, architecture: str) -> list[str]:
    """``["python312", "x8664"]``; nothing of what is usual."""
    usual = (Function.runtime, Function.architecture)
    pairs = zip((runtime, architecture), usual, strict=True)
    return [item.replace(".", "").replace("_", "") for item, default in pairs if item != default]


def code_of(function: Function) -> Code:
    """Which code a function runs."""
    return Code(
        folder=function.folder,
        contents=function.contents,
        runtime=function.runtime,
        architecture=function.architecture,
        application=function.application,
    )


def codes(stage: Stage) -> tuple[Code, ...]:
    """All code of a stage's functions, each once."""
    return tuple(dict.fromkeys(code_of(function) for function in stage.backend.functions.values()))


def shared_layer(runtime: str, architecture: str, stage: Stage) -> SharedLayer | None:
    """The layer that code for a runtime and architecture runs with; only Python has one."""
    if not stage.backend.shared_requirements or not runtime.startswith("python"):
        return None
    return SharedLayer(runtime=runtime, architecture=architecture)


def shared_layers(stage: Stage) -> tuple[SharedLayer, ...]:
    """The layers of a stage, each once."""
    wanted = (shared_layer(code.runtime, code.architecture, stage) for code in codes(stage))
    return tuple(dict.fromkeys(layer for layer in wanted if layer))
