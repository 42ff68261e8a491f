import pytest

from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send


def test_event_that_is_sent_twice_counts_once(client):
    event = build_event("i01", event_id="e1")
    assert send(client, event)["accepted"] == 1
    assert send(client, event) == {"accepted": 0, "duplicates": 1}


def test_like_moves_the_next_slate_and_dislike_removes_the_item(client):
    slate = ask(client, user_id="ann", k=5)
    liked, disliked = list_ids(slate)[:2]
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
    after = ask(client, user_id="ann", k=20, constraints=again)
    assert liked in list_ids(after)
    assert disliked not in list_ids(after)
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
        ({"feedback": "love"}, 422, "'cart', 'click', 'dislike', 'like'"),
    ],
)
def test_feedback_must_be_about_what_the_user_was_shown(
    client, change, status, message
):
    slate = ask(client, user_id="ann", k=2)
    given = {
        "slate_id": slate["slate_id"],
        "item_id": list_ids(slate)[0],
        "feedback": "like",
        "user_id": "ann",
    }
    answer = client.post("/v1/feedback", json=given | change)
    assert answer.status_code == status
    assert message in answer.json()["detail"]
