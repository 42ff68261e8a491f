import random
from collections import Counter

import pytest
from scipy.stats import chisquare

from serving.gateway.ranking.exploration import Exploration
from serving.gateway.ranking.exploration import compute_propensities
from serving.gateway.ranking.exploration import draw_candidate
from serving.gateway.ranking.exploration import draw_place
from serving.gateway.ranking.exploration import select_pool


def test_propensities_are_those_of_a_greedy_choice_with_uniform_draws():
    # 1 - 0.2 + 0.2 / 4 = 0.85; 0.2 / 4 = 0.05.
    listed = compute_propensities(4, 0.2)
    assert listed == pytest.approx([0.85, 0.05, 0.05, 0.05])


def test_new_item_gains_what_the_best_one_gives_up():
    # 1 - 0.2 - 0.1 + 0.05 = 0.75; 0.05; 0.05 + 0.1 = 0.15.
    listed = compute_propensities(4, 0.2, 2, 0.1)
    assert listed == pytest.approx([0.75, 0.05, 0.15, 0.05])
    # Without a new item, or where it is the best one, all as before.
    assert compute_propensities(4, 0.2, 0, 0.1) == compute_propensities(4, 0.2)


def test_no_rounding_makes_a_chance_of_more_than_one():
    for percent in range(101):
        for new_percent in range(101 - percent):
            shares = percent / 100, new_percent / 100
            for size, new in ((1, 0), (2, 1), (3, 0), (7, 6)):
                listed = compute_propensities(size, shares[0], new, shares[1])
                assert 0.0 <= min(listed) <= max(listed) <= 1.0


def test_both_shares_off_is_no_exploration():
    assert Exploration().is_off
    assert not Exploration(share=0.1).is_off
    assert not Exploration(new_share=0.1).is_off


@pytest.mark.parametrize("exploration", [0.0, 0.05, 1.0])
def test_single_candidate_is_certain(exploration):
    assert compute_propensities(1, exploration) == pytest.approx([1.0])


@pytest.mark.parametrize("num_candidates", [2, 10])
@pytest.mark.parametrize("exploration", [0.0, 0.05, 0.5, 1.0])
def test_no_larger_share_than_the_budget_leaves_the_best(
    num_candidates, exploration
):
    listed = compute_propensities(num_candidates, exploration)
    assert sum(listed) == pytest.approx(1.0)
    assert sum(listed[1:]) <= exploration


def test_draws_come_as_often_as_told():
    rng = random.Random(0)
    propensities = [0.7, 0.2, 0.05, 0.05]
    counts = Counter(draw_candidate(propensities, rng) for _ in range(20_000))
    expected = [20_000 * one for one in propensities]
    observed = [counts[one] for one in range(4)]
    assert chisquare(observed, expected).pvalue > 0.01


def test_place_is_uniform_among_the_first_ten():
    rng = random.Random(0)
    counts = Counter(draw_place(30, rng) for _ in range(20_000))
    assert set(counts) == set(range(10))
    assert chisquare(list(counts.values())).pvalue > 0.01


def test_place_is_one_of_a_short_slate():
    rng = random.Random(0)
    assert {draw_place(3, rng) for _ in range(100)} == {0, 1, 2}
    assert draw_place(1, rng) == 0


def test_pool_is_the_next_five_and_five_from_all_over_the_rest():
    # Of the 20 after the first five, every fourth down to the last.
    assert select_pool(range(25)) == [0, 1, 2, 3, 4, 8, 12, 16, 20, 24]


@pytest.mark.parametrize("size", [1, 5, 6, 10])
def test_pool_of_few_is_all_of_them(size):
    assert select_pool(range(size)) == list(range(size))


def test_pool_repeats_nothing():
    for size in range(1, 60):
        pool = select_pool(range(size))
        assert len(set(pool)) == len(pool) == min(size, 10)
        assert pool[-1] == size - 1
