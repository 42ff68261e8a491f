"""What the page says when a part of what it needs is away."""

import pytest
from selenium.webdriver.common.keys import Keys


@pytest.mark.parametrize(
    ("source", "words"),
    [("last_known_good", "last good answers"), ("popular", "not chosen")],
)
def test_degraded_slate_says_so(page, gateway, source, words):
    assert not page.find("#degraded").is_displayed()
    gateway.source = source
    page.press("like", 0)
    page.wait_for("a note", lambda: words in page.find("#degraded").text)
    gateway.source = "model"
    page.press("like", 0)
    page.wait_for("no note", lambda: not page.find("#degraded").is_displayed())


def test_what_could_not_be_left_out_is_told(page, gateway):
    assert not page.find("#unmet").is_displayed()
    gateway.unmet = ["scary", "<b>long</b>"]
    page.press("like", 0)
    page.wait_for("a note", lambda: "scary" in page.find("#unmet").text)
    assert "<b>long</b>" in page.find("#unmet").text
    gateway.unmet = []
    page.press("like", 0)
    page.wait_for("no note", lambda: not page.find("#unmet").is_displayed())


def test_cover_stands_in_for_an_image_that_does_not_load(page, gateway):
    gateway.items["Crime-1"]["image_url"] = "/web/no-such-image.png"
    page.press("dislike", 0)
    # Chromium itself tells the console of the image that is not there.
    (entry,) = page.wait_for("the miss", lambda: page.driver.get_log("browser"))
    assert "no-such-image.png" in entry["message"]
    page.wait_for(
        "a cover", lambda: page.read("[data-item-id='Crime-1'] .cover h3")
    )


def test_key_is_asked_for_once_and_kept_in_the_tab(page, gateway):
    gateway.key = "open sesame"
    page.press("like", 0)
    page.wait_for("the question", page.find("#ask-key").is_displayed)
    page.find("#api-key").send_keys("open sesame", Keys.ENTER)
    page.wait_for("the next slate", lambda: len(gateway.requests) == 2)
    page.open(page.driver.current_url)
    assert not page.find("#ask-key").is_displayed()
    # Chromium itself tells the console of the answer without a key, and of the
    # personas, which this key may not see.
    first, second = page.driver.get_log("browser")
    assert "401" in first["message"]
    assert "personas" in second["message"]


def test_key_that_may_not_list_users_leaves_the_box(page, gateway):
    gateway.key = "reader"
    page.find("#who-for summary").click()
    page.find("input[value=user] + span").click()
    page.wait_for("the question", page.find("#ask-key").is_displayed)
    page.find("#api-key").send_keys("reader", Keys.ENTER)
    page.find("#user-id").send_keys("7", Keys.ENTER)
    page.wait_for("user 7", lambda: gateway.requests[-1]["user_id"] == "7")
    assert page.find_all("#users option") == []
    assert not page.find("#problem").is_displayed()
    statuses = [entry["message"] for entry in page.driver.get_log("browser")]
    assert len(statuses) == 2  # 401 without the key, 403 with it


def test_refused_request_is_told_and_can_be_tried_again(page, gateway):
    gateway.failure = "no model answers <b>now</b>"
    page.press("like", 0)
    page.wait_for(
        "the reason",
        lambda: page.find("#problem-text").text == gateway.failure,
    )
    assert len(page.get_titles()) == 12  # the last slate stays
    gateway.failure = ""
    page.find("#retry").click()
    page.wait_for("its end", lambda: not page.find("#problem").is_displayed())
    (entry,) = page.driver.get_log("browser")
    assert "503" in entry["message"]


def test_gateway_that_is_gone_is_said_to_be_so(page, gateway):
    conditions = {"latency": 0, "downloadThroughput": -1}
    conditions["uploadThroughput"] = -1
    network = "Network.emulateNetworkConditions"
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd(network, {**conditions, "offline": True})
    page.press("like", 0)
    page.wait_for(
        "the problem",
        lambda: (
            page.find("#problem-text").text == "The gateway can’t be reached."
        ),
    )
    liked = page.find("#slate .like")
    assert liked.get_attribute("aria-pressed") == "false"  # it does not count
    page.driver.execute_cdp_cmd(network, {**conditions, "offline": False})
    page.find("#retry").click()
    page.wait_for("its end", lambda: not page.find("#problem").is_displayed())
    (entry,) = page.driver.get_log("browser")
    assert "ERR_INTERNET_DISCONNECTED" in entry["message"]


def test_item_that_cannot_be_explained_keeps_its_estimate(page, gateway):
    page.pick("heat")
    gateway.key = "new since the page was opened"
    page.wait_for("reasons", lambda: page.find_all(".reasons .bar"))
    page.press("why", 0)
    page.wait_for("the question", page.find("#ask-key").is_displayed)
    page.find("#ask-key button[value='']").click()
    page.wait_for("the estimate", lambda: page.read(".shares li"))
    assert page.read(".shares li") == ["Heat (1995)100%"]
    assert "a key is needed" in page.read("#why-body")[0]
    (entry,) = page.driver.get_log("browser")
    assert "401" in entry["message"]
