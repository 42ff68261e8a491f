"""What a source says of itself and of items."""

from collections.abc import Mapping
from typing import Any
from typing import ClassVar

import numpy as np
import tensorflow as tf
from pydantic.dataclasses import dataclass

from trainer.backbone.text_backbone import TextBackbone
from trainer.config import TowerConfig
from trainer.inputs.item_table import ItemTable


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class NoSettings:
    """Of a source that has nothing to set."""


class ItemSource(tf.keras.layers.Layer):
    """One thing that items are known by: what they read like, their id, ...

    The candidate tower asks each source for the features of items and for
    what they are in the space of the item vectors. Of an item that a source
    knows nothing of it says so, and need not make anything up: the tower
    learns an "absent" vector per source.

    A further source is a further module of this folder and a further line in
    `registry.py`. Features are a tensor with the items as dimension 0.

    Attributes:
        settings_class: its settings, a pydantic dataclass.
        columns: what it reads from the catalogue, by the names of the
            `Catalog`; found in `ItemTable.columns`.
        inputs: tensors of `encode_items` that it reads beside those of
            `signatures.ENCODE_ITEMS_INPUTS`, name to (dtype name, rank):
            numbers of an item, NaN where they are not known.
        is_behavior: whether it knows an item by what people did with it. An
            item without these is what content makes of it.
        reads_words: whether needs are said in its words.
    """

    settings_class: ClassVar[type] = NoSettings
    columns: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[Mapping[str, tuple[str, int]]] = {}
    is_behavior: ClassVar[bool] = False
    reads_words: ClassVar[bool] = False

    def __init__(self, items: ItemTable, config: TowerConfig, settings: Any):
        """Keeps what is known of the catalogue.

        Args:
            items: the catalogue.
            config: of the towers.
            settings: of the source, a `settings_class`.
        """
        super().__init__()

    def look_up(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Finds the features of items of the catalogue.

        Args:
            rows: int32 `[M]`.
            training: whether some may be hidden at random.

        Returns:
            Features `[M, ...]`.
        """
        raise NotImplementedError

    def read(
        self, request: Mapping[str, tf.Tensor], backbone: TextBackbone
    ) -> tf.Tensor:
        """Finds the features of items that training has not met.

        Args:
            request: `signatures.ENCODE_ITEMS_INPUTS` of M items, and `inputs`.
            backbone: reads texts.

        Returns:
            Features `[M, ...]`.
        """
        raise NotImplementedError

    def encode(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Brings features into the space of the item vectors.

        Args:
            features: `[M, ...]`.

        Returns:
            float `[M, D]`, and bool `[M]`, of which items anything is known.
        """
        raise NotImplementedError

    def update_counts(self, counts: np.ndarray, absent: np.ndarray) -> None:
        """Makes room for what behaviour will teach of more items.

        No item may change by that, only by training.

        Args:
            counts: int `[N]`, events of each item by now.
            absent: float32 `[D]`, what stands for an item of which the source
                knows nothing.
        """

    def keep(self, name: str, value: np.ndarray) -> tf.Variable:
        """Keeps an array as a variable, outside the 2 GB of a graph."""
        return self.add_weight(
            name=name,
            shape=value.shape,
            dtype=value.dtype,
            initializer=tf.constant_initializer(value),
            trainable=False,
            # In bfloat16 a time of creation would be off by months.
            experimental_autocast=False,
        )
