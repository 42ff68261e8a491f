"""New items are encoded beside the traffic, whatever the versions do."""

import dataclasses
import time

import pytest

from schemas.signatures import UNKNOWN_ITEM_SCORE
from serving.client import RecommenderClient
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.gateway.upstream.new_items import NewItems
from serving.overlay_index import NewItem
from serving.query import Query
from tests.serving.conftest import MODEL_NAME
from tests.serving.conftest import VERSION
from tests.serving.tiny_recommender import ITEM_IDS

QUERY = Query(item_ids=["i01", "i04"])


def _item(number, title="abc"):
    return NewItem(item_id=f"n{number}", title=title)


def _put(new_items, items, timeout):
    return new_items.finish(new_items.begin(items), items, timeout)


def _new_ids(new_items, client):
    (slate,) = new_items.overlay.recommend(client, QUERY, 100)
    ids = [item.item_id for item in slate.items]
    return sorted(item_id for item_id in ids if item_id.startswith("n"))


@pytest.fixture
def ask():
    """Opens clients, and new items on them, that are closed afterwards."""
    opened = []

    def open_one(address, max_items=10):
        client = RecommenderClient(address, MODEL_NAME, 20.0)
        opened.append((client, NewItems(client, max_items)))
        return opened[-1]

    yield open_one
    for client, new_items in opened:
        client.close()
        new_items.close()


def test_items_are_encoded_when_put_returns(ask, server_address):
    client, new_items = ask(server_address)
    assert _put(new_items, [_item(1), _item(2)], 20.0) == []
    assert new_items.overlay.is_current(VERSION)
    assert _new_ids(new_items, client) == ["n1", "n2"]


def test_defect_of_the_encoding_is_told_until_it_is_mended(
    ask, server_address, monkeypatch
):
    client, new_items = ask(server_address)
    new_items.overlay.add([_item(1)])
    with monkeypatch.context() as broken:
        broken.setattr(new_items.overlay, "refresh", lambda *_: 1 / 0)
        new_items.meet(VERSION)
        end = time.monotonic() + 60
        while new_items.watch.problem != "it fails: ZeroDivisionError":
            assert time.monotonic() < end
            time.sleep(0.01)
    _put(new_items, [_item(2)], 20.0)
    assert new_items.watch.problem is None
    assert _new_ids(new_items, client) == ["n1", "n2"]


def test_oldest_items_leave_and_are_named(ask, server_address):
    client, new_items = ask(server_address, max_items=2)
    _put(new_items, [_item(1), _item(2)], 20.0)
    assert _put(new_items, [_item(3)], 20.0) == ["n1"]
    assert _new_ids(new_items, client) == ["n2", "n3"]


def test_items_that_the_model_knows_take_no_place(ask, server_address):
    client, new_items = ask(server_address, max_items=2)
    _put(new_items, [_item(1), _item(2)], 20.0)
    stock = [NewItem(item_id=item_id, title="abc") for item_id in ITEM_IDS]
    assert len(stock) > 2
    assert _put(new_items, stock, 20.0) == []
    assert _new_ids(new_items, client) == ["n1", "n2"]
    assert len(new_items.overlay) == 2


def test_known_item_leaves_the_place_that_it_had_meanwhile(ask, server_address):
    client, new_items = ask(server_address, max_items=2)
    known = NewItem(item_id="i01", title="abc")
    new_items.overlay.add([_item(1), known])  # as while the server is away
    assert _put(new_items, [known, _item(2)], 20.0) == []
    assert _new_ids(new_items, client) == ["n1", "n2"]


class _WithOlderVersion(RecommenderClient):
    """A server that has, besides, a version of before `i01` was known."""

    def rank(self, query, candidate_item_ids, version=None):
        (slate,) = super().rank(query, candidate_item_ids, VERSION)
        if version == VERSION - 1:
            items = [
                dataclasses.replace(item, score=UNKNOWN_ITEM_SCORE)
                if item.item_id == "i01"
                else item
                for item in slate.items
            ]
            slate = dataclasses.replace(slate, items=items)
        return [slate]

    def encode_items(self, titles, descriptions, categories, version, numbers):
        return super().encode_items(
            titles, descriptions, categories, VERSION, numbers
        )

    def list_item_inputs(self, version=None):
        return super().list_item_inputs(VERSION)


def test_item_that_one_version_does_not_know_has_its_place(server_address):
    with _WithOlderVersion(server_address, MODEL_NAME, 20.0) as client:
        new_items = NewItems(client, 10)
        for version in (VERSION - 1, VERSION):
            new_items.meet(version)
        assert new_items.list_versions() == [VERSION - 1, VERSION]
        stock = [NewItem(item_id=i, title="abc") for i in ("i01", "i02")]
        _put(new_items, stock, 20.0)
        assert new_items.overlay.get("i01") == stock[0]
        assert new_items.overlay.get("i02") is None
        new_items.close()


