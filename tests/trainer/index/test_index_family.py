"""What every index must do, exported and loaded again."""

from typing import get_args
from typing import get_type_hints

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.same_order import assert_same_order
from trainer.config import IndexConfig
from trainer.index.brute_force_index import BruteForceIndex
from trainer.index.ivf_index import IvfIndex
from trainer.index.restriction import Restriction
from trainer.scoring.ranks import EXCLUDED

_NUM_ITEMS = 600
_DIM = 24
_ALL_PROBED = {"num_partitions": 12, "num_probes": 12, "num_candidates": 600}
_KINDS = {
    "brute_force": IndexConfig(),
    "ivf": IndexConfig(kind="ivf", **_ALL_PROBED),
    "ivf_int8": IndexConfig(kind="ivf", quantisation="int8", **_ALL_PROBED),
    "ivf_of_more_partitions_than_items": IndexConfig(
        kind="ivf", num_partitions=5000, num_probes=5000, num_candidates=600
    ),
    "ivf_that_probes_one": IndexConfig(
        kind="ivf", num_partitions=12, num_probes=1, num_candidates=10
    ),
}
_TOLERANCE = {"ivf_int8": 0.05}  # standard deviation of a score is about 5
_TWINS = ((_NUM_ITEMS - 2, _NUM_ITEMS - 1),)
_EXACT = ("brute_force", "ivf", "ivf_of_more_partitions_than_items")


class _Saved(tf.Module):
    """An index behind the functions that the tests call."""

    def __init__(self, index):
        super().__init__()
        self.index = index

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, _DIM]),
            tf.TensorSpec([], tf.int32),
            tf.TensorSpec([None], tf.bool),
        ]
    )
    def search(self, queries, count, allowed):
        restriction = Restriction(
            ~tf.reduce_all(allowed), lambda rows, _: tf.gather(allowed, rows)
        )
        return self.index.search(queries, count, restriction)

    @tf.function(input_signature=[tf.TensorSpec([None, _DIM])])
    def score_all(self, queries):
        return self.index.score_all(queries)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def gather(self, rows):
        return self.index.gather(rows)


