"""What people say on the page, and take back."""

import pytest


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("like", "Liked Heat (1995)."),
        ("dislike", "Less like Heat (1995)."),
        ("not_now", "Not now: Heat (1995). It comes back later."),
        ("seen", "Already seen: Heat (1995)."),
    ],
)
def test_what_is_said_counts_at_once_and_can_be_taken_back(
    page, gateway, kind, words
):
    before = page.get_titles()
    page.press(kind, before.index("Heat (1995)"))
    page.wait_for_slate("without it", lambda titles: before[0] not in titles)
    assert gateway.given[-1]["feedback"] == kind
    assert page.read("#said")[0].startswith(words)
    page.wait_for(
        "its chip", lambda: page.read("#picked li") == [f"{before[0]}×"]
    )
    page.find("#undo").click()
    page.wait_for_slate("as before", lambda titles: titles == before)
    page.wait_for("no chip", lambda: page.read("#picked li") == [])
    assert not page.find("#taste").is_displayed()
    assert "Taken back" in page.read("#said")[0]


def test_chip_takes_back_what_it_stands_for(page, gateway):
    page.press("like", 0)
    page.wait_for("a chip", lambda: page.read("#picked li"))
    page.press("seen", 0)
    page.wait_for("two chips", lambda: len(page.read("#picked li")) == 2)
    # The newest is the first.
    page.find_all("#picked button")[1].click()
    page.wait_for("one chip", lambda: len(page.read("#picked li")) == 1)
    ((event,),) = gateway.events.values()
    assert event["event_type"] == "seen"


def test_likes_of_an_earlier_visit_are_there(page, gateway):
    liked = page.get_titles()[0]
    page.press("like", 0)
    page.wait_for("a chip", lambda: page.read("#picked li"))
    page.open(page.driver.current_url)
    page.wait_for("the chip", lambda: page.read("#picked li") == [f"{liked}×"])


def test_history_is_told_in_words(page, gateway):
    page.driver.execute_script(
        "Date.now = () => 1000 * (1_600_000_000 + 3 * 86400 + 60)"
    )
    page.press("like", 0)
    page.wait_for("a chip", lambda: page.read("#picked li"))
    (events,) = gateway.events.values()
    events[0] |= {"event_type": "rate", "value": 5.0}
    page.press("not_now", 0)
    page.find("#history summary").click()
    # 3 days and a minute after the time of the tiny gateway's events.
    page.wait_for(
        "the words",
        lambda: (
            "Rated Heat (1995) 5 of 53 days agoUndo" in page.read("#events li")
        ),
    )


def test_kind_that_the_gateway_does_not_know_has_no_button(page, gateway):
    gateway.kinds = ["like"]
    page.open(page.driver.current_url)
    page.wait_for("no button", lambda: not page.find(".seen").is_displayed())
    assert page.find(".like").is_displayed()
