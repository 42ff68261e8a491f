"""The log tells what was asked, and of nobody."""

import asyncio
import json
import logging

import pytest

from serving.gateway.access.log_config import JsonFormatter

_KEY = {"X-API-Key": "op-key"}
_SECRETS = ("u17", "nina", "op-key", "midsummer")


def _ask(guarded, method, path, **options):
    return asyncio.run(guarded.ask(method, path, **options))


@pytest.fixture
def lines(caplog):
    """Reads the lines as they would be written."""
    caplog.set_level(logging.INFO)

    def read():
        formatter = JsonFormatter()
        return [
            json.loads(formatter.format(record))
            for record in caplog.records
            if record.name == "serving.gateway.access.access_log"
        ]

    return read


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        (
            "GET",
            "/v1/recommendations?user_id=u17&need=midsummer",
            "/v1/recommendations",
            200,
        ),
        ("DELETE", "/v1/users/u17", "/v1/users/{user_id}", 200),
        ("DELETE", "/v1/users/nina/u17", "/v1/users/{user_id}", 200),
        ("GET", "/v1/recommendations", "/v1/recommendations", 422),
        ("GET", "/v1/u17", "unmatched", 404),
        ("GET", "/v1/broken?user_id=u17", "/v1/broken", 500),
    ],
)
def test_line_tells_the_template_and_no_id(
    build, lines, method, path, route, status
):
    guarded = build()
    answer = _ask(guarded, method, path, headers=_KEY)
    (line,) = lines()
    assert line["method"] == method
    assert line["route"].replace(":path", "") == route
    assert line["status"] == answer.status_code == status
    assert line["key"] == "op"
    assert line["ms"] >= 0
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert not [secret for secret in _SECRETS if secret in str(line)]
    assert guarded.observed == [(line["route"], method, status)]


def test_refusal_of_a_stranger_is_logged_too(build, lines):
    guarded = build()
    answer = _ask(guarded, "DELETE", "/v1/users/u17")
    (line,) = lines()
    assert (line["status"], line["key"]) == (401, None)
    assert "u17" not in str(line)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_made_up_method_makes_no_new_label(build, lines):
    guarded = build()
    for method in ("BREW", "U17", "PROPFIND"):
        _ask(guarded, method, "/healthz", headers=_KEY)
    assert {line["method"] for line in lines()} == {"OTHER"}
    assert {method for _, method, _ in guarded.observed} == {"OTHER"}


def test_every_request_has_an_id_of_its_own(build):
    guarded = build()
    ids = {
        _ask(guarded, "GET", "/healthz").headers["X-Request-ID"]
        for _ in range(5)
    }
    assert len(ids) == 5
