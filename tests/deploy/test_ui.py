"""What progress looks like."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING, get_args

import pytest

from stacks import wiring
from stacks.cloud import ChangedResource, ChangeSet, Drifted, Event, StackResource
from stacks.errors import Problem
from stacks.forecast.table_parts import Move
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
    Inline,
    InlineBlocked,
    Invalidated,
    NothingChanged,
    NotTried,
    PartAwaited,
    PartsMoved,
    Progress,
    Published,
    Released,
    ResourceEvent,
    RoutesRemoved,
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
from stacks.ui import API_URL, SITE_URL, Screen, addresses, is_interactive, outputs_table

if TYPE_CHECKING:
    from collections.abc import Callable


def event(status: str, reason: str = "") -> ResourceEvent:
    result = Event(id="1", logical_id="Table", physical_id="p", type="T", status=status, reason=reason)
    return ResourceEvent(stack="data", event=result)


def changes(*change: ChangedResource) -> ChangesFound:
    change_set = ChangeSet(id="1", stack="n-data", region="r", creates=True, changes=change)
    return ChangesFound(stack="data", change_set=change_set)


CASES: list[tuple[Progress, str]] = [
    (StackStarted(stack="data", name="n-data", region="eu-west-1"), "data: n-data (eu-west-1)\n"),
    (
        FailedCreateRemoved(stack="data", status="ROLLBACK_COMPLETE"),
        "  its first creation had failed (ROLLBACK_COMPLETE): deleted, creating it again\n",
    ),
    (
        changes(
            ChangedResource(action="add", logical_id="A", type="T"),
            ChangedResource(action="change", logical_id="B", type="T", replacement="maybe"),
            ChangedResource(action="change", logical_id="C", type="T", replacement="always"),
            ChangedResource(action="remove", logical_id="D", type="T"),
        ),
        "  + A  T\n  ~ B  T  may be REPLACED\n  ~ C  T  REPLACED: -/+\n  - D  T\n",
    ),
    (
        BucketFirst(stack="base", size=58_647, limit=51_200),
        "  58,647 bytes, over the 51,200 of a call: makes the artifact bucket first, and sends the rest through it\n",
    ),
    (NothingChanged(stack="data"), "  nothing to change\n"),
    (event("CREATE_IN_PROGRESS"), ""),
    (event("CREATE_COMPLETE"), "  Table CREATE_COMPLETE\n"),
    (event("CREATE_FAILED", "no [bold]room"), "  Table CREATE_FAILED: no [bold]room\n"),
    (event("ROLLBACK_IN_PROGRESS"), "  Table ROLLBACK_IN_PROGRESS\n"),
    (
        PartsMoved(
            stack="data",
            number=2,
            count=3,
            moves=(
                Move(table="NotesTable", kind="index", name="by-b", action="add"),
                Move(table="TagsTable", kind="replica", name="us-east-1", action="remove"),
            ),
        ),
        "  update 2 of 3: adds index by-b of NotesTable, removes replica us-east-1 of TagsTable\n",
    ),
    (
        RoutesRemoved(stack="backend", routes=("GET /a/{id}", "GET /b/{id}")),
        (
            "  API Gateway takes a renamed path parameter only once the routes with its former name are gone: removes"
            " GET /a/{id}, GET /b/{id} first\n"
        ),
    ),
    (PartAwaited(stack="data", table="NotesTable", part="index by-a"), "  waiting for index by-a of NotesTable\n"),
    (StackFinished(stack="data", status="CREATE_COMPLETE"), "  CREATE_COMPLETE\n"),
    (
        DriftFound(stack="data", drifted=(Drifted(logical_id="A", physical_id="a", type="T", deleted=True),)),
        "  differs from the description, and is changed:\n  A (T) was deleted\n",
    ),
    (
        DriftLeft(stack="data", names=("A",), why="nobody may look"),
        (
            "  left as they were before: A. nobody may look. 'stacks drift data' shows what differs from the"
            " description\n"
        ),
    ),
    (
        Guarded(stack="data", kept=("A", "B")),
        "  now protected: the stack from deletion, A B from replacement\n",
    ),
    (
        SiteSeen(prefix="/app/", form="names", pages=2, files=3),
        "  site /app/: 2 pages with addresses like /app/about\n",
    ),
    (
        FileInert(key="_redirects", what="does nothing here", fix="Remove it"),
        "  _redirects: does nothing here. Remove it.\n",
    ),
    (
        Unguarded(stack="data", kept=("A",)),
        "  not protected from deletion and replacement, A: once, let a person run 'stacks deploy data'\n",
    ),
    (StackFailed(stack="data", problems=(Problem(where="n-data", what="w", fix="f"),)), "  failed: see below\n"),
    (
        NotTried(stack="backend", what="stack", because="data"),
        "backend: stack not tried, since data failed\n",
    ),
    (Uploaded(key="k", size=1_234_567, fresh=True), "code k uploaded (1.2 MB)\n"),
    (Uploaded(key="k", size=2_000, fresh=False), "code k already exists (2 kB)\n"),
    (
        FilesCompared(bucket="b", to_put=1, unchanged=2, stale=3),
        "files: 1 to put, 2 unchanged, 3 in the bucket no longer used (b)\n",
    ),
    (Published(key="app/index.html"), ""),
    (
        InlineBlocked(
            key="a.html", inline=Inline(line=3, what="an inline <script>", directive="script-src", source="'h'")
        ),
        (
            "  a.html:3: an inline <script> is blocked by the Content-Security-Policy (script-src). "
            "Add 'h' to frontend.csp.sources.script-src.\n"
        ),
    ),
    (
        SiteSeen(prefix="/", form="folders", pages=2, files=5),
        "  site /: 2 pages with addresses like /about/\n",
    ),
    (
        SiteSeen(prefix="/app/", form="index.html", pages=1, files=5),
        "  site /app/: a single-page application, index.html answers every path that is not a file (5 files)\n",
    ),
    (FileInert(key="_headers", what="has no effect", fix="Remove it"), "  _headers: has no effect. Remove it.\n"),
    (FilesRemoved(keys=("a", "b", "c", "d")), "  removed a b c and 1 more\n"),
    (Released(number=2, of=None), "  release 2\n"),
    (Released(number=3, of=1), "  release 3, release 1 again\n"),
    (Invalidated(paths=("/a", "/b")), "  the CDN invalidates /a /b\n"),
    (StackAbsent(stack="data", name="n-data"), "data: n-data does not exist\n"),
    (BucketEmptied(stack="data", bucket="b", objects=4), "  bucket b emptied (4 objects)\n"),
    (
        StackDeleted(stack="data", retained=(StackResource(logical_id="T", physical_id="n-notes", type="A::B"),)),
        "  deleted\n  kept: n-notes (A::B, T)\n",
    ),
    (
        DataDeleted(stack="data", resource=StackResource(logical_id="T", physical_id="n-notes", type="A::B")),
        "  deleted for good: n-notes (A::B)\n",
    ),
]


@pytest.mark.parametrize(("progress", "text"), CASES)
def test_each_fact_is_printed_in_plain_lines(progress: Progress, text: str) -> None:
    out = io.StringIO()
    with Screen(out) as screen:
        screen.show(progress)
    assert out.getvalue() == text


def test_no_fact_is_left_without_a_case() -> None:
    assert {type(progress) for progress, _ in CASES} == set(get_args(Progress))


def test_a_person_sees_the_same_words_and_the_passing_ones_too() -> None:
    out = io.StringIO()
    with Screen(out, interactive=True) as screen:
        for progress, _ in CASES:
            screen.show(progress)
    shown = out.getvalue()
    assert [text for _, text in CASES if not all(line in shown for line in text.splitlines())] == []


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("make", "variables", "expected"),
    [
        (Terminal, {}, True),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"CI": "true"}, False),
        (Terminal, {"TERM": "dumb"}, False),
        (io.StringIO, {}, False),
    ],
)
def test_only_a_terminal_without_an_option_against_it_is_interactive(
    make: Callable[[], io.StringIO], variables: dict[str, str], *, expected: bool
) -> None:
    assert is_interactive(make(), variables) is expected


def test_a_table_is_as_wide_as_its_cells_and_has_no_trailing_blanks() -> None:
    assert table([("data", "1"), ("b", "22222")], ("Stack", "N")) == "Stack  N\n─────  ─────\ndata   1\nb      22222"


def test_outputs_are_one_table() -> None:
    text = outputs_table({"data": {"B": "2", "A": "1"}, "base": {}})
    assert text.splitlines()[2:] == ["data   A       1", "data   B       2"]


def test_where_the_site_and_the_api_are_is_printed_last() -> None:
    result = {"backend": {"ApiUrl": "https://a", "ApiId": "x"}, "frontend": {"SiteUrl": "https://s"}}
    assert addresses(result) == "Site  https://s\nAPI   https://a"
    assert addresses({"data": {}}) == ""
    assert (wiring.SITE_URL.name, wiring.API_URL.name) == (SITE_URL, API_URL)


def test_showing_plain_lines_and_tables_imports_neither_rich_nor_boto3() -> None:
    program = (
        "import sys; from stacks.text_table import table; from stacks.ui import Screen\n"
        "from stacks.progress import NothingChanged\n"
        "with Screen() as screen: screen.show(NothingChanged(stack='x'))\n"
        "table([], ['a']); print(sorted({'rich', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "  nothing to change\n[]\n"
