"""``graph``: a picture of a stage, of one stack or function, or of the way of a request."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Literal, assert_never

from stacks.commands.common import described, stage
from stacks.errors import UsageError
from stacks.files import write_atomically
from stacks.picture.narrow import function_picture, request_picture, stack_picture
from stacks.picture.stage import picture_of
from stacks.picture.svg import svg
from stacks.picture.words import dot, mermaid, text_tree
from stacks.rendering import render
from stacks.reporting import answer, done, is_wanted
from stacks.template.rendered import named

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stacks.picture.picture import Picture

Format = Literal["text", "svg", "mermaid", "dot"]
_MOST = 24
"""Boxes of one kind in the picture of a stage."""
_ENDINGS: dict[str, Format] = {".svg": "svg", ".mmd": "mermaid", ".dot": "dot", ".gv": "dot", ".txt": "text"}


def run(arguments: Namespace) -> int:
    """Draw the picture, to a file or to standard output."""
    wanted = _format(arguments)
    picture = _picture(arguments)
    drawn = _drawn(picture, wanted)
    if arguments.out is None:
        answer(asdict(picture), lambda: drawn.removesuffix("\n"))
    else:
        changed = write_atomically(arguments.out, drawn.encode())
        print(f"{arguments.out} {'written' if changed else 'unchanged'}")
        done(file=str(arguments.out), format=wanted, changed=changed)
    return 0


def _format(arguments: Namespace) -> Format:
    out: Path | None = arguments.out
    asked: Format | None = None if is_wanted() else arguments.format
    if asked:
        return asked
    if out is None:
        return "text"
    if out.suffix not in _ENDINGS:
        what = "has no ending that names a format"
        raise UsageError(f"--out {out}", what, f"Use one of {', '.join(_ENDINGS)}, or pass --format")
    return _ENDINGS[out.suffix]


def _picture(arguments: Namespace) -> Picture:
    app = described(arguments)
    chosen = stage(app, next(iter(app.stages)) if arguments.stage is None else arguments.stage)
    rendered = render(app, chosen)
    if arguments.stack:
        (stack,) = named(rendered, [arguments.stack])
        return stack_picture(stack)
    picture = picture_of(chosen, rendered)
    if arguments.function:
        return function_picture(picture, chosen, arguments.function)
    return request_picture(picture, chosen, arguments.request) if arguments.request else picture.folded(_MOST)


def _drawn(picture: Picture, wanted: Format) -> str:
    match wanted:
        case "text":
            return text_tree(picture)
        case "svg":
            return svg(picture)
        case "mermaid":
            return mermaid(picture)
        case "dot":
            return dot(picture)
        case _:
            assert_never(wanted)
