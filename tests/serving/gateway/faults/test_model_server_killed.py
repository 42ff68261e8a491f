"""`kill -9` of the model server while everybody keeps asking."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest

from tests.serving.conftest import MODEL_NAME
from tests.serving.conftest import add_version
from tests.serving.faults.conftest import ServerProcess
from tests.serving.gateway.faults.gateway_process import MARKER
from tests.serving.gateway.faults.gateway_process import GatewayProcess

_RECOVERY_SECONDS = 60.0  # the gateway looks each 2 s; the machine is busy
_START_SECONDS = 300.0
_ANN = f"{MARKER}-ann"


@pytest.fixture
def server(recommender_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    add_version(folder / "models", 1, recommender_model)
    server = ServerProcess(
        folder,
        f"--model_name={MODEL_NAME}",
        f"--model_base_path={folder / 'models'}",
    )
    server.address = f"unix:{folder / 'grpc.sock'}"
    yield server
    server.close()


class _Caller:
    """Asks for a user's slates, one after the other, until told to stop.

    Attributes:
        answers: status and source of each.
    """

    def __init__(self, client: httpx.Client, user_id: str):
        self.answers: list[tuple[int, str]] = []
        self._body = {"user_id": user_id, "k": 5, "need": MARKER}
        self._client = client
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._ask_on)

    def __enter__(self) -> "_Caller":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._client.close()

    def wait_for(self, *sources: str, seconds: float = 30.0) -> None:
        """Waits until a slate comes from one of the sources."""
        _wait_until(
            lambda: self.answers and self.answers[-1][1] in sources, seconds
        )

    def _ask_on(self) -> None:
        while not self._is_over.wait(0.02):
            answer = self._client.post("/v1/recommendations", json=self._body)
            source = answer.json().get("source", answer.text)
            self.answers.append((answer.status_code, source))


def _wait_until(condition: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def _read_model(gateway: GatewayProcess) -> str:
    return gateway.client.get("/readyz").json()["parts"]["model"]


def test_every_slate_is_answered_while_the_model_server_dies_and_returns(
    server, start_gateway
):
    server.wait_until_ready()
    gateway = start_gateway(server.address)
    event = {"user_id": _ANN, "item_id": "i01"}
    told = gateway.client.post("/v1/events", json={"events": [event]})
    assert told.status_code == 200
    with (
        _Caller(gateway.open_client(), _ANN) as known,
        _Caller(gateway.open_client(), f"{MARKER}-bob") as other,
    ):
        known.wait_for("model")
        other.wait_for("model")
        server.kill()
        known.wait_for("last_known_good")
        stranger = gateway.client.post("/v1/recommendations", json={})
        assert stranger.json()["source"] == "popular"
        assert len(stranger.json()["items"]) == 10
        server.restart()
        _wait_until(lambda: _read_model(gateway) == "ok", _START_SECONDS)
        known.wait_for("model", seconds=_RECOVERY_SECONDS)
        other.wait_for("model", seconds=_RECOVERY_SECONDS)
    for caller in (known, other):
        statuses, sources = zip(*caller.answers, strict=True)
        assert set(statuses) == {200}
        assert set(sources) <= {"model", "last_known_good", "popular"}
