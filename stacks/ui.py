"""The one place, apart from the command line, that writes to the screen: what ``Progress`` looks like.

``lines`` says each fact in words (pure); ``Screen`` shows the words, in colour and with a moving line
for what is going on when a person is looking, else as plain lines. Rich is imported only in the first
case.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self, TextIO, TypeAlias, assert_never

from stacks import reporting
from stacks.cloud import STACK_TYPE
from stacks.deploy.drift import difference_lines
from stacks.errors import shortened
from stacks.invocation import program
from stacks.live import LiveWork, elapsed
from stacks.printable import printable
from stacks.progress import (
    BucketEmptied,
    BucketFirst,
    ChangesFound,
    DataDeleted,
    DriftFound,
    DriftLeft,
    FailedCreateRemoved,
    FileInert,
    FilesCompared,
    FilesRemoved,
    Guarded,
    InlineBlocked,
    Invalidated,
    NothingChanged,
    NotTried,
    PartAwaited,
    PartsMoved,
    Published,
    Released,
    ResourceEvent,
    RoutesRemoved,
    SiteProgress,
    SiteSeen,
    StackAbsent,
    StackDeleted,
    StackFailed,
    StackFinished,
    StackStarted,
    Unguarded,
    Uploaded,
)
from stacks.text_table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

    from stacks.cloud import ChangedResource, Event
    from stacks.progress import FileProgress, Progress

Tone: TypeAlias = Literal["title", "plain", "quiet", "good", "warn", "bad"]
_STYLES: dict[Tone, str] = {
    "title": "bold",
    "plain": "",
    "quiet": "dim",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
}
SITE_URL, API_URL = "SiteUrl", "ApiUrl"
"""The outputs of frontend and backend that people look for (``stacks.wiring``, which brings troposphere)."""
AUTOMATED = ("CI", "AI_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "CURSOR_AGENT", "GEMINI_CLI")
"""Variables of CI services and coding agents: ``CI`` is custom, ``AI_AGENT`` proposed for all, the rest their own.
"""
_SIGNS = {"add": "+", "change": "~", "remove": "-", "import": ">", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of output; a ``passing`` one is only shown while it is the newest (plain output leaves it out)."""

    text: str
    tone: Tone = "plain"
    passing: bool = False


def outputs_table(outputs: Mapping[str, Mapping[str, str]]) -> str:
    """Return the outputs of all stacks as one table."""
    rows = [(stack, name, value) for stack, values in outputs.items() for name, value in sorted(values.items())]
    return table(rows, ("Stack", "Output", "Value"))


def addresses(outputs: Mapping[str, Mapping[str, str]]) -> str:
    """Return where the site and the API are, a line each; empty when there is neither."""
    result = {name: value for values in outputs.values() for name, value in values.items() if name.endswith("Url")}
    named = (("Site", result.get(SITE_URL)), ("API", result.get(API_URL)))
    return "\n".join(f"{title:<5} {url}" for title, url in named if url)


def is_interactive(stream: TextIO, variables: Mapping[str, str]) -> bool:
    """Return whether a person is looking: a terminal without NO_COLOR and TERM=dumb, and no CI or agent."""
    is_plain = variables.get("NO_COLOR") or variables.get("TERM") == "dumb" or is_automated(variables)
    return stream.isatty() and not is_plain


def is_automated(variables: Mapping[str, str]) -> bool:
    """Return whether a CI service or an agent runs the command: no questions, no animation."""
    return any(variables.get(name, "").lower() not in {"", "0", "false"} for name in AUTOMATED)


def console(stream: TextIO) -> Console:
    """A terminal to draw on, past ``Printable``: what is drawn must be ``printable`` already."""
    from rich.console import Console  # noqa: PLC0415 - costs 100 ms, and only a person needs it

    return Console(file=getattr(stream, "raw", stream), highlight=False, markup=False, soft_wrap=True)


class _Moving:
    """What is in progress, drawn anew by rich several times a second, cut to the terminal's width."""

    def __init__(self, work: LiveWork, clock: Callable[[], float]) -> None:
        self._work, self._clock = work, clock

    def __rich__(self) -> Text:
        from rich.text import Text  # noqa: PLC0415 - only a person needs it

        shown = "\n".join(printable(line) for line in self._work.lines(self._clock()))
        return Text(shown, "dim", no_wrap=True, overflow="ellipsis")


