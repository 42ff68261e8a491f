"""Gateways that share a Redis learn from each other."""

import dataclasses
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

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
    monkeypatch.setattr("serving.gateway.gateway._ITEMS_SECONDS", 0.05)
    # What is put again after a while must not stand in for what is told.
    monkeypatch.setattr("serving.gateway.kept_items._OFFER_SECONDS", 3600.0)
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
    assert one.items.put([_BRAND_NEW])[0] is True
    _wait_until(lambda: two.catalogue.get("new") == _BRAND_NEW)
    _wait_until(lambda: _is_recommended(two, "new"))
    two.items.change("new", {"title": "Newer", "in_stock": False})
    renamed = dataclasses.replace(_BRAND_NEW, title="Newer", in_stock=False)
    _wait_until(lambda: one.catalogue.get("new") == renamed)
    _wait_until(lambda: not _is_recommended(one, "new"))


def test_deleted_item_of_the_model_is_hidden_by_both_gateways(gateways):
    one, two = gateways
    assert _is_recommended(two, "i03")
    assert one.items.delete("i03").title == "Film 03"
    assert two.items.find("i03") is None  # at once, by the state
    _wait_until(lambda: not _is_recommended(two, "i03"))
    assert two.catalogue.search("Film 03", 5) == []
    two.items.put([ItemFacts(item_id="i03", title="Film 03")])
    _wait_until(lambda: _is_recommended(one, "i03"))


def test_changes_of_one_item_at_two_gateways_are_both_kept(gateways):
    one, two = gateways
    one.items.put([_BRAND_NEW])
    numbers = list(range(20))

    def change_all(gateway, name):
        for number in numbers:
            gateway.items.change("new", {name: float(number)})

    names = {one: "price", two: "created_at"}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(change_all, names, names.values()))
    found = one.items.find("new")
    assert (found.price, found.created_at) == (19.0, 19.0)
    assert found == two.items.find("new")
