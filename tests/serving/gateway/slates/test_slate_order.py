import dataclasses
import random

from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.candidate_finder import FoundItems
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.slate_order import build_candidates
from serving.gateway.slates.slate_order import order_slate
from serving.gateway.slates.user_arms import UserArms
from serving.query import SlateItem

_CATALOGUE = Catalogue(
    ItemFacts(item_id=item_id, title=item_id) for item_id in "abcdp"
)
_ITEMS = [
    SlateItem(item_id=i, score=s, probability=None, rating=None)
    for i, s in (("a", 4.0), ("b", 3.0), ("c", 2.0), ("d", 1.0))
]
_FOUND = FoundItems(source="model", version=1, items=_ITEMS)
_CONFIG = RankingConfig(
    policies={
        "model": PolicyConfig(weights={"model": 1.0}, exploration=0.0),
        "worst": PolicyConfig(weights={"model": -1.0}, exploration=0.0),
    },
    default_policy="model",
)


def _order(**arms):
    candidates = build_candidates(_FOUND, [], _CATALOGUE, {})
    return order_slate(
        Ranker(_CONFIG, random.Random(1)),
        candidates,
        RankingContext(now=0.0),
        4,
        UserArms(**arms),
        random.Random(1),
    )


def test_new_items_are_marked_and_those_that_are_ranked_low():
    found = FoundItems(
        source="model",
        version=1,
        items=_ITEMS[:3],
        extra=_ITEMS[3:],
        new_item_ids=frozenset("bd"),
    )
    candidates = build_candidates(found, [], _CATALOGUE, {})
    assert [one.is_new for one in candidates] == [False, True, False, True]
    assert [one.is_extra for one in candidates] == [False, False, False, True]


def test_policy_of_the_arm_orders_the_slate():
    assert [i.item_id for i in _order().exposed] == ["a", "b", "c", "d"]
    worst = _order(policy="worst")
    assert [i.item_id for i in worst.exposed] == ["d", "c", "b", "a"]
    assert worst.policy == "worst"


def test_interleaved_slate_tells_which_policy_each_item_is_from():
    slate = _order(policy="model", interleave_with="worst")
    # The two have opposite orders, so that each team's items come from its
    # own end: a, b of the one and d, c of the other.
    teams = {item.item_id: item.team for item in slate.exposed}
    assert teams == {"a": "model", "b": "model", "c": "worst", "d": "worst"}
    assert slate.policy == "model"
    assert slate.explored_position == -1
    assert [i.candidate.item_id for i in slate.items] == [
        i.item_id for i in slate.exposed
    ]


def test_interleaved_slate_draws_no_place():
    config = dataclasses.replace(
        _CONFIG,
        policies={
            name: dataclasses.replace(policy, exploration=1.0)
            for name, policy in _CONFIG.policies.items()
        },
    )
    slates = [
        order_slate(
            Ranker(config, random.Random(seed)),
            build_candidates(_FOUND, [], _CATALOGUE, {}),
            RankingContext(now=0.0),
            4,
            UserArms(policy="model", interleave_with="worst"),
            random.Random(seed),
        )
        for seed in range(20)
    ]
    for slate in slates:
        teams = {item.item_id: item.team for item in slate.exposed}
        assert teams["a"] == teams["b"] == "model"
        assert teams["c"] == teams["d"] == "worst"


def test_pinned_item_that_the_model_did_not_find_joins_the_candidates():
    candidates = build_candidates(_FOUND, ["p", "a", "?"], _CATALOGUE, {"p": 2})
    assert [one.item_id for one in candidates] == ["a", "b", "c", "d", "p"]
    assert (candidates[-1].score, candidates[-1].popularity) == (1.0, 2)
