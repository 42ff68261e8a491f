"""The mean of what an item's categories are."""

import dataclasses

import numpy as np
import tensorflow as tf

from tests.trainer.sources.catalogue import ITEMS
from trainer.config import TowerConfig
from trainer.sources.category_source import CategorySource
from trainer.sources.item_source import NoSettings


def _source(items=ITEMS):
    return CategorySource(items, TowerConfig(), NoSettings())


def test_item_of_two_categories_lies_between_them():
    source = _source()
    vectors, _ = source.encode(tf.constant([[0, 1], [0, -1], [1, -1]]))
    both, first, second = vectors.numpy()
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)


def test_names_are_looked_up_as_they_are_written():
    names = tf.constant([["y", "x"], ["X", ""], ["", "y"]])
    ids = _source().read({"categories": names}, None)
    assert ids.numpy().tolist() == [[1, 0], [-1, -1], [-1, 1]]


def test_catalogue_without_categories_knows_none():
    bare = dataclasses.replace(
        ITEMS, categories=(), category_ids=np.full((3, 1), -1, np.int32)
    )
    source = _source(bare)
    ids = source.read({"categories": tf.constant([["x", ""]])}, None)
    _, is_known = source.encode(ids)
    assert is_known.numpy().tolist() == [False]
