"""Text that a terminal shows and does not obey."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.cloud import Event
from stacks.printable import Printable, printable
from stacks.progress import ResourceEvent
from stacks.ui import Screen

if TYPE_CHECKING:
    from typing import TextIO

OBEYED = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = printable(text)
    assert not OBEYED - {"\t", "\n"} & set(shown)
    shown.encode()  # halves of characters could not be written


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2Jgone", r"\x1b[2Jgone"), ("a\r\nb\rc", "a\nb\\rc"), ("\x9b1m", r"\x9b1m"), ("\u202eevil", r"\u202eevil")],
)
def test_what_is_obeyed_is_spelled_out(text: str, shown: str) -> None:
    stream = io.StringIO()
    print(text, file=cast("TextIO", Printable(stream)), end="")
    assert stream.getvalue() == shown


@pytest.mark.parametrize("interactive", [True, False])
def test_aws_messages_cannot_draw_on_the_screen(*, interactive: bool) -> None:
    stream = io.StringIO()
    event = Event(
        id="1",
        logical_id="Table",
        physical_id="",
        type="AWS::DynamoDB::Table",
        status="CREATE_FAILED",
        reason="\x1b]0;title\x07\x1b[2Jno",
    )
    with Screen(cast("TextIO", Printable(stream)), interactive=interactive) as screen:
        screen.show(ResourceEvent(stack="data", event=event))
    assert r"\x1b]0;title\x07\x1b[2Jno" in stream.getvalue()
    assert "\x1b]0;title" not in stream.getvalue()