def test_version_that_left_is_not_asked_again(ask, server_address):
    client, new_items = ask(server_address)
    new_items.meet(VERSION - 1)
    _put(new_items, [_item(1)], 20.0)
    assert new_items.overlay.is_current(VERSION)
    assert _new_ids(new_items, client) == ["n1"]


def test_version_that_answers_no_more_is_not_served_after_minutes(
    server_address,
):
    now = [1000.0]
    with RecommenderClient(server_address, MODEL_NAME, 20.0) as client:
        new_items = NewItems(client, 10, lambda: now[0])
        new_items.meet(VERSION - 1)
        now[0] += 200
        new_items.meet(VERSION)
        # While a server moves on both answer.
        assert new_items.list_served() == [VERSION - 1, VERSION]
        now[0] += 200  # the older one has not answered for 400 s
        assert new_items.list_served() == [VERSION]
        assert new_items.list_versions() == [VERSION - 1, VERSION]
        new_items.close()


def test_items_put_while_the_server_is_away_join_when_it_is_back(ask, proxy):
    client, new_items = ask(proxy.address)
    proxy.kill()
    with pytest.raises(ModelUnavailable, match=r"`encode_items`.*unavailable"):
        _put(new_items, [_item(1)], 20.0)
    assert not new_items.overlay.is_current(VERSION)
    proxy.restart()
    began = time.monotonic()
    while not new_items.overlay.is_current(VERSION):
        new_items.meet(VERSION)  # as every slate does
        assert time.monotonic() - began < 30
        time.sleep(0.01)
    assert _new_ids(new_items, client) == ["n1"]


def test_slow_server_is_waited_for_no_longer_than_told(
    ask, slow_server_address
):
    _, new_items = ask(slow_server_address)
    with pytest.raises(ModelUnavailable, match="deadline_exceeded"):
        _put(new_items, [_item(1)], 0.05)  # an answer takes 0.4 s
    assert new_items.overlay.get("n1") == _item(1)


def test_item_that_is_removed_while_it_waits_is_not_put(
    ask, slow_server_address
):
    _, new_items = ask(slow_server_address)
    first = new_items.begin([_item(1)])  # an answer takes 0.4 s
    waiting = new_items.begin([_item(2), _item(3)])
    new_items.remove(["n2", "n3"])
    again = new_items.begin([_item(3)])
    for putting in (first, waiting, again):
        putting.result(60)
    held = [n for n in (1, 2, 3) if new_items.overlay.get(f"n{n}")]
    assert held == [1, 3]


def test_item_that_is_removed_while_its_caller_waits_stays_away(
    ask, slow_server_address
):
    _, new_items = ask(slow_server_address)
    items = [_item(1)]
    waiting = new_items.begin(items)
    new_items.remove(["n1"])
    with pytest.raises(ModelUnavailable, match="deadline_exceeded"):
        new_items.finish(waiting, items, 0.0)
    assert new_items.overlay.get("n1") is None


def test_slates_do_not_wait_for_the_encoding(ask, slow_server_address):
    client, new_items = ask(slow_server_address)
    new_items.overlay.add([_item(1)])
    assert _new_ids(new_items, client) == []
    assert not new_items.overlay.is_current(1)


def test_version_that_encodes_nonsense_spoils_no_slate(
    ask, nan_recommender_model, tmp_path
):
    from serving.model_server.server import ModelServer

    (tmp_path / "1").symlink_to(nan_recommender_model)
    with ModelServer(MODEL_NAME, tmp_path) as server:
        client, new_items = ask(f"localhost:{server.port}")
        with pytest.raises(ModelUnavailable, match="bad_answer"):
            _put(new_items, [_item(1)], 20.0)
        assert _new_ids(new_items, client) == []


def test_background_failure_is_logged_without_ids(
    ask, nan_recommender_model, tmp_path, caplog
):
    from serving.model_server.server import ModelServer

    (tmp_path / "1").symlink_to(nan_recommender_model)
    with ModelServer(MODEL_NAME, tmp_path) as server:
        _, new_items = ask(f"localhost:{server.port}")
        new_items.overlay.add([_item(1)])
        new_items.meet(1)
        new_items.meet(1)  # one at a time
        new_items.close()  # waits
    assert [record.getMessage() for record in caplog.records] == [
        "New items wait: The model server must answer `encode_items`. "
        "Received: bad_answer."
    ]
