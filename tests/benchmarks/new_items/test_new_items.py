"""The comparison as a whole, with scores that know the answers."""

import numpy as np
import pytest

from benchmarks.new_items.__main__ import choose_share
from benchmarks.new_items.__main__ import compare
from benchmarks.new_items.held_out_items import hold_out_items


@pytest.fixture(scope="module")
def held(small_dataset):
    return hold_out_items(small_dataset.interactions, 5)


def _score_targets(queries):
    """1 for what is asked for, less for the others, in order of ids."""
    size = len(queries.is_candidate)
    scores = np.tile(np.linspace(0.1, 0.0, size), (len(queries), 1))
    for query in range(len(queries)):
        scores[query, queries.get_targets(query)] = 1.0
    return scores.astype(np.float32)


@pytest.fixture(scope="module")
def figures(held):
    ours = _score_targets(held.known)
    return compare(held, ours, {"tfidf_text": _score_targets(held.new)})


def test_who_knows_the_answers_pays_nothing(figures):
    for one in figures.values():
        assert one["known_ndcg_at_10"] == pytest.approx(1.0)
        assert one["cost"] == pytest.approx(0.0)


def test_new_items_that_people_met_are_found(figures):
    assert figures["quota_similar"]["share"] == 1.0  # it costs nothing
    found = figures["quota_similar"]["new_recall_at_10"]
    assert found > figures["quota_random"]["new_recall_at_10"]
    # All slates of one half, and all of the other that are as sure.
    assert 0.9 * found < figures["confident_text"]["new_recall_at_10"] <= found


def test_peers_that_cannot_run_are_left_out(figures):
    assert "quota_als_from_text" not in figures
    assert "als_from_text" not in figures


def test_share_is_what_costs_a_hundredth(held):
    # All people's target is at the top, but for those who have it in the last
    # place: 1 / log2(11) = 0.289 each. With n and m people they lose
    # 0.289 m of n + 0.289 m when the last place goes.
    targets = held.known.targets
    others = np.tile(np.arange(100, 109), (len(targets), 1))
    top = np.concatenate([targets[:, None], others], axis=1)
    last = np.concatenate([others, targets[:, None]], axis=1)
    is_last = np.arange(len(targets)) % 2 == 0
    slates = np.where(is_last[:, None], last, top)
    m = is_last.sum()
    n = len(targets) - m
    gain = 1.0 / np.log2(11.0)
    everybody = np.ones(len(targets), bool)
    expected = 0.01 * (n + gain * m) / (gain * m)
    assert choose_share(held, slates, everybody) == pytest.approx(expected)
    assert choose_share(held, top, everybody) == 1.0
