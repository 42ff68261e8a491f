"""A random order is refused, however many of few items it finds."""

import math
import random

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.chance_metric import AboveChance
from components.evaluator.chance_metric import compute_random_gain
from tests.components.evaluator.conftest import NUM_CANDIDATES
from tests.components.evaluator.conftest import judge


@pytest.mark.parametrize("num_candidates", [1, 2, 9, 10, 11, 60])
def test_random_gain_is_that_of_all_ranks_alike(num_candidates):
    ranks = np.arange(1, num_candidates + 1)
    gains = np.where(ranks <= 10, 1 / np.log2(ranks + 1), 0.0)
    mean, variance = compute_random_gain(float(num_candidates))
    assert mean == pytest.approx(gains.mean())
    assert variance == pytest.approx(gains.var(), abs=1e-12)


def _measure(*queries):
    """Each query: rank, number of candidates, whether one is the label."""
    (computation,) = AboveChance().computations(output_names=["rank"])
    combiner = computation.combiner
    parts = []
    for rank, num_candidates, candidate in queries:
        inputs = metric_types.StandardMetricInputs(
            {
                "predictions": {
                    "rank": np.array([rank]),
                    "num_candidates": np.array([num_candidates]),
                    "candidate": np.array([candidate]),
                }
            }
        )
        start = combiner.create_accumulator()
        parts.append(combiner.add_input(start, inputs))
    parts.append(combiner.create_accumulator())
    total = combiner.merge_accumulators(parts)
    ((key, value),) = combiner.extract_output(total).items()
    assert key.name == "above_chance"
    return value


def test_standard_errors_follow_by_hand():
    # Of two items, ranks 1 and 2 gain 1 and 0.6309, each with probability
    # 1/2: 0.8155 is expected, with a standard deviation of 0.1845. Three
    # first places are 3 * 0.1845 above that, the standard error of the sum is
    # sqrt(3) * 0.1845.
    assert _measure(*[(1.0, 2.0, 1.0)] * 3) == pytest.approx(math.sqrt(3))
    assert _measure((1.0, 2.0, 1.0), (2.0, 2.0, 1.0)) == pytest.approx(0.0)


def test_score_that_is_not_finite_gains_nothing_where_few_items_compete():
    # Rank 6 of 5 items is within the first ten places all the same.
    mean, variance = compute_random_gain(5.0)
    expected = -mean / math.sqrt(variance)
    assert _measure((6.0, 5.0, 1.0)) == pytest.approx(expected)


def test_item_that_no_slate_shows_is_a_miss_for_a_random_order_too():
    answered = [(1.0, 30.0, 1.0)] * 2
    missed = [(31.0, 30.0, 0.0)] * 50
    assert _measure(*answered, *missed) == _measure(*answered)


@pytest.mark.parametrize(
    "queries",
    [[], [(1.0, 1.0, 1.0)] * 9, [(1.0, 0.0, 0.0)], [(1.0, math.nan, 1.0)]],
    ids=["no query", "one item", "no item", "unknown number"],
)
def test_nothing_to_compare_gives_no_number(queries):
    assert math.isnan(_measure(*queries))


@pytest.mark.parametrize(
    ("num_queries", "num_items", "most"),
    [(300, 60, 0.01), (100, 20, 0.01), (100, 27_000, 0.05)],
)
def test_few_random_orders_reach_three_standard_errors(
    num_queries, num_items, most
):
    shape = (10_000, num_queries)
    ranks = np.random.default_rng(5).integers(1, num_items + 1, shape)
    gains = np.where(ranks <= 10, 1 / np.log2(ranks + 1), 0.0)
    mean, variance = compute_random_gain(float(num_items))
    above = (gains - mean).sum(axis=1) / math.sqrt(num_queries * variance)
    assert 0.0 < (above >= 3.0).mean() < most
    # Where chance alone reaches 3 more often, it finds too little.
    recall = (ranks <= 10).mean(axis=1)
    assert ((above >= 3.0) & (recall >= 0.02)).mean() < 0.01


def test_random_order_of_few_items_is_refused(evaluate, good, write_queries):
    ranks = random.Random(3)
    examples = write_queries(
        (ranks.randint(1, int(NUM_CANDIDATES)), f"u{query % 50}", True)
        for query in range(300)
    )
    is_blessed, missed, metrics = judge(evaluate, good, examples)
    assert not is_blessed
    # It meets every other threshold: of 60 items 0.076 is expected.
    assert missed == {"above_chance"}
    assert metrics["ndcg_at_10"] > 0.05
    assert abs(metrics["above_chance"]) < 3.0


def test_perfect_order_is_blessed(evaluate, good, write_queries):
    examples = write_queries(
        (1, f"u{query % 50}", True) for query in range(300)
    )
    is_blessed, missed, metrics = judge(evaluate, good, examples)
    assert (is_blessed, missed) == (True, set())
    # Of 60 items the gains add up to 4.5436 and their squares to 2.4954 (sums
    # of 1 / log2(2), ... 1 / log2(11)): the mean is 0.0757, the variance
    # 0.0416 - 0.0057. (1 - 0.0757) / sqrt(0.0359) * sqrt(300) = 84.5.
    assert metrics["above_chance"] == pytest.approx(84.5, abs=0.2)
