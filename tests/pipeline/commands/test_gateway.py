"""A gateway on a run, and the loop from what it shows to the next model."""

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.commands import cli
from pipeline.commands import gateway
from pipeline.commands.gateway_inputs import fill
from pipeline.commands.gateway_inputs import write_catalogue
from pipeline.runs.run_folder import RunFolder
from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.model_server.server import ModelServer
from tests.pipeline.conftest import GENRES
from tests.pipeline.conftest import NUM_EVENTS
from tests.pipeline.conftest import NUM_USERS
from tests.pipeline.conftest import START

# Horror is what nobody takes after Comedy, until now.
_FIRST, _THEN = "m01", "m00"
_DAY = 86_400


def test_files_go_below_the_run_unless_the_config_says_otherwise(tmp_path):
    folder = RunFolder(tmp_path)
    placed = gateway.place_files(GatewayConfig(), folder, "host:1")
    assert placed.catalogue == f"{tmp_path}/gateway/items.jsonl"
    assert placed.storage.log == f"{tmp_path}/gateway/log"
    assert placed.upstream.address == "host:1"
    own = GatewayConfig(catalogue="x.jsonl", storage=StorageConfig(log="l"))
    kept = gateway.place_files(own, folder, None)
    assert (kept.catalogue, kept.storage.log) == ("x.jsonl", "l")
    assert kept.storage.state == f"sqlite:///{tmp_path}/gateway/state.sqlite"
    short = GatewayConfig(storage=StorageConfig(window_spans=3))
    kept = gateway.place_files(short, folder, None)
    assert kept.storage == dataclasses.replace(placed.storage, window_spans=3)


