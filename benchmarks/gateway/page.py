"""Drives the web page of a gateway in headless Chromium by clicks and keys."""

import shutil
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_DRIVERS = ("chromedriver",)
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # Chromium refuses to start as root with its sandbox
    "--disable-dev-shm-usage",  # small in containers
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)
_WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.02


def find_chromium() -> tuple[str, str]:
    """Returns the paths of a browser and of the driver that fits it.

    Raises:
        FileNotFoundError: one of the two is not on the path; Debian has them
            in the packages chromium and chromium-driver.
    """
    found = []
    for names in (_BROWSERS, _DRIVERS):
        paths = [path for path in map(shutil.which, names) if path]
        if not paths:
            raise FileNotFoundError(
                "Chromium and its driver must be on the path (Debian: apt "
                f"install chromium chromium-driver). Received: no {names[0]}."
            )
        found.append(paths[0])
    browser, driver = found
    return browser, driver


@contextmanager
def open_chromium() -> Iterator[WebDriver]:
    """Opens a browser that keeps its console messages, and ends it."""
    browser, driver_path = find_chromium()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    # With a path of its own, Selenium looks for no driver to download.
    driver = webdriver.Chrome(options, Service(driver_path))
    try:
        yield driver
    finally:
        driver.quit()


class GatewayPage:
    """One browser tab with the page; each action waits for its result."""

    def __init__(self, driver: WebDriver):
        self.driver = driver

    def open(self, url: str) -> None:
        """Loads the page and waits for its first slate."""
        self.driver.get(url)
        self.wait_for_slate("any")

    def show_as(self, width: int, height: int, theme: str = "light") -> None:
        """Sets the size in CSS pixels, and the theme: light or dark."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": width,
                "height": height,
                "deviceScaleFactor": 1,
                "mobile": False,
            },
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {
                "features": [
                    {"name": "prefers-color-scheme", "value": theme},
                    {"name": "prefers-reduced-motion", "value": "reduce"},
                ]
            },
        )

    def find(self, selector: str) -> WebElement:
        """Returns the first element by its CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        """Returns the elements by their CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def read(self, selector: str) -> list[str]:
        """Returns the text of the elements, in one round trip."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((element) => element.textContent)",
            selector,
        )

    def get_titles(self) -> list[str]:
        """Returns the titles of the slate in order, none while it changes."""
        return self.read("#slate[aria-busy=false] h3")

    def search(self, text: str) -> list[str]:
        """Types into the title search; returns the titles found."""
        box = self.find("#title-search")
        box.clear()
        box.send_keys(text)
        return self.wait_for(
            f"titles like {text!r}",
            lambda: [
                option.get_dom_attribute("id") and option.text.split("\n")[0]
                for option in self.find_all("#found li")
            ],
        )

    def pick(self, text: str) -> None:
        """Adds the first title found for a text, and waits for its slate."""
        self.search(text)
        num_picked = len(self.find_all("#picked li"))
        self.find("#title-search").send_keys(Keys.ENTER)
        self.wait_for(
            "the title among those picked",
            lambda: len(self.find_all("#picked li")) == num_picked + 1,
        )
        self.wait_for_slate("any")

    def press(self, act: str, position: int = 0) -> None:
        """Presses like, dislike, why or similar on one place of the slate."""
        self.find_all(f"#slate .{act}")[position].click()

    def press_keys(self, *keys: str) -> None:
        """Presses keys one after the other, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def walk_to(self, selector: str, max_steps: int = 100) -> None:
        """Presses Tab until an element has the focus.

        Raises:
            LookupError: it never had.
        """
        for _ in range(max_steps):
            self.press_keys(Keys.TAB)
            if self.has_focus(selector):
                return
        raise LookupError(
            f"Tab must reach {selector} within {max_steps} steps. Received: "
            f"{self.driver.switch_to.active_element.get_attribute('outerHTML')}"
        )

    def has_focus(self, selector: str) -> bool:
        """Tells whether the focus is on such an element."""
        return self.driver.execute_script(
            "return document.activeElement.matches(arguments[0])", selector
        )

    def set_slider(self, name: str, value: float) -> None:
        """Moves the slider of diversity or popularity, as dragging does."""
        self.driver.execute_script(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.find(f"#{name}"),
            value,
        )

    def wait_for(self, what: str, condition: Callable[[], Any]) -> Any:
        """Returns the first true answer.

        Raises:
            TimeoutException: there was none in time; the message says of what.
        """
        wait = WebDriverWait(self.driver, _WAIT_SECONDS, _POLL_SECONDS)
        return wait.until(lambda _: condition(), f"Waited for {what}.")

    def wait_for_slate(
        self, what: str, fits: Callable[[list[str]], Any] = bool
    ) -> list[str]:
        """Returns the titles of the first settled slate that fits."""

        def read() -> list[str] | None:
            titles = self.get_titles()
            return titles if titles and fits(titles) else None

        return self.wait_for(f"a slate: {what}", read)

    def save_screenshot(self, path: Path) -> None:
        """Saves what is visible as PNG."""
        path.write_bytes(self.driver.get_screenshot_as_png())
