"""The application as a caller meets it, on a real model server."""

import pytest

from tests.serving.tiny_recommender import ITEM_IDS


def _event(item_id: str, **fields) -> dict:
    return {"user_id": "ann", "item_id": item_id, **fields}


def _send(client, *events: dict) -> dict:
    answer = client.post("/v1/events", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _ask(client, **body) -> dict:
    answer = client.post("/v1/recommendations", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _ids(slate: dict) -> list[str]:
    return [item["item_id"] for item in slate["items"]]


def test_next_slate_reflects_an_event(client):
    before = _ask(client, user_id="ann", k=5)
    taken = _ids(before)[0]
    assert _send(client, _event(taken)) == {"accepted": 1, "duplicates": 0}
    after = _ask(client, user_id="ann", k=5)
    assert taken not in _ids(after)
    assert after["items"][0]["reasons"][0]["item_id"] == taken


def test_slate_tells_what_made_it(client):
    slate = _ask(client, k=3)
    assert slate["source"] == "model"
    assert slate["model_version"] == 3
    assert not slate["is_degraded"]
    item = slate["items"][0]
    assert item["title"] == f"Film {item['item_id'][1:]}"
    assert item["categories"] in (["comedy"], ["drama"])


def test_event_that_is_sent_twice_counts_once(client):
    event = _event("i01", event_id="e1")
    assert _send(client, event)["accepted"] == 1
    assert _send(client, event) == {"accepted": 0, "duplicates": 1}


def test_session_of_nobody_known_counts_and_is_not_kept(client):
    slate = _ask(client, session=[{"item_id": "i03"}], k=19)
    assert len(_ids(slate)) == 19
    assert "i03" not in _ids(slate)
    assert client.get("/v1/users").json() == {"users": []}


def test_constraints_hold(client):
    slate = _ask(
        client,
        k=20,
        constraints={
            "allowed_categories": ["comedy"],  # even numbers
            "min_price": 4.0,
            "max_price": 10.0,
            "excluded_item_ids": ["i06"],
        },
    )
    assert sorted(_ids(slate)) == ["i04", "i08", "i10"]


def test_query_string_asks_as_a_body_does(client):
    _send(client, _event("i01"))
    answer = client.get("/v1/recommendations?user_id=ann&k=4&diversity=0")
    body = _ask(client, user_id="ann", k=4, diversity=0)
    assert _ids(answer.json()) == _ids(body)


def test_similar_items_leave_the_item_itself_out(client):
    found = _ids(client.get("/v1/similar?item_id=i05&k=20").json())
    assert sorted(found) == sorted(set(ITEM_IDS) - {"i05"})
    assert client.get("/v1/similar?item_id=zz").status_code == 404


def test_like_moves_the_next_slate_and_dislike_removes_the_item(client):
    slate = _ask(client, user_id="ann", k=5)
    liked, disliked = _ids(slate)[:2]
    for item_id, feedback in ((liked, "like"), (disliked, "dislike")):
        answer = client.post(
            "/v1/feedback",
            json={
                "slate_id": slate["slate_id"],
                "item_id": item_id,
                "feedback": feedback,
                "user_id": "ann",
            },
        )
        assert answer.json() == {"accepted": 1}
    again = {"exclude_history": False}
    after = _ask(client, user_id="ann", k=20, constraints=again)
    assert liked in _ids(after)
    assert disliked not in _ids(after)
    events = client.get("/v1/users/ann/events").json()["events"]
    assert [(e["item_id"], e["event_type"], e["value"]) for e in events] == [
        (disliked, "rate", 0.5),
        (liked, "rate", 5.0),
    ]


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"slate_id": "x"}, 404, "`slate_id` must name a slate"),
        ({"user_id": "bob"}, 404, "`slate_id` must name a slate of this user"),
        ({"item_id": "i99"}, 404, "`item_id` must be on the slate"),
        ({"feedback": "love"}, 422, "one of cart, click, dislike, like"),
    ],
)
def test_feedback_must_be_about_what_the_user_was_shown(
    client, change, status, message
):
    slate = _ask(client, user_id="ann", k=2)
    given = {
        "slate_id": slate["slate_id"],
        "item_id": _ids(slate)[0],
        "feedback": "like",
        "user_id": "ann",
    }
    answer = client.post("/v1/feedback", json=given | change)
    assert answer.status_code == status
    assert message in answer.json()["detail"]


