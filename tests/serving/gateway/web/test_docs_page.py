"""The page of the API, in Chromium, on a gateway without a model server."""

import pytest

from benchmarks.gateway.page import GatewayPage
from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from tests.serving.gateway.conftest import build_config
from tests.serving.gateway.web.tiny_gateway import serve


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    config = build_config(tmp_path_factory.mktemp("gateway"), "localhost:1")
    access = Access(None, RateLimits(1_000_000))
    with serve(build_app(Gateway(config), access)) as address:
        yield address


@pytest.fixture
def page(browser, url):
    page = GatewayPage(browser)
    page.show_as(1280, 800)
    browser.get(f"{url}docs")
    yield page
    assert browser.get_log("browser") == []
    assert browser.execute_script("return window.violations") == []


def test_every_route_and_model_of_the_document_is_shown(page, browser):
    page.wait_for("the models", lambda: page.find_all("#models section"))
    routes = page.read("#operations h3")
    assert "POST/v1/recommendations" in [r.replace(" ", "") for r in routes]
    assert len(routes) == len(page.find_all("#contents a")) > 20
    names = page.read("#models h3")
    assert {"SlateOut", "EventIn", "Problem"} <= set(names)
    # No request leaves the gateway: all that was loaded is of its own origin.
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    own = browser.execute_script("return location.origin")
    assert any(one.endswith("/openapi.json") for one in loaded)
    assert [one for one in loaded if not one.startswith(own)] == []


def test_field_is_shown_with_type_meaning_and_example(page):
    page.wait_for("the models", lambda: page.find_all("#FeedbackOut tbody tr"))
    assert page.read("#FeedbackOut tbody tr:first-child > *") == [
        "accepted",
        "integer",
        "1 = kept for good; 0 = it was known already.",
        "required",
        "1",
    ]
    k = page.read("#RecommendationsIn tbody tr:nth-child(6) > *")
    assert k[0] == "k"
    assert k[1] == "integerat least 1; at most 100"  # on two lines
    assert k[3:] == ["10", "10"]
    assert '"slate_id": "9f3c"' in page.read("#SlateOut pre")[0]


def test_link_leads_to_the_model(page, browser):
    page.wait_for("the models", lambda: page.find_all("#models section"))
    page.find("[href='#SlateOut']").click()
    assert browser.execute_script("return location.hash") == "#SlateOut"
    top = (
        "return document.getElementById('SlateOut').getBoundingClientRect().top"
    )
    page.wait_for("it", lambda: abs(browser.execute_script(top)) < 100)


def test_parameter_is_shown_with_its_place_and_its_bounds_in_words(page):
    page.wait_for("the routes", lambda: page.find_all("#operations tbody tr"))
    rows = "[id='get--v-items-item_id-'] tbody"
    name, type_ = page.read(f"{rows} tr:first-child > *")[:2]
    assert name == "item_idin the path"  # on two lines
    assert type_ == "stringat least 1 character; at most 512 characters"
    assert page.read("[id='get--v-items'] tbody th")[0] == "queryin the query"


def test_address_that_names_nothing_stops_no_page(browser, url, page):
    browser.get("about:blank")
    browser.get(f"{url}docs#%")
    page.wait_for("the models", lambda: page.find_all("#models section"))
    page.wait_for("the bodies", lambda: page.find_all("#SlateOut tbody tr"))
    assert not page.find("#problem").is_displayed()
