import random
from collections import Counter
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from serving.gateway.ranking.category_caps import CategoryCaps
from serving.gateway.ranking.exploration import Exploration
from serving.gateway.ranking.filled_places import fill_places
from serving.gateway.ranking.filled_places import insert_pinned
from serving.gateway.ranking.ranking_config import CapRule

_ENTRIES = [(number, ("ABC"[number % 3],)) for number in range(9)]


def _fill(num_places, exploration=0.0, max_items=9, seed=0):
    caps = CategoryCaps([CapRule(max_items=max_items)])
    rng = random.Random(seed)
    plan = Exploration(share=exploration)
    return fill_places(_ENTRIES, 9, num_places, caps, plan, rng)


def test_without_exploration_the_first_items_fill_the_places():
    filled = _fill(4)
    assert filled.order == (0, 1, 2, 3)
    assert filled.explored_item == -1
    assert filled.pool == ()


def test_capped_item_leaves_its_place_to_the_next_that_is_not():
    entries = [(0, ("A",)), (1, ("A",)), (2, ("A",)), (3, ("B",))]
    caps = CategoryCaps([CapRule(max_items=1)])
    filled = fill_places(entries, 4, 3, caps, Exploration(), random.Random(0))
    assert filled.order == (0, 3)


@pytest.mark.parametrize(("num_places", "max_items"), [(0, 9), (3, 0)])
def test_no_place_or_no_allowed_item_is_an_empty_slate(num_places, max_items):
    filled = _fill(num_places, exploration=0.5, max_items=max_items)
    assert filled.order == filled.pool == ()
    assert filled.explored_item == -1


def test_greedy_slate_of_an_exploring_policy_tells_its_pool_too():
    filled = _fill(9, exploration=1e-9)
    assert filled.order == tuple(range(9))
    place = filled.order.index(filled.explored_item)
    assert filled.pool == tuple(range(place, 9))
    assert filled.propensity == pytest.approx(1.0)


def test_buried_item_comes_by_its_turn_and_never_by_chance():
    entries = [(number, ()) for number in range(4)]
    plan = Exploration(share=1.0)
    shown = set()
    for seed in range(200):
        rng = random.Random(seed)
        filled = fill_places(entries, 2, 3, CategoryCaps([]), plan, rng)
        shown.add(filled.order)
        assert 3 not in filled.pool
    assert shown == {(0, 1, 2), (1, 0, 2)}


def test_places_around_the_explored_one_are_greedy():
    explored = [_fill(5, exploration=1.0, seed=seed) for seed in range(50)]
    assert len({filled.order for filled in explored}) > 10
    for filled in explored:
        place = filled.order.index(filled.explored_item)
        rest = [one for one in range(9) if one != filled.explored_item]
        others = filled.order[:place] + filled.order[place + 1 :]
        assert others == tuple(rest[:4])


# New items: one that is nowhere in the order, first or last choice, and one of
# the order, which is above the drawn place now and then.
@pytest.mark.parametrize("new", [(), (20, 2), (2, 20), (20,), (0,)])
def test_items_come_into_the_explored_place_as_often_as_told(new):
    counts, told = defaultdict(Counter), {}
    rng = random.Random(1)
    plan = Exploration(
        share=0.4, new_share=0.3, new=[(one, ("C",)) for one in new]
    )
    for _ in range(20_000):
        caps = CategoryCaps([CapRule(max_items=2)])
        filled = fill_places(_ENTRIES, 9, 4, caps, plan, rng)
        place = filled.order.index(filled.explored_item)
        counts[place][filled.explored_item] += 1
        key = place, filled.explored_item
        assert told.setdefault(key, filled.propensity) == filled.propensity
    assert set(counts) == {0, 1, 2, 3}
    for place, drawn in counts.items():
        chances = [told[place, one] for one in drawn]
        # Every one has come, so that the chances told are all there are.
        assert sum(chances) == pytest.approx(1.0)
        expected = [drawn.total() * one for one in chances]
        assert chisquare(list(drawn.values()), expected).pvalue > 0.01


@given(
    st.lists(st.sets(st.sampled_from("ABCD")), max_size=15),
    st.integers(0, 12),
    st.integers(0, 3),
    st.integers(0, 1000),
)
def test_caps_hold_whatever_is_explored(categories, num_places, cap, seed):
    entries = list(enumerate(map(tuple, categories)))
    plan = Exploration(share=0.5, new_share=0.5, new=[(99, ("A", "B"))])
    caps = CategoryCaps([CapRule(max_items=cap)])
    rng = random.Random(seed)
    filled = fill_places(entries, len(entries), num_places, caps, plan, rng)
    assert len(filled.order) == len(set(filled.order)) <= num_places
    known = {**dict(entries), 99: ("A", "B")}
    counts = Counter(c for one in filled.order for c in known[one])
    assert all(number <= cap for number in counts.values())
    if filled.order:
        assert filled.explored_item in filled.order
        assert filled.explored_item in filled.pool


def _fill_with_new(*new, max_items=9, seed=0):
    caps = CategoryCaps([CapRule(max_items=max_items)])
    plan = Exploration(new_share=1.0, new=new)
    return fill_places(_ENTRIES, 9, 4, caps, plan, random.Random(seed))


def test_first_choice_of_the_new_items_takes_the_drawn_place():
    places = set()
    for seed in range(50):
        filled = _fill_with_new((20, ("D",)), (21, ("D",)), seed=seed)
        places.add(filled.order.index(20))
        assert filled.explored_item == 20
        assert filled.propensity == 1.0
        assert 20 in filled.pool
        assert 21 not in filled.order
        assert [one for one in filled.order if one != 20] == [0, 1, 2]
    assert places == {0, 1, 2, 3}


def test_new_item_that_a_cap_keeps_out_leaves_the_place_to_the_next():
    # Place 3 comes after one item of each of A, B and C.
    for seed in range(50):
        filled = _fill_with_new(
            (20, ("A",)), (21, ("D",)), max_items=1, seed=seed
        )
        place = filled.order.index(filled.explored_item)
        assert filled.explored_item == (20 if place == 0 else 21)


def test_where_no_new_item_may_come_the_best_one_does():
    filled = _fill_with_new()
    assert filled.order == (0, 1, 2, 3)
    assert filled.propensity == 1.0
    above = {_fill_with_new((0, ("A",)), seed=seed).order for seed in range(50)}
    assert above == {(0, 1, 2, 3)}


def test_pinned_items_have_their_places_and_move_up_past_the_end():
    assert insert_pinned([4, 5, 6], {1: 9}, 4) == [4, 9, 5, 6]
    assert insert_pinned([4], {0: 8, 3: 9}, 4) == [8, 4, 9]
    assert insert_pinned([4, 5, 6], {}, 2) == [4, 5]
