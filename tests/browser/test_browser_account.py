"""The single-page application in a browser: an account from sign-up to sign-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

pytestmark = pytest.mark.browser
EMAIL, PASSWORD, CODE = "grace@example.com", "Correct-Horse-7-Battery", "123456"
NOTE = "Meet <i>Ada</i> at noon"


def test_an_account_from_sign_up_to_sign_out(browser: Browser) -> None:
    browser.open("/")
    browser.click("nav a")
    browser.see("Welcome back")
    browser.picture("signin")
    browser.click("a[href=signup]")
    browser.see("Create an account")
    browser.picture("signup")
    browser.fill(email=EMAIL, password=PASSWORD)
    browser.see("Check your mail")
    assert browser.find("#email").get_attribute("value") == EMAIL
    browser.picture("confirm")
    browser.fill(code=CODE)
    browser.see("Your e-mail is confirmed.")
    browser.fill(password=PASSWORD)
    browser.see("Nothing here yet.")
    browser.fill(text=NOTE)
    browser.see("Note added.")
    browser.open("/app/notes")
    browser.see(NOTE, ".note .text")
    browser.see(EMAIL, "#who")
    browser.picture("account")
    browser.click("#signout")
    browser.see("You are signed out.")
    assert browser.path == "/app/signin"
    browser.open("/app/notes")
    browser.see("Sign in to see your notes.")
    assert browser.complaints() == []


def test_a_short_password_is_refused_before_it_is_sent(browser: Browser) -> None:
    browser.open("/app/signup")
    browser.fill(email="short@example.com", password="Too-short-1")
    browser.see("The password needs at least 14 characters.", ".problem")
    browser.picture("short")
    assert browser.complaints() == []


def test_a_password_against_the_pools_rule_is_explained(browser: Browser) -> None:
    browser.open("/app/signup")
    browser.fill(email="weak@example.com", password="no-capital-letter-7")
    browser.see("uppercase", ".problem")
    assert [complaint for complaint in browser.complaints() if "/_local/cognito/" not in complaint] == []


def test_an_unknown_route_says_so(browser: Browser) -> None:
    browser.open("/app/a/deep/link")
    browser.see("There is no such page")
    browser.click("main a[href=notes]")
    browser.see("Sign in to see your notes.")
    assert browser.complaints() == []
