"""The page by keyboard, by name, by contrast, and on a narrow screen."""

from selenium.webdriver.common.keys import Keys

_CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "listbox",
    "option",
    "radio",
    "searchbox",
    "slider",
    "spinbutton",
}
# Every visible text with its contrast to what is painted below it, by WCAG
# 2.2's relative luminance; what is large (24 px, or 18.66 px bold) needs 3.
_LOW_CONTRASTS = """
const canvas = document.createElement("canvas")
  .getContext("2d", {willReadFrequently: true});
const parse = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = (rgb) => {
  const [r, g, b] = rgb.slice(0, 3).map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const below = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color[3] === 255) return color;
  }
  return [255, 255, 255];
};
const low = [];
let numTexts = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const text = walker.currentNode.textContent.trim();
  if (!text || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  const [light, dark] = [parse(style.color), below(element)]
    .map(luminance).sort((a, b) => b - a);
  const contrast = (light + 0.05) / (dark + 0.05);
  numTexts += 1;
  if (contrast < (isLarge ? 3 : 4.5)) low.push([text, contrast]);
}
return [numTexts, low];
"""


def _open_everything(page):
    """Shows what a page can show at once besides the dialogs."""
    page.driver.execute_script(
        "document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    page.find("input[value=user] + span").click()
    page.set_slider("diversity", 0.7)
    page.pick("airplane")
    page.search("the")
    page.wait_for("the events", lambda: page.read("#events li"))


def test_every_text_contrasts_with_what_is_below_it(page, gateway):
    gateway.source = "popular"
    _open_everything(page)
    for theme in ("light", "dark"):
        page.show_as(1280, 800, theme)
        num_texts, low = page.driver.execute_script(_LOW_CONTRASTS)
        assert num_texts > 80
        assert low == [], theme


def test_dark_theme_is_dark(page):
    page.show_as(1280, 800, "dark")
    ground = page.find("body").value_of_css_property("background-color")
    assert ground == "rgba(18, 19, 23, 1)"  # #121317


def test_page_never_scrolls_sideways(page):
    _open_everything(page)
    for width in (320, 700, 1280, 1920):
        page.show_as(width, 800)
        widths = page.driver.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth]"
        )
        assert widths == [width, width]


def test_every_control_has_a_name(page):
    _open_everything(page)
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    controls = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes["nodes"]
        if not node["ignored"] and node["role"]["value"] in _CONTROLS
    ]
    assert {role for role, _ in controls} == _CONTROLS
    assert [control for control in controls if not control[1].strip()] == []
    buttons = [name for role, name in controls if role == "button"]
    assert len(set(buttons)) == len(buttons)


def test_change_of_the_slate_is_announced_politely(page):
    said = page.find("#said")
    assert said.get_attribute("aria-live") == "polite"
    title = page.get_titles()[0]
    page.press("like", 0)
    page.wait_for(
        "the announcement",
        lambda: said.text == f"Liked {title}. 1 new title.",
    )


def test_nothing_moves_for_those_who_asked_for_that(page):
    page.press("dislike", 0)
    page.wait_for("a new title", lambda: page.find_all(".is-new"))
    card = page.find(".is-new")
    assert card.value_of_css_property("animation-name") == "none"


def test_title_is_picked_by_keyboard(page, gateway):
    page.walk_to("#title-search")
    page.press_keys("the")
    page.wait_for("titles", lambda: page.find_all("#found li"))
    second = page.read("#found li")[1]
    page.press_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    box = page.find("#title-search")
    assert box.get_attribute("aria-activedescendant") == "found-1"
    page.press_keys(Keys.ENTER)
    page.wait_for("the title", lambda: page.read("#picked li"))
    title = page.read("#picked li")[0].removesuffix("×")
    assert second.startswith(title)
    assert page.has_focus("#title-search")
    page.press_keys("the")
    page.wait_for("titles", lambda: page.find_all("#found li"))
    page.press_keys(Keys.ESCAPE)
    page.wait_for("no list", lambda: not page.find("#found").is_displayed())
    assert box.get_attribute("aria-expanded") == "false"


def test_slider_moves_by_keyboard(page, gateway):
    page.walk_to("#diversity")
    page.press_keys(Keys.ARROW_RIGHT)
    page.wait_for(
        "its value",
        # One step of 0.05 from the middle.
        lambda: abs((gateway.requests[-1]["diversity"] or 0) - 0.55) < 1e-9,
    )


def test_focus_keeps_its_place_when_a_like_changes_the_slate(page, gateway):
    page.press_keys(Keys.TAB)
    assert page.has_focus(".skip")
    page.press_keys(Keys.ENTER)
    page.walk_to("#slate li:nth-child(2) .like", max_steps=8)
    page.press_keys(Keys.SPACE)
    page.wait_for("the next slate", lambda: len(gateway.requests) == 2)
    page.wait_for_slate("any")
    assert page.has_focus("#slate li:nth-child(2) h3")
    page.press_keys(Keys.TAB)
    assert page.has_focus("#slate li:nth-child(2) .like")


def test_dialog_takes_the_focus_and_gives_it_back(page):
    page.walk_to("#slate .why")
    page.press_keys(Keys.ENTER)
    page.wait_for("the answer", lambda: page.find_all("#why .numbers"))
    assert page.has_focus("#why button")
    page.press_keys(Keys.ESCAPE)
    page.wait_for("its end", lambda: not page.find("#why").is_displayed())
    assert page.has_focus("#slate .why")
