"""What a need adds to the scores of requests."""

import numpy as np
import tensorflow as tf

from tests.trainer.needs.catalogue import build_items
from trainer.needs.need_scorer import NeedScorer
from trainer.needs.said_need import SaidNeed
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.query_scorer import QueryScorer
from trainer.scoring.query_scorer import has_need
from trainer.towers.query_tower import EncodedQuery

_VECTORS = np.arange(15, dtype=np.float32).reshape(5, 3)
_N = 5


def _build_scorer():
    items = build_items(titles=(), descriptions=())
    needs = NeedScorer(items, tf.Variable(items.text_vectors))
    needs.assign_weights(
        [[1.0, 3.0, 10.0, 0.0]] * 2, [[0.5, 1.0, 2.0, 0.0]] * 2
    )
    nothing = np.zeros(_N, np.float32)
    catalogue = CatalogueScorer([], np.array([2.0]), nothing, nothing)
    return QueryScorer(catalogue, needs), items


def _ask(texts, rows):
    """Queries (1, 0, 0); a need adds (0, 1, 0) and is text vector 2."""
    is_told = tf.constant([[float(text != "")] for text in texts])
    empty = tf.zeros([len(texts), 0])
    return EncodedQuery(
        queries=tf.constant([[1.0, 0.0, 0.0]] * len(texts)),
        attention=empty,
        values=empty,
        newest=empty,
        num_events=tf.constant([1] * len(texts)),
        rows=tf.constant([[row] for row in rows]),
        attracted=empty,
        places=empty,
        disliked_rows=empty,
        left_out=empty,
        need=SaidNeed(
            text=tf.constant(texts),
            vectors=is_told * tf.one_hot([2] * len(texts), 4),
            queries=is_told * tf.constant([[0.0, 1.0, 0.0]]),
        ),
    )


def _multiply(queries):
    return tf.matmul(queries, _VECTORS, transpose_b=True)


def test_score_is_the_sum_of_the_history_and_of_what_is_said():
    scorer, items = _build_scorer()
    scores = scorer(_ask(["a", "a", ""], [_N, 0, 0]), _multiply).numpy()
    history, tower = 2.0 * _VECTORS[:, 0], _VECTORS[:, 1]
    text = items.text_vectors[:, 2]
    np.testing.assert_allclose(scores[0], history + 3 * tower + 10 * text)
    np.testing.assert_allclose(scores[1], 0.5 * history + tower + 2 * text)
    np.testing.assert_allclose(scores[2], history)


def test_extended_query_gives_the_same_scores():
    scorer, items = _build_scorer()
    query = _ask(["a", "a", ""], [_N, 0, 0])
    extended = np.column_stack([_VECTORS, items.text_vectors])
    np.testing.assert_allclose(
        scorer.extend(query).numpy() @ extended.T,
        scorer(query, _multiply),
        rtol=1e-5,
    )


def test_a_batch_without_needs_is_told_from_one_with():
    assert has_need(_ask(["", "a"], [0, 0]))
    assert not has_need(_ask(["", ""], [0, 0]))
    assert not has_need(_ask(["a"], [0])._replace(need=None))
