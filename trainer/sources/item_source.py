"""The interface of a source of the item representation."""

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
    """The settings of a source without settings."""


class ItemSource(tf.keras.layers.Layer):
    """A source of the item representation: text, id, categories, ...

    The candidate tower gets from each source the features of items and their
    vectors. A source marks the items that it knows nothing about; for these the
    tower learns an "absent" vector per source.

    To add a source, add a module to this folder and a line in `registry.py`.
    Features are a tensor with the items as dimension 0.

    Attributes:
        settings_class: its settings, a pydantic dataclass.
        columns: what it reads from the catalogue, by the names of the
            `Catalog`; found in `ItemTable.columns`.
        inputs: tensors of `encode_items` that it reads beside those of
            `signatures.ENCODE_ITEMS_INPUTS`, name to (dtype name, rank):
            numbers of an item, NaN where they are not known.
        is_behavior: whether it is learnt from events of the item. The other
            sources are the item's content.
        reads_words: whether it encodes the text of needs. Such a source has
            `text_vectors`, float32 `[N, T]`, and its features are text vectors.
    """

    settings_class: ClassVar[type] = NoSettings
    columns: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[Mapping[str, tuple[str, int]]] = {}
    is_behavior: ClassVar[bool] = False
    reads_words: ClassVar[bool] = False

    def __init__(self, items: ItemTable, config: TowerConfig, settings: Any):
        """Keeps its columns of the catalogue.

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
        """Builds the features of items that are not in the catalogue.

        Args:
            request: `signatures.ENCODE_ITEMS_INPUTS` of M items, and `inputs`.
            backbone: reads texts.

        Returns:
            Features `[M, ...]`.
        """
        raise NotImplementedError

    def encode(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Encodes features as item vectors.

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