def test_port_that_is_taken_is_told_before_anything_is_started():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"must be free\. Received: {port}"):
            gateway.check_port(port)
    gateway.check_port(port)


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_events_are_imported_into_an_empty_log_only(finished_run, tmp_path):
    storage = StorageConfig(
        state=f"sqlite:///{tmp_path / 's.sqlite'}", log=str(tmp_path / "log")
    )
    config = GatewayConfig(storage=storage, catalogue="not written")
    told: list[str] = []
    fill(config, finished_run, told.append)
    fill(config, finished_run, told.append)
    assert told == [
        "Reading what the users of the run did ...",
        f"{NUM_USERS * NUM_EVENTS} events are known to the gateway.",
    ]
    (span,) = (tmp_path / "log").glob("span-*")
    lines = [
        line
        for path in span.glob("events-*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert len(lines) == NUM_USERS * NUM_EVENTS


def test_sigterm_ends_a_gateway_by_way_of_its_cleaning_up(tmp_path):
    port = gateway._find_free_port()
    code = (
        "import sys\n"
        "from pipeline.commands.gateway import leave_on_sigterm\n"
        "from serving.gateway.gateway_config import GatewayConfig\n"
        "from serving.gateway.api.listener import Listener\n"
        "try:\n"
        "    with leave_on_sigterm():\n"
        "        Listener(port=int(sys.argv[1])).serve(GatewayConfig())\n"
        "finally:\n"
        "    print('cleaned up')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    with process:
        end = time.monotonic() + 60.0
        while not _answers(port):
            assert time.monotonic() < end
            time.sleep(0.1)
        process.terminate()
        assert process.stdout.read().endswith("cleaned up\n")
    assert process.returncode == 128 + signal.SIGTERM


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_what_users_do_with_slates_changes_the_next_model(
    finished_run, finished_server, shop, tmp_path_factory
):
    """Serves, clicks, closes the span, retrains on it, and asks again."""
    root = tmp_path_factory.mktemp("loop") / "shop"
    own = GatewayConfig(
        storage=StorageConfig(
            state=f"sqlite:///{root.parent / 's.sqlite'}",
            log=str(root.parent / "log"),
        ),
        catalogue=str(root.parent / "items.jsonl"),
        # These people click what the old model ranks low: a blend that learns
        # would turn against models. Ranks are of the model, not of chance.
        ranking=RankingConfig(
            policies={"model": PolicyConfig(exploration=0.0)},
            default_policy="model",
        ),
    )
    write_catalogue(
        gateway.find_served_version(finished_run), Path(own.catalogue)
    )
    fill(own, finished_run, lambda _: None)
    with _ask_gateway(own, finished_server.port) as client:
        before = _find_rank(client)
        for number in range(60):
            _live_a_day(client, f"new-{number}", number)
        posted = {"item_id": "m99", "title": "the ship 99"}
        client.post("/v1/items", json={"items": [posted]})
        span = client.post("/v1/spans").json()["span"]
    assert span == "span-2"

    config = shop.write_config("loop", dataset=_read_log(shop, own))
    arguments = ["--root", str(root), "--to", "Pusher"]
    assert cli.main(["run", str(config), *arguments]) == cli.EXIT_OK
    base_path = gateway.find_served_version(RunFolder(root)).parent
    with (
        ModelServer(base_path.name, base_path) as server,
        _ask_gateway(own, server.port) as client,
    ):
        after = _find_rank(client)
        # The item that was posted is one of the model's own now.
        body = {"user_id": "u1", "item_ids": ["m99"]}
        assert client.post("/v1/explanations", json=body).status_code == 200
    assert before > 10
    assert after <= 3


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_profile_decides_the_slate_of_somebody_new(
    finished_run, finished_server, tmp_path
):
    config = gateway.place_files(
        GatewayConfig(
            storage=StorageConfig(
                state=f"sqlite:///{tmp_path / 's.sqlite'}",
                log=str(tmp_path / "log"),
            ),
            catalogue=str(tmp_path / "items.jsonl"),
            ranking=RankingConfig(
                policies={"model": PolicyConfig(exploration=0.0)},
                default_policy="model",
            ),
        ),
        finished_run,
        None,
    )
    write_catalogue(
        gateway.find_served_version(finished_run), Path(config.catalogue)
    )
    fill(config, finished_run, lambda _: None)
    # The shop's ratings are 2 and 5; 4 is a success.
    assert config.find_feedback("rate", 2.0) == config.feedback["dislike"]
    with _ask_gateway(config, finished_server.port) as client:
        own = []  # of five items, how many are of the genre liked
        slates = set()
        for genre in GENRES:
            user = {"user_id": f"new-{genre}", "profile": {"fan_of": genre}}
            client.post("/v1/profiles", json={"profiles": [user]})
            body = {"user_id": user["user_id"], "k": 5, "diversity": 0.0}
            slate = client.post("/v1/recommendations", json=body).json()
            shown = [item["categories"] for item in slate["items"]]
            own.append(shown.count([genre]))
            slates.add(tuple(item["item_id"] for item in slate["items"]))
        # Without profiles all slates are the same, and a quarter of each is of
        # any genre: 5 of 20.
        assert len(slates) == len(GENRES)
        assert sum(own) > 5
        # Profiles of the run came with its events.
        body = {"user_id": "u1", "item_ids": ["m00"]}
        answer = client.post("/v1/explanations", json=body)
        assert answer.status_code == 200
    with contextlib.closing(
        open_behavior_store(config.storage.state, Path(config.storage.log))
    ) as store:
        assert store.find_profile("u1") == {"fan_of": "Comedy"}


def _ask_gateway(config: GatewayConfig, port: int) -> TestClient:
    """A gateway over a model server of this machine, asked in process."""
    upstream = dataclasses.replace(
        config.upstream, address=f"localhost:{port}", timeout_seconds=60.0
    )
    config = dataclasses.replace(config, upstream=upstream)
    access = Access(None, RateLimits(1_000_000))
    return TestClient(build_app(Gateway(config), access))


def _find_rank(client: TestClient) -> int:
    """The place of `_THEN` for somebody who just took `_FIRST`."""
    body = {
        "session": [{"item_id": _FIRST, "event_type": "rate", "value": 5.0}],
        "k": 59,
    }
    items = client.post("/v1/recommendations", json=body).json()["items"]
    return 1 + [item["item_id"] for item in items].index(_THEN)


def _live_a_day(client: TestClient, user_id: str, number: int) -> None:
    """Takes an item, is shown all others, and takes the one."""
    begin = START + (number % NUM_EVENTS) * _DAY + number
    event = {"user_id": user_id, "event_type": "rate", "value": 5.0}
    first = event | {"item_id": _FIRST, "timestamp": begin}
    assert _send(client, first) == {"accepted": 1, "duplicates": 0}
    slate = client.post(
        "/v1/recommendations", json={"user_id": user_id, "k": 59}
    ).json()
    assert _THEN in [item["item_id"] for item in slate["items"]]
    then = event | {"item_id": _THEN, "timestamp": begin + 60}
    _send(client, then | {"slate_id": slate["slate_id"]})


def _send(client: TestClient, event: dict) -> dict:
    return client.post("/v1/events", json={"events": [event]}).json()


def _read_log(shop, config: GatewayConfig) -> dict:
    """The dataset's settings with the log in place of the first events."""
    events = dict(shop.settings["dataset"]["events"])
    roles = ("user_id", "item_id", "timestamp", "event_type", "value", "text")
    events |= {
        "path": f"{config.storage.log}/span-{{SPAN}}/events-*.jsonl",
        "columns": {role: role for role in roles},
    }
    items = {
        "path": f"{config.storage.log}/span-{{SPAN}}/items-*.jsonl",
        "columns": {"item_id": "item_id", "title": "title"},
    }
    return {"events": events, "more_items": [items]}
