"""Requests and settings for the models of the made-up world."""

import contextlib
import dataclasses
import warnings

import pytest


@pytest.fixture(scope="session")
def make_request():
    """Builds the inputs of `recommend` for one history."""

    def make(history=(), **changes):
        import tensorflow as tf

        length = len(history)
        request = {
            "item_id": tf.constant([list(history)], tf.string),
            "event_type": tf.constant([["rate"] * length], tf.string),
            "timestamp": tf.constant(
                [[1000 + 60 * n for n in range(length)]], tf.int64
            ),
            "value": tf.constant([[4.0] * length], tf.float32),
            "need": tf.constant([""]),
            "scenario": tf.constant([""]),
            "query_time": tf.constant([0], tf.int64),
            "profile": tf.zeros([1, 0], tf.string),
            "excluded_item_id": tf.zeros([1, 0], tf.string),
            "allowed_categories": tf.zeros([1, 0], tf.string),
            "min_price": tf.constant([float("nan")]),
            "max_price": tf.constant([float("nan")]),
            "exclude_history": tf.constant([True]),
            "k": tf.constant([5]),
        }
        return request | changes

    return make


def with_optimizer(config, **changes):
    """Copies a trainer config with other optimizer settings."""
    optimizer = dataclasses.replace(config.optimizer, **changes)
    return dataclasses.replace(config, optimizer=optimizer)


@contextlib.contextmanager
def without_graphs():
    """Runs what is inside step by step.

    A graph of the model takes longer to build than some dozen steps take. Not
    for what is compared with a graph: it draws other random numbers.
    """
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            # Data pipelines keep their small graphs, and say so.
            warnings.filterwarnings("ignore", "Even though the `tf.config")
            yield
    finally:
        tf.config.run_functions_eagerly(False)
