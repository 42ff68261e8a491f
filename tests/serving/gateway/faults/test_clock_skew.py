"""Histories of thousands of events, and clocks that are years apart."""

import time

import pytest

from schemas import signatures
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send
from tests.serving.gateway.conftest import build_config
from tests.serving.gateway.faults.gateway_process import MARKER
from tests.serving.gateway.faults.scripted_upstream import ITEM_IDS
from tests.serving.gateway.faults.scripted_upstream import list_asked_events

_NUM_EVENTS = 10_000
_YEAR = 365 * 86_400
_END_OF_TIME = 253_402_300_799  # the last second of the year 9999
_ANN = f"{MARKER}-ann"


@pytest.fixture
def client(upstream, tmp_path, open_client, caplog):
    client = open_client(build_config(tmp_path, upstream.address))
    yield client
    assert MARKER not in caplog.text
    assert MARKER not in client.get("/metrics").text


def _build_events(item_ids, timestamps) -> list[dict]:
    return [
        {"user_id": _ANN, "item_id": item_id, "timestamp": timestamp}
        for item_id, timestamp in zip(item_ids, timestamps, strict=True)
    ]


def test_ten_thousand_events_are_read_as_far_as_a_model_reads(client, upstream):
    start = time.time() - _NUM_EVENTS
    item_ids = [f"e{number}" for number in range(_NUM_EVENTS)]
    times = [start + number for number in range(_NUM_EVENTS)]
    for first in range(0, _NUM_EVENTS, 1000):
        batch = slice(first, first + 1000)
        told = send(client, *_build_events(item_ids[batch], times[batch]))
        assert told["accepted"] == 1000
    slate = ask(client, user_id=_ANN)
    assert slate["source"] == "model"
    assert list_asked_events(upstream) == item_ids[-signatures.MAX_EVENTS :]
    session = [{"item_id": f"s{number}"} for number in range(1000)]
    assert list_ids(ask(client, user_id=_ANN, session=session))
    asked = list_asked_events(upstream)
    assert asked == [f"s{n}" for n in range(1000 - signatures.MAX_EVENTS, 1000)]
    answer = client.get(f"/v1/users/{_ANN}/events?limit=1000")
    assert len(answer.json()["events"]) == 1000


def test_events_of_other_ages_neither_lead_nor_break_a_slate(client, upstream):
    now = time.time()
    ahead = [now + 3600, now + 7 * _YEAR, now + 30 * _YEAR, _END_OF_TIME]
    behind = [0, 1, now - 50 * _YEAR]
    ahead_ids, behind_ids = ITEM_IDS[:4], ITEM_IDS[4:7]
    send(client, *_build_events(ahead_ids, ahead))
    send(client, *_build_events(behind_ids, behind))
    send(client, *_build_events([ITEM_IDS[7]], [now]))
    slate = ask(client, user_id=_ANN)
    assert slate["source"] == "model"
    assert list_asked_events(upstream)[:3] == behind_ids
    asked = upstream.asked[signatures.RECOMMEND]
    # Whatever came from the future counts as of its arrival.
    assert asked["timestamp"].max() <= asked["query_time"][0] + 60
    milliseconds = _build_events([ITEM_IDS[8]], [1000 * now])
    refused = client.post("/v1/events", json={"events": milliseconds})
    assert refused.status_code == 422


def test_session_from_another_time_breaks_no_slate(client):
    session = [
        {"item_id": ITEM_IDS[0], "timestamp": _END_OF_TIME},
        {"item_id": ITEM_IDS[1], "timestamp": 0},
    ]
    assert ask(client, user_id=_ANN, session=session)["source"] == "model"
