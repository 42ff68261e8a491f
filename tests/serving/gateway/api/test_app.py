"""What every route has in common, on a real model server."""

import contextlib
import json
import sqlite3

import pytest
from starlette.testclient import TestClient

from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import send


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"\xff\xfe{", 400),
        (b"[" * 100_000, 400),
        (b'{"k": 1e999}', 422),
        (b'{"user_id": "\\ud800"}', 422),
        (b'{"k": "NaN"}', 422),
        (b'{"k": 0}', 422),
        (b'{"what": 1}', 422),
        (b'{"diversity": NaN}', 422),
        (b"null", 422),
        (b'{"need": "' + b"x" * 10_001 + b'"}', 422),
        (b'{"need": "' + b"x" * (1 << 20) + b'"}', 413),
    ],
)
def test_body_that_is_no_request_is_refused(client, content, status):
    headers = {"content-type": "application/json"}
    answer = client.post(
        "/v1/recommendations", content=content, headers=headers
    )
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("profiles", {"profiles": [{"user_id": "a", "profile": {"b": "?"}}]}),
        ("profiles", {"profiles": [{"user_id": "a", "profile": {"?": "b"}}]}),
        ("profiles", {"profiles": [{"user_id": "?", "profile": {}}]}),
        ("items", {"items": [{"item_id": "?", "title": "b"}]}),
        ("items", {"items": [{"item_id": "a", "title": "?"}]}),
        ("items", {"items": [{"item_id": "a", "title": "b", "?": "c"}]}),
        ("events", {"events": [{"user_id": "a", "item_id": "?"}]}),
        ("events", {"events": [{"user_id": "?", "item_id": "b"}]}),
        ("recommendations", {"need": "?"}),
        ("recommendations", {"profile": {"b": "?"}}),
        ("explanations", {"user_id": "a", "item_ids": ["?"]}),
    ],
)
def test_half_a_surrogate_pair_is_refused_in_every_text(client, route, body):
    # JSON has it, UTF-8 has not: it could be neither kept nor answered.
    content = json.dumps(body).replace("?", r"\ud800")
    headers = {"content-type": "application/json"}
    answer = client.post(f"/v1/{route}", content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert "unicode string" in answer.json()["detail"]


def test_refusal_does_not_repeat_what_the_user_wrote(client):
    body = {"user_id": "ann", "need": 7, "secret word": "hush"}
    text = client.post("/v1/recommendations", json=body).text
    assert "need" in text
    assert "hush" not in text


def test_damaged_state_is_our_fault_and_its_text_is_nobody_s(client, config):
    send(client, build_event("i01", text="hush"))
    path = config.storage.state.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("""UPDATE events SET body = CAST('{"hush' AS BLOB)""")
    quiet = TestClient(client.app, raise_server_exceptions=False)
    answer = quiet.get("/v1/users/ann/events")
    assert answer.status_code == 500
    assert answer.json() == {
        "detail": "Something is broken here. The gateway's log says what."
    }
    assert answer.headers["x-request-id"]


def test_page_is_served_at_the_root(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_openapi_document_describes_every_route(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {
        "/v1/events",
        "/v1/recommendations",
        "/v1/similar",
        "/v1/explanations",
        "/v1/feedback",
        "/v1/items",
        "/v1/users/{user_id}",
        "/healthz",
        "/readyz",
    } <= paths.keys()


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("recommendations?user=ann", "'user_id'"),
        ("recommendations?k=3&max_price=5", "'popularity'"),
        ("similar?item_id=a&limit=3", "'item_id'"),
        ("policies?name=x", "no parameters"),
    ],
)
def test_unknown_parameter_is_refused_and_the_known_ones_are_named(
    client, path, known
):
    answer = client.get(f"/v1/{path}")
    assert answer.status_code == 422, answer.text
    assert known in answer.json()["detail"]


def test_probe_may_add_parameters_of_its_own(client):
    assert client.get("/healthz?probe=1").status_code == 200


@pytest.mark.parametrize(
    "bounds",
    [
        '{"max_price": Infinity}',
        '{"min_price": -Infinity, "max_price": 1e999}',
        '{"min_price": null, "max_price": null}',
    ],
)
def test_infinite_and_null_prices_bound_nothing(client, bounds):
    answer = client.post(
        "/v1/recommendations",
        content=f'{{"constraints": {bounds}}}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    # With a bound, items without a price would not be there.
    unbounded = client.post("/v1/recommendations", json={})
    assert len(answer.json()["items"]) == len(unbounded.json()["items"])
