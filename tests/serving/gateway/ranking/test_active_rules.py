import math

import pytest

from serving.gateway.ranking.active_rules import ActiveRules
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.ranking_config import BoostRule
from serving.gateway.ranking.ranking_config import BuryRule
from serving.gateway.ranking.ranking_config import CapRule
from serving.gateway.ranking.ranking_config import PinRule
from serving.gateway.records.item_facts import ItemFacts


def _make(item_id, *categories, score=0.0):
    facts = ItemFacts(item_id=item_id, title="", categories=categories)
    return Candidate(item_id=item_id, score=score, facts=facts)


_WAR, _DRAMA = _make("w", "War"), _make("d", "Drama")
_BARE = Candidate(item_id="x", score=0.0)


def test_first_candidate_of_an_id_counts():
    first, second = _make("a", score=1.0), _make("a", score=2.0)
    assert ActiveRules([], 0.0).drop([first, _WAR, second]) == [first, _WAR]


def test_dropped_categories_leave_and_buried_ones_come_after():
    drop = ActiveRules([BuryRule(categories={"War"}, is_dropped=True)], 0.0)
    bury = ActiveRules([BuryRule(categories={"War"})], 0.0)
    candidates = [_WAR, _DRAMA, _BARE]
    assert drop.drop(candidates) == [_DRAMA, _BARE]
    assert drop.split_buried(candidates[1:], set()) == ([0, 1], [])
    assert bury.drop(candidates) == candidates
    assert bury.split_buried(candidates, set()) == ([1, 2], [0])


def test_pinned_items_do_not_compete():
    rules = ActiveRules([BuryRule(categories={"War"})], 0.0)
    assert rules.split_buried([_WAR, _DRAMA, _BARE], {0, 2}) == ([1], [])


def test_boosts_multiply_the_odds_and_add_up_as_logarithms():
    rules = ActiveRules(
        [
            BoostRule(categories={"War"}, factor=2.0),
            BoostRule(item_ids={"w"}, factor=3.0),
            BoostRule(item_ids={"d"}, factor=0.5),
        ],
        0.0,
    )
    assert rules.sum_boosts(_WAR) == pytest.approx(math.log(6.0))
    assert rules.sum_boosts(_DRAMA) == pytest.approx(-math.log(2.0))
    assert rules.sum_boosts(_BARE) == 0.0


def test_first_pin_of_a_place_and_of_an_item_counts():
    rules = ActiveRules(
        [
            PinRule(item_id="w", position=1),
            PinRule(item_id="d", position=1),
            PinRule(item_id="w", position=0),
            PinRule(item_id="x", position=2),
            PinRule(item_id="not there", position=0),
        ],
        0.0,
    )
    assert rules.find_pins([_WAR, _DRAMA, _BARE], 3) == {1: 0, 2: 2}
    # The third place is not part of a slate of two.
    assert rules.find_pins([_WAR, _DRAMA, _BARE], 2) == {1: 0}


def test_what_was_named_takes_the_places_that_no_rule_pins():
    pin = PinRule(item_id=_DRAMA.item_id, position=0)
    named = ("not a candidate", _BARE.item_id, _WAR.item_id)
    candidates = [_WAR, _DRAMA, _BARE]
    rules = ActiveRules([pin], 0.0, named)
    assert rules.list_pinned_items() == [_DRAMA.item_id, *named]
    assert rules.find_pins(candidates, 3) == {0: 1, 1: 2, 2: 0}
    assert rules.find_pins(candidates, 2) == {0: 1, 1: 2}
    alone = ActiveRules([], 0.0, named)
    assert alone.find_pins(candidates, 3) == {0: 2, 1: 0}
    # What a rule pins keeps its place, also if it was named.
    again = ActiveRules([pin], 0.0, (_DRAMA.item_id, _WAR.item_id))
    assert again.find_pins(candidates, 3) == {0: 1, 1: 0}


def test_rules_out_of_their_time_do_nothing():
    late = {"begins_at": 100.0}
    rules = [
        PinRule(item_id="w", **late),
        BoostRule(item_ids={"w"}, factor=2.0, **late),
        BuryRule(item_ids={"d"}, is_dropped=True, **late),
        BuryRule(item_ids={"x"}, **late),
        CapRule(max_items=0, **late),
    ]
    candidates = [_WAR, _DRAMA, _BARE]
    before, after = ActiveRules(rules, 99.0), ActiveRules(rules, 100.0)
    assert before.list_pinned_items() == []
    assert before.find_pins(candidates, 3) == {}
    assert before.sum_boosts(_WAR) == 0.0
    assert before.drop(candidates) == candidates
    assert before.split_buried(candidates, set()) == ([0, 1, 2], [])
    assert before.build_caps().allows(("War",))
    assert after.list_pinned_items() == ["w"]
    assert after.find_pins(candidates, 3) == {0: 0}
    assert after.sum_boosts(_WAR) > 0.0
    assert after.drop(candidates) == [_WAR, _BARE]
    assert after.split_buried(candidates, set()) == ([0, 1], [2])
    assert not after.build_caps().allows(("War",))
