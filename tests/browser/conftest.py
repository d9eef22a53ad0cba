"""A headless Chromium with a profile of its own, which must have had nothing to complain about."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.running import Running

SECONDS = 20
EVIL = "evil.test"
"""Another site's name that leads to this machine, as after DNS rebinding."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1100,900",
    "--lang=en",
    f"--host-resolver-rules=MAP {EVIL} 127.0.0.1",
)
WIDER_THAN_ITS_WINDOW = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Somebody who looks at the site; waits for what comes late, and never longer than it takes."""

    driver: Any
    url: str
    pictures: Path

    def open(self, path: str) -> None:
        """Go to a page of the site."""
        self.driver.get(self.url + path)

    def find(self, selector: str) -> Any:
        """The one visible element, as soon as it is there."""
        return self.until(
            lambda: next((entry for entry in self._all(selector) if entry.is_displayed()), None), selector
        )

    def click(self, selector: str) -> None:
        """Press a button, or follow a link."""
        self.find(selector).click()

    def fill(self, **fields: str) -> None:
        """Type into fields, by id, and submit their form with the last one."""
        for name, value in fields.items():
            self.find(f"#{name}").clear()
            self.find(f"#{name}").send_keys(value)
        self.find("main form button[type=submit]").click()

    def see(self, text: str, selector: str = "main") -> None:
        """Wait until a text can be read."""
        self.until(lambda: any(text in entry.text for entry in self._all(selector)), f"{text!r} in {selector}")

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait for a condition; elements that a page has replaced meanwhile are looked for again."""
        wait = WebDriverWait(
            self.driver, SECONDS, poll_frequency=0.05, ignored_exceptions=(StaleElementReferenceException,)
        )
        return wait.until(lambda _: condition(), f"waited in vain for {what}")

    @property
    def path(self) -> str:
        """Where the browser is."""
        return str(self.driver.execute_script("return location.pathname"))

    def picture(self, name: str) -> None:
        """Keep a picture of the page at two widths; no page may be wider than a phone."""
        for device, width in (("desktop", 1100), ("phone", 390)):
            size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            self.driver.save_screenshot(str(self.pictures / f"{name}-{device}.png"))
            assert not self.driver.execute_script(WIDER_THAN_ITS_WINDOW), f"{name} is wider than a {device}"
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def complaints(self) -> list[str]:
        """What the console told: errors of scripts, files that did not load, violations of the site's policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]

    def _all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))


def _program(*names: str) -> str:
    result = next(filter(None, map(shutil.which, names)), None)
    if not result and not os.environ.get("CI"):
        pytest.skip(f"{names[0]} is not installed")
    assert result, f"{names[0]} is not installed"
    return result


@pytest.fixture
def browser(site: Running, tmp_path: Path) -> Iterator[Browser]:
    """A browser that was never here, at the running site."""
    options = webdriver.ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(_program("chromedriver")))
    try:
        yield Browser(driver=driver, url=site.emulator.site_url, pictures=tmp_path)
    finally:
        driver.quit()
