"""A server that stays up for the whole session, and stubs to ask it."""

import shutil
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

VERSION = 3
MODEL_NAME = "tastemaker"


def add_version(base_path: Path, version: int, model: Path) -> Path:
    """Puts a model below a base path the way a pusher should."""
    base_path.mkdir(parents=True, exist_ok=True)
    copy = base_path / f".tmp-{version}"
    shutil.copytree(model, copy)
    return copy.rename(base_path / str(version))


def settle(served) -> None:
    """Looks at a `ServedModel`'s folder, acts until nothing is to be done."""
    served.read_directory()
    while served.step():
        pass


def name_states(served) -> dict[int, str]:
    """Names the state of each version that a `ServedModel` ever saw."""
    return {r.number: r.state.name for r in served.list_records()}


@pytest.fixture
def base_path(tmp_path: Path) -> Path:
    path = tmp_path / "models" / MODEL_NAME
    path.mkdir(parents=True)
    return path


@pytest.fixture(scope="session")
def server_address(
    recommender_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a server with version 3 of the healthy model."""
    from serving.model_server.server import ModelServer

    base_path = tmp_path_factory.mktemp("served")
    add_version(base_path, VERSION, recommender_model)
    with ModelServer(MODEL_NAME, base_path) as server:
        yield f"localhost:{server.port}"


@pytest.fixture(scope="session")
def channel(server_address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server_address) as opened:
        yield opened


@pytest.fixture(scope="session")
def predict(channel: grpc.Channel) -> Callable:
    from serving.protos import prediction_service_pb2_grpc

    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    return lambda request: stub.Predict(request, timeout=20)
