"""The parts together, in the order that matters."""

import asyncio

from tests.serving.gateway.access.conftest import MAX_BYTES


def _ask(guarded, *arguments, **options):
    return asyncio.run(guarded.ask(*arguments, **options))


def test_event_of_a_writer_arrives(build):
    guarded = build()
    answer = _ask(
        guarded,
        "POST",
        "/v1/events",
        json={"item_id": "ü"},
        headers={"X-API-Key": "writer-key"},
    )
    assert answer.json() == {"accepted": 1}
    assert guarded.bodies == [{"item_id": "ü"}]


def test_stranger_with_a_large_body_is_a_stranger_first(build):
    answer = _ask(build(), "POST", "/v1/events", content=b"a" * (MAX_BYTES + 1))
    assert answer.status_code == 401


def test_large_body_of_a_writer_is_refused_with_all_headers(build):
    guarded = build()
    answer = _ask(
        guarded,
        "POST",
        "/v1/events",
        content=b"a" * (MAX_BYTES + 1),
        headers={"X-API-Key": "writer-key"},
    )
    assert answer.status_code == 413
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in answer.headers
    assert "X-Request-ID" in answer.headers
    assert guarded.bodies == []


def test_failure_inside_has_all_headers_and_says_nothing(build):
    answer = _ask(
        build(),
        "GET",
        "/v1/broken?user_id=u17",
        headers={"X-API-Key": "reader-key"},
    )
    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert "u17" not in answer.text
