import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.slates import user_query
from serving.gateway.upstream.model_connection import ModelConnection
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import list_ids
from tests.serving.gateway.calls import send
from tests.serving.tiny_recommender import ITEM_IDS


def test_next_slate_reflects_an_event(client):
    before = ask(client, user_id="ann", k=5)
    taken = list_ids(before)[0]
    assert send(client, build_event(taken)) == {"accepted": 1, "duplicates": 0}
    after = ask(client, user_id="ann", k=5)
    assert taken not in list_ids(after)
    assert after["items"][0]["reasons"][0]["item_id"] == taken


def test_slate_tells_what_made_it(client):
    slate = ask(client, k=3)
    assert slate["source"] == "model"
    assert slate["model_version"] == 3
    assert not slate["is_degraded"]
    item = slate["items"][0]
    assert item["title"] == f"Film {item['item_id'][1:]}"
    assert item["categories"] in (["comedy"], ["drama"])


def test_session_of_nobody_known_counts_and_is_not_kept(client):
    slate = ask(client, session=[{"item_id": "i03"}], k=19)
    assert len(list_ids(slate)) == 19
    assert "i03" not in list_ids(slate)
    assert client.get("/v1/users").json() == {"users": []}


def test_constraints_hold(client):
    slate = ask(
        client,
        k=20,
        constraints={
            "allowed_categories": ["comedy"],  # even numbers
            "min_price": 4.0,
            "max_price": 10.0,
            "excluded_item_ids": ["i06"],
        },
    )
    assert sorted(list_ids(slate)) == ["i04", "i08", "i10"]


def test_what_was_met_is_shown_again_where_the_dataset_repeats(
    config, open_client
):
    slates = dataclasses.replace(config.slates, repeats=True)
    client = open_client(dataclasses.replace(config, slates=slates))
    session = [{"item_id": "i03"}]
    assert "i03" in list_ids(ask(client, session=session, k=20))
    # A request that says otherwise is obeyed.
    asked = {"session": session, "k": 20}
    asked["constraints"] = {"exclude_history": True}
    assert "i03" not in list_ids(ask(client, **asked))


def test_query_string_asks_as_a_body_does(config, open_client):
    policy = PolicyConfig(exploration=0.0)  # two slates agree without chance
    ranking = RankingConfig(policies={"all": policy}, default_policy="all")
    client = open_client(dataclasses.replace(config, ranking=ranking))
    send(client, build_event("i01"))
    answer = client.get("/v1/recommendations?user_id=ann&k=4&diversity=0")
    body = ask(client, user_id="ann", k=4, diversity=0)
    assert list_ids(answer.json()) == list_ids(body)


def test_similar_items_leave_the_item_itself_out(client):
    found = list_ids(client.get("/v1/similar?item_id=i05&k=20").json())
    assert sorted(found) == sorted(set(ITEM_IDS) - {"i05"})
    assert client.get("/v1/similar?item_id=zz").status_code == 404


def test_explanations_that_wait_leave_threads_to_slates(client, monkeypatch):
    entered, released = threading.Semaphore(0), threading.Event()
    explain = ModelConnection.explain

    def wait(*arguments):
        entered.release()
        assert released.wait(60)
        return explain(*arguments)

    def call(_=None):
        body = {"user_id": "ann", "item_ids": ["i07"]}
        return client.post("/v1/explanations", json=body)

    monkeypatch.setattr(ModelConnection, "explain", wait)
    with ThreadPoolExecutor(8) as callers:
        waiting = callers.map(call, range(8))
        try:
            assert all(entered.acquire(timeout=60) for _ in range(8))
            refused = call()
            assert len(ask(client, k=3)["items"]) == 3
        finally:
            released.set()
        assert {answer.status_code for answer in waiting} == {200}
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert "At most 8 explanations" in refused.json()["detail"]
    assert call().status_code == 200


