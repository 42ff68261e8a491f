"""The source "created_at": an item's time of creation."""

from typing import Annotated

import numpy as np
import tensorflow as tf
from pydantic import Field
from pydantic.dataclasses import dataclass

from trainer.config import Rate
from trainer.sources.item_source import ItemSource
from trainer.sources.number_embedding import NumberEmbedding


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class CreatedAtSettings:
    """Settings of the source `created_at`."""

    num_knots: Annotated[int, Field(ge=2)] = 9  # times with a vector of
    # their own, at equal shares of the catalogue
    dropout: Rate = 0.1  # chance that training hides the time, so that
    # the towers learn to encode items without one


class CreatedAtSource(ItemSource):
    """An embedding of the time of creation, if that is known.

    Features: float32 `[M]`, seconds since the epoch, to about two minutes;
    NaN where the time is not known.
    """

    settings_class = CreatedAtSettings
    columns = ("created_at",)
    inputs = {"created_at": ("float32", 1)}

    def __init__(self, items, config, settings):
        super().__init__(items, config, settings)
        self._dropout = settings.dropout
        times = items.columns["created_at"].to_numpy().astype(np.float32)
        self._times = self.keep("times", times)
        self._embedding = NumberEmbedding(
            times, config.embedding_dim, settings.num_knots
        )

    def look_up(self, rows, training=False):
        times = tf.gather(self._times, rows)
        if training and self._dropout:
            kept = tf.random.uniform(tf.shape(rows)) >= self._dropout
            times = tf.where(kept, times, np.nan)
        return times

    def read(self, request, backbone):
        return request["created_at"]

    def encode(self, features):
        return self._embedding(features), ~tf.math.is_nan(features)
