"""The exported model is asked what the protocol asks."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.quality.asked_model import TrainedModel
from benchmarks.quality.asked_model import ask_for_ratings
from benchmarks.quality.asked_model import ask_for_slates
from benchmarks.quality.asked_model import build_query
from benchmarks.quality.queries import build_queries
from tests.serving import tiny_recommender

WINDOW = 2


class _NumberedRecommender(tiny_recommender.TinyRecommender):
    """Calls its 20 items 1 to 20."""

    def __init__(self):
        super().__init__()
        ids = [str(number) for number in range(1, 21)]
        self.ids = tf.constant(ids)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                self.ids, tf.range(20, dtype=tf.int64)
            ),
            default_value=-1,
        )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "numbered"
    tiny_recommender.export_model(_NumberedRecommender(), path)
    return TrainedModel(path, "rate", WINDOW, train_seconds=1.0)


@pytest.fixture(scope="module")
def queries(small_dataset):
    """Each user's fourth event, given three; items 1 to 3 are unknown."""
    data = small_dataset.interactions
    by_user = np.argsort(data.users, kind="stable").reshape(30, 12)
    is_candidate = np.ones(20, bool)
    is_candidate[:3] = False
    return build_queries(
        data, list(by_user[:, :3]), list(by_user[:, 3:4]), is_candidate
    )


def _rank(queries, query, excluded):
    """What the tiny recommender must answer: it averages the window.

    The rows of its items are those of the data: numbers sort as numbers.
    """
    vectors = tiny_recommender.item_vectors()
    numbers = _numbers(queries, query)
    window = vectors[numbers[-WINDOW:] - 1].mean(axis=0)
    scores = vectors @ window + tiny_recommender.item_popularity()
    scores[numbers - 1] = -np.inf
    scores[excluded] = -np.inf
    return np.argsort(-scores)


def _numbers(queries, query):
    return queries.get_history(query) + 1


def test_slates_are_those_of_the_window_without_anything_met_before(
    model, queries, small_dataset
):
    slates = ask_for_slates(model, small_dataset, queries)
    assert slates.shape == (30, 10)
    num_misses = 0
    for query, slate in enumerate(slates):
        expected = _rank(queries, query, [])[:10]
        # What training never saw takes a place and counts as a miss.
        num_misses += (expected < 3).sum()
        assert slate.tolist() == np.where(expected < 3, -1, expected).tolist()
    assert num_misses > 0


def test_only_candidates_can_be_asked_for(model, queries, small_dataset):
    is_candidate = np.zeros(20, bool)
    is_candidate[[4, 9, 15]] = True
    few = dataclasses.replace(queries, is_candidate=is_candidate)
    slates = ask_for_slates(model, small_dataset, few, only_candidates=True)
    for query, slate in enumerate(slates):
        left = set(np.flatnonzero(is_candidate)) - set(few.get_history(query))
        expected = _rank(few, query, np.flatnonzero(~is_candidate))[: len(left)]
        assert slate[: len(left)].tolist() == expected.tolist()
        assert (slate[len(left) :] == -1).all()


def test_a_query_says_what_happened_when_and_not_what_comes_next(
    model, queries, small_dataset
):
    data = small_dataset.interactions
    rows = queries.get_rows(7)
    query, older = build_query(model, data, rows)
    assert query.item_ids == tuple(
        str(number) for number in _numbers(queries, 7)[-WINDOW:]
    )
    assert older == [str(_numbers(queries, 7)[0])]
    assert query.event_types == ("rate", "rate")
    assert query.timestamps == tuple(data.timestamps[rows[-WINDOW:]])
    assert query.values == tuple(data.values[rows[-WINDOW:]])
    assert query.query_time == 0


def test_ratings_are_those_of_the_asked_item(model, queries, small_dataset):
    ratings = ask_for_ratings(model, small_dataset, queries)
    vectors = tiny_recommender.item_vectors()
    for query, rating in enumerate(ratings):
        window = vectors[_numbers(queries, query)[-WINDOW:] - 1].mean(axis=0)
        (target,) = queries.get_targets(query)
        score = vectors[target] @ window
        score += tiny_recommender.item_popularity()[target]
        assert rating == pytest.approx(3.0 + score, abs=1e-5)


def test_a_user_without_history_can_be_asked_about(model, small_dataset):
    nobody = build_queries(
        small_dataset.interactions,
        [np.zeros(0, np.int64)],
        [np.array([0])],
        np.ones(20, bool),
    )
    (rating,) = ask_for_ratings(model, small_dataset, nobody)
    popularity = tiny_recommender.item_popularity()[nobody.targets[0]]
    assert rating == pytest.approx(3.0 + popularity, abs=1e-5)
