"""Without room slates go on, and what cannot be kept is refused.

The kernel itself refuses: see `GatewayProcess.limit_files`.
"""

import pytest

from tests.serving.gateway.faults.gateway_process import MARKER

_ANN = f"{MARKER}-ann"


def _build_events(*item_ids: str) -> dict:
    events = [
        {"user_id": _ANN, "item_id": item_id, "event_id": f"of-{item_id}"}
        for item_id in item_ids
    ]
    return {"events": events}


def _list_items(gateway) -> list[str]:
    answer = gateway.client.get(f"/v1/users/{_ANN}/events?limit=1000")
    assert answer.status_code == 200, answer.text
    return sorted(event["item_id"] for event in answer.json()["events"])


def _check_slate(gateway) -> None:
    body = {"user_id": _ANN, "need": MARKER, "k": 5}
    answer = gateway.client.post("/v1/recommendations", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["source"] == "model"
    assert len(answer.json()["items"]) == 5


# So many bytes the next write may still leave behind: none, or part of a line.
@pytest.mark.parametrize("room", [0, 30])
def test_refused_events_are_not_kept_and_others_not_lost(
    start_gateway, upstream, tmp_path, room
):
    gateway = start_gateway(upstream.address, slates={"save_seconds": 0.01})
    client = gateway.client
    assert client.post("/v1/events", json=_build_events("e0")).is_success
    _check_slate(gateway)
    live = tmp_path / "log" / "live"
    size = max(path.stat().st_size for path in live.glob("events-*"))

    gateway.limit_files(size + room if room else 0)
    for number in range(5):
        refused = client.post(
            "/v1/events", json=_build_events("later", f"refused{number}")
        )
        assert refused.status_code == 503
        assert refused.json()["detail"]
        assert refused.headers["Retry-After"]
        _check_slate(gateway)
    item = {"item_id": "new", "title": f"New {MARKER}"}
    answer = client.post("/v1/items", json={"items": [item]})
    assert answer.status_code == 503
    assert client.delete("/v1/users/nobody").status_code == 503
    # A span is made of what is there, by a new name.
    assert client.post("/v1/spans").status_code == 200
    assert _list_items(gateway) == ["e0"]

    gateway.limit_files(-1)
    answer = client.post("/v1/events", json=_build_events("later", "e1"))
    assert answer.json() == {"accepted": 2, "duplicates": 0}
    assert _list_items(gateway) == ["e0", "e1", "later"]
    gateway.stop()
    gateway.start()
    assert _list_items(gateway) == ["e0", "e1", "later"]
    _check_slate(gateway)
    files = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert not any(b"refused" in path.read_bytes() for path in files)
