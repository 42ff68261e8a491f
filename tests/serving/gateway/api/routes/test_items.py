import dataclasses
import shutil
from urllib.parse import quote

import pytest

from tests.serving.gateway.behavior.state.conftest import RedisProcess
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send


def test_new_item_is_found_and_recommended_at_once(client):
    item = {"item_id": "new", "title": "Brand New", "categories": ["comedy"]}
    answer = client.post("/v1/items", json={"items": [item]})
    assert answer.json() == {
        "accepted": 1,
        "is_recommendable": True,
        "dropped": 0,
    }
    found = client.get("/v1/items?query=brand").json()["items"]
    assert [one["item_id"] for one in found] == ["new"]
    assert "new" in list_ids(ask(client, k=21))


def _put(client, *item_ids):
    items = [{"item_id": one, "title": f"Film {one}"} for one in item_ids]
    return client.post("/v1/items", json={"items": items}).json()


def test_news_of_known_items_drive_no_newcomer_out(config, open_client):
    upstream = dataclasses.replace(config.upstream, max_new_items=2)
    client = open_client(dataclasses.replace(config, upstream=upstream))
    assert _put(client, "n1", "n2")["is_recommendable"]
    stock = [f"i{number:02d}" for number in range(20)]
    assert _put(client, *stock)["is_recommendable"]
    assert {"n1", "n2"} <= {*list_ids(ask(client, k=22))}


def test_newcomer_that_drives_another_out_is_told_of(config, open_client):
    upstream = dataclasses.replace(config.upstream, max_new_items=2)
    client = open_client(dataclasses.replace(config, upstream=upstream))
    assert _put(client, "n1", "n2")["is_recommendable"]
    assert _put(client, "n3")["is_recommendable"] is False
    assert _put(client, "n4", "n5", "n6")["is_recommendable"] is False


def test_items_that_leave_a_full_state_are_told_of(config, open_client, caplog):
    storage = dataclasses.replace(config.storage, max_items=2)
    client = open_client(dataclasses.replace(config, storage=storage))
    assert _put(client, "n1", "n2")["dropped"] == 0
    assert "storage.max_items" not in caplog.text
    assert _put(client, "n3")["dropped"] == 1
    assert _put(client, "n4", "n5", "n6")["dropped"] == 3
    assert "the 3 whose last change" in caplog.text
    assert "Raise `storage.max_items`" in caplog.text
    counted = 'tastemaker_gateway_state_dropped_total{kind="items"} 4.0'
    assert counted in client.get("/metrics").text


def test_new_items_survive_a_restart(config, open_client):
    first = open_client(config)
    item = {"item_id": "new", "title": "Brand New"}
    first.post("/v1/items", json={"items": [item]})
    first.__exit__(None, None, None)
    again = open_client(config)
    assert "new" in list_ids(ask(again, k=21))


@pytest.fixture(params=["sqlite", "redis"])
def shop(request, config, open_client, tmp_path):
    """A gateway on a state of each kind, with a new item."""
    if request.param == "redis":
        if not shutil.which("redis-server"):
            pytest.skip("redis-server is not installed")
        process = RedisProcess(tmp_path)
        process.start()
        request.addfinalizer(process.stop)
        storage = dataclasses.replace(config.storage, state=process.url)
        config = dataclasses.replace(config, storage=storage)
    client = open_client(config)
    item = {
        "item_id": "new/1 é",
        "title": "Brand New",
        "description": "Words.",
        "categories": ["comedy"],
        "price": 2.5,
        "created_at": 7.0,
        "image_url": "/a.png",
        "in_stock": True,
    }
    client.post("/v1/items", json={"items": [item]})
    return client, item, f"/v1/items/{quote(item['item_id'], safe='')}"


def test_change_keeps_what_it_does_not_name(shop):
    client, item, path = shop
    assert client.get(path).json() == item
    changed = item | {"price": 3.0, "title": "Newer"}
    patch = {"price": 3.0, "title": "Newer"}
    answer = client.patch(path, json=patch)
    assert (answer.status_code, answer.json()) == (200, changed)
    assert client.get(path).json() == changed
    found = client.get("/v1/items?query=newer").json()["items"]
    assert found == [changed]
    assert client.get("/v1/items?query=brand").json()["items"] == []


