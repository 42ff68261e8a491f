"""Saves a picture of the web page of a running gateway.

    python -m benchmarks.gateway.screenshot URL OUT.png

Picks some titles first, so that the slate shows reasons.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gateway.page import GatewayPage
from benchmarks.gateway.page import open_chromium

_TITLES = ("Toy Story", "Matrix", "Spirited Away")  # of the demo's catalogue
_WIDTH, _HEIGHT = 1280, 800  # CSS pixels


def save_page(
    page: GatewayPage, url: str, titles: Sequence[str], out: Path
) -> None:
    """Saves the slate for some titles, with the reasons.

    Args:
        page: of the size and theme wanted.
        url: of the gateway.
        titles: the first that the gateway finds for each is picked.
        out: PNG file to write.
    """
    page.open(url)
    for title in titles:
        page.pick(title)
    page.wait_for("reasons", lambda: page.find_all(".reasons .bar"))
    page.save_screenshot(out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="such as http://localhost:8080/")
    parser.add_argument("out", type=Path, help="PNG file to write")
    parser.add_argument("--titles", nargs="+", default=_TITLES)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    given = parser.parse_args(arguments)
    with open_chromium() as driver:
        page = GatewayPage(driver)
        page.show_as(_WIDTH, _HEIGHT, given.theme)
        save_page(page, given.url, given.titles, given.out)


if __name__ == "__main__":
    main()
