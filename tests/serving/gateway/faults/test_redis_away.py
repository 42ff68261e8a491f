"""Redis goes away, and comes back with nothing of what it had."""

import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from serving.gateway.gateway_config import SlateConfig
from tests.serving.gateway.behavior.state.conftest import RedisProcess
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send
from tests.serving.gateway.conftest import build_config
from tests.serving.gateway.faults.gateway_process import MARKER

_ANN = f"{MARKER}-ann"


@pytest.fixture
def redis_process(tmp_path_factory) -> Iterator[RedisProcess]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed: apt install redis-server")
    process = RedisProcess(tmp_path_factory.mktemp("redis"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def config(upstream, redis_process, tmp_path):
    config = build_config(tmp_path, upstream.address)
    return dataclasses.replace(
        config,
        storage=dataclasses.replace(config.storage, state=redis_process.url),
        slates=SlateConfig(save_seconds=0.001, popularity_seconds=0.001),
    )


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _list_events(client: TestClient) -> list[str]:
    answer = client.get(f"/v1/users/{_ANN}/events")
    return [event["item_id"] for event in answer.json().get("events", [])]


def _read_state(client: TestClient) -> str:
    text = client.get("/readyz").text
    assert "socket" not in text  # where Redis is concerns nobody
    return json.loads(text)["parts"]["state"]


def _like(client: TestClient, slate: dict) -> int:
    body = {
        "user_id": _ANN,
        "slate_id": slate["slate_id"],
        "item_id": slate["items"][0]["item_id"],
        "feedback": "click",
    }
    return client.post("/v1/feedback", json=body).status_code


def test_slates_and_events_go_on_without_redis(
    open_client, config, redis_process, caplog
):
    client = open_client(config)
    event = {"user_id": _ANN, "item_id": "i01"}
    send(client, event)
    shown = ask(client, user_id=_ANN)
    assert not shown["is_degraded"]
    assert _like(client, shown) == 200

    redis_process.stop()
    for number in range(3):
        # What was shown is learnt from, and cannot be saved.
        slate = ask(client, user_id=_ANN)
        assert slate["source"] == "model"
        assert slate["is_degraded"]
        assert list_ids(slate)
        told = send(client, event | {"item_id": f"i1{number}"})
        assert told["accepted"] == 1
    refused = client.get(f"/v1/users/{_ANN}/events")
    assert refused.status_code == 503
    assert "socket" not in refused.text
    assert client.delete("/v1/users/nobody").status_code == 503
    assert _like(client, slate) == 503
    item = {"item_id": "new", "title": f"New {MARKER}"}
    put = client.post("/v1/items", json={"items": [item]})
    assert put.status_code == 503
    assert client.get("/healthz").status_code == 200
    assert _read_state(client) != "ok"

    redis_process.start()
    _wait_until(lambda: not ask(client, user_id=_ANN)["is_degraded"])
    clicked = shown["items"][0]["item_id"]
    assert _list_events(client) == ["i12", "i11", "i10", clicked, "i01"]
    _wait_until(lambda: _read_state(client) == "ok")
    page = client.get("/metrics").text
    assert "tastemaker_gateway_unread_histories_total" in page
    assert MARKER not in page
    assert MARKER not in caplog.text


def test_gateway_stops_cleanly_and_loses_nothing_while_redis_is_away(
    open_client, config, redis_process
):
    client = open_client(config)
    send(client, {"user_id": _ANN, "item_id": "i01"})
    shown = ask(client, user_id=_ANN)
    assert _like(client, shown) == 200
    redis_process.stop()
    send(client, {"user_id": _ANN, "item_id": "i02"})
    client.__exit__(None, None, None)
    redis_process.start()
    client = open_client(config)
    clicked = shown["items"][0]["item_id"]
    assert _list_events(client) == ["i02", clicked, "i01"]


def test_gateway_starts_while_redis_is_away(open_client, config, redis_process):
    redis_process.stop()
    client = open_client(config)
    send(client, {"user_id": _ANN, "item_id": "i01"})
    assert ask(client, user_id=_ANN)["source"] == "model"
    redis_process.start()
    _wait_until(lambda: _list_events(client) == ["i01"])