def test_null_takes_a_fact_away(shop):
    client, item, path = shop
    gone = ["description", "categories", "price", "created_at", "image_url"]
    answer = client.patch(path, json=dict.fromkeys(gone))
    assert answer.json() == {
        "item_id": item["item_id"],
        "title": "Brand New",
        "description": "",
        "categories": [],
        "price": None,
        "created_at": None,
        "image_url": "",
        "in_stock": True,
    }


def test_change_that_means_nothing_is_refused(client):
    answer = client.patch("/v1/items/i07", json={})
    assert answer.status_code == 422
    assert "at least one fact" in answer.json()["detail"]


def test_item_out_of_stock_is_in_no_slate_until_it_is_back(shop):
    client, item, path = shop
    stock = client.patch
    for item_id, its_path in (
        (item["item_id"], path),
        ("i03", "/v1/items/i03"),
    ):
        assert item_id in list_ids(ask(client, k=21))
        stock(its_path, json={"in_stock": False})
        slate = list_ids(ask(client, k=20))
        assert item_id not in slate
        assert len(slate) == 20  # another takes its place
        assert client.get(its_path).json()["in_stock"] is False
        client.patch(its_path, json={"in_stock": True})
        assert item_id in list_ids(ask(client, k=21))


def test_deleted_item_is_nowhere_until_it_is_put_again(shop):
    client, item, path = shop
    model_item = client.get("/v1/items/i03").json()
    for gone, its_path in ((item, path), (model_item, "/v1/items/i03")):
        item_id = gone["item_id"]
        assert client.delete(its_path).json() == gone
        assert item_id not in list_ids(ask(client, k=21))
        need = ask(client, k=21, need=gone["title"])
        assert item_id not in list_ids(need)
        similar = client.get("/v1/similar?item_id=i07&k=21").json()
        assert item_id not in list_ids(similar)
        answer = client.get("/v1/similar", params={"item_id": item_id})
        assert answer.status_code == 404
        found = client.get("/v1/items?query=" + gone["title"]).json()
        assert found["items"] == []
        for method in ("GET", "DELETE"):
            assert client.request(method, its_path).status_code == 404
        assert client.patch(its_path, json={"price": 1}).status_code == 404
        client.post("/v1/items", json={"items": [gone]})
        assert client.get(its_path).json() == gone
        assert item_id in list_ids(ask(client, k=21))


def test_item_that_nobody_knows_is_not_found(client):
    assert client.get("/v1/items/none").status_code == 404
    assert client.patch("/v1/items/none", json={"price": 1}).status_code == 404
    assert client.delete("/v1/items/none").status_code == 404


def test_pinned_and_named_items_must_be_in_stock(client):
    assert list_ids(ask(client, need="Film 07"))[0] == "i07"
    client.patch("/v1/items/i07", json={"in_stock": False})
    assert "i07" not in list_ids(ask(client, need="Film 07", k=20))


def test_deleted_item_still_tells_what_its_user_likes(client):
    send(client, build_event("i03", event_type="rate", value=5.0))
    client.delete("/v1/items/i03")
    (event,) = client.get("/v1/users/ann/events").json()["events"]
    assert event["title"] == "Film 03"


def test_stand_in_holds_nothing_that_is_deleted(lonely_client):
    send(lonely_client, build_event("i03"), build_event("i04"))
    assert sorted(list_ids(ask(lonely_client))) == ["i03", "i04"]
    lonely_client.delete("/v1/items/i03")
    lonely_client.patch("/v1/items/i04", json={"in_stock": False})
    assert list_ids(ask(lonely_client)) == []


def test_changed_items_survive_a_restart(config, open_client):
    first = open_client(config)
    first.patch("/v1/items/i07", json={"price": 99.0})
    first.delete("/v1/items/i03")
    first.__exit__(None, None, None)
    again = open_client(config)
    assert again.get("/v1/items/i07").json()["price"] == 99.0
    assert again.get("/v1/items/i07").json()["title"] == "Film 07"
    assert "i03" not in list_ids(ask(again, k=21))
