"""What a source keeps of the catalogue."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.bfloat16 import require_bfloat16
from tests.trainer.sources.catalogue import ITEMS
from trainer.config import TowerConfig
from trainer.sources.item_source import ItemSource
from trainer.sources.item_source import NoSettings


class _Times(ItemSource):
    """Gives back what it keeps."""

    def __init__(self):
        super().__init__(ITEMS, TowerConfig(), NoSettings())
        self._times = self.keep("times", np.array([1.7e9], np.float32))

    def call(self, rows):
        return tf.gather(self._times, rows)


@pytest.fixture
def _bfloat16():
    require_bfloat16()
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    yield
    tf.keras.mixed_precision.set_global_policy("float32")


@pytest.mark.usefixtures("_bfloat16")
def test_what_is_kept_is_not_rounded_in_coarse_towers():
    kept = _Times()(tf.constant([0]))
    # A float32 near 1.7e9 is off by up to 64; a bfloat16 by 4 million.
    np.testing.assert_allclose(tf.cast(kept, tf.float64), [1.7e9], atol=64)


def test_what_is_kept_is_not_trained():
    assert _Times().trainable_variables == []
