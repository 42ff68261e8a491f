"""What feedback does to the next slate, and that it can be taken back."""

import dataclasses
import time

import pytest

from serving.gateway.behavior.feedback_config import FeedbackConfig
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send

_AGAIN = {"exclude_history": False}


def _ask_all(client, **others):
    """Asks for all 20 items; what was met may come again."""
    return ask(client, user_id="ann", k=20, constraints=_AGAIN, **others)


def _give(client, slate, item_id, feedback):
    body = {
        "slate_id": slate["slate_id"],
        "item_id": item_id,
        "feedback": feedback,
        "user_id": "ann",
    }
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["event_id"]


def _undo(client, event_id, user_id="ann"):
    body = {"user_id": user_id, "event_id": event_id}
    return client.post("/v1/undo", json=body)


def _list_scores(slate):
    return [(item["item_id"], item["score"]) for item in slate["items"]]


@pytest.mark.parametrize("feedback", ["seen", "not_now"])
def test_item_is_hidden_and_no_other_item_changes_its_score(client, feedback):
    send(client, build_event("i03", event_type="rate", value=5.0))
    before = _ask_all(client)
    hidden = list_ids(before)[1]
    _give(client, before, hidden, feedback)
    after = _ask_all(client)
    assert hidden not in list_ids(after)
    before = {one["item_id"]: one for one in before["items"]}
    for item in after["items"]:
        # The blend standardises by the candidates; the model's own figures
        # stay as they were.
        known = before[item["item_id"]]
        assert item["probability"] == known["probability"]
        assert item["reasons"] == known["reasons"]


def test_not_now_ends_and_seen_does_not(client):
    week = 7 * 86_400.0
    for item_id, kind, age in (
        ("i01", "not_now", week - 60.0),
        ("i02", "not_now", week + 60.0),
        ("i03", "seen", 9 * week),
    ):
        moment = time.time() - age
        send(client, build_event(item_id, event_type=kind, timestamp=moment))
    found = set(list_ids(_ask_all(client)))
    assert {"i01", "i02", "i03"} & found == {"i02"}


def test_click_takes_no_refusal_back_and_a_good_rating_does(client):
    now = time.time()
    for item_id in ("i01", "i02"):
        moment = now - 60.0
        send(client, build_event(item_id, event_type="seen", timestamp=moment))
    send(client, build_event("i01", event_type="click", timestamp=now))
    liked = build_event("i02", event_type="rate", value=5.0, timestamp=now)
    send(client, liked)
    found = set(list_ids(_ask_all(client)))
    assert {"i01", "i02"} & found == {"i02"}


def test_not_now_hides_as_long_as_the_settings_say(config, open_client):
    feedback = {**config.feedback}
    feedback["not_now"] = FeedbackConfig(event_type="not_now", hides_days=0.5)
    client = open_client(dataclasses.replace(config, feedback=feedback))
    moment = time.time() - 0.6 * 86_400.0
    send(
        client,
        build_event("i01", event_type="not_now", timestamp=moment),
        build_event("i02", event_type="not_now"),
    )
    assert {"i01", "i02"} & set(list_ids(_ask_all(client))) == {"i01"}


@pytest.mark.parametrize("feedback", ["like", "dislike", "seen", "not_now"])
def test_undo_makes_the_next_slate_as_if_nothing_had_been_said(
    config, open_client, feedback
):
    # A policy that learns and explores gives no slate twice.
    plain = {"plain": PolicyConfig(exploration=0.0)}
    ranking = RankingConfig(policies=plain, default_policy="plain")
    client = open_client(dataclasses.replace(config, ranking=ranking))
    send(client, build_event("i03", event_type="rate", value=5.0))
    before = _ask_all(client)
    item_id = list_ids(before)[0]
    event_id = _give(client, before, item_id, feedback)
    assert _list_scores(_ask_all(client)) != _list_scores(before)
    assert _undo(client, event_id).json() == {"accepted": 1}
    after = _ask_all(client)
    assert _list_scores(after) == _list_scores(before)
    events = client.get("/v1/users/ann/events").json()["events"]
    assert [event["item_id"] for event in events] == ["i03"]


def test_undo_brings_back_what_was_said_before(client):
    slate = _ask_all(client)
    item_id = list_ids(slate)[0]
    _give(client, slate, item_id, "dislike")
    liked = _give(client, slate, item_id, "like")
    assert item_id in list_ids(_ask_all(client))
    _undo(client, liked)
    assert item_id not in list_ids(_ask_all(client))


def test_only_an_own_event_that_is_kept_can_be_taken_back(client):
    send(client, build_event("i01", event_id="e1"))
    assert _undo(client, "e1", user_id="bob").status_code == 404
    assert _undo(client, "e1").status_code == 200
    again = _undo(client, "e1")
    assert again.status_code == 404
    assert "`event_id` must name an event" in again.json()["detail"]


def test_undo_is_no_event_that_callers_send(client):
    body = {"events": [build_event("i01", event_type="undo", text="e1")]}
    answer = client.post("/v1/events", json=body)
    assert answer.status_code == 422
    assert "'not_now'" in answer.json()["detail"]


def test_events_tell_what_they_say_of_an_item(client):
    for item_id, kind, value in (
        ("i01", "rate", 4.5),
        ("i02", "rate", 1.0),
        ("i03", "rate", 3.0),  # neither
        ("i04", "seen", None),
        ("i05", "view", None),
    ):
        send(client, build_event(item_id, event_type=kind, value=value))
    events = client.get("/v1/users/ann/events").json()["events"]
    assert {e["item_id"]: e["feedback"] for e in events} == {
        "i01": "like",
        "i02": "dislike",
        "i03": "",
        "i04": "seen",
        "i05": "",
    }