def test_new_item_is_found_and_recommended_at_once(client):
    item = {"item_id": "new", "title": "Brand New", "categories": ["comedy"]}
    answer = client.post("/v1/items", json={"items": [item]})
    assert answer.json() == {"accepted": 1, "is_recommendable": True}
    found = client.get("/v1/items?query=brand").json()["items"]
    assert [one["item_id"] for one in found] == ["new"]
    assert "new" in _ids(_ask(client, k=21))


def test_new_items_survive_a_restart(config, open_client):
    first = open_client(config)
    item = {"item_id": "new", "title": "Brand New"}
    first.post("/v1/items", json={"items": [item]})
    first.__exit__(None, None, None)
    again = open_client(config)
    assert "new" in _ids(_ask(again, k=21))


def test_explanation_names_the_events_that_carried_an_item(client):
    _send(client, _event("i01"), _event("i02"))
    body = {"user_id": "ann", "item_ids": ["i05"]}
    answer = client.post("/v1/explanations", json=body)
    (one,) = answer.json()["explanations"]
    assert one["title"] == "Film 05"
    assert {r["item_id"] for r in one["reasons"]} <= {"i01", "i02"}
    assert sum(one["sources"].values()) == pytest.approx(1.0)


def test_forgotten_user_is_a_stranger(client, config):
    _send(client, _event("i01", text="my secret"))
    _ask(client, user_id="ann", k=2)
    assert client.delete("/v1/users/ann").json()["removed"] == 2
    assert client.get("/v1/users/ann/events").json() == {"events": []}
    client.post("/v1/spans")
    logs = [path.read_text() for path in (client_log(config)).rglob("*.jsonl")]
    assert not any("ann" in text or "secret" in text for text in logs)


def client_log(config):
    from pathlib import Path

    return Path(config.storage.log)


def test_ids_may_hold_slashes_and_any_letter(client):
    user_id = "a/b ü%?"
    _send(client, {"user_id": user_id, "item_id": "i01"})
    path = "/v1/users/a%2Fb%20%C3%BC%25%3F"
    events = client.get(f"{path}/events").json()["events"]
    assert [event["item_id"] for event in events] == ["i01"]
    assert client.delete(path).json() == {"removed": 1}


def test_without_a_model_server_popular_items_stand_in(lonely_client):
    _send(
        lonely_client,
        {"user_id": "bob", "item_id": "i07"},
        {"user_id": "cid", "item_id": "i07"},
        {"user_id": "bob", "item_id": "i02"},
    )
    slate = _ask(lonely_client, user_id="ann", k=5)
    assert slate["source"] == "popular"
    assert slate["is_degraded"]
    assert _ids(slate) == ["i07", "i02"]
    known = _ask(lonely_client, user_id="bob", k=5)
    assert _ids(known) == []  # she has met both


def test_without_a_model_server_the_gateway_is_ready_and_says_so(lonely_client):
    answer = lonely_client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["model"].startswith("no version answers")
    body = {"user_id": "ann", "item_ids": ["i01"]}
    answer = lonely_client.post("/v1/explanations", json=body)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"\xff\xfe{", 400),
        (b"[" * 100_000, 400),
        (b'{"k": 1e999}', 422),
        (b'{"user_id": "\\ud800"}', 422),
        (b'{"k": "NaN"}', 422),
        (b'{"k": 0}', 422),
        (b'{"what": 1}', 422),
        (b'{"diversity": NaN}', 422),
        (b"null", 422),
        (b'{"need": "' + b"x" * 10_001 + b'"}', 422),
        (b'{"need": "' + b"x" * (1 << 20) + b'"}', 413),
    ],
)
def test_body_that_is_no_request_is_refused(client, content, status):
    headers = {"content-type": "application/json"}
    answer = client.post(
        "/v1/recommendations", content=content, headers=headers
    )
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_refusal_does_not_repeat_what_the_user_wrote(client):
    body = {"user_id": "ann", "need": 7, "secret word": "hush"}
    text = client.post("/v1/recommendations", json=body).text
    assert "need" in text
    assert "hush" not in text


def test_metrics_name_no_user(client):
    _send(client, _event("i01"))
    _ask(client, user_id="ann", k=2)
    page = client.get("/metrics").text
    assert (
        'tastemaker_gateway_slates_total{policy="learnt",source="model"} 1.0'
        in page
    )
    assert "tastemaker_gateway_events_total 1.0" in page
    assert "ann" not in page


def test_page_is_served_at_the_root(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_openapi_document_describes_every_route(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {
        "/v1/events",
        "/v1/recommendations",
        "/v1/similar",
        "/v1/explanations",
        "/v1/feedback",
        "/v1/items",
        "/v1/users/{user_id}",
        "/healthz",
        "/readyz",
    } <= paths.keys()
