import struct

from benchmarks.gateway.screenshot import save_page


def test_picture_has_the_size_of_the_page_and_shows_titles_picked(
    page, served_gateway, gateway, tmp_path
):
    _, url = served_gateway
    out = tmp_path / "page.png"
    save_page(page, url, ["heat", "toy"], out)
    # PNG: 8 bytes of signature, 8 of chunk header, then width and height.
    assert struct.unpack(">II", out.read_bytes()[16:24]) == (1280, 800)
    picked = [one["item_id"] for one in gateway.requests[-1]["session"]]
    assert picked == ["Crime-0", "Animation-0"]
