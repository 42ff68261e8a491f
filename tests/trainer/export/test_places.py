"""Places among all items, in small and large catalogues."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.index.bare_query import build_query
from trainer.export.places import Places
from trainer.export.places import count_ahead
from trainer.scoring.catalogue_scorer import CatalogueScorer


def test_items_ahead_count_as_often_as_they_stand_for_others():
    scores = tf.constant([[[1.0, 5.0, 3.0], [9.0, 9.0, 9.0]]])
    weights = tf.constant([[1.0, 10.0, 2.0]])
    own = tf.constant([[[0.0, 3.0, 6.0], [9.0, 9.1, 8.0]]])
    # All three stand for 13 items; an item with the same score is not ahead.
    np.testing.assert_allclose(
        count_ahead(scores, weights, own), [[[14, 11, 1], [1, 1, 14]]]
    )


def _query(vector, without, rows):
    """Scores are one number times one number."""
    left_out = tf.constant([[[one] for one in without]])
    return build_query([[vector]], [rows], left_out=left_out)


def _scorer(num_items, newcomers=None):
    none = np.zeros(num_items, np.float32)
    return CatalogueScorer(
        [], np.array([1.0]), none, none if newcomers is None else newcomers
    )


@pytest.mark.parametrize("num_items", [100, 20_000])
def test_places_are_those_of_each_request_without_what_was_met(num_items):
    vectors = np.arange(num_items, dtype=np.float32)[:, np.newaxis]
    loved = num_items - 10
    newcomers = np.where(np.arange(num_items) == loved, 1e6, 0.0)
    find = Places(vectors, np.arange(num_items), _scorer(num_items, newcomers))
    met = tf.constant([[num_items - 1, num_items]])
    rows = tf.constant([[num_items - 3, loved]])
    query = _query(1.0, [-1.0, 0.0, 1.0], [num_items - 1, num_items])
    places, lift = find(
        query,
        met,
        rows,
        tf.gather(vectors, rows),
        tf.constant([[num_items - 3.0, num_items - 10.0]]),
    )
    # The last item was met: one more is ahead of the third from behind, and
    # eight of the loved one. A query of -1 turns the order round, but to a
    # newcomer the loved item comes first. A query of 0 leaves nothing ahead.
    expected = [
        [2, 9],
        [num_items - 2, 1],
        [1, 1],
        [3, 1],
    ]
    np.testing.assert_allclose(places[0], expected, rtol=0.01)
    np.testing.assert_allclose(lift, [[0.0, 0.0]])


def test_what_reordered_the_slate_is_a_lift():
    vectors = np.arange(9, dtype=np.float32)[:, np.newaxis]
    find = Places(vectors, np.zeros(9), _scorer(9))
    rows = tf.constant([[4]])
    _, lift = find(
        _query(1.0, [0.0, 0.0, 0.0], [9]),
        tf.constant([[9]]),
        rows,
        tf.gather(vectors, rows),
        tf.constant([[8.0]]),
    )
    # Four items are ahead of item 4: from the 5th place to the 1st.
    np.testing.assert_allclose(lift, np.log([[5.0]]), rtol=1e-5)
