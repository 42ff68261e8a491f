"""What callers of the gateway do again and again."""


def build_event(item_id: str, **fields) -> dict:
    """An event of Ann's."""
    return {"user_id": "ann", "item_id": item_id, **fields}


def send(client, *events: dict) -> dict:
    answer = client.post("/v1/events", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(client, **body) -> dict:
    answer = client.post("/v1/recommendations", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def list_ids(slate: dict) -> list[str]:
    return [item["item_id"] for item in slate["items"]]
