"""The server that the suite asks: ours, or the one that is named.

By default `python -m serving.model_server` is started as a process over the
models of models.py. With TF_SERVING_ADDRESS=host:grpc_port[:rest_port] the
suite asks that server instead, which must serve the same models (models.py
tells how); TF_SERVING_MODELS_DIR names their folder where tests may write to
it, otherwise the tests that push versions are skipped.
"""

import dataclasses
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from serving.protos import model_service_pb2_grpc
from serving.protos import prediction_service_pb2_grpc

_START_SECONDS = 180


@dataclasses.dataclass(frozen=True)
class ConformanceServer:
    """Where the server under test listens."""

    host: str
    grpc_port: int
    rest_port: int | None
    models_dir: Path | None  # where versions may be pushed
    pid: int | None = None  # of our own process


def take_free_ports(count: int) -> list[int]:
    """Finds TCP ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Asks again and again until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _accepts(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _named_server(address: str) -> ConformanceServer:
    host, grpc_port, *rest_port = address.split(":")
    folder = os.environ.get("TF_SERVING_MODELS_DIR")
    return ConformanceServer(
        host=host,
        grpc_port=int(grpc_port),
        rest_port=int(rest_port[0]) if rest_port else None,
        models_dir=Path(folder) if folder else None,
    )


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ConformanceServer]:
    """The server under test."""
    address = os.environ.get("TF_SERVING_ADDRESS")
    if address:
        yield _named_server(address)
        return
    from tests.serving.conformance.models import write_models

    folder = tmp_path_factory.mktemp("conformance")
    config_file = write_models(folder)
    grpc_port, rest_port = take_free_ports(2)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "serving.model_server"),
                f"--port={grpc_port}",
                f"--rest_api_port={rest_port}",
                f"--model_config_file={config_file}",
                f"--monitoring_config_file={folder / 'monitoring.config'}",
                "--allow_version_labels_for_unavailable_models=true",
                "--enable_grpc_healthcheck_service",
                "--max_num_load_retries=0",
                "--file_system_poll_wait_seconds=0.2",
            ],
            stderr=log,
        )
    try:
        wait_until(
            lambda: (
                process.poll() is not None
                or (_accepts(grpc_port) and _accepts(rest_port))
            ),
            _START_SECONDS,
        )
        assert process.poll() is None, (folder / "server.log").read_text()
        yield ConformanceServer(
            "127.0.0.1", grpc_port, rest_port, folder, process.pid
        )
    finally:
        process.terminate()
        process.wait(120)


@pytest.fixture(scope="session")
def channel(server: ConformanceServer) -> Iterator[grpc.Channel]:
    address = f"{server.host}:{server.grpc_port}"
    options = [("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(address, options) as opened:
        yield opened


@pytest.fixture(scope="session")
def prediction(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


@pytest.fixture(scope="session")
def models_service(channel):
    return model_service_pb2_grpc.ModelServiceStub(channel)


@pytest.fixture(scope="session")
def rest_url(server: ConformanceServer) -> str:
    """Where the REST API begins, without a slash at the end."""
    if server.rest_port is None:
        pytest.skip("TF_SERVING_ADDRESS names no REST port")
    return f"http://{server.host}:{server.rest_port}"


@pytest.fixture(scope="session")
def models_dir(server: ConformanceServer) -> Path:
    """The folder that holds the served models; tests may push versions."""
    if server.models_dir is None:
        pytest.skip("TF_SERVING_MODELS_DIR is not set")
    return server.models_dir
