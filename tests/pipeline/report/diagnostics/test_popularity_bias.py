"""Exposure by popularity, counted by hand."""

import numpy as np
import pytest

from pipeline.report.diagnostics.popularity_bias import compute_popularity_bias

# 12 events: item 2 holds a third; 0 and 3 the second; 1, 4, 5 the last.
COUNTS = np.array([2, 2, 4, 2, 1, 1, 0])


def _compute(slates, targets):
    return compute_popularity_bias(
        COUNTS, np.array(slates), np.array(targets, np.int64)
    )


def test_buckets_are_thirds_of_the_train_events():
    found = _compute([[2, 0], [2, -1]], [1, 6, 7])
    assert [(b.bucket, b.num_items) for b in found.buckets] == [
        ("head", 1),
        ("middle", 2),  # ties by row: items 0 and 1
        ("tail", 3),
        ("unseen", 1),
    ]
    assert [b.train for b in found.buckets] == pytest.approx(
        [1 / 3, 1 / 3, 1 / 3, 0]
    )


def test_empty_places_and_unknown_targets_do_not_count():
    found = _compute([[2, 0], [2, -1]], [1, 6, 7])
    assert [b.shown for b in found.buckets] == pytest.approx(
        [2 / 3, 1 / 3, 0, 0]
    )
    assert [b.num_shown for b in found.buckets] == [1, 1, 0, 0]
    assert [b.wanted for b in found.buckets] == [0, 0.5, 0, 0.5]


def test_slates_in_proportion_to_popularity_lie_on_the_diagonal():
    slates = np.repeat(np.arange(len(COUNTS)), COUNTS)[:, np.newaxis]
    curve = _compute(slates, [0]).curves["recommended"]
    for across, up in curve:
        assert up == pytest.approx(across)


def test_slates_of_the_most_popular_item_alone_lie_above():
    curve = _compute([[2]], [0]).curves["recommended"]
    assert curve[0] == (0, 0)
    assert curve[1] == (pytest.approx(4 / 12), 1)
    assert curve[-1] == (1, 1)


def test_items_that_nobody_took_lift_the_end_of_the_curve():
    curve = _compute([[6]], [0]).curves["recommended"]
    assert curve[-2] == (1, 0)
    assert curve[-1] == (1, 1)


def test_curve_of_a_large_catalogue_stays_short():
    counts = np.arange(5000)
    found = compute_popularity_bias(counts, np.array([[0]]), np.array([1]))
    assert len(found.curves["recommended"]) <= 201
