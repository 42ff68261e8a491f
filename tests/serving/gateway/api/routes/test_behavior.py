import dataclasses

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
        assert answer.json()["accepted"] == 1
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


@pytest.mark.parametrize(
    ("feedback", "value", "is_taken"),
    [
        ("dislike", 1.0, True),
        ("dislike", 3.0, False),  # would not exclude the item
        ("dislike", 5.0, False),
        ("like", 4.0, True),
        ("like", 3.0, False),
        ("listen", 3.0, True),  # no rating
    ],
)
def test_feedback_has_no_rating_that_says_something_else(
    client, feedback, value, is_taken
):
    slate = ask(client, user_id="ann", k=2)
    item_id = list_ids(slate)[0]
    given = {
        "slate_id": slate["slate_id"],
        "item_id": item_id,
        "feedback": feedback,
        "user_id": "ann",
        "value": value,
    }
    answer = client.post("/v1/feedback", json=given)
    assert answer.status_code == (200 if is_taken else 422)
    if not is_taken:
        detail = answer.json()["detail"]
        assert f"a '{feedback}' on the scale" in detail
        assert f"Received: {value}" in detail
    again = {"exclude_history": False}
    after = list_ids(ask(client, user_id="ann", k=20, constraints=again))
    assert (item_id in after) == (feedback != "dislike" or not is_taken)


def _put_profile(client, profile, user_id="ann"):
    body = {"profiles": [{"user_id": user_id, "profile": profile}]}
    answer = client.post("/v1/profiles", json=body)
    assert answer.json() == {"accepted": 1, "dropped": 0}


def test_profiles_that_leave_a_full_state_are_told_of(
    config, open_client, caplog
):
    storage = dataclasses.replace(config.storage, max_profiles=2)
    client = open_client(dataclasses.replace(config, storage=storage))
    _put_profile(client, {"likes": "i03"}, "ann")
    profiles = [{"user_id": u, "profile": {"likes": "i03"}} for u in "abc"]
    answer = client.post("/v1/profiles", json={"profiles": profiles})
    # Of four there is room for two.
    assert answer.json() == {"accepted": 3, "dropped": 2}
    assert "the 2 whose last change is the oldest" in caplog.text
    assert "Raise `storage.max_profiles`" in caplog.text
    counted = 'tastemaker_gateway_state_dropped_total{kind="profiles"} 2.0'
    assert counted in client.get("/metrics").text


def test_profile_changes_the_slate_of_somebody_new(client):
    # A profile that likes i03 is as good as an event of i03, see
    # tiny_recommender.py. All 20 items are asked for: one place of some slates
    # is drawn at random.
    stranger = ask(client, user_id="ann", k=20)
    _put_profile(client, {"likes": "i03"})
    known = ask(client, user_id="ann", k=20)
    told = ask(client, profile={"likes": "i03"}, k=20)
    assert _list_scores(known) != _list_scores(stranger)
    assert _list_scores(known) == _list_scores(told)
    _put_profile(client, {})
    assert _list_scores(ask(client, user_id="ann", k=20)) == _list_scores(
        stranger
    )


def test_request_s_profile_is_on_top_of_what_is_kept(client):
    _put_profile(client, {"likes": "i03"})
    other = ask(client, user_id="ann", profile={"likes": "i05"}, k=20)
    told = ask(client, profile={"likes": "i05"}, k=20)
    assert _list_scores(other) == _list_scores(told)


def _list_scores(slate):
    return {i["item_id"]: i["features"]["model"] for i in slate["items"]}
