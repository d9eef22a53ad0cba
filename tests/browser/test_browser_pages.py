"""The pages without an account, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

pytestmark = pytest.mark.browser
NOTE = "Buy <b>milk</b> & bread"


def test_a_note_is_written_read_and_deleted(browser: Browser) -> None:
    browser.open("/")
    browser.picture("empty")
    browser.fill(text=NOTE)
    browser.see("Note added.")
    browser.see(NOTE, ".note .text")
    browser.picture("notes")
    browser.click(".note button")
    browser.see("Note deleted.")
    assert NOTE not in browser.find("main").text
    assert browser.complaints() == []


def test_the_form_counts_what_is_typed(browser: Browser) -> None:
    browser.open("/")
    browser.find("#text").send_keys("12345")
    browser.see("1,995", "#count")
    assert browser.complaints() == []


def test_a_page_that_does_not_exist_leads_back(browser: Browser) -> None:
    browser.open("/nowhere")
    browser.see("There is no such page")
    browser.picture("missing")
    browser.click("main a.primary")
    browser.see("What is on your mind?")
    assert [complaint for complaint in browser.complaints() if "/nowhere" not in complaint] == []


def test_a_script_that_is_not_the_sites_does_not_run(browser: Browser) -> None:
    browser.open("/")
    inline = "const it = document.createElement('script'); it.text = 'document.title = 1'; document.body.append(it)"
    browser.driver.execute_script(inline)
    assert browser.driver.title == "Notes"
    assert "Content Security Policy" in browser.complaints()[0]
