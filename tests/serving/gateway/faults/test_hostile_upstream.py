"""A model server that answers nonsense does not harm the gateway.

Slates come from a stand-in, what nothing stands in for is a 503.
"""

import dataclasses
import time
from collections.abc import Iterator

import grpc
import pytest
from hypothesis import given
from starlette.testclient import TestClient

from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from tests.serving.gateway.conftest import build_config
from tests.serving.gateway.faults.gateway_process import MARKER
from tests.serving.gateway.faults.hostile_answers import noises
from tests.serving.gateway.faults.hostile_answers import refuse_with
from tests.serving.gateway.faults.hostile_answers import send_much
from tests.serving.gateway.faults.hostile_answers import stall
from tests.serving.gateway.faults.hostile_answers import twists

_SECRET = f"10.0.0.7: {MARKER}'s query is wrong"


@pytest.fixture(scope="module")
def client(upstream, tmp_path_factory) -> Iterator[TestClient]:
    config = build_config(tmp_path_factory.mktemp("hostile"), upstream.address)
    config = dataclasses.replace(
        config,
        upstream=dataclasses.replace(
            config.upstream, timeout_seconds=0.3, slow_timeout_seconds=0.3
        ),
    )
    app = build_app(Gateway(config), Access(None, RateLimits(1_000_000)))
    with TestClient(app) as client:
        events = [{"user_id": "ann", "item_id": f"i0{n}"} for n in range(5)]
        assert client.post("/v1/events", json={"events": events}).is_success
        yield client
        # Whatever came, it finds back.
        upstream.twist = None
        wait_for_the_model(client)
        # What it was sent has made no series, and is in none.
        page = client.get("/metrics").text
        assert len(page) < 30_000
        assert MARKER not in page


def wait_for_the_model(client: TestClient) -> None:
    end = time.monotonic() + 30
    while ask_all(client)["source"] != "model":
        assert time.monotonic() < end
        time.sleep(0.02)


def ask_all(client: TestClient) -> dict:
    """Calls whatever calls the model server; returns Ann's slate."""
    item = {"item_id": "new", "title": "New"}
    explain = {"user_id": "ann", "item_ids": ["i07"]}
    answers = [
        client.get("/v1/similar?item_id=i03"),
        client.post("/v1/explanations", json=explain),
        client.post("/v1/items", json={"items": [item]}),
        client.get("/readyz"),
        client.post("/v1/recommendations", json={"user_id": "ann", "k": 7}),
    ]
    for answer in answers:
        assert MARKER not in answer.text
        assert "10.0.0.7" not in answer.text
    similar, explained, put, ready, slate = answers
    assert explained.status_code in (200, 503), explained.text
    for answer in (similar, put, ready, slate):
        assert answer.status_code == 200, answer.text
    found = slate.json()
    assert len(found["items"]) <= 7
    assert found["is_degraded"] == (found["source"] != "model")
    for item in found["items"]:
        numbers = [item["score"], *item["features"].values()]
        numbers += [reason["weight"] for reason in item["reasons"]]
        assert all(isinstance(one, float) for one in numbers)
    return found


@given(twist=twists())
def test_outputs_that_are_wrong_do_not_break_a_slate(client, upstream, twist):
    upstream.twist = twist
    ask_all(client)


@given(twist=noises())
def test_noise_does_not_break_a_slate(client, upstream, twist):
    upstream.twist = twist
    ask_all(client)


@pytest.mark.parametrize("code", list(grpc.StatusCode)[1:])
def test_every_status_code_leads_to_a_stand_in(client, upstream, code):
    upstream.twist = None
    wait_for_the_model(client)
    upstream.twist = refuse_with(code, _SECRET)
    slate = ask_all(client)
    assert slate["source"] == "last_known_good"
    assert len(slate["items"]) == 7


@pytest.mark.parametrize("twist", [send_much, stall])
def test_answer_too_long_or_too_late_is_not_waited_for(client, upstream, twist):
    upstream.twist = None
    wait_for_the_model(client)
    upstream.twist = twist
    assert ask_all(client)["source"] == "last_known_good"
