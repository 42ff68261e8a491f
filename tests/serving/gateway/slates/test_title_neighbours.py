import dataclasses

import pytest

from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.title_neighbours import TitleNeighbours
from serving.overlay_index import NewItem
from serving.query import Constraints
from serving.query import KindShares
from serving.query import Query
from serving.query import SlateItem
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids

_TITLES = {"toy": "Toy Story (1995)", "heat": "Heat (1995)", "go": "Go (1999)"}
_SEQUEL = NewItem(
    item_id="toy9",
    title="Toy Story 9 (2026)",
    categories=("Animation",),
    price=5.0,
)
_OTHER = NewItem(item_id="other", title="Quiet Harbour (2026)")
_MODEL = [
    SlateItem(
        item_id=f"i{n}", score=10.0 - n, probability=1 / (n + 2), rating=None
    )
    for n in range(10)
]


def _build(max_added=3, hidden=()):
    catalogue = Catalogue(
        ItemFacts(item_id=i, title=title) for i, title in _TITLES.items()
    )
    catalogue.put(
        [ItemFacts(item_id=i, title=i, in_stock=False) for i in hidden]
    )
    return TitleNeighbours(catalogue, GatewayConfig().judge, max_added)


def _merge(*ratings, new=(_SEQUEL, _OTHER), items=_MODEL, **settings):
    query = Query(
        item_ids=[item_id for item_id, _ in ratings],
        event_types=["rate"] * len(ratings),
        timestamps=list(range(len(ratings))),
        values=[value for _, value in ratings],
    )
    constraints = settings.pop("constraints", Constraints())
    adds = settings.pop("adds", True)
    return _build(**settings).merge(items, new, query, constraints, adds)


def _ids(items):
    return [item.item_id for item in items]


def test_sequel_of_what_was_liked_is_fifth_or_sixth_and_names_it():
    found = _merge(("heat", 5.0), ("toy", 5.0), ("go", 3.0))
    assert _ids(found)[:6] == ["i0", "i1", "i2", "i3", "i4", "toy9"]
    assert found[5].score == _MODEL[4].score
    assert found[5].probability == _MODEL[4].probability == 1 / 6
    assert found[5].reasons == ((1, 1.0),)
    assert found[5].shares == KindShares(history=1.0)
    assert "other" not in _ids(found)


def test_disliked_original_keeps_its_sequel_away():
    scored = dataclasses.replace(_MODEL[0], item_id="toy9")
    for ratings in ([("toy", 0.5)], [("toy", 5.0), ("toy", 1.0)]):
        found = _merge(*ratings, items=[scored, *_MODEL])
        assert found == _MODEL
    assert "toy9" in _ids(_merge(("toy", 0.5), ("toy", 5.0)))


def test_what_resembles_a_dislike_is_listed():
    for rating, repelled in ((0.5, {"toy9"}), (5.0, set())):
        query = Query(
            item_ids=["toy"],
            event_types=["rate"],
            timestamps=[0],
            values=[rating],
        )
        assert _build().list_repelled((_SEQUEL, _OTHER), query) == repelled


def test_what_is_neither_liked_nor_disliked_brings_nothing():
    assert _merge(("toy", 3.0)) == _MODEL
    assert _merge() == _MODEL


@pytest.mark.parametrize(
    "constraints",
    [
        Constraints(excluded_item_ids=["toy9"]),
        Constraints(allowed_categories=["War"]),
        Constraints(max_price=4.0),
    ],
)
def test_constraints_hold_for_added_items(constraints):
    assert _merge(("toy", 5.0), constraints=constraints) == _MODEL


def test_met_and_hidden_items_are_not_added():
    constraints = Constraints(exclude_history=True)
    ratings = [("toy", 5.0), ("toy9", 5.0)]
    assert _merge(*ratings, constraints=constraints) == _MODEL
    assert _merge(("toy", 5.0), hidden=["toy9"]) == _MODEL


def test_setting_and_a_need_keep_them_out():
    assert _merge(("toy", 5.0), max_added=0) == _MODEL
    assert _merge(("toy", 5.0), adds=False) == _MODEL


def test_no_more_are_added_than_the_setting_allows():
    new = [
        NewItem(item_id=f"n{n}", title=f"Toy Story {n} (2026)")
        for n in range(9)
    ]
    found = _merge(("toy", 5.0), new=new, max_added=2)
    assert len(found) == len(_MODEL) + 2


def test_item_that_the_model_ranks_higher_stays_as_it_is():
    first = dataclasses.replace(_MODEL[0], item_id="toy9", score=99.0)
    found = _merge(("toy", 5.0), items=[first, *_MODEL])
    assert found == [first, *_MODEL]


def test_fan_is_shown_a_sequel_over_http(client):
    items = [
        {"item_id": "m", "title": "Toy Story (1995)"},
        {"item_id": "m9", "title": "Toy Story 9 (2026)"},
        {"item_id": "x", "title": "Quiet Harbour (2026)"},
    ]
    client.post("/v1/items", json={"items": items})

    def recommend(value):
        event = {"item_id": "m", "event_type": "rate", "value": value}
        return ask(client, session=[event], k=6)

    slate = recommend(5.0)
    assert "m9" in list_ids(slate)
    (shown,) = (one for one in slate["items"] if one["item_id"] == "m9")
    assert [one["title"] for one in shown["reasons"]] == ["Toy Story (1995)"]
    assert "m9" not in list_ids(recommend(0.5))
    similar = client.get("/v1/similar?item_id=m&k=6").json()
    assert "m9" in list_ids(similar)


def test_short_slate_says_what_a_dislike_kept_away(client):
    items = [
        {"item_id": "m", "title": "Toy Story (1995)", "categories": ["Toys"]},
        {"item_id": "m9", "title": "Toy Story 9", "categories": ["Toys"]},
        {"item_id": "x", "title": "Quiet Harbour", "categories": ["Toys"]},
    ]
    client.post("/v1/items", json={"items": items})
    slate = ask(
        client,
        session=[{"item_id": "m", "event_type": "rate", "value": 0.5}],
        constraints={"allowed_categories": ["Toys"]},
        k=6,
    )
    assert list_ids(slate) == ["x"]
    told = [(one["rule"], one["left"]) for one in slate["short_because"]]
    # 20 items and these; a dislike refuses the first, and repels the second.
    assert told == [
        ("catalogue", 23),
        ("allowed_categories", 3),
        ("feedback", 2),
        ("disliked", 1),
    ]
