"""Draws the screen of a deployment as docs/terminal.svg: ``python -m tools.terminal``."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from stacks.cloud import Event
from stacks.live import LiveWork
from stacks.progress import Progress, ResourceEvent, StackFinished, StackStarted
from stacks.ui import lines

FILE = Path(__file__).parents[1] / "docs" / "terminal.svg"
_TONES = {"title": "bold", "plain": "", "quiet": "dim", "good": "green", "warn": "yellow", "bad": "bold red"}
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
_DEPLOYED = (
    ("backend", ("NotesWebFunction", "Api", "ApiStage")),
    ("frontend", ("SiteBucket",)),
)


def _event(stack: str, name: str, kind: str, status: str) -> ResourceEvent:
    event = Event(id="1", logical_id=name, physical_id="", type=kind, status=status)
    return ResourceEvent(stack=stack, event=event)


def _facts() -> list[tuple[float, Progress]]:
    """The facts of an example deployment, with the second of each."""
    facts: list[tuple[float, Progress]] = []
    for start, (stack, names) in zip((0.0, 41.0), _DEPLOYED, strict=True):
        facts.append((start, StackStarted(stack=stack, name=f"notes-dev-{stack}", region="eu-west-1")))
        facts += [(start + 5, _event(stack, name, "AWS::Lambda::Function", "CREATE_COMPLETE")) for name in names]
        if stack == "backend":
            facts.append((start + 41, StackFinished(stack=stack, status="CREATE_COMPLETE")))
    site = _event("frontend", "SiteDistribution", "AWS::CloudFront::Distribution", "CREATE_IN_PROGRESS")
    return [*facts, (47.0, site)]


def drawn() -> str:
    """The picture: what is done, and what is in progress after two minutes."""
    console = Console(record=True, width=84, file=io.StringIO(), highlight=False, force_terminal=True)
    console.print(Text("$ stacks deploy --stage dev", "bold"))
    work = LiveWork()
    for at, fact in _facts():
        took = work.note(fact, at)
        for line in lines(fact):
            if not line.passing:
                console.print(Text(line.text, _TONES[line.tone]))
        if took is not None:
            console.print(Text(f"  took 0:{took:02.0f}", "dim"))
    for number, text in enumerate(work.lines(168.0)):
        console.print(Text(("⠹ " if not number else "  ") + text, "dim"))
    svg = console.export_svg(title="stacks deploy", theme=MONOKAI, unique_id="terminal")
    start, end = svg.index("    @font-face"), svg.index("    .terminal-matrix")
    return svg[:start] + svg[end:].replace("Fira Code, monospace", _FONT)


if __name__ == "__main__":
    FILE.write_text(drawn(), encoding="utf-8")
