from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids


def test_new_item_is_found_and_recommended_at_once(client):
    item = {"item_id": "new", "title": "Brand New", "categories": ["comedy"]}
    answer = client.post("/v1/items", json={"items": [item]})
    assert answer.json() == {"accepted": 1, "is_recommendable": True}
    found = client.get("/v1/items?query=brand").json()["items"]
    assert [one["item_id"] for one in found] == ["new"]
    assert "new" in list_ids(ask(client, k=21))


def test_new_items_survive_a_restart(config, open_client):
    first = open_client(config)
    item = {"item_id": "new", "title": "Brand New"}
    first.post("/v1/items", json={"items": [item]})
    first.__exit__(None, None, None)
    again = open_client(config)
    assert "new" in list_ids(ask(again, k=21))
