import dataclasses

from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import send


def test_overview_tells_what_can_be_asked_and_said(config, open_client):
    upstream = dataclasses.replace(config.upstream, version_label="stable")
    client = open_client(dataclasses.replace(config, upstream=upstream))
    told = client.get("/v1/overview").json()
    assert told["num_items"] == 20
    assert sum(one["num_items"] for one in told["categories"]) == 20
    assert {"like", "dislike", "seen", "not_now"} <= set(told["feedback"])
    assert told["policies"] == ["fixed", "learnt"]
    assert told["version_labels"] == ["stable"]
    assert told["ratings"] == {
        "lowest": 0.5,
        "highest": 5.0,
        "positive_value": 4.0,
    }


def test_example_title_is_one_that_people_met(client):
    send(client, build_event("i07"))
    assert "like Film 07" in client.get("/v1/overview").json()["examples"]


def test_personas_are_told_with_what_they_met_last(client):
    send(client, build_event("i03"), build_event("i05", timestamp=1.0))
    (persona,) = client.get("/v1/personas").json()["personas"]
    assert persona == {
        "kind": "heavy",
        "user_id": "ann",
        "num_events": 2,
        "titles": ["Film 03", "Film 05"],
    }
