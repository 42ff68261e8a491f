import random
from collections import Counter

import pytest
from scipy.stats import chisquare

from serving.gateway.ranking.exploration import compute_propensities
from serving.gateway.ranking.exploration import draw_candidate
from serving.gateway.ranking.exploration import draw_place


def test_propensities_are_those_of_a_greedy_choice_with_uniform_draws():
    # 1 - 0.2 + 0.2 / 4 = 0.85; 0.2 / 4 = 0.05.
    listed = compute_propensities(4, 0.2)
    assert listed == pytest.approx([0.85, 0.05, 0.05, 0.05])


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
