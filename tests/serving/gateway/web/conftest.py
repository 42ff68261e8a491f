import contextlib

import pytest

from benchmarks.gateway.page import GatewayPage
from benchmarks.gateway.page import find_chromium
from benchmarks.gateway.page import open_chromium
from tests.serving.gateway.web.tiny_gateway import TinyGateway
from tests.serving.gateway.web.tiny_gateway import serve

# Before any script of the page: what its security policy forbids.
_WATCH_POLICY = (
    "window.violations = [];"
    "document.addEventListener('securitypolicyviolation', (event) =>"
    " window.violations.push(event.violatedDirective + event.blockedURI));"
)


@pytest.fixture(scope="package")
def served_gateway():
    """One gateway for all tests: it and its URL."""
    gateway = TinyGateway()
    with serve(gateway.build_app()) as url:
        yield gateway, url


@pytest.fixture(scope="package")
def browser():
    """One browser for all tests."""
    try:
        find_chromium()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    with open_chromium() as driver:
        driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH_POLICY}
        )
        yield driver


@pytest.fixture
def gateway(served_gateway):
    """The gateway, as if nobody had been there."""
    gateway, _ = served_gateway
    gateway.reset()
    return gateway


@contextlib.contextmanager
def open_page(browser, url):
    """Opens the page as a newcomer sees it; it must leave a clean console."""
    page = GatewayPage(browser)
    page.show_as(1280, 800)
    page.open(url)
    yield page
    errors = [entry["message"] for entry in browser.get_log("browser")]
    violations = browser.execute_script("return window.violations")
    browser.execute_script("localStorage.clear(); sessionStorage.clear()")
    assert errors == []
    assert violations == []


@pytest.fixture
def page(browser, gateway, served_gateway):
    """The page on the gateway in memory."""
    _, url = served_gateway
    with open_page(browser, url) as opened:
        yield opened
