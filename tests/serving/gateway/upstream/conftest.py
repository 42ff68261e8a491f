"""Model servers that are slow, and what a connection tells of itself."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.gateway.upstream.model_connection import ModelConnection
from serving.gateway.upstream.upstream_config import UpstreamConfig
from tests.serving.conftest import MODEL_NAME
from tests.serving.gateway.upstream.proxy import Proxy


class Observed:
    """What a `ModelConnection` told its observer."""

    def __init__(self):
        self.calls = Counter()
        self.failures = Counter()
        self.is_open = False

    def observe_upstream(self, call: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls[call] += 1

    def count_upstream_failure(self, call: str, reason: str) -> None:
        self.failures[call, reason] += 1

    def set_breaker(self, is_open: bool) -> None:
        self.is_open = is_open


@pytest.fixture
def observed() -> Observed:
    return Observed()


@pytest.fixture
def connect(observed: Observed) -> Iterator[Callable]:
    """Opens connections that are closed after the test."""
    opened = []

    def connect_one(address: str, **settings) -> ModelConnection:
        # Busy machines are slow: only tests of the deadline have a short one.
        settings = {"timeout_seconds": 20.0} | settings
        config = UpstreamConfig(address=address, **settings)
        opened.append(ModelConnection(config, observed))
        return opened[-1]

    yield connect_one
    for connection in opened:
        connection.close()


@pytest.fixture
def proxy(server_address: str) -> Iterator[Proxy]:
    with Proxy(server_address) as opened:
        yield opened


@pytest.fixture(scope="session")
def slow_server_address(
    slow_recommender_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a server that takes 0.4 s or more for each answer."""
    from serving.model_server.server import ModelServer

    base_path = tmp_path_factory.mktemp("slow")
    (base_path / "1").symlink_to(slow_recommender_model)
    with ModelServer(MODEL_NAME, base_path) as server:
        yield f"localhost:{server.port}"