def test_explanation_names_the_events_that_carried_an_item(client):
    send(client, build_event("i01"), build_event("i02"))
    body = {"user_id": "ann", "item_ids": ["i05"]}
    answer = client.post("/v1/explanations", json=body)
    (one,) = answer.json()["explanations"]
    assert one["title"] == "Film 05"
    assert {r["item_id"] for r in one["reasons"]} <= {"i01", "i02"}
    assert sum(one["sources"].values()) == pytest.approx(1.0)
    assert sum(one["shares"].values()) == pytest.approx(1.0)
    told = sum(reason["weight"] for reason in one["reasons"])
    assert told == pytest.approx(one["shares"]["history"])
    assert one["place_without_history"] == 3 * one["place"]


def test_explanation_is_asked_for_like_the_slate_it_explains(client):
    send(client, build_event("i01"))
    body = {
        "user_id": "ann",
        "session": [{"item_id": "i02"}, {"item_id": "i04"}],
        "need": "calm",
        "k": 3,
        "constraints": {"allowed_categories": ["drama"]},
    }
    slate = ask(client, **body)
    item = slate["items"][0]
    body["item_ids"] = [item["item_id"]]
    answer = client.post("/v1/explanations", json=body)
    (one,) = answer.json()["explanations"]
    assert one["shares"] == item["shares"]
    assert one["shares"]["need"] > 0.0
    named = [
        {reason["item_id"] for reason in said["reasons"]}
        for said in (one, item)
    ]
    assert named[0] <= {"i01", "i02", "i04"}
    assert named[0] & {"i02", "i04"}
    # Nobody known may ask as well.
    del body["user_id"]
    answer = client.post("/v1/explanations", json=body)
    assert answer.json()["explanations"][0]["shares"]["history"] > 0.0


def test_without_a_model_server_popular_items_stand_in(lonely_client):
    send(
        lonely_client,
        {"user_id": "bob", "item_id": "i07"},
        {"user_id": "cid", "item_id": "i07"},
        {"user_id": "bob", "item_id": "i02"},
    )
    slate = ask(lonely_client, user_id="ann", k=5)
    assert slate["source"] == "popular"
    assert slate["is_degraded"]
    # One slate in twenty draws a place at random.
    assert sorted(list_ids(slate)) == ["i02", "i07"]
    shares = {"history": 0.0, "need": 0.0, "popularity": 1.0}
    assert [item["shares"] for item in slate["items"]] == [shares] * 2
    known = ask(lonely_client, user_id="bob", k=5)
    assert list_ids(known) == []  # she has met both


def test_similar_items_can_be_liked_by_whom_they_are_shown_to(client):
    send(client, {"user_id": "ann", "item_id": "i07"})
    stranger = client.get("/v1/similar?item_id=i05&k=20").json()
    shown = client.get("/v1/similar?item_id=i05&k=20&user_id=ann").json()
    assert set(list_ids(shown)) == set(list_ids(stranger))
    body = {
        "user_id": "ann",
        "slate_id": shown["slate_id"],
        "item_id": shown["items"][0]["item_id"],
        "feedback": "like",
    }
    assert client.post("/v1/feedback", json=body).json()["accepted"] == 1
    body["slate_id"] = stranger["slate_id"]
    assert client.post("/v1/feedback", json=body).status_code == 404


def test_item_that_the_model_does_not_know_is_not_explained(client):
    body = {"user_id": "ann", "item_ids": ["i05", "nope"]}
    answer = client.post("/v1/explanations", json=body)
    assert answer.status_code == 404
    assert "trained with" in answer.json()["detail"]


def test_what_a_need_refuses_is_not_shown_and_what_nobody_knows_is_said(client):
    need = {"need": "a drama, but no comedies and nothing scary", "k": 20}
    slate = client.post("/v1/recommendations", json=need).json()
    assert slate["items"]
    assert {c for item in slate["items"] for c in item["categories"]} == {
        "drama"
    }
    assert slate["unmet"] == ["scary"]
    plain = client.post("/v1/recommendations", json={"k": 20}).json()
    assert len(plain["items"]) > len(slate["items"])
    assert plain["unmet"] == []


