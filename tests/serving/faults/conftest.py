"""Models that take no time, and servers that are treated badly."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import grpc
import psutil
import pytest

from serving.protos import get_model_status_pb2
from serving.protos import model_service_pb2_grpc
from serving.protos import prediction_service_pb2_grpc
from tests.serving.conformance.requests import build_predict

NAME = "half_plus_two"
_START_SECONDS = 300
_STATE = get_model_status_pb2.ModelVersionStatus.State


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class Asked:
    """A server's answers, for tests to read."""

    def __init__(self, address: str):
        self.channel = grpc.insecure_channel(
            address,
            options=[
                ("grpc.max_receive_message_length", -1),
                # Or a server that starts again is looked for in vain.
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 500),
            ],
        )
        self._predict = prediction_service_pb2_grpc.PredictionServiceStub(
            self.channel
        ).Predict
        self._status = model_service_pb2_grpc.ModelServiceStub(
            self.channel
        ).GetModelStatus

    def halve(self, x: float = 4.0) -> tuple[float, int]:
        """Returns x / 2 + offset, and the version that said so."""
        answer = self._predict(
            build_predict(NAME, {"x": [[x]]}), timeout=30, wait_for_ready=True
        )
        value = answer.outputs["y"].float_val[0]
        return value, answer.model_spec.version.value

    def read_states(self) -> dict[int, tuple[str, int, str]]:
        """Returns state, error code and error text by version."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = NAME
        answer = self._status(request, timeout=30)
        return {
            one.version: (
                _STATE.Name(one.state),
                one.status.error_code,
                one.status.error_message,
            )
            for one in answer.model_version_status
        }

    def wait_for(self, version: int, state: str) -> tuple[int, str]:
        """Waits for a state; returns the error's code and text."""
        wait_until(lambda: self.read_states().get(version, ("",))[0] == state)
        return self.read_states()[version][1:]


class ServerProcess(Asked):
    """`python -m serving.model_server` on a Unix socket of its own.

    Attributes:
        process: it.
        log: what it wrote.
    """

    def __init__(self, folder: Path, *flags: str):
        self._address = f"unix:{folder / 'grpc.sock'}"
        self.log = folder / "server.log"
        self._flags = flags
        self.process = self.start()
        super().__init__(self._address)

    def start(self) -> psutil.Popen:
        with self.log.open("ab") as log:
            return psutil.Popen(
                [
                    *(sys.executable, "-m", "serving.model_server", "--port=0"),
                    f"--grpc_socket_path={self._address.removeprefix('unix:')}",
                    "--max_num_load_retries=0",
                    "--file_system_poll_wait_seconds=0.2",
                    *self._flags,
                ],
                stdout=log,
                stderr=log,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
            )

    def wait_until_ready(self) -> None:
        """Waits until it takes calls; its log tells why if it never does."""
        ready = grpc.channel_ready_future(self.channel)
        end = time.monotonic() + _START_SECONDS
        while not ready.done():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """`kill -9`, and nothing is tidied up."""
        self.process.kill()
        self.process.wait(30)

    def restart(self) -> None:
        self.process = self.start()

    def close(self) -> None:
        self.channel.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


@pytest.fixture(scope="session")
def offset_models(tmp_path_factory) -> dict[int, Path]:
    """x / 2 + n for n in 1, 2, 3: a model for each version number."""
    from tests.serving.conformance.models import save_half_plus_two

    folder = tmp_path_factory.mktemp("offsets")
    return {n: save_half_plus_two(folder / str(n), float(n)) for n in (1, 2, 3)}


class Pusher:
    """Puts versions below a base path with one rename."""

    def __init__(self, base_path: Path, models: dict[int, Path]):
        self.base_path = base_path
        self._models = models
        base_path.mkdir(parents=True, exist_ok=True)

    def push(
        self, version: int, spoil: Callable[[Path], None] | None = None
    ) -> Path:
        """Pushes x / 2 + version, spoilt before it appears."""
        copy = self.base_path / f".tmp-{version}"
        shutil.copytree(self._models[version], copy)
        if spoil is not None:
            spoil(copy)
        return copy.rename(self.base_path / str(version))


@pytest.fixture
def pusher(tmp_path, offset_models) -> Pusher:
    return Pusher(tmp_path / "models" / NAME, offset_models)


@pytest.fixture
def asked(pusher) -> Iterator[Asked]:
    """A server in this process, with version 1, which looks all the time."""
    from serving.model_server.server import ModelServer
    from serving.model_server.server import ServerOptions

    pusher.push(1)
    options = ServerOptions(
        host="127.0.0.1",
        file_system_poll_wait_seconds=0.05,
        max_num_load_retries=0,
    )
    with ModelServer(NAME, pusher.base_path, 0, options) as server:
        asked = Asked(f"127.0.0.1:{server.port}")
        yield asked
        asked.channel.close()
