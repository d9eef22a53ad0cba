"""A picture → a self-contained SVG: own background, colours for light and dark pages, no fonts, no scripts. Pure.

GitHub shows it as an image, where ``prefers-color-scheme`` follows the browser; the background is part of the picture,
so it can be read on any page.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from stacks.picture.layout import BETWEEN, GAP, HEIGHT, MARGIN, WIDTH, laid_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.picture.layout import Frame, Placed
    from stacks.picture.picture import Arrow, Picture

_LINE = 18
_ROW, _NEAR = 13, 60
"""How near two labels may be, down and across."""
_CHARACTER, _SMALL = 7.9, 5.9
"""Mean width of a character of a title (13 px, bold) and of a note (11 px), in pixels."""
_LIGHT = {
    "page": "#ffffff", "ink": "#1b2430", "soft": "#566170", "line": "#8792a1", "rim": "#d5dbe3", "frame": "#f6f8fa",
    "outside": "#eef1f4", "base": "#e3f1e6", "data": "#dfeafb", "backend": "#fdebd8", "frontend": "#ebe3fb",
    "own": "#f3ecd2",
}  # fmt: skip
_DARK = {
    "page": "#0d1117", "ink": "#e9eef5", "soft": "#a3b0c0", "line": "#7b8796", "rim": "#303a47", "frame": "#151b23",
    "outside": "#252d38", "base": "#1b3524", "data": "#16304f", "backend": "#462d12", "frontend": "#33255a",
    "own": "#3d3516",
}  # fmt: skip


def svg(picture: Picture) -> str:
    """The picture as SVG 1.1."""
    layout = laid_out(picture)
    width = max(layout.width, 420)
    height = layout.height + (len(picture.footer) + 1) * _LINE + GAP
    places = {box.box.id: box for box in layout.boxes}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {_size(width, height, picture)}>',
        f"<style>{_style()}</style>",
        _TIP,
        f'<rect class="page" width="{width:g}" height="{height:g}" rx="10"/>',
        f'<text class="title" x="{MARGIN}" y="38">{_text(picture.title)}</text>',
        f'<text class="note" x="{MARGIN}" y="60">{_text(picture.subtitle)}</text>',
        *(_frame(frame) for frame in layout.frames),
        *(_path(arrow, places[arrow.source], places[arrow.target]) for arrow in layout.arrows),
        *(_box(box) for box in layout.boxes),
        *_labels(layout.arrows, places),
        *_footer(picture.footer, layout.height + _LINE + GAP),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>'
)


def _size(width: float, height: float, picture: Picture) -> str:
    named = _text(f"{picture.title}: {picture.subtitle}")
    return f'width="{width:g}" height="{height:g}" role="img" aria-label="{named}"'


def _style() -> str:
    def colours(names: dict[str, str]) -> str:
        return "".join(f"--{name}:{value};" for name, value in names.items())

    tones = "".join(
        f".{tone}{{fill:var(--{tone})}}" for tone in ("outside", "base", "data", "backend", "frontend", "own")
    )
    return (
        f"svg{{{colours(_LIGHT)}font-family:ui-sans-serif,system-ui,-apple-system,'Segoe UI',sans-serif}}"
        f"@media(prefers-color-scheme:dark){{svg{{{colours(_DARK)}}}}}"
        ".page{fill:var(--page);stroke:var(--rim)}.frame{fill:var(--frame);stroke:var(--rim)}"
        ".title{fill:var(--ink);font-size:20px;font-weight:650}.name{fill:var(--ink);font-size:13px;font-weight:600}"
        ".note{fill:var(--soft);font-size:11px}.panel{fill:var(--soft);font-size:12px;font-weight:600}"
        ".arrow{fill:none;stroke:var(--line);stroke-width:1.4}.quiet{stroke-dasharray:5 4}.tip{fill:var(--line)}"
        ".label{fill:var(--ink);font-size:11px;text-anchor:middle;paint-order:stroke;stroke:var(--page);"
        f"stroke-width:4px;stroke-linejoin:round}}.box{{stroke:var(--rim)}}{tones}"
    )


def _box(at: Placed) -> str:
    box = at.box
    return (
        f"<g><title>{_text(f'{box.title}: {box.note}' if box.note else box.title)}</title>"
        f'<rect class="box {box.tone}" x="{at.x:g}" y="{at.y:g}" width="{WIDTH}" height="{HEIGHT}" rx="7"/>'
        f'<text class="name" x="{at.x + 11:g}" y="{at.y + 20:g}">{_fitted(box.title, _CHARACTER, WIDTH - 20)}</text>'
        f'<text class="note" x="{at.x + 11:g}" y="{at.y + 36:g}">{_fitted(box.note, _SMALL, WIDTH - 20)}</text></g>'
    )


def _frame(frame: Frame) -> str:
    return (
        f'<rect class="frame" x="{frame.x:g}" y="{frame.y:g}" '
        f'width="{frame.width:g}" height="{frame.height:g}" rx="10"/>'
        f'<text class="panel" x="{frame.x + 14:g}" y="{frame.y + 21:g}">{_text(frame.title)}</text>'
    )


def _ends(source: Placed, target: Placed) -> tuple[float, float, float, float, float]:
    """Where an arrow starts and ends, and how far its curve swings out (negative: to the left)."""
    y1, y2 = source.y + HEIGHT / 2, target.y + HEIGHT / 2
    if target.x > source.x:
        return source.x + WIDTH, y1, target.x, y2, max((target.x - source.x - WIDTH) / 2, 30)
    if target.x < source.x:
        return source.x, y1 + 8, target.x + WIDTH, y2 + 8, -max((source.x - target.x - WIDTH) / 2, 30)
    return source.x + WIDTH, y1 + 6, target.x + WIDTH, y2 - 6, 34


def _path(arrow: Arrow, source: Placed, target: Placed) -> str:
    kind = "arrow quiet" if arrow.quiet else "arrow"
    if source.x == target.x and abs(source.y - target.y) <= HEIGHT + GAP:  # next to each other: straight
        x = source.x + WIDTH / 2
        down = target.y > source.y
        y1, y2 = (source.y + HEIGHT, target.y) if down else (source.y, target.y + HEIGHT)
        return f'<path class="{kind}" marker-end="url(#tip)" d="M{x:g} {y1:g}V{y2:g}"/>'
    x1, y1, x2, y2, swing = _ends(source, target)
    back = -swing if source.x != target.x else swing
    curve = f"M{x1:g} {y1:g}C{x1 + swing:g} {y1:g} {x2 + back:g} {y2:g} {x2:g} {y2:g}"
    return f'<path class="{kind}" marker-end="url(#tip)" d="{curve}"/>'


def _labels(arrows: tuple[Arrow, ...], places: dict[str, Placed]) -> Iterator[str]:
    """Labels at that end of their arrows where fewer others are, pushed down where one would cover another."""
    taken: list[tuple[float, float]] = []
    starts, ends = Counter(arrow.source for arrow in arrows), Counter(arrow.target for arrow in arrows)
    for arrow in arrows:
        source, target = places[arrow.source], places[arrow.target]
        if not arrow.label or source.x == target.x:
            continue
        x1, y1, x2, y2, _ = _ends(source, target)
        at_target = ends[arrow.target] <= starts[arrow.source]
        along, down = (0.5, 0.6) if at_target else (0.34, 0.22)
        x, y = x1 + (x2 - x1) * along, y1 + (y2 - y1) * down - 4
        while any(abs(y - other) < _ROW and abs(x - at) < _NEAR for at, other in taken):
            y += _ROW
        taken.append((x, y))
        yield f'<text class="label" x="{x:g}" y="{y:g}">{_fitted(arrow.label, _SMALL, BETWEEN - 8)}</text>'


def _footer(lines: tuple[str, ...], y: float) -> Iterator[str]:
    for index, line in enumerate(lines):
        indent = 14 if line.startswith(" ") else 0
        yield f'<text class="note" x="{MARGIN + indent}" y="{y + index * _LINE:g}">{_text(line.strip())}</text>'


def _fitted(words: str, character: float, width: float) -> str:
    most = int(width / character)
    return _text(words if len(words) <= most else f"{words[: most - 1].rstrip()}…")


def _text(words: str) -> str:
    """Text for content and for attributes; without what XML does not allow."""
    return escape("".join(sign for sign in words if sign.isprintable()), {'"': "&quot;"})
