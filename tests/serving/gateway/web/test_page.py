import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from serving.gateway.web import page
from serving.gateway.web.page import build_page_routes

FOLDER = Path(page.__file__).parent
SCRIPTS = sorted(FOLDER.glob("*.js"))


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=build_page_routes())) as client:
        yield client


def test_root_answers_with_the_page(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == (FOLDER / "index.html").read_bytes()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app.js", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_file_has_its_content_type(client, name, media_type):
    answer = client.get(f"/web/{name}")
    assert answer.headers["content-type"] == media_type
    assert answer.content == (FOLDER / name).read_bytes()


@pytest.mark.parametrize(
    "path", ["/web/page.py", "/web/__init__.py", "/web/", "/web/../app.py"]
)
def test_nothing_else_of_the_package_is_served(client, path):
    assert client.get(path).status_code == 404


def test_page_and_its_scripts_name_only_files_that_are_served(client):
    pages = _read("index.html") + _read("docs.html")
    named = set(re.findall(r"""["'](web/[^"']+)["']""", pages))
    for script in SCRIPTS:
        imports = re.findall(r'from "\./(.+)"', script.read_text())
        named |= {f"web/{name}" for name in imports}
    assert {"web/app.js", "web/docs.js"} <= named
    assert [n for n in named if client.get(f"/{n}").status_code != 200] == []


@pytest.mark.parametrize("path", ["/", "/web/app.js"])
def test_browser_that_has_the_file_is_told_so_without_it(client, path):
    tag = client.get(path).headers["etag"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get(path, headers={"if-none-match": condition})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == tag


def test_browser_that_has_another_file_gets_this_one(client):
    answer = client.get("/", headers={"if-none-match": '"other"'})
    assert answer.status_code == 200


def test_files_differ_in_their_tags(client):
    paths = ["/", *(f"/web/{script.name}" for script in SCRIPTS)]
    tags = {client.get(path).headers["etag"] for path in paths}
    assert len(tags) == len(paths)


def test_head_answers_without_the_body(client):
    answer = client.head("/")
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(_read("index.html")))


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/web/app.js", "/web/style.css"]
)
def test_answer_lets_nothing_in_from_elsewhere(client, path):
    headers = client.get(path).headers
    directives = headers["content-security-policy"].split("; ")
    assert "default-src 'self'" in directives
    assert "img-src 'self'" in directives
    assert "frame-ancestors 'none'" in directives
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_images_may_come_from_the_origins_named():
    routes = build_page_routes(["https://images.example.com"])
    policy = (
        TestClient(Starlette(routes=routes))
        .get("/")
        .headers["content-security-policy"]
    )
    assert "img-src 'self' https://images.example.com" in policy


@pytest.mark.parametrize(
    "origin",
    ["*", "example.com", "https://a.com; script-src *", "https://a.com/b", ""],
)
def test_image_origin_that_is_none_is_refused(origin):
    with pytest.raises(ValueError, match="must each be scheme") as error:
        build_page_routes([origin])
    assert repr(origin) in str(error.value)


@pytest.mark.parametrize("name", ["index.html", "docs.html"])
def test_page_holds_no_inline_script_or_style(name):
    text = _read(name)
    assert "<style" not in text
    assert re.search(r"\s(style|on\w+)=", text) is None
    assert re.findall(r"<script(?! type=\"module\" src=\"web/)", text) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_never_makes_markup_of_text(script):
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\("
    assert re.findall(ways, script.read_text()) == []


@pytest.mark.parametrize(
    "path",
    [*SCRIPTS, *FOLDER.glob("*.css"), *FOLDER.glob("*.html")],
    ids=lambda path: path.name,
)
def test_file_asks_no_other_host(path):
    hosts = re.findall(r"https?://[\w.]+", path.read_text())
    assert set(hosts) <= {"http://www.w3.org"}  # the namespace of SVG


def _read(name):
    return (FOLDER / name).read_text()
