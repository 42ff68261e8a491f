"""Who gets in, with which key, and what the others are told."""

import asyncio

import pytest

from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits

_SLATE = "/v1/recommendations?user_id=u17"


def _ask(guarded, method, path, headers=None, **options):
    return asyncio.run(
        guarded.ask(method, path, headers=headers or {}, **options)
    )


def _bearer(key):
    return {"Authorization": f"Bearer {key}"}


_CALLS = {
    "read": ("GET", _SLATE, {}),
    "write": ("POST", "/v1/events", {"json": [1]}),
    "admin": ("DELETE", "/v1/users/u17", {}),
}


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("reader-key", {"read"}),
        ("writer-key", {"write"}),
        ("op-key", {"read", "write", "admin"}),
    ],
)
def test_key_opens_the_routes_of_its_roles(build, key, allowed):
    guarded = build()
    for role, (method, path, options) in _CALLS.items():
        answer = _ask(guarded, method, path, _bearer(key), **options)
        if role in allowed:
            assert answer.status_code == 200
        else:
            assert answer.status_code == 403
            assert answer.json() == {
                "detail": f"The key needs the role `{role}`."
            }


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer reader-key"},
        {"Authorization": "bearer  reader-key "},
        {"X-API-Key": "reader-key"},
        {"Authorization": "Basic abc", "X-API-Key": "reader-key"},
    ],
)
def test_key_may_come_in_either_header(build, headers):
    assert _ask(build(), "GET", _SLATE, headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nobody"},
        {"Authorization": "reader-key"},
        {"Authorization": "Basic reader-key"},
        {"X-API-Key": ""},
        {"X-API-Key": b"\xff\xfe"},
        {"Authorization": b"Bearer \xc3("},
    ],
)
def test_stranger_is_told_how_to_show_a_key(build, headers):
    answer = _ask(build(), "GET", _SLATE, headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer KEY" in answer.json()["detail"]


def test_stranger_s_body_is_not_read(build):
    guarded = build()
    read = []

    async def body():
        read.append(True)
        yield b"[1]"

    answer = _ask(guarded, "POST", "/v1/events", content=body())
    assert answer.status_code == 401
    assert answer.headers["connection"] == "close"
    assert read == []


@pytest.mark.parametrize("path", ["/", "/healthz", "/openapi.json"])
def test_stranger_brings_a_body_nowhere(build, path):
    guarded = build()
    answer = _ask(guarded, "POST", path, content=b"[1]")
    assert answer.status_code == 401
    assert answer.headers["connection"] == "close"
    assert _ask(guarded, "POST", path, content=b"").status_code in (404, 405)


def test_stranger_learns_of_no_route_below_v1(build):
    assert _ask(build(), "GET", "/v1/nowhere").status_code == 401
    assert _ask(build(), "GET", "/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json"])
def test_health_and_documentation_are_open(build, path):
    assert _ask(build(), "GET", path).status_code == 200


def test_document_tells_of_both_headers(build):
    document = _ask(build(), "GET", "/openapi.json").json()
    operation = document["paths"]["/v1/recommendations"]["get"]
    schemes = {name for one in operation["security"] for name in one}
    assert schemes == {"HTTPBearer", "APIKeyHeader"}


def test_without_keys_everybody_may_do_everything(build):
    guarded = build(has_keys=False)
    for method, path, options in _CALLS.values():
        assert _ask(guarded, method, path, **options).status_code == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200)],
)
def test_without_keys_pages_of_other_sites_may_do_nothing(build, site, status):
    guarded = build(has_keys=False)
    headers = {"Sec-Fetch-Site": site}
    for method, path, options in _CALLS.values():
        answer = _ask(guarded, method, path, headers, **options)
        assert answer.status_code == status
    assert _ask(guarded, "GET", "/healthz", headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("evil.example:8080", 403),
        ("127.0.0.1.evil.example:8080", 403),
        ("localhost:8080:evil.example", 403),
        ("", 403),
    ],
)
def test_local_gateway_is_called_by_no_other_name(build, host, status):
    # A page of evil.example, whose name was made to lead to 127.0.0.1.
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin"}
    guarded = build(has_keys=False, is_local=True)
    for method, path, options in _CALLS.values():
        answer = _ask(guarded, method, path, headers, **options)
        assert answer.status_code == status
    assert _ask(guarded, "GET", "/healthz", headers).status_code == 200


def test_gateway_for_others_is_called_by_any_name(build):
    guarded = build(has_keys=False)
    headers = {"Host": "shop.example"}
    assert _ask(guarded, "GET", _SLATE, headers).status_code == 200


def test_role_that_does_not_exist_stops_the_start():
    with pytest.raises(ValueError, match="'reader' is not a valid Role"):
        Access(None, RateLimits(1)).require("reader")


@pytest.fixture
def exhausted(build):
    """20 requests in 20 s, all used up by the reader.

    Should the window end in between, one or two more go on.
    """
    guarded = build(limits=(1, 20))
    for _ in range(23):
        answer = _ask(guarded, "GET", _SLATE, _bearer("reader-key"))
    assert answer.status_code == 429
    return guarded, answer


def test_key_over_its_limit_is_told_when_to_come_again(exhausted):
    _, answer = exhausted
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 40  # this window and the next
    assert answer.json() == {
        "detail": f"Too many requests. Try again in {seconds} s."
    }


def test_other_keys_and_health_go_on(exhausted):
    guarded, _ = exhausted
    answer = _ask(guarded, "GET", _SLATE, _bearer("op-key"))
    assert answer.status_code == 200
    for _ in range(30):
        assert _ask(guarded, "GET", "/healthz").status_code == 200


def test_guessing_keys_is_limited_by_address(build):
    guarded = build(limits=(1, 20))
    codes = [
        _ask(guarded, "GET", _SLATE, _bearer(f"guess-{number}")).status_code
        for number in range(23)
    ]
    assert set(codes) == {401, 429}
    assert codes[-1] == 429
