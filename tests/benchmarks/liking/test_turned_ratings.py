"""One rating, turned from the best to the worst."""

import dataclasses

import numpy as np
import pytest

from benchmarks.liking.signed_ease import SignedEase
from benchmarks.liking.turned_ratings import compute_fall
from benchmarks.liking.turned_ratings import compute_overlap
from benchmarks.liking.turned_ratings import turn_ratings
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.ranking_protocol import weigh_histories
from schemas.rating_scale import RatingScale

_SCALE = RatingScale(lowest=1.0, highest=5.0, positive_value=4.0)


@pytest.fixture(scope="module")
def turned(small_dataset):
    return turn_ratings(small_dataset, small_dataset.interactions, _SCALE)


def test_each_item_is_rated_best_and_worst(small_dataset, turned):
    number = len(turned.items)
    assert number == 20  # all there are
    assert len(turned.queries) == 2 * number
    data = turned.dataset.interactions
    for query in range(2 * number):
        (row,) = turned.queries.get_rows(query)
        assert data.items[row] == turned.items[query % number]
        expected = 5.0 if query < number else 1.0
        assert data.values[row] == expected
    assert len(small_dataset.interactions.items) == len(data.items) - 40


def test_nearest_items_leave_out_the_item_itself(turned):
    assert not (turned.nearest[:, :5] == turned.items[:, None]).any()


def test_overlap_counts_what_both_slates_hold():
    one = np.arange(10)
    slates = np.stack([one, one, one, one + 6])
    assert compute_overlap(slates) == (10 + 4) / 2
    assert compute_overlap(np.full((2, 10), -1)) == 0.0


def test_fall_is_the_way_down_as_a_share_of_the_catalogue(turned):
    turned = dataclasses.replace(turned, nearest=np.array([[0, 1]]))
    scores = np.array([[4.0, 3.0, 2.0, 1.0], [1.0, 3.0, 4.0, 2.0]])
    # From place 0 to 3, and from 1 to 1, of 4.
    assert compute_fall(scores, turned) == (3 + 0) / 2 / 4
    assert compute_fall(scores[[0, 0]], turned) == 0.0


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_signed_history_turns_the_scores(small_dataset, turned, penalty):
    values = turned.dataset.interactions.values
    peer = SignedEase(values, _SCALE, penalty, l2=10.0)
    peer.fit(small_dataset.interactions)
    weights = weigh_histories(turned.queries)
    best, worst = np.split(peer.score(weights, turned.queries), 2)
    np.testing.assert_allclose(worst, -penalty * best, atol=1e-6)
    assert best.any()
    slates = recommend(peer, turned.queries)
    assert compute_overlap(slates) < 10.0


def test_signed_ease_learns_nothing_from_dislikes(small_dataset):
    train = small_dataset.interactions
    kept = train.select(train.values >= 2.5)  # nearer to 4 than to 1
    fitted = []
    for part in (train, kept):
        peer = SignedEase(part.values, _SCALE, 0.0, l2=10.0)
        peer.fit(part)
        fitted.append(peer._ease._weights)
    np.testing.assert_array_equal(*fitted)