def test_item_of_the_title_that_is_asked_for_comes_first(client):
    for number in ("03", "17"):
        need = {"need": f"film {number}", "k": 3}
        slate = client.post("/v1/recommendations", json=need).json()
        assert slate["items"][0]["item_id"] == f"i{number}"
        assert len(slate["items"]) == 3
    met = need | {"session": [{"item_id": "i17"}]}
    slate = client.post("/v1/recommendations", json=met).json()
    assert "i17" not in list_ids(slate)


def test_similar_items_are_not_asked_for_by_title(client):
    film = {"item_id": "new", "title": "Film 03 without comedies"}
    client.post("/v1/items", json={"items": [film]})
    slate = client.get("/v1/similar?item_id=new&k=20").json()
    shown = {c for item in slate["items"] for c in item["categories"]}
    assert "comedy" in shown
    assert slate["unmet"] == []


def test_slate_is_ordered_by_the_policy_that_is_chosen(client):
    assert ask(client, user_id="ann", policy="fixed")["policy"] == "fixed"
    refused = client.post(
        "/v1/recommendations", json={"policy": "best", "user_id": "ann"}
    )
    assert refused.status_code == 404
    assert "be one of fixed, learnt. Received: best" in refused.json()["detail"]


def test_policy_that_is_chosen_takes_the_slate_out_of_the_experiment(
    config, open_client
):
    arms = {"all": ArmConfig(share=1.0, policy="learnt")}
    test = ExperimentConfig(name="test", salt="s", arms=arms)
    settings = dataclasses.replace(config, experiments=(test,))
    client = open_client(settings)
    assert list(ask(client, user_id="ann")["arms"]) == ["test"]
    assert ask(client, user_id="ann", policy="fixed")["arms"] == {}


def test_label_that_nobody_configured_is_refused(client):
    body = {"version_label": "canary", "user_id": "ann"}
    refused = client.post("/v1/recommendations", json=body)
    assert refused.status_code == 404
    assert "there is no other. Received: canary" in refused.json()["detail"]


def test_preview_is_nobodys_slate(client):
    slate = ask(client, user_id="ann", preview=True)
    assert len(slate["items"]) == 10
    body = {
        "slate_id": slate["slate_id"],
        "item_id": slate["items"][0]["item_id"],
        "feedback": "like",
        "user_id": "ann",
    }
    assert client.post("/v1/feedback", json=body).status_code == 404


def test_item_tells_the_chance_that_it_was_shown_there(config, open_client):
    explores = dataclasses.replace(config, ranking=RankingConfig())
    client = open_client(explores)
    slate = ask(client, user_id="ann", policy="fixed", k=3)
    chances = [item["propensity"] for item in slate["items"]]
    assert all(0.0 < chance <= 1.0 for chance in chances)
    assert min(chances) < 1.0  # one place of some slates is drawn


def test_category_that_is_excluded_is_in_no_slate(client):
    everything = ask(client, user_id="ann", k=20)
    unwanted = everything["items"][0]["categories"][0]
    constraints = {"excluded_categories": [unwanted.upper()]}
    slate = ask(client, user_id="ann", k=20, constraints=constraints)
    shown = {name for one in slate["items"] for name in one["categories"]}
    assert shown
    assert unwanted not in shown
    assert slate["unmet"] == []


def test_category_too_large_to_be_excluded_is_told(client, monkeypatch):
    monkeypatch.setattr(user_query, "MAX_EXCLUDED", 1)
    everything = ask(client, user_id="ann", k=20)
    name = everything["items"][0]["categories"][0]
    constraints = {"excluded_categories": [name]}
    slate = ask(client, user_id="ann", k=20, constraints=constraints)
    assert slate["unmet"] == [name]
    assert len(slate["items"]) == 20
