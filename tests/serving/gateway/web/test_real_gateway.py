"""The page on the gateway itself, with a model server behind it."""

import pytest

from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from tests.serving.gateway.conftest import build_config
from tests.serving.gateway.web.conftest import open_page
from tests.serving.gateway.web.tiny_gateway import serve


@pytest.fixture(scope="module")
def url(tmp_path_factory, server_address):
    config = build_config(tmp_path_factory.mktemp("gateway"), server_address)
    access = Access(None, RateLimits(1_000_000))
    with serve(build_app(Gateway(config), access)) as address:
        yield address


@pytest.fixture
def page(browser, url):
    with open_page(browser, url) as opened:
        yield opened


def test_like_and_dislike_change_the_next_slate_of_a_real_model(page):
    page.search("film 07")
    page.pick("Film 07")
    page.wait_for_slate("a slate", lambda titles: "Film 07" not in titles)
    before = page.get_titles()
    page.press("like", 0)
    page.wait_for_slate(
        "a slate without what was liked",
        lambda titles: titles and before[0] not in titles,
    )
    disliked = page.get_titles()[0]
    page.press("dislike", 0)
    page.wait_for_slate(
        "a slate without what was disliked",
        lambda titles: titles and disliked not in titles,
    )


def test_page_tells_which_model_and_policy_answered(page):
    page.search("film 03")
    page.pick("Film 03")
    page.wait_for_slate("a slate")
    told = dict(
        zip(page.read("#answered dt"), page.read("#answered dd"), strict=True)
    )
    assert told["Model"] == "3"
    assert told["Policy"] == "learnt"


def test_real_gateway_takes_back_what_was_said(page):
    page.pick("Film 05")
    hidden = page.get_titles()[0]
    page.press("seen", 0)
    page.wait_for_slate("without it", lambda titles: hidden not in titles)
    page.wait_for("its chip", lambda: len(page.read("#picked li")) == 2)
    page.find("#undo").click()
    page.wait_for_slate("with it", lambda titles: hidden in titles)
    page.wait_for("no chip", lambda: page.read("#picked li") == ["Film 05×"])


def test_real_gateway_offers_needs_and_policies(page):
    page.wait_for("policies", lambda: len(page.read("#policy option")) == 3)
    assert page.read("#count") == ["20 titles"]
    page.find("#compare summary").click()
    page.find("#show-compare").click()
    page.wait_for("both", page.find("#compared").is_displayed)
    assert len(page.read("#left-slate li")) == 12
