import numpy as np
import pytest

from benchmarks.new_items.placing import Boost
from benchmarks.new_items.placing import Confident
from benchmarks.new_items.placing import Quota
from benchmarks.new_items.placing import standardise
from benchmarks.quality.queries import Queries

# Items 0 to 11 are known, 12 and 13 are new.
_IS_NEW = np.arange(14) >= 12
_SLATES = np.tile(np.arange(10), (4, 1))
_ALL = np.ones(4, bool)


def _count_new(slates):
    return _IS_NEW[slates].sum(axis=1)


def test_quota_gives_the_last_place_of_a_share_of_all_slates():
    picks = np.array([12, 13, 12, 13])
    mixture = Quota(_SLATES, picks).place(0.3, _ALL)
    assert [weight for weight, _ in mixture] == pytest.approx([0.7, 0.3])
    without, full = (slates for _, slates in mixture)
    assert (without == _SLATES).all()
    assert full[:, 9].tolist() == picks.tolist()
    assert (full[:, :9] == _SLATES[:, :9]).all()


def test_confident_gives_it_where_the_new_item_is_surest():
    scores = np.full((4, 14), -np.inf)
    scores[:, 12] = [0.1, 3.0, 0.2, 0.3]
    scores[:, 13] = [0.0, 1.0, 2.0, 0.1]
    ((weight, slates),) = Confident(_SLATES, scores).place(0.5, _ALL)
    assert weight == 1.0
    assert slates[:, 9].tolist() == [9, 12, 13, 9]


def test_threshold_is_that_of_the_queries_that_are_asked():
    scores = np.full((4, 14), -np.inf)
    scores[:, 12] = [1.0, 2.0, 8.0, 9.0]
    asked = np.array([True, True, False, False])
    ((_, slates),) = Confident(_SLATES, scores).place(0.5, asked)
    assert slates[:, 9].tolist() == [9, 12, 12, 12]
    ((_, none),) = Confident(_SLATES, scores).place(0.0, asked)
    assert (none == _SLATES).all()


@pytest.fixture
def boost():
    nothing = np.zeros(0, np.int64)
    queries = Queries(
        users=np.arange(4),
        offsets=np.zeros(5, np.int64),
        history=nothing,
        rows=nothing,
        target_offsets=np.arange(5),
        targets=np.zeros(4, np.int64),
        is_candidate=np.ones(14, bool),
        groups=np.full(4, ""),
    )
    scores = np.zeros((4, 14), np.float32)
    scores[:, :12] = 12.0 - np.arange(12)  # the tenth place has 3
    scores[:, 12] = [-1.0, -2.0, -3.0, -4.0]
    scores[:, 13] = -50.0
    return Boost(queries, scores, _IS_NEW)


@pytest.mark.parametrize(("share", "gained"), [(0.0, 0), (0.5, 2), (1.0, 4)])
def test_boost_gives_new_items_so_many_places_in_the_mean(boost, share, gained):
    ((_, slates),) = boost.place(share, _ALL)
    expected = [1] * gained + [0] * (4 - gained)
    assert _count_new(slates).tolist() == expected
    assert (slates[:, 0] == 0).all() or share == 1.0


def test_bonus_is_that_of_the_queries_that_are_asked(boost):
    asked = np.array([False, False, False, True])
    ((_, slates),) = boost.place(1.0, asked)
    # Enough for the last one, and so for all.
    assert (_count_new(slates) == 1).all()
    ((_, slates),) = boost.place(0.0, asked)
    assert _count_new(slates)[3] == 0


def test_scores_are_standardised_among_the_new_items_of_a_query():
    scores = np.zeros((2, 14))
    scores[:, 12:] = [[1.0, 3.0], [10.0, 10.0]]
    found = standardise(scores, _IS_NEW)
    assert found[0, 12:].tolist() == [-1.0, 1.0]
    assert found[1, 12:].tolist() == [0.0, 0.0]
    assert np.isneginf(found[:, :12]).all()
