"""Everything beside the towers in the order of a slate."""

import dataclasses

import numpy as np
import tensorflow as tf

from trainer.inputs.training_data import load_training_data
from trainer.scoring.scorer_fitting import fit_scorer


def _score(trained, inputs, config, penalty):
    """Scores of the catalogue for a history of one event."""
    retrieval = dataclasses.replace(
        config.retrieval, popularity_penalty=penalty
    )
    config = dataclasses.replace(config, retrieval=retrieval)
    data = load_training_data(trained.items, inputs, config)
    scorer = fit_scorer(trained.model, trained.items, data, config)
    assert (scorer.weights.numpy() > 0.0).all()
    dots = tf.zeros([1, trained.items.num_items])
    return scorer(dots, tf.zeros([1, 1], tf.int32))[0]


def test_penalty_of_the_config_lowers_what_is_popular(
    trained, training_inputs, tiny_config
):
    plain = _score(trained, training_inputs, tiny_config, 0.0)
    lowered = _score(trained, training_inputs, tiny_config, 0.5)
    counts = trained.items.counts
    np.testing.assert_allclose(
        (plain - lowered).numpy()[counts > 0],
        0.5 * np.log1p(counts[counts > 0]),
        atol=1e-3,
    )
