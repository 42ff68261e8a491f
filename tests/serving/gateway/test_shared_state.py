"""Gateways that share a Redis learn from each other."""

import dataclasses
import shutil
import time

import pytest

from serving.gateway.gateway import Gateway
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.slate_service import SlateRequest
from tests.serving.gateway.behavior.state.conftest import RedisProcess

_BRAND_NEW = ItemFacts(item_id="new", title="Brand New")


@pytest.fixture(scope="module")
def redis_process(tmp_path_factory):
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed: apt install redis-server")
    process = RedisProcess(tmp_path_factory.mktemp("redis"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def gateways(config, redis_process, tmp_path, monkeypatch):
    """Two of them, on one model server."""
    monkeypatch.setattr("serving.gateway.gateway._REFRESH_SECONDS", 0.05)
    # What is put again after a while must not stand in for what is told.
    monkeypatch.setattr("serving.gateway.gateway._OFFER_SECONDS", 3600.0)
    started = []
    for name in ("one", "two"):
        storage = dataclasses.replace(
            config.storage, state=redis_process.url, log=str(tmp_path / name)
        )
        started.append(Gateway(dataclasses.replace(config, storage=storage)))
        started[-1].start()
    yield started
    for gateway in started:
        gateway.close()


def _wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_recommended(gateway, item_id):
    slate = gateway.slates.recommend(SlateRequest(k=21))
    return item_id in [one.candidate.item_id for one in slate.items]


def test_item_put_at_one_gateway_is_shown_by_the_other(gateways):
    one, two = gateways
    # Both know their version: it is the item that must bring the item.
    _wait_until(lambda: all(g.connection.list_versions() for g in gateways))
    assert not _is_recommended(two, "new")
    assert one.put_items([_BRAND_NEW])[0] is True
    _wait_until(lambda: two.catalogue.get("new") == _BRAND_NEW)
    _wait_until(lambda: _is_recommended(two, "new"))
    renamed = dataclasses.replace(_BRAND_NEW, title="Newer", in_stock=False)
    two.put_items([renamed])
    _wait_until(lambda: one.catalogue.get("new") == renamed)
