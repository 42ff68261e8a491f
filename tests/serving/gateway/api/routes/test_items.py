import dataclasses

from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids


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
