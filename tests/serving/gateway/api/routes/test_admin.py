import json
from pathlib import Path

from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send


def test_forgotten_user_is_a_stranger(client, config):
    send(client, build_event("i01", text="my secret"))
    ask(client, user_id="ann", k=2)
    assert client.delete("/v1/users/ann").json()["removed"] == 2
    assert client.get("/v1/users/ann/events").json() == {"events": []}
    client.post("/v1/spans")
    logs = [
        path.read_text() for path in Path(config.storage.log).rglob("*.jsonl")
    ]
    assert not any("ann" in text or "secret" in text for text in logs)


def test_ids_may_hold_slashes_and_any_letter(client):
    user_id = "a/b ü%?"
    send(client, {"user_id": user_id, "item_id": "i01"})
    path = "/v1/users/a%2Fb%20%C3%BC%25%3F"
    events = client.get(f"{path}/events").json()["events"]
    assert [event["item_id"] for event in events] == ["i01"]
    forgotten = client.delete(path).json()
    assert forgotten == {"removed": 1, "is_erased": True}


def test_policies_tell_their_weights_and_forget_them(client):
    for number in range(4):
        slate = ask(client, user_id="ann", k=3)
        body = {
            "slate_id": slate["slate_id"],
            "item_id": list_ids(slate)[number % 3],
            "feedback": "click",
            "user_id": "ann",
        }
        client.post("/v1/feedback", json=body)
    fresh = client.get("/v1/policies").json()["fixed"]["weights"][""]
    learnt = client.get("/v1/policies").json()["learnt"]
    # The fourth slate still waits for what comes after it.
    assert learnt["num_slates"] == learnt["num_slates_of_version"] == 3
    assert learnt["model_version"] == slate["model_version"] > 0
    assert learnt["weights"][""] != fresh
    reset = client.post("/v1/policies/learnt/reset").json()["learnt"]
    assert reset["num_slates"] == 0
    assert client.post("/v1/policies/none/reset").status_code == 404


def test_span_is_what_the_pipeline_reads_next(client, config):
    send(client, build_event("i01", value=2.5, event_type="rate"))
    name = client.post("/v1/spans").json()["span"]
    (path,) = Path(config.storage.log).glob(f"{name}/events-*.jsonl")
    (line,) = map(json.loads, path.read_text().splitlines())
    assert (line["user_id"], line["item_id"]) == ("ann", "i01")
    assert (line["event_type"], line["value"]) == ("rate", 2.5)


def test_span_of_nothing_is_refused_with_the_reason(client):
    answer = client.post("/v1/spans")
    assert answer.status_code == 422
    assert "at least one event" in answer.json()["detail"]
