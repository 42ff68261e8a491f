"""The item representation: absent sources, id dropout, unknown items."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import TowerConfig
from trainer.inputs.item_table import ItemTable
from trainer.towers.candidate_tower import CandidateTower

# Two trained items, two cold ones; rows 2 and 3 share text and category.
ITEMS = ItemTable(
    item_ids=np.array(["a", "b", "c", "d"], object),
    text_vectors=np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32),
    category_ids=np.array([[0, 1], [-1, -1], [0, -1], [0, -1]], np.int32),
    categories=("x", "y"),
    counts=np.array([5, 3, 0, 0], np.int64),
    prices=np.full(4, np.nan, np.float32),
    created_at=np.full(4, np.nan),
)


def _build(**changes):
    tf.keras.utils.set_random_seed(3)
    return CandidateTower(ITEMS, TowerConfig(embedding_dim=4, **changes))


def _encode_without_id(tower, rows):
    text = tf.gather(ITEMS.text_vectors, rows)
    categories = tf.gather(ITEMS.category_ids, rows)
    return tower.fuse([text, tf.zeros(len(rows), tf.int32), categories])


@pytest.mark.parametrize("size", [0, 1, 4])
def test_any_batch_has_finite_vectors(size):
    vectors = _build()(tf.range(size))
    assert vectors.shape == (size, 4)
    assert vectors.dtype == tf.float32
    assert np.isfinite(vectors).all()


def test_cold_items_with_the_same_content_are_the_same():
    vectors = _build()(tf.range(4)).numpy()
    np.testing.assert_allclose(vectors[2], vectors[3], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[2])


def test_absent_id_is_learned_and_not_zero():
    tower = _build()
    rows = tf.constant([2])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tower(rows))
    absent = next(v for v in tower.weights if "absent" in v.name)
    gradient = tape.gradient(total, absent).numpy()
    assert np.abs(gradient[1]).max() > 0.0  # source 1 is the id
    assert np.abs(absent.numpy()[1]).max() > 0.0


def test_certain_id_dropout_makes_a_trained_item_a_stranger():
    # 0.999 drops the one id of this draw; it is random but seeded.
    tower = _build(id_dropout=0.999)
    known = tower(tf.constant([0]))
    dropped = tower(tf.constant([0]), training=True)
    expected = _encode_without_id(tower, [0])
    np.testing.assert_allclose(dropped, expected, atol=1e-6)
    assert not np.allclose(dropped, known)


def test_alignment_moves_content_to_where_behavior_put_the_item():
    tower = _build()
    rows = tf.constant([0, 1, 2, 3])

    before = float(tower.compute_alignment_loss(rows))
    # By hand: items 0 and 1 have an id, the other two do not count.
    gaps = tf.reduce_sum(
        (_encode_without_id(tower, rows) - tower(rows)) ** 2, axis=-1
    )
    np.testing.assert_allclose(before, (gaps[0] + gaps[1]) / 2, rtol=1e-5)
    optimizer = tf.keras.optimizers.Adam(0.05)
    ids = next(v for v in tower.trainable_weights if v.name.startswith("id"))
    where = ids.numpy()
    for _ in range(50):
        with tf.GradientTape() as tape:
            loss = tower.compute_alignment_loss(rows)
        grads = tape.gradient(loss, tower.trainable_weights)
        pairs = zip(grads, tower.trainable_weights, strict=True)
        optimizer.apply_gradients((g, v) for g, v in pairs if g is not None)
    assert float(loss) < 0.5 * before
    # What behaviour taught stays as it was.
    np.testing.assert_allclose(ids.numpy()[1:], where[1:], atol=1e-6)


def test_alignment_of_strangers_alone_costs_nothing():
    assert float(_build().compute_alignment_loss(tf.constant([2, 3]))) == 0.0
    assert float(_build().compute_alignment_loss(tf.zeros([0], tf.int32))) == 0


def test_new_ids_change_no_vector_until_they_are_trained():
    tower = _build()
    before = tower(tf.range(4)).numpy()
    tower.update_counts(np.array([5, 4, 0, 1]))
    np.testing.assert_array_equal(tower(tf.range(4)), before)
    with tf.GradientTape() as tape:
        first = tf.reduce_sum(tower(tf.constant([3])))
    # Absent, two known items, and the new one; nothing else is [4, 4].
    (ids,) = (v for v in tower.trainable_weights if v.shape == (4, 4))
    ids.assign_sub(tf.convert_to_tensor(tape.gradient(first, ids)))
    moved = np.abs(tower(tf.range(4)).numpy() - before).max(axis=1) > 1e-4
    assert moved.tolist() == [False, False, False, True]


def test_more_events_of_known_items_make_no_new_id():
    tower = _build()
    before = tower(tf.range(4)).numpy()
    size = tower.count_params()
    tower.update_counts(np.array([9, 9, 0, 0]))
    np.testing.assert_array_equal(tower(tf.range(4)), before)
    assert tower.count_params() == size
