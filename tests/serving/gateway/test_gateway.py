import dataclasses
import socket
import threading
import time

import pytest

from serving.gateway.gateway import Gateway
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.user_query import SlateRequest
from tests.serving.gateway.upstream.proxy import Proxy


@pytest.fixture
def gateway(config):
    started = Gateway(config)
    started.start()
    yield started
    started.close()


def test_everything_is_well_with_a_model_server(gateway):
    well = {"state": "ok", "model": "ok", "threads": "ok"}
    assert gateway.check() == well


def test_one_caller_at_a_time_waits_for_a_model_server_that_is_silent(config):
    with socket.create_server(("localhost", 0)) as silent:
        upstream = dataclasses.replace(
            config.upstream,
            address=f"localhost:{silent.getsockname()[1]}",
            timeout_seconds=60.0,
        )
        gateway = Gateway(dataclasses.replace(config, upstream=upstream))
        gateway.start()
        try:
            waiting = threading.Thread(target=gateway.check)
            waiting.start()
            while not gateway._checking.locked():
                time.sleep(0.01)
            assert "first time" in gateway.check()["model"]
            assert waiting.is_alive()
            silent.close()
            waiting.join()
            gateway_parts = gateway.check()
        finally:
            gateway.close()
    assert gateway_parts["model"].startswith("no version answers")


def test_span_is_closed_by_the_clock(config, tmp_path):
    storage = dataclasses.replace(config.storage, span_hours=1 / 3600)
    gateway = Gateway(dataclasses.replace(config, storage=storage))
    gateway.start()
    try:
        event = Event(event_id="e", user_id="ann", item_id="i1", timestamp=1)
        gateway.store.record_events([event])
        end = time.monotonic() + 30.0
        while not (spans := list(tmp_path.glob("log/span-*"))):
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        gateway.close()
    assert [span.name for span in spans] == ["span-1"]


def test_catalogue_comes_from_the_file_and_from_what_was_put(gateway):
    gateway.items.put([ItemFacts(item_id="new", title="Brand New")])
    assert gateway.catalogue.get_title("i07") == "Film 07"
    assert gateway.catalogue.get_title("new") == "Brand New"


def test_item_that_is_put_while_the_model_server_is_away_is_kept(config):
    upstream = dataclasses.replace(
        config.upstream, address="localhost:1", timeout_seconds=0.2
    )
    gateway = Gateway(dataclasses.replace(config, upstream=upstream))
    gateway.start()
    try:
        item = ItemFacts(item_id="new", title="Brand New")
        assert gateway.items.put([item])[0] is False
        assert gateway.store.list_items() == [item]
    finally:
        gateway.close()


def test_newcomer_is_back_once_the_model_tells_which_items_it_knows(
    config, server_address, monkeypatch
):
    monkeypatch.setattr("serving.gateway.kept_items._OFFER_SECONDS", 0.0)
    with Proxy(server_address) as proxy:
        upstream = dataclasses.replace(
            config.upstream, address=proxy.address, max_new_items=1
        )
        gateway = Gateway(dataclasses.replace(config, upstream=upstream))
        gateway.start()
        try:
            new = ItemFacts(item_id="new", title="Brand New")
            assert gateway.items.put([new])[0] is True
            proxy.kill()
            # Nobody knows now which of the two may leave.
            known = ItemFacts(item_id="i07", title="Film 07")
            assert gateway.items.put([known])[0] is False
            proxy.restart()
            end = time.monotonic() + 30
            while not _is_recommended(gateway, "new"):
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            gateway.close()


def _is_recommended(gateway, item_id):
    slate = gateway.slates.recommend(SlateRequest(k=21))
    return item_id in [one.candidate.item_id for one in slate.items]


def test_catalogue_that_is_not_there_is_an_error(config):
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl"):
        Gateway(dataclasses.replace(config, catalogue="none.jsonl"))


def test_second_gateway_on_one_log_is_refused(gateway, config):
    with pytest.raises(RuntimeError, match="log"):
        Gateway(config).start()