class Screen:
    """Shows progress while it is entered (``with Screen() as screen: deploy(plan, cloud, screen.show)``).

    ``mixed`` are the stacks that are at work at the same time: then each line begins with the name of its stack.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        interactive: bool | None = None,
        mixed: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._margin = max(map(len, mixed), default=0)
        self._stream = stream or sys.stdout
        self._interactive = is_interactive(self._stream, os.environ) if interactive is None else interactive
        self._clock = clock
        self._work = LiveWork()
        self._console: Console | None = None
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._interactive:
            self._console = console(self._stream)
            self._status = self._console.status(_Moving(self._work, self._clock))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()
        self._console = self._status = None

    def show(self, progress: Progress) -> None:
        """Show one fact, to a program or to people."""
        reporting.progress(progress)
        took = self._work.note(progress, self._clock())
        for line in lines(progress):
            placed = self._placed(line, progress)
            self._show(replace(placed, text=printable(placed.text)))
        if self._console and took is not None:
            self._console.print(f"  took {elapsed(took)}", style=_STYLES["quiet"])
        if self._status and self._work.busy:
            self._status.start()
        elif self._status:
            self._status.stop()

    def pause(self) -> None:
        """Let go of the moving line, so that a question can be asked; the next event takes it up again."""
        if self._status:
            self._status.stop()

    def _placed(self, line: Line, progress: Progress) -> Line:
        if not self._margin:
            return line
        stack: str = getattr(progress, "stack", "")
        return replace(line, text=f"{stack:<{self._margin}} | {line.text.strip()}")

    def _show(self, line: Line) -> None:
        if self._console is None:
            if not line.passing:
                print(line.text, file=self._stream, flush=True)
        elif not line.passing:
            self._console.print(line.text, style=_STYLES[line.tone])


def _drift_lines(progress: DriftFound | DriftLeft) -> Iterator[Line]:
    match progress:
        case DriftFound():
            yield Line("  differs from the description, and is changed:", "plain")
            yield from (Line(text, "plain") for text in difference_lines(progress.drifted))
        case DriftLeft():
            fix = f"'{program()} drift {progress.stack}' shows what differs from the description"
            yield Line(f"  left as they were before: {', '.join(progress.names)}. {progress.why}. {fix}", "warn")


def lines(progress: Progress) -> Iterator[Line]:  # noqa: C901, PLR0912 - one case for each fact there is
    """Return a fact in words."""
    match progress:
        case StackStarted():
            yield Line(f"{progress.stack}: {progress.name} ({progress.region})", "title")
        case FailedCreateRemoved():
            yield Line(f"  its first creation had failed ({progress.status}): deleted, creating it again", "warn")
        case BucketFirst():
            what = f"  {progress.size:,} bytes, over the {progress.limit:,} of a call"
            yield Line(f"{what}: makes the artifact bucket first, and sends the rest through it", "plain")
        case ChangesFound():
            yield from map(_change, progress.change_set.changes)
            yield from (Line(f"  warning: {text}", "warn") for text in progress.change_set.warnings)
        case PartsMoved() | RoutesRemoved():
            yield _moved(progress)
        case PartAwaited():
            yield Line(f"  waiting for {progress.part} of {progress.table}", "quiet")
        case NothingChanged():
            yield Line("  nothing to change", "good")
        case ResourceEvent():
            yield _event(progress.event)
        case StackFinished():
            yield Line(f"  {progress.status}", "good")
            if progress.adopted:
                yield Line(f"  taken back as they were before: {', '.join(progress.adopted)}", "plain")
        case DriftFound() | DriftLeft():
            yield from _drift_lines(progress)
        case Guarded() | Unguarded():
            yield _guarded(progress)
        case StackFailed():
            yield Line("  failed: see below", "bad")
        case NotTried():
            yield Line(f"{progress.stack}: {progress.what} not tried, since {progress.because} failed", "warn")
        case Uploaded() | FilesCompared() | Published() | FilesRemoved() | Released() | Invalidated():
            yield from _file_lines(progress)
        case SiteSeen() | FileInert() | InlineBlocked():
            yield _site_line(progress)
        case StackAbsent():
            yield Line(f"{progress.stack}: {progress.name} does not exist", "quiet")
        case BucketEmptied():
            yield Line(f"  bucket {progress.bucket} emptied ({progress.objects} objects)")
        case StackDeleted():
            yield Line("  deleted", "good")
            for resource in progress.retained:
                yield Line(f"  kept: {resource.physical_id} ({resource.type}, {resource.logical_id})", "warn")
        case DataDeleted():
            yield Line(f"  deleted for good: {progress.resource.physical_id} ({progress.resource.type})")
        case _:
            assert_never(progress)


def _file_lines(progress: FileProgress) -> Iterator[Line]:
    match progress:
        case Uploaded():
            state = "uploaded" if progress.fresh else "already exists"
            yield Line(f"code {progress.key} {state} ({_size(progress.size)})", "quiet")
        case FilesCompared():
            yield _compared(progress)
        case Published():
            yield Line(f"  {progress.key}", "quiet", passing=True)
        case FilesRemoved():
            yield Line(f"  removed {shortened(progress.keys, 3, ' ')}", "quiet")
        case Released():
            again = f", release {progress.of} again" if progress.of else ""
            yield Line(f"  release {progress.number}{again}", "good")
        case Invalidated():
            yield Line(f"  the CDN invalidates {' '.join(progress.paths)}", "quiet")


def _site_line(progress: SiteProgress) -> Line:
    match progress:
        case SiteSeen():
            return Line(f"  {_seen(progress)}")
        case FileInert():
            return Line(f"  {progress.key}: {progress.what}. {progress.fix}.", "warn")
        case InlineBlocked():
            return _blocked(progress)


def _seen(site: SiteSeen) -> str:
    forms = {"folders": "about/", "names": "about", "files": "about.html"}
    if site.form not in forms:
        shown = f"a single-page application, {site.form} answers every path that is not a file ({site.files} files)"
    else:
        pages = "1 page" if site.pages == 1 else f"{site.pages} pages"
        shown = f"{pages} with addresses like {site.prefix}{forms[site.form]}"
    return f"site {site.prefix}: {shown}"


def _change(change: ChangedResource) -> Line:
    notes = {"never": "", "maybe": "  may be REPLACED", "always": "  REPLACED: -/+"}
    tone: Tone = "plain" if change.replacement == "never" and change.action != "remove" else "warn"
    return Line(f"  {_SIGNS[change.action]} {change.logical_id}  {change.type}{notes[change.replacement]}", tone)


def _event(event: Event) -> Line:
    if event.status.endswith("_FAILED"):
        return Line(f"  {event.logical_id} {event.status}: {event.reason}", "bad")
    if "ROLLBACK" in event.status or event.status == "DELETE_SKIPPED":
        return Line(f"  {event.logical_id} {event.status}", "warn")
    passing = event.status.endswith("_IN_PROGRESS") or event.type == STACK_TYPE  # its outcome is reported separately
    return Line(f"  {event.logical_id} {event.status}", "quiet", passing=passing)


def _guarded(result: Guarded | Unguarded) -> Line:
    names = shortened(result.kept, 3, " ")
    if isinstance(result, Guarded):
        return Line(f"  now protected: the stack from deletion, {names} from replacement", "good")
    fix = f"once, let a person run '{program()} deploy {result.stack}'"
    return Line(f"  not protected from deletion and replacement, {names}: {fix}", "warn")


def _moved(result: PartsMoved | RoutesRemoved) -> Line:
    if isinstance(result, RoutesRemoved):
        why = "API Gateway takes a renamed path parameter only once the routes with its former name are gone"
        return Line(f"  {why}: removes {', '.join(result.routes)} first", "warn")
    what = ", ".join(f"{move.action}s {move.kind} {move.name} of {move.table}" for move in result.moves)
    return Line(f"  update {result.number} of {result.count}: {what}", "plain")


def _compared(result: FilesCompared) -> Line:
    stale = f", {result.stale} in the bucket no longer used" if result.stale else ""
    return Line(f"files: {result.to_put} to put, {result.unchanged} unchanged{stale} ({result.bucket})")


def _blocked(result: InlineBlocked) -> Line:
    inline = result.inline
    what = f"{inline.what} is blocked by the Content-Security-Policy ({inline.directive})"
    return Line(f"  {result.key}:{inline.line}: {what}. {inline.fix}.", "warn")


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count, 1) / 1000:.0f} kB"  # noqa: PLR2004 - SI
