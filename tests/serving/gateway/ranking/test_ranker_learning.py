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
