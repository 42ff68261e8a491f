"""The source "price" of the item representation."""

from typing import Annotated

import numpy as np
import tensorflow as tf
from pydantic import Field
from pydantic.dataclasses import dataclass

from trainer.config import Rate
from trainer.sources.item_source import ItemSource
from trainer.sources.number_embedding import NumberEmbedding


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PriceSettings:
    """Settings of the source `price`."""

    num_knots: Annotated[int, Field(ge=2)] = 9  # prices with a vector of
    # their own, at equal shares of the catalogue
    dropout: Rate = 0.1  # chance that training hides the price, so that
    # the towers learn to encode items without one


class PriceSource(ItemSource):
    """An embedding of the price; items without a price are "absent".

    Features: float32 `[M]`, NaN where the price is not known.
    """

    settings_class = PriceSettings
    columns = ("price",)
    inputs = {"price": ("float32", 1)}

    def __init__(self, items, config, settings):
        super().__init__(items, config, settings)
        self._dropout = settings.dropout
        prices = items.columns["price"].to_numpy().astype(np.float32)
        self._prices = self.keep("prices", prices)
        self._embedding = NumberEmbedding(
            prices, config.embedding_dim, settings.num_knots
        )

    def look_up(self, rows, training=False):
        prices = tf.gather(self._prices, rows)
        if training and self._dropout:
            kept = tf.random.uniform(tf.shape(rows)) >= self._dropout
            prices = tf.where(kept, prices, np.nan)
        return prices

    def read(self, request, backbone):
        return request["price"]

    def encode(self, features):
        return self._embedding(features), ~tf.math.is_nan(features)
