"""The ranker explores as it says, and learns from what it showed."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest

from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from tests.serving.gateway.ranking.rankers import CONTEXT
from tests.serving.gateway.ranking.rankers import build_ranker
from tests.serving.gateway.ranking.rankers import expose
from tests.serving.gateway.ranking.rankers import make_candidate
from tests.serving.gateway.ranking.rankers import make_candidates
from tests.serving.gateway.ranking.rankers import show


def test_pinned_places_are_never_explored():
    pin = {"kind": "pin", "item_id": "f", "position": 0}
    ranker = build_ranker(pin, exploration=1.0)
    candidates = make_candidates("abcdef")
    positions = set()
    for _ in range(100):
        slate = ranker.rank(candidates, CONTEXT, 4)
        positions.add(slate.explored_position)
        assert slate.items[0].candidate.item_id == "f"
        assert slate.items[0].propensity == 1.0
        assert "f" not in slate.candidates
        explored = slate.items[slate.explored_position]
        assert explored.candidate.item_id in slate.candidates
    assert positions == {1, 2, 3}


def test_no_larger_share_than_the_budget_is_explored():
    ranker = build_ranker(exploration=0.1)
    candidates = make_candidates("abcdefgh")
    shown = Counter(show(ranker, candidates, 4) for _ in range(4000))
    assert 0.0 < 1.0 - shown["abcd"] / 4000 < 0.1


def test_logs_tell_what_another_choice_would_have_earned():
    # What an item earns in the explored place is fixed; the other policy
    # shows the last of the pool there, whatever place it is.
    ranker, candidates = (
        build_ranker(exploration=0.3),
        make_candidates("abcdefgh"),
    )
    earnings = {one: 0.1 * row for row, one in enumerate("abcdefgh")}
    estimates, truths = [], []
    rng = random.Random(1)
    for _ in range(5000):
        slate = ranker.rank(candidates, CONTEXT, 4)
        explored = slate.items[slate.explored_position]
        item_id, wanted = explored.candidate.item_id, [*slate.candidates][-1]
        reward = float(rng.random() < earnings[item_id])
        weight = (item_id == wanted) / explored.propensity
        estimates.append(weight * reward)
        truths.append(earnings[wanted])
    mean, truth = sum(estimates) / 5000, sum(truths) / 5000
    deviation = math.sqrt(sum((e - mean) ** 2 for e in estimates)) / 5000
    assert abs(mean - truth) < 3 * deviation
    # The estimate is good enough to mean something.
    assert deviation < 0.15 * truth


def test_logs_tell_what_new_items_would_have_earned():
    # The other policy shows new items alone in the drawn place. Which one that
    # is changes while people act; what is logged stays right.
    ranker = build_ranker(
        exploration=0.2, new_items={"share": 0.2, "max_shows": 5000}
    )
    news = [make_candidate(one, -9.0, is_new=True) for one in "xyz"]
    candidates = [*make_candidates("abcdefgh"), *news]
    earnings = dict.fromkeys("abcdefgh", 0.5) | {"x": 0.1, "y": 0.4, "z": 0.9}
    estimates, truths, weights, shown = [], [], [], Counter()
    rng = random.Random(1)
    for _ in range(6000):
        order = ranker.new_items.order(
            "main", dict.fromkeys("xyz", -9.0), CONTEXT.now
        )
        slate = ranker.rank(candidates, CONTEXT, 4)
        explored = slate.items[slate.explored_position]
        item_id = explored.candidate.item_id
        shown[item_id] += 1
        taken = {
            one.candidate.item_id: 1.0
            for one in slate.items
            if rng.random() < earnings[one.candidate.item_id]
        }
        shown_now = replace(expose(slate), timestamp=CONTEXT.now)
        ranker.new_items.learn(shown_now, taken)
        if order:
            wanted = order[0]
            weights.append((item_id == wanted) / explored.propensity)
            estimates.append(weights[-1] * (item_id in taken))
            truths.append(earnings[wanted])
    for found, truth in (
        (estimates, sum(truths) / len(truths)),
        (weights, 1.0),
    ):
        mean = sum(found) / len(found)
        deviation = math.sqrt(sum((e - mean) ** 2 for e in found)) / len(found)
        assert abs(mean - truth) < 3 * deviation
        assert deviation < 0.1
    # The bad one was seen to be bad, the good one was shown again and again.
    assert shown["z"] > 3 * shown["x"]


def test_interleaved_slate_explores_no_new_item():
    ranker = build_ranker(new_items={"share": 1.0})
    candidates = [*make_candidates("abcd"), make_candidate("x", is_new=True)]
    assert "x" in show(ranker, candidates, 3)
    slate = ranker.rank(candidates, CONTEXT, 3, explores=False)
    assert [one.candidate.item_id for one in slate.items] == ["a", "b", "c"]


def test_buried_and_dropped_items_are_not_explored():
    rules = [
        {"kind": "bury", "item_ids": ["x"]},
        {"kind": "bury", "item_ids": ["y"], "is_dropped": True},
    ]
    ranker = build_ranker(*rules, new_items={"share": 1.0})
    news = [make_candidate(one, 2.0, is_new=True) for one in "xy"]
    assert show(ranker, [*make_candidates("abcd"), *news], 4) == "abcd"


def test_policy_learns_what_is_liked_and_keeps_it_over_a_restart():
    ranker, again = build_ranker(learns=True), build_ranker(learns=True)
    candidates = [
        make_candidate("a", 1.0, popularity=0),
        make_candidate("b", popularity=9),
    ]
    assert show(ranker, candidates) == "ab"
    for _ in range(300):
        slate = ranker.rank(candidates, CONTEXT, 2)
        ranker.learn(expose(slate), {"b": 1.0})
    assert show(ranker, candidates) == "ba"
    again.load(ranker.dump())
    assert show(again, candidates) == "ba"
    assert again.describe() == ranker.describe()
    assert ranker.describe()["main"]["num_slates"] == 300
    ranker.reset("main")
    assert show(ranker, candidates) == "ab"


def test_policy_that_does_not_learn_stays():
    ranker = build_ranker()
    before = ranker.describe()
    exposure = expose(ranker.rank(make_candidates("ab"), CONTEXT, 2))
    ranker.learn(exposure, {"b": 1.0})
    ranker.learn(replace(exposure, policy="gone"), {"b": 1.0})
    assert ranker.describe() == before
    assert ranker.dump() == {}


def test_damaged_document_leaves_the_others_loaded():
    config = RankingConfig(
        policies={
            "good": PolicyConfig(learns=True),
            "bad": PolicyConfig(learns=True),
        },
        default_policy="good",
    )
    ranker, again = (Ranker(config, random.Random(0)) for _ in range(2))
    slate = ranker.rank(make_candidates("ab"), CONTEXT, 2)
    ranker.learn(expose(slate), {"b": 1.0})
    documents = {"bad": b"{", **ranker.dump(), "gone": b"{"}
    documents["bad"] = b"{"
    with pytest.raises(ValueError, match="`bad`: A learnt blend must be JSON"):
        again.load(documents)
    assert again.describe()["good"] == ranker.describe()["good"]
