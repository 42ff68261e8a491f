"""An embedding for whom training met, an absence for the rest."""

import numpy as np
import tensorflow as tf

from tests.trainer.sources.catalogue import ITEMS
from trainer.config import TowerConfig
from trainer.sources.id_source import IdSource
from trainer.sources.item_source import NoSettings


def _source(**changes):
    return IdSource(ITEMS, TowerConfig(**changes), NoSettings())


def test_items_of_training_have_a_row_each_and_others_none():
    rows = _source().look_up(tf.constant([0, 1, 2]))
    assert rows.numpy().tolist() == [1, 0, 2]


def test_training_hides_ids_at_the_rate_of_the_configuration():
    tf.keras.utils.set_random_seed(2)
    source = _source(id_dropout=0.25)
    rows = tf.zeros([4000], tf.int32)
    hidden = source.look_up(rows, training=True).numpy() == 0
    # Four standard deviations of 4000 draws: 4 x sqrt(0.25 x 0.75 / 4000).
    np.testing.assert_allclose(hidden.mean(), 0.25, atol=0.028)
    assert (source.look_up(rows).numpy() == 1).all()
