"""A picture → Mermaid, DOT, or lines for a terminal. Pure."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.picture.picture import Arrow, Box, Picture

_COLOURS = {
    "outside": "#eef1f4",
    "base": "#e3f1e6",
    "data": "#e0ebfb",
    "backend": "#fdebd8",
    "frontend": "#ece4fb",
    "own": "#f3ecd2",
}
"""Fills that dark text can be read on, in light and dark pages alike."""


def mermaid(picture: Picture) -> str:
    """The picture as a flowchart of Mermaid, which GitHub draws in a fenced block.

    https://mermaid.js.org/syntax/flowchart.html
    """
    names = {box.id: f"n{index}" for index, box in enumerate(picture.boxes)}
    lines = ["flowchart LR"]
    for number, (panel, boxes) in enumerate(_panels(picture)):
        inside = [f'{names[box.id]}["{_html(box.title)}<br/><small>{_html(box.note)}</small>"]' for box in boxes]
        if panel:
            lines += [f'  subgraph p{number}["{_html(panel)}"]', *(f"    {line}" for line in inside), "  end"]
        else:
            lines += [f"  {line}" for line in inside]
    for arrow in picture.arrows:
        line = "-.->" if arrow.quiet else "-->"
        label = f'|"{_html(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.target]}")
    for tone in dict.fromkeys(box.tone for box in picture.boxes):
        lines.append(f"  classDef {tone} fill:{_COLOURS[tone]},stroke:#8892a0,color:#1b2430")
        lines.append(f"  class {','.join(names[box.id] for box in picture.boxes if box.tone == tone)} {tone}")
    return "\n".join(lines) + "\n"


def dot(picture: Picture) -> str:
    """The picture in the language of Graphviz. https://graphviz.org/doc/info/lang.html."""
    lines = [
        f"digraph {json.dumps(picture.title, ensure_ascii=False)} {{",
        '  graph [rankdir=LR, fontname="sans-serif"]',
        '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontcolor="#1b2430", color="#8892a0"]',
        '  edge [fontname="sans-serif", fontsize=10, color="#5b6673"]',
    ]
    for number, (panel, boxes) in enumerate(_panels(picture)):
        inside = [_node(box) for box in boxes]
        if panel:
            lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(panel)}"]
            lines += [*(f"    {line}" for line in inside), "  }"]
        else:
            lines += [f"  {line}" for line in inside]
    for arrow in picture.arrows:
        dashed = ", style=dashed" if arrow.quiet else ""
        lines.append(f"  {_quoted(arrow.source)} -> {_quoted(arrow.target)} [label={_quoted(arrow.label)}{dashed}]")
    return "\n".join([*lines, "}"]) + "\n"


def _node(box: Box) -> str:
    label = _quoted("\n".join(filter(None, [box.title, box.note])))
    return f"{_quoted(box.id)} [label={label}, fillcolor={_quoted(_COLOURS[box.tone])}]"


def text_tree(picture: Picture) -> str:
    """The picture as a tree of what reaches what, from those that nothing else reaches."""
    after: dict[str, list[Arrow]] = {}
    for arrow in picture.arrows:
        after.setdefault(arrow.source, []).append(arrow)
    reached = {arrow.target for arrow in picture.arrows if not arrow.quiet}
    starts = [box for box in picture.boxes if box.id in after and box.id not in reached]
    alone = [
        box for box in picture.boxes if box.id not in after and not any(a.target == box.id for a in picture.arrows)
    ]
    lines = [f"{picture.title}  ({picture.subtitle})"]
    seen: set[str] = set()
    for box in starts:
        lines += ["", _named(box), *_tree(picture, box, after, "", seen)]
    if alone:
        lines += ["", "Not connected:", *(f"  {_named(box)}" for box in alone)]
    return "\n".join([*lines, *(["", *picture.footer] if picture.footer else [])]) + "\n"


def _tree(picture: Picture, box: Box, after: dict[str, list[Arrow]], indent: str, seen: set[str]) -> Iterator[str]:
    arrows = after.get(box.id, [])
    if box.id in seen:
        return
    seen.add(box.id)
    width = max((len(arrow.label) for arrow in arrows), default=0)
    for index, arrow in enumerate(arrows):
        last = index == len(arrows) - 1
        target = picture.box(arrow.target)
        again = "  (see above)" if target.id in seen and after.get(target.id) else ""
        label = f"{arrow.label:<{width}} → " if width else ""
        yield f"{indent}{'└─' if last else '├─'} {label}{_named(target)}{again}"
        yield from _tree(picture, target, after, indent + ("   " if last else "│  "), seen)


def _named(box: Box) -> str:
    return f"{box.title} ({box.note})" if box.note else box.title


def _panels(picture: Picture) -> list[tuple[str, list[Box]]]:
    ordered = sorted(picture.boxes, key=lambda box: box.panel)
    return [(panel, list(boxes)) for panel, boxes in groupby(ordered, key=lambda box: box.panel)]


def _html(words: str) -> str:
    """Text inside a quoted label of Mermaid, which reads entities."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)
