"""A gateway on a model server of 20 items, see tiny_recommender.py."""

import dataclasses
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.upstream.upstream_config import UpstreamConfig
from tests.serving.tiny_recommender import CATEGORIES
from tests.serving.tiny_recommender import ITEM_IDS

_NO_EXPLORATION = RankingConfig(
    policies={
        "fixed": PolicyConfig(exploration=0.0),
        "learnt": PolicyConfig(exploration=0.0, learns=True),
    }
)
_NOBODY_IS_A_STRANGER = Access(None, RateLimits(1_000_000))


def write_items(folder: Path) -> Path:
    """The tiny recommender's items; item `i07` is called "Film 07"."""
    path = folder / "items.jsonl"
    path.write_text(
        "".join(
            f'{{"item_id": "{item_id}", "title": "Film {item_id[1:]}", '
            f'"categories": ["{category}"], "price": {number}.0}}\n'
            for number, (item_id, category) in enumerate(
                zip(ITEM_IDS, CATEGORIES, strict=True)
            )
        )
    )
    return path


def build_config(folder: Path, address: str, **settings) -> GatewayConfig:
    """Settings of a gateway with its files in a folder.

    Nothing is explored unless a test says so: one slate in a hundred would be
    another one.
    """
    settings.setdefault("ranking", _NO_EXPLORATION)
    return GatewayConfig(
        catalogue=str(write_items(folder)),
        upstream=UpstreamConfig(address=address, timeout_seconds=20.0),
        storage=StorageConfig(
            state=f"sqlite:///{folder / 'state.sqlite'}",
            log=str(folder / "log"),
        ),
        **settings,
    )


@pytest.fixture
def config(tmp_path: Path, server_address: str) -> GatewayConfig:
    return build_config(tmp_path, server_address)


@pytest.fixture
def open_client() -> Iterator[Callable[[GatewayConfig], TestClient]]:
    """Opens gateways; they are closed after the test, if not before."""
    opened = []

    def open_(config: GatewayConfig) -> TestClient:
        client = TestClient(build_app(Gateway(config), _NOBODY_IS_A_STRANGER))
        opened.append(client)
        return client.__enter__()

    yield open_
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(config: GatewayConfig, open_client) -> TestClient:
    return open_client(config)


@pytest.fixture
def lonely_client(config: GatewayConfig, open_client) -> TestClient:
    """A gateway whose model server is away."""
    upstream = dataclasses.replace(
        config.upstream, address="localhost:1", timeout_seconds=0.2
    )
    return open_client(dataclasses.replace(config, upstream=upstream))
