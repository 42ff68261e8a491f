import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from serving.gateway.access.security_headers import SecurityHeaders


def _get(path="/", image_hosts=(), scheme="http", own=None):
    answer = PlainTextResponse("hello", headers=own)
    app = SecurityHeaders(answer, image_hosts)

    async def get():
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=f"{scheme}://gateway"
        ) as client:
            return await client.get(path)

    return asyncio.run(get()).headers


def _policy(headers):
    parts = headers["content-security-policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_scripts_and_frames_come_from_nowhere_else():
    policy = _policy(_get())
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert "unsafe" not in str(policy)


def test_answer_s_own_policy_stands():
    own = {"content-security-policy": "default-src 'none'"}
    assert _policy(_get(own=own)) == {"default-src": "'none'"}


def test_images_come_from_the_hosts_that_were_named():
    policy = _policy(_get(image_hosts=["https://covers.example.com"]))
    assert policy["img-src"] == "'self' data: https://covers.example.com"


@pytest.mark.parametrize(
    "host",
    [
        "covers.example.com",
        "https://a.com; script-src *",
        "https://a.com/path",
        "https://",
        "*",
        "https://a.com\r\nX: 1",
    ],
)
def test_image_host_that_says_more_is_refused(host):
    with pytest.raises(ValueError, match="must be like https://covers"):
        SecurityHeaders(PlainTextResponse("hello"), [host])


def test_browsers_do_not_guess_types_or_tell_where_they_were():
    headers = _get()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "geolocation=()" in headers["permissions-policy"]


@pytest.mark.parametrize(
    ("path", "stored"), [("/v1/users/u17", "no-store"), ("/web/app.js", None)]
)
def test_only_what_is_about_users_stays_out_of_caches(path, stored):
    assert _get(path).get("cache-control") == stored


def test_browsers_are_told_to_stay_with_tls_only_under_tls():
    name = "strict-transport-security"
    assert name not in _get()
    assert _get(scheme="https")[name] == "max-age=31536000"
