"""The causal transformer: no future, no padding, empty windows."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import TowerConfig
from trainer.towers.query_tower import QueryTower
from trainer.towers.query_tower import Window

WIDTH = 8
CONFIG = TowerConfig(embedding_dim=WIDTH, num_blocks=2, num_heads=2)


def _window(batch, length, seed=0):
    rng = np.random.default_rng(seed)
    shape = (batch, length)
    return Window(
        rows=tf.zeros(shape, tf.int32),
        event_type=tf.constant(rng.integers(0, 2, shape), tf.int32),
        gap=tf.constant(rng.integers(0, 4, shape), tf.int32),
        value=tf.constant(rng.normal(size=shape), tf.float32),
        has_value=tf.ones(shape),
        timestamp=tf.constant(
            np.cumsum(rng.integers(1, 900, shape), 1), tf.int64
        ),
        mask=tf.ones(shape, tf.bool),
    )


def _vectors(batch, length, seed=1):
    rng = np.random.default_rng(seed)
    return tf.constant(rng.normal(size=(batch, length, WIDTH)), tf.float32)


@pytest.fixture(scope="module")
def tower():
    tf.keras.utils.set_random_seed(5)
    return QueryTower(2, 4, CONFIG)


@pytest.mark.parametrize(("batch", "length"), [(0, 3), (1, 0), (1, 1), (2, 5)])
def test_there_is_a_state_before_and_after_every_event(tower, batch, length):
    encoded = tower(_window(batch, length), _vectors(batch, length))
    assert encoded.states.shape == (batch, length + 1, WIDTH)
    assert np.isfinite(encoded.states).all()


def test_a_state_knows_nothing_of_later_events(tower):
    vectors = _vectors(1, 5).numpy()
    before = tower(_window(1, 5), tf.constant(vectors)).states.numpy()
    # Another direction: a constant added to it is what the norm takes away.
    vectors[0, 3] *= -1.0
    after = tower(_window(1, 5), tf.constant(vectors)).states.numpy()
    moved = np.abs(after - before)[0].max(axis=-1)
    # Event 3 is known to states 4 and 5 only.
    assert moved[:4].max() < 1e-5
    assert moved[4:].min() > 0.01


def test_padding_does_not_change_the_states_before_it(tower):
    window, vectors = _window(1, 3), _vectors(1, 3)
    padded = Window(*(tf.pad(field, [[0, 0], [0, 2]]) for field in window))
    wide = tower(padded, tf.pad(vectors, [[0, 0], [0, 2], [0, 0]]))
    states = tower(window, vectors).states
    np.testing.assert_allclose(states, wide.states[:, :4], atol=1e-5)


def test_elapsed_time_changes_what_history_means():
    tf.keras.utils.set_random_seed(5)
    tower = QueryTower(2, 4, CONFIG)
    window, vectors = _window(1, 3), _vectors(1, 3)
    times = {"old": [[0, 10, 10**7]], "new": [[0, 10, 20]]}
    tower(window, vectors)
    for weight in tower.weights:
        if "time_bias" in weight.name:
            weight.assign(tf.random.normal(weight.shape))
    states = {
        name: tower(
            window._replace(timestamp=tf.constant(time, tf.int64)), vectors
        ).states
        for name, time in times.items()
    }
    assert not np.allclose(states["old"][0, 3], states["new"][0, 3])


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="num_heads=3, embedding_dim=8"):
        QueryTower(2, 4, TowerConfig(embedding_dim=8, num_heads=3))
