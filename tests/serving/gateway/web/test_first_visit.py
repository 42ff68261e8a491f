"""What the page offers to somebody new, in one sight and by one click."""

import pytest

_SMALL = """
const wanted = "button, input, select, summary, .segments span, a:focus";
return [...document.querySelectorAll(wanted)]
  .filter((one) => one.checkVisibility() && one.type !== "radio")
  .map((one) => (one.type === "checkbox" ? one.closest("label") : one))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([one, box]) => `${one.outerHTML} ${box.width} x ${box.height}`);
"""


def _read_top(page, selector):
    return page.driver.execute_script(
        "return arguments[0].getBoundingClientRect().top", page.find(selector)
    )


def test_page_says_what_it_is_and_offers_needs_of_the_catalogue(page, gateway):
    page.wait_for("the count", lambda: page.read("#count") == ["28 titles"])
    assert page.read("#examples button") == [
        "Drama, but no Comedy",
        "like Heat",
    ]
    page.find("#examples button").click()
    need = "Drama, but no Comedy"
    page.wait_for("it", lambda: gateway.requests[-1]["need"] == need)
    assert page.find("#need").get_property("value") == need


def test_persona_is_seen_by_one_click(page, gateway):
    page.wait_for("personas", lambda: page.read("#personas button"))
    assert page.read("#personas button") == ["A heavy user1,234 titles"]
    page.find("#personas button").click()
    page.wait_for("42", lambda: gateway.requests[-1]["user_id"] == "42")
    page.wait_for(
        "the heading", lambda: page.read("h2")[0] == "Picked for user 42"
    )
    assert page.find("#as-user").get_property("checked")
    page.find("#be-me").click()
    visitor = gateway.requests[0]["user_id"]
    page.wait_for("me", lambda: gateway.requests[-1]["user_id"] == visitor)
    assert not page.find("#be-me").is_displayed()


def test_slate_comes_before_the_controls_on_a_phone(page):
    page.show_as(375, 812)
    assert _read_top(page, "#slate") < 500
    assert _read_top(page, "#slate") < _read_top(page, "#panel")


def test_what_was_said_takes_one_line_on_a_phone(page, gateway):
    page.show_as(375, 812)
    heights = []
    for count in (1, 3):
        while len(page.read("#picked li")) < count:
            known = len(page.read("#picked li"))
            page.press("like", 0)
            page.wait_for(
                "a chip",
                lambda known=known: len(page.read("#picked li")) > known,
            )
        heights.append(page.find("#picked").size["height"])
    assert heights[0] == heights[1] > 0


def test_finger_hits_every_control_on_a_phone(page):
    page.show_as(375, 812)
    page.driver.execute_script(
        "document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    page.find("input[value=user] + span").click()
    page.press("like", 0)
    page.wait_for("a chip", lambda: page.read("#picked li"))
    page.set_slider("diversity", 0.7)
    page.pick("airplane")
    assert page.driver.execute_script(_SMALL) == []


def test_category_gives_the_cover_its_colours_and_stands_on_it(page):
    page.pick("airplane")
    page.wait_for_slate(
        "of comedies", lambda titles: "Airplane! (1980)" not in titles
    )
    read = page.driver.execute_script(
        "return [...document.querySelectorAll('.cover')].map((cover) =>"
        " [cover.querySelector('.genre').textContent, cover.className])"
    )
    by_category = {}
    for category, name in read:
        by_category.setdefault(category, set()).add(name)
    assert len(by_category) > 1
    assert all(len(names) == 1 for names in by_category.values())
    assert len(set.union(*by_category.values())) == len(by_category)


def test_reload_and_link_keep_everything(page, gateway):
    page.pick("heat")
    page.find("#need").send_keys("rain")
    page.set_slider("diversity", 0.7)
    page.find("#filters summary").click()
    page.find("#exclude-history").click()
    page.find("#category-list input[value=Crime]").click()
    page.find("#unwanted-list input[value=Comedy]").click()
    page.find("#who-for summary").click()
    page.driver.execute_script(
        "const box = document.getElementById('policy'); box.value = 'fixed';"
        "box.dispatchEvent(new Event('change'))"
    )
    page.wait_for(
        "all",
        lambda: (
            gateway.requests[-1]["policy"] == "fixed"
            and gateway.requests[-1]["constraints"]["excluded_categories"]
            and gateway.requests[-1]["need"] == "rain"
        ),
    )
    asked = gateway.requests[-1]
    page.wait_for_slate("any")
    address = page.driver.current_url
    assert asked["user_id"] not in address
    page.open(address)
    page.wait_for("a slate", lambda: gateway.requests[-1] is not asked)
    assert gateway.requests[-1] == asked
    assert page.find("#need").get_property("value") == "rain"
    assert page.find("#unwanted-list input[value=Comedy]").is_selected()
    assert page.read("#picked li") == ["Heat (1995)×"]


def test_link_to_another_user_and_to_similar_titles_is_kept(page, gateway):
    page.open(
        f"{page.driver.current_url.split('?')[0]}?user=42&similar=Crime-1"
    )
    assert page.read("h2")[0] == "Like Fargo (1996)"
    page.find("#back").click()
    page.wait_for("42", lambda: gateway.requests[-1]["user_id"] == "42")


def test_more_adds_what_was_not_shown(page, gateway):
    first = page.get_titles()
    for count in (24, 28):
        page.find("#more").click()
        page.wait_for_slate(
            "more", lambda titles, count=count: len(titles) == count
        )
    assert page.get_titles()[:12] == first
    assert len(set(page.get_titles())) == 28  # all that there are
    assert len(gateway.requests[-1]["constraints"]["excluded_item_ids"]) == 24
    # What is further down answers the slate that it came with.
    page.press("like", 13)
    page.wait_for("it", lambda: gateway.given)
    assert gateway.given[-1]["slate_id"] == "slate-2"
    page.wait_for_slate("as long", lambda titles: len(titles) == 27)


def test_unwanted_category_is_left_out(page):
    page.find("#filters summary").click()
    page.wait_for("it", lambda: page.find_all("#unwanted-list input"))
    page.find("#unwanted-list input[value=Crime]").click()
    page.wait_for_slate(
        "without crime",
        lambda _: not any("Crime" in one for one in page.read(".facts")),
    )


@pytest.mark.parametrize("is_phone", [False, True])
def test_two_policies_stand_side_by_side(page, gateway, is_phone):
    page.show_as(375 if is_phone else 1280, 800)
    before = page.get_titles()
    page.wait_for("choices", page.find("#compare").is_displayed)
    page.find("#compare summary").click()
    page.find("#show-compare").click()
    page.wait_for("both", page.find("#compared").is_displayed)
    assert page.read("#left-heading") == ["Policy fixed"]
    assert page.read("#right-heading") == ["Policy learnt-blend"]
    left, right = (
        [row.split("(")[0] for row in page.read(f"#{side}-slate li")]
        for side in ("left", "right")
    )
    assert right == [title.split("(")[0] for title in before]
    assert left != right
    assert [one["preview"] for one in gateway.requests[-2:]] == [True, True]
    # Of 28 titles twelve are the first, and twelve the last.
    assert page.read("#compared-said") == ["0 of 12 titles are in both."]
    assert page.read("#left-slate li span") == ["only here"] * 12
    page.find("#close-compare").click()
    assert page.find("#slate").is_displayed()
