"""The export of the made-up world, loaded again."""

import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def loaded(saved_model):
    """The SavedModel as a server would load it."""
    return tf.saved_model.load(saved_model)