def _make_vectors():
    """Clusters; the last two vectors are the same."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(20, _DIM))
    vectors = centres[random.integers(0, 20, _NUM_ITEMS)]
    vectors += 0.4 * random.normal(size=vectors.shape)
    vectors[-1] = vectors[-2]
    return vectors.astype(np.float32)


VECTORS = _make_vectors()
QUERIES = np.random.default_rng(6).normal(size=(8, _DIM)).astype(np.float32)
TRUTH = QUERIES @ VECTORS.T
ALL = np.ones(_NUM_ITEMS, bool)


@pytest.fixture(scope="module", params=_KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def index(kind, tmp_path_factory):
    config = _KINDS[kind]
    if config.kind == "brute_force":
        built = BruteForceIndex(VECTORS)
    else:
        built = IvfIndex(VECTORS, np.eye(_DIM), config)
    folder = str(tmp_path_factory.mktemp("index") / "saved")
    tf.saved_model.save(_Saved(built), folder)
    return tf.saved_model.load(folder)


def _search(index, queries, count, allowed=ALL):
    scores, rows = index.search(queries, np.int32(count), allowed)
    return scores.numpy(), rows.numpy()


def test_every_kind_and_precision_of_the_config_is_asked():
    hints = get_type_hints(IndexConfig)
    for name in ("kind", "quantisation"):
        asked = {getattr(config, name) for config in _KINDS.values()}
        assert asked == set(get_args(hints[name]))


def test_every_dot_product_is_that_of_the_vectors(index, kind):
    np.testing.assert_allclose(
        index.score_all(QUERIES), TRUTH, atol=_TOLERANCE.get(kind, 1e-4)
    )


def test_vectors_come_back_by_their_rows(index, kind):
    rows = np.array([[0, 7], [599, 598]], np.int32)
    np.testing.assert_allclose(
        index.gather(rows), VECTORS[rows], atol=_TOLERANCE.get(kind, 1e-5)
    )


def test_best_items_come_first_with_their_scores(index, kind):
    scores, rows = _search(index, QUERIES, 10)
    found = np.take_along_axis(TRUTH, rows, axis=1)
    tolerance = _TOLERANCE.get(kind, 1e-4)
    np.testing.assert_allclose(scores, found, atol=tolerance)
    assert np.isfinite(scores).all()
    assert (np.diff(scores, axis=1) <= 0.0).all()
    if kind in _EXACT:
        best = -np.sort(-TRUTH, axis=1)[:, :10]
        np.testing.assert_allclose(scores, best, atol=tolerance)


def test_no_item_comes_twice(index):
    _, rows = _search(index, QUERIES, 50)
    assert all(len(set(row)) == 50 for row in rows.tolist())


def test_what_is_not_allowed_leaves_its_place_to_others(index, kind):
    allowed = np.zeros(_NUM_ITEMS, bool)
    allowed[::40] = True  # 15 items, a few in every partition
    scores, rows = _search(index, QUERIES, 15, allowed)
    assert sorted(rows[0]) == list(range(0, _NUM_ITEMS, 40))
    best = -np.sort(-TRUTH[:, allowed], axis=1)
    np.testing.assert_allclose(scores, best, atol=_TOLERANCE.get(kind, 1e-4))


def test_only_rows_that_want_for_items_are_searched_further(index):
    scores, rows = _search(index, QUERIES[:1], 400)
    again, same = _search(index, QUERIES[:2], 400)
    assert_same_order((rows, scores), (same[:1], again[:1]), twins=_TWINS)


def test_wish_beyond_the_allowed_is_filled_with_nothing(index):
    allowed = np.zeros(_NUM_ITEMS, bool)
    allowed[[3, 300]] = True
    scores, rows = _search(index, QUERIES, 5, allowed)
    assert (np.sort(rows[:, :2], axis=1) == [3, 300]).all()
    assert (rows[:, 2:] == _NUM_ITEMS).all()
    assert (scores[:, 2:] <= EXCLUDED / 2).all()


def test_wish_beyond_the_catalogue_gives_the_catalogue(index):
    _, rows = _search(index, QUERIES[:1], _NUM_ITEMS + 5)
    assert sorted(rows[0, :_NUM_ITEMS]) == list(range(_NUM_ITEMS))
    assert (rows[0, _NUM_ITEMS:] == _NUM_ITEMS).all()


def test_same_vectors_get_the_same_score(index):
    scores = index.score_all(QUERIES).numpy()
    np.testing.assert_allclose(scores[:, -1], scores[:, -2], atol=0.05)


def test_wish_for_nothing_gives_nothing(index):
    allowed = np.zeros(_NUM_ITEMS, bool)  # so that more would be looked at
    scores, rows = _search(index, QUERIES, 0, allowed)
    assert scores.shape == rows.shape == (8, 0)


def test_empty_batch_gives_no_rows(index):
    scores, rows = _search(index, QUERIES[:0], 10)
    assert scores.shape == rows.shape == (0, 10)


def test_lone_query_gets_what_it_gets_in_a_batch(index):
    score, alone = _search(index, QUERIES[:1], 10)
    scores, together = _search(index, QUERIES, 10)
    assert_same_order((alone, score), (together[:1], scores[:1]), twins=_TWINS)


@pytest.mark.parametrize("quantisation", ["none", "int8"])
def test_catalogue_of_one_item_is_found(quantisation):
    config = IndexConfig(kind="ivf", quantisation=quantisation)
    index = IvfIndex(VECTORS[:1], np.eye(_DIM), config)
    scores, rows = index.search(tf.constant(QUERIES), 3)
    assert rows.numpy().tolist() == [[0, 1, 1]] * 8
    np.testing.assert_allclose(scores[:, 0], TRUTH[:, 0], atol=0.05)
