"""What people do on the page, in Chromium, against a gateway in memory."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.serving.gateway.web.tiny_catalogue import HOSTILE_TITLE


def _wait_for_request(page, gateway, has):
    """Waits until the gateway was asked so; returns the body."""
    page.wait_for(
        "the request", lambda: gateway.requests and has(gateway.requests[-1])
    )
    return gateway.requests[-1]


def test_newcomer_sees_a_slate_of_twelve(page, gateway):
    assert len(page.get_titles()) == 12
    (request,) = gateway.requests
    assert request["session"] == []
    assert request["diversity"] is None
    assert request["popularity"] is None
    assert request["constraints"]["exclude_history"] is None


def test_typing_a_title_finds_it_and_adds_it(page, gateway):
    assert page.search("heat") == ["Heat (1995)"]
    page.pick("heat")
    assert page.read("#picked li") == ["Heat (1995)×"]
    assert gateway.requests[-1]["session"] == [{"item_id": "Crime-0"}]
    page.wait_for(
        "reasons",
        lambda: page.read(".reasons")[0] == "Because of Heat (1995) 100%",
    )


def test_weights_of_reasons_are_told_in_percent(page):
    # Heat, a crime, and Toy Story: "Crime, Drama" shares one category with
    # Heat and none with Toy Story; with Fargo (Crime, Drama) it shares two.
    page.pick("heat")
    page.pick("fargo")
    # 2 of 3 shared categories are 67%, 1 of 3 is 33%.
    text = "Because of Fargo (1996) 67%, Heat (1995) 33%"
    page.wait_for("both reasons", lambda: text in page.read(".reasons"))


def test_title_removed_counts_no_more(page, gateway):
    page.pick("heat")
    page.find("#picked button").click()
    _wait_for_request(page, gateway, lambda body: body["session"] == [])
    assert page.read("#picked li") == []


def test_title_that_is_not_there_is_said_to_be_so(page):
    page.find("#title-search").send_keys("zzz")
    page.wait_for(
        "the message",
        lambda: page.find("#found-said").text == "No title found for “zzz”",
    )


def test_like_changes_the_next_slate_at_once(page, gateway):
    before = page.get_titles()
    liked = before[-1]
    page.press("like", -1)
    page.wait_for_slate("without it", lambda titles: liked not in titles)
    ((event,),) = gateway.events.values()
    assert (event["event_type"], event["title"]) == ("like", liked)
    assert f"Because of {liked} 100%" in page.read(".reasons")
    assert page.read("#said")[0].startswith(f"Liked {liked}.")


def test_dislike_takes_the_title_off_the_next_slates(page, gateway):
    unwanted = page.get_titles()[0]
    page.press("dislike", 0)
    page.wait_for_slate("without it", lambda titles: unwanted not in titles)
    (given,) = gateway.given
    assert (given["item_id"], given["feedback"]) == ("Crime-0", "dislike")


def test_title_that_was_not_on_the_last_slate_is_marked(page):
    first = set(page.get_titles())
    page.press("dislike", 0)
    (new,) = page.wait_for("a mark", lambda: page.read(".is-new h3"))
    assert new not in first


def test_likes_of_a_visitor_outlive_the_page(page, gateway):
    page.press("like", 0)
    page.wait_for("the next slate", lambda: len(gateway.requests) == 2)
    page.open(page.driver.current_url)
    users = {request["user_id"] for request in gateway.requests}
    assert len(gateway.requests) == 3
    assert len(users) == 1


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("diversity", 0.8, "80%"), ("popularity", -0.4, "-40%")],
)
def test_slider_sends_its_value(page, gateway, name, value, told):
    page.set_slider(name, value)
    _wait_for_request(page, gateway, lambda body: body[name] == value)
    assert page.find(f"#{name}").get_attribute("aria-valuetext") == told
    page.find("#automatic").click()
    _wait_for_request(page, gateway, lambda body: body[name] is None)


def test_need_is_sent_in_its_words(page, gateway):
    page.find("#need").send_keys("rain & <b>slow</b>")
    need = "rain & <b>slow</b>"
    _wait_for_request(page, gateway, lambda body: body["need"] == need)


def test_category_filter_narrows_the_slate(page, gateway):
    page.find("#filters summary").click()
    page.find("#category-list input[value=Animation]").click()
    _wait_for_request(
        page,
        gateway,
        lambda body: body["constraints"]["allowed_categories"] == ["Animation"],
    )
    # The tiny gateway knows six animated titles.
    page.wait_for_slate("six titles", lambda titles: len(titles) == 6)


def test_what_was_seen_is_as_the_dataset_says_until_somebody_chooses(
    page, gateway
):
    page.find("#filters summary").click()
    box = page.find("#exclude-history")
    assert box.get_property("indeterminate")
    assert page.find("#exclude-history-value").is_displayed()
    for choice in (True, False):
        box.click()
        _wait_for_request(
            page,
            gateway,
            lambda body, choice=choice: (
                body["constraints"]["exclude_history"] is choice
            ),
        )
    assert not page.find("#exclude-history-value").is_displayed()


def test_empty_slate_says_why(page, gateway):
    gateway.items = {
        item_id: item | {"categories": ["Drama"]}
        for item_id, item in gateway.items.items()
    }
    gateway.short_because = [
        {"rule": "catalogue", "left": 9, "text": "The catalogue has 9 items."},
        {"rule": "price", "left": 0, "text": "None of them cost 5 or less."},
    ]
    page.find("#filters summary").click()
    page.find("#category-list input[value='Animation']").click()
    text = (
        "Nothing fits. The catalogue has 9 items. None of them cost 5 or less."
    )
    page.wait_for("the reason", lambda: text in page.find("#said").text)


def test_prices_are_filtered_once_a_price_was_seen(page, gateway):
    page.find("#filters summary").click()
    assert not page.find("#prices").is_displayed()
    page.pick("airplane")
    page.find("#max-price").send_keys("12.5")
    _wait_for_request(
        page, gateway, lambda body: body["constraints"]["max_price"] == 12.5
    )


def test_page_tells_what_answered(page):
    assert not page.find("#answered").is_displayed()
    page.find("#details summary").click()
    answered = page.find("#answered").text.replace("\n", " ")
    assert answered.startswith(
        "Model 3 Policy learnt-blend Arm ranker: treatment Slate slate-1 Took"
    )
    assert page.read("#places tr")[0] == "Heat (1995)0.000.9500"


def test_title_with_markup_stays_text(page):
    page.pick("<img")
    page.press("like", 0)
    # The picked title, and the chip of the like once the gateway has it.
    page.wait_for("both chips", lambda: len(page.read("#picked li")) == 2)
    assert page.read("#picked li")[0] == f"{HOSTILE_TITLE}×"
    assert any(HOSTILE_TITLE in line for line in page.read(".reasons"))
    assert page.find_all("img[onerror], img[src=x]") == []


def test_image_is_shown_and_title_stands_below(page):
    page.pick("matrix")
    page.wait_for_slate("with Alien", lambda titles: "Alien (1979)" in titles)
    image = page.find("[data-item-id='Sci-Fi-1'] img")
    page.driver.execute_script("arguments[0].scrollIntoView()", image)
    page.wait_for("the image", lambda: image.get_property("naturalWidth") > 0)
    assert page.read("[data-item-id='Sci-Fi-1'] h3.below") == ["Alien (1979)"]


def test_why_tells_what_carried_the_item(page, gateway):
    page.find("#need").send_keys("rain")
    _wait_for_request(page, gateway, lambda body: body["need"] == "rain")
    title = page.get_titles()[2]
    page.press("why", 2)
    page.wait_for("the answer", lambda: page.find_all("#why .numbers"))
    assert page.read("#why h2") == [f"Why {title}?"]
    assert page.read(".shares li") == [
        "Heat (1995)42%",
        "You asked for “rain”30%",
        "Alien18%",
        "Many people like it10%",
        "its title and description70%",
        "who else chose it30%",
    ]
    assert page.read(".numbers dd") == ["3", "1,250", "12"]
    (asked,) = gateway.explained
    # What the slate was asked with, but for its length.
    request = {**gateway.requests[-1], "item_ids": ["Crime-2"]}
    del request["k"]
    assert asked == request
    assert asked["need"] == "rain"
    page.find("#why button").click()
    assert not page.find("#why").is_displayed()


def test_similar_titles_and_the_way_back(page):
    title = page.get_titles()[1]
    page.press("similar", 1)
    page.wait_for("its like", lambda: page.read("h2")[0] == f"Like {title}")
    assert title not in page.get_titles()
    page.find("#back").click()
    page.wait_for("the slate", lambda: page.read("h2")[0] == "Picked for you")


def test_slate_of_another_user(page, gateway):
    page.find("#who-for summary").click()
    page.find("input[value=user] + span").click()
    page.wait_for("users", lambda: page.find_all("#users option"))
    page.find("#user-id").send_keys("42", Keys.ENTER)
    _wait_for_request(page, gateway, lambda body: body["user_id"] == "42")
    page.wait_for(
        "its slate", lambda: page.read("h2")[0] == "Picked for user 42"
    )
    page.find("input[value=me] + span").click()
    visitor = gateway.requests[0]["user_id"]
    _wait_for_request(page, gateway, lambda body: body["user_id"] == visitor)


def test_visitor_is_forgotten_after_asking_twice(page, gateway):
    page.press("like", 0)
    page.find("#history summary").click()
    page.wait_for(
        "the event", lambda: "like" in "".join(page.read("#events li"))
    )
    page.find("#forget").click()
    page.find("#confirm button[value='']").click()
    assert len(gateway.events) == 1
    page.find("#forget").click()
    page.find("#confirm button[value=forget]").click()
    page.wait_for("nothing kept", lambda: not gateway.events)
    page.wait_for(
        "the message", lambda: "removed: 1." in page.find("#said").text
    )
    users = {request["user_id"] for request in gateway.requests}
    assert len(users) == 2  # the visitor comes back as somebody new
