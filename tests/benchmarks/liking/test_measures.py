"""How slates are judged by how people rated what they hold."""

import numpy as np
import pytest

from benchmarks.liking.measures import Judge
from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.queries import build_queries
from schemas.rating_scale import RatingScale

_SCALE = RatingScale(lowest=1.0, highest=5.0, positive_value=4.0)
# Two people: what they rated, in order.
_RATINGS = (("a", "pqrs", (3, 5, 1, 4)), ("b", "pqrs", (2, 4, 5, 2)))


@pytest.fixture
def data():
    users, items, values = zip(
        *(
            (user, item, value)
            for user, items, values in _RATINGS
            for item, value in zip(items, values, strict=True)
        ),
        strict=True,
    )
    times = np.tile(np.arange(4), 2)
    return build_interactions(
        np.array(users), np.array(items), times, np.array(values)
    )


@pytest.fixture
def queries(data):
    """Each has seen p; b's next is q, and a's as well."""
    rows = [np.flatnonzero(data.users == user) for user in (0, 1)]
    return build_queries(
        data,
        [one[:1] for one in rows],
        [one[1:2] for one in rows],
        np.ones(4, bool),
    )


def _slates(data, *slates):
    place = {item: n for n, item in enumerate(data.item_ids)}
    found = np.full((len(slates), 10), -1)
    for row, slate in enumerate(slates):
        found[row, : len(slate)] = [place[item] for item in slate]
    return found


def test_targets_are_graded_by_their_ratings(data, queries):
    judge = Judge(data, queries, _SCALE)
    assert judge.targets.tolist() == [5.0, 4.0]
    assert judge.is_liked.all()
    report = judge(_slates(data, "q", "rq"))
    assert report.touch_ndcg_at_10 == pytest.approx((1 + 1 / np.log2(3)) / 2)
    assert report.liked_ndcg_at_10 == report.touch_ndcg_at_10
    assert report.graded_ndcg_at_10 == report.touch_ndcg_at_10


def test_a_target_below_the_mean_costs(data):
    rows = [np.flatnonzero(data.users == user) for user in (0, 1)]
    asked = build_queries(
        data, [r[:3] for r in rows], [r[3:] for r in rows], np.ones(4, bool)
    )
    judge = Judge(data, asked, _SCALE)
    assert judge.is_liked.tolist() == [True, False]
    # Both are found: 4 after a mean of 3, and 2 after one of 3.7.
    report = judge(_slates(data, "s", "s"))
    assert report.touch_ndcg_at_10 == 1.0
    assert report.liked_ndcg_at_10 == 1.0
    assert report.graded_ndcg_at_10 == 0.0
    assert judge(_slates(data, "", "s")).graded_ndcg_at_10 == -0.5


def test_shares_are_of_what_was_rated_later(data, queries):
    judge = Judge(data, queries, _SCALE)
    # a rated r with 1 and s with 4, above and below the 3 before; b rated r
    # with 5 and s with 2, both not below the 2 before.
    report = judge(_slates(data, "rs", "rs"))
    assert report.num_rated == 4
    assert report.disliked_share == 2 / 4
    assert report.below_mean_share == 1 / 4
    assert judge(_slates(data, "p", "p")).num_rated == 0
