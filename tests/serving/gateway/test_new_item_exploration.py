"""New items get places of slates by a budget, until enough is known."""

import dataclasses

import pytest

from serving.gateway.gateway_config import SlateConfig
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids

_NEW = {"item_id": "new", "title": "a"}  # of few letters: scored low


def _configure(config, **policy):
    settings = PolicyConfig(**{"exploration": 0.0, **policy})
    return dataclasses.replace(
        config,
        ranking=RankingConfig(
            policies={"main": settings}, default_policy="main"
        ),
        slates=SlateConfig(num_candidates=5),
    )


@pytest.fixture
def exploring(config):
    return _configure(config, new_items={"share": 1.0})


def _put(client):
    assert client.post("/v1/items", json={"items": [_NEW]}).status_code == 200


def _show(client, number):
    """The slate of a user who takes all that she is shown, but new items."""
    slate = ask(client, user_id=f"u{number}", k=4)
    for item_id in list_ids(slate):
        if item_id != "new":
            body = {"slate_id": slate["slate_id"], "item_id": item_id}
            body |= {"user_id": f"u{number}", "feedback": "click"}
            answer = client.post("/v1/feedback", json=body)
            assert answer.status_code == 200, answer.text
    return slate


def test_new_item_gets_a_place_whatever_the_model_says(exploring, open_client):
    client = open_client(exploring)
    assert "new" not in list_ids(ask(client, k=4))
    _put(client)
    places = set()
    for number in range(40):
        slate = ask(client, user_id=f"u{number}", k=4)
        place = list_ids(slate).index("new")
        places.add(place)
        assert slate["items"][place]["propensity"] == 1.0
    assert places == {0, 1, 2, 3}


def test_without_a_share_the_model_decides(config, open_client):
    client = open_client(_configure(config))
    _put(client)
    shown = {i for _ in range(20) for i in list_ids(ask(client, k=4))}
    assert "new" not in shown
    assert "new_items" not in client.get("/v1/policies").json()["main"]


@pytest.mark.parametrize("share", [0.0, 1e-12])
def test_new_items_fill_no_place_that_is_not_drawn(config, open_client, share):
    policy = {"new_items": {"share": share}, "weights": {"model": 1.0}}
    client = open_client(_configure(config, **policy))
    known = list_ids(ask(client, k=20))
    more = [{"item_id": f"new{n}", "title": "a"} for n in range(4)]
    client.post("/v1/items", json={"items": more})
    for item_id in known[:4]:
        client.patch(f"/v1/items/{item_id}", json={"in_stock": False})
    assert list_ids(ask(client, k=5)) == known[4:9]


def test_policy_without_a_share_is_not_touched_by_another_s(
    config, open_client
):
    both = {
        "main": PolicyConfig(exploration=0.0),
        "other": PolicyConfig(exploration=0.0, new_items={"share": 1.0}),
    }
    ranking = RankingConfig(policies=both, default_policy="main")
    client = open_client(
        dataclasses.replace(
            config, ranking=ranking, slates=SlateConfig(num_candidates=5)
        )
    )
    before = ask(client, k=20)["items"]
    _put(client)
    after = ask(client, k=20)["items"]
    pairs = [(one["item_id"], one["score"]) for one in before]
    assert [
        (one["item_id"], one["score"])
        for one in after
        if one["item_id"] != "new"
    ][:10] == pairs[:10]


def test_item_that_people_pass_over_is_shown_no_more_even_after_a_restart(
    exploring, open_client
):
    client = open_client(exploring)
    _put(client)
    assert "new" in list_ids(_show(client, 0))
    # Each slate says that 0.4 clicks or more were to be expected, 2 are enough;
    # it is settled by its user's next one.
    for number in range(6):
        _show(client, number)
        ask(client, user_id=f"u{number}", k=4)
    assert "new" not in list_ids(ask(client, user_id="u9", k=4))
    told = client.get("/v1/policies").json()["main"]["new_items"]
    assert told["worse"] == 1
    assert told["items"]["new"]["rewards"] == 0.0
    page = client.get("/metrics").text
    assert (
        'tastemaker_gateway_new_items{policy="main",state="worse"} 1.0' in page
    )
    client.__exit__(None, None, None)
    again = open_client(exploring)
    assert "new" not in list_ids(ask(again, user_id="u9", k=4))
