"""Scenario adapters: each moves the vectors of its own scenario."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.backbone.modules import ScenarioAdapters


def _normalise(values):
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_each_text_passes_the_adapter_of_its_scenario():
    adapters = ScenarioAdapters(["books", "films"], 4, 2, seed=1)
    down, up = adapters.variables
    up.assign(tf.random.stateless_normal(up.shape, [1, 2]))
    vectors = _normalise(np.arange(12.0).reshape(3, 4) - 5.0)
    vectors = vectors.astype(np.float32)
    scenarios = tf.constant(["films", "books", "elsewhere"])
    moved = adapters.apply(tf.constant(vectors), scenarios).numpy()
    for row, at in ((0, 1), (1, 0)):
        # sqrt(4) = 2 scales unit vectors up.
        inner = tf.nn.gelu(2.0 * vectors[row : row + 1] @ down[at].numpy())
        expected = _normalise(vectors[row : row + 1] + inner @ up[at].numpy())
        np.testing.assert_allclose(moved[row], expected[0], atol=1e-5)
    np.testing.assert_array_equal(moved[2], vectors[2])


def test_untrained_adapter_changes_nothing():
    adapters = ScenarioAdapters(["books"], 4, 2, seed=1)
    vectors = tf.constant([[0.6, 0.8, 0.0, 0.0]])
    moved = adapters.apply(vectors, tf.constant(["books"]))
    np.testing.assert_allclose(moved, vectors, atol=1e-6)


def test_no_texts_pass():
    adapters = ScenarioAdapters(["books"], 4, 2, seed=1)
    moved = adapters.apply(tf.zeros([0, 4]), tf.constant([], tf.string))
    assert moved.shape == (0, 4)


@pytest.mark.parametrize("names", [[], ["books", ""]])
def test_scenarios_must_have_names(names):
    with pytest.raises(ValueError, match=r"non-empty string\. Received"):
        ScenarioAdapters(names, 4, 2, seed=1)
