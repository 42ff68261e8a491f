"""What a request runs through: retrieve, filter, rank, explain."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from schemas.signatures import POSITIONS_PER_ITEM
from trainer.item_table import ItemTable
from trainer.ranks import EXCLUDED
from trainer.ranks import exclude_rows


class EncodedQuery(NamedTuple):
    """A batch of requests after the query tower.

    Attributes:
        queries: float32 `[B, D]`.
        attention: float32 `[B, H, L]`, of the query state to each event.
        values: float32 `[B, H, L, D]`, what each event adds under it.
        rows: int32 `[B, L]`, the window's catalogue rows; N = unknown.
    """

    queries: tf.Tensor
    attention: tf.Tensor
    values: tf.Tensor
    rows: tf.Tensor


class CandidateFilter(tf.Module):
    """Says which items a request allows. Knows prices and categories."""

    def __init__(self, items: ItemTable):
        """Keeps the catalogue's prices and its category matrix."""
        super().__init__(name="candidate_filter")
        num_categories = max(1, len(items.categories))
        member = np.zeros([items.num_items, num_categories], np.float32)
        at, slot = np.nonzero(items.category_ids >= 0)
        member[at, items.category_ids[at, slot]] = 1.0
        self._member = tf.Variable(member, trainable=False)
        self._prices = tf.Variable(items.prices, trainable=False)
        self._num_categories = num_categories
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(items.categories or ("",), tf.string),
                tf.range(num_categories, dtype=tf.int32),
            ),
            default_value=-1,
        )

    def category_ids(self, names: tf.Tensor) -> tf.Tensor:
        """Looks category names up; int32, same shape, -1 = unknown."""
        return self._table.lookup(names)

    def __call__(
        self, scores: tf.Tensor, request: Mapping[str, tf.Tensor], met
    ) -> tf.Tensor:
        """Pushes what the request forbids below every other score.

        Args:
            scores: float32 `[B, N]`.
            request: `allowed_categories` string `[B, C]`, `min_price` and
                `max_price` float32 `[B]`.
            met: int32 `[B, X]`, excluded rows; N = none.

        Returns:
            float32 `[B, N]`.
        """
        names = request["allowed_categories"]
        wanted = tf.one_hot(
            self.category_ids(names), self._num_categories
        )  # [B, C, G]; an unknown name matches nothing
        matched = tf.matmul(
            tf.reduce_max(tf.pad(wanted, [[0, 0], [0, 1], [0, 0]]), axis=1),
            self._member,
            transpose_b=True,
        )
        is_free = tf.reduce_all(names == "", axis=1, keepdims=True)
        allowed = is_free | (matched > 0.0)
        low = request["min_price"][:, tf.newaxis]
        high = request["max_price"][:, tf.newaxis]
        prices = self._prices[tf.newaxis]
        # An item without a price is not known to be in any price range.
        allowed &= tf.math.is_nan(low) | (prices >= low)
        allowed &= tf.math.is_nan(high) | (prices <= high)
        scores = tf.where(allowed, scores, EXCLUDED)
        return exclude_rows(scores, met)


def take_top(
    scores: tf.Tensor, k: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Takes the best K = max(k) items of each row.

    Args:
        scores: float32 `[B, N]`, after filtering.
        k: int32 `[B]`, how many each row asks for.

    Returns:
        scores float32 `[B, K]`, rows int32 `[B, K]`, and bool `[B, K]`:
        false beyond a row's own k, or where nothing allowed is left.
    """
    # A batch of zero requests has no largest k.
    largest = tf.reduce_max(tf.concat([k, [0]], axis=0))
    width = tf.minimum(largest, tf.shape(scores)[1])
    top, rows = tf.math.top_k(scores, width)
    place = tf.range(width)[tf.newaxis]
    shown = (place < k[:, tf.newaxis]) & (top > EXCLUDED / 2)
    return top, rows, shown


def share_attention(query: EncodedQuery, candidates: tf.Tensor) -> tf.Tensor:
    """Tells what each event adds to each candidate's score in the towers.

    That is what it adds through the last attention block: attention to the
    event, times how well what it says matches the candidate.

    Args:
        query: the encoded requests.
        candidates: float32 `[B, K, D]`.

    Returns:
        float32 `[B, K, L]`; events that lower the score count as nothing.
    """
    spoken = tf.einsum("bhl,bhld->bld", query.attention, query.values)
    return tf.nn.relu(tf.matmul(candidates, spoken, transpose_b=True))


def explain(shares: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the events of the window that carried each candidate.

    Args:
        shares: float32 `[B, K, L]`, what each event adds, 0 or more.

    Returns:
        positions int32 `[B, K, 3]`, largest share first, -1 = none, and
        their shares float32 `[B, K, 3]`, of a sum of one over the window.
    """
    share = tf.math.divide_no_nan(
        shares, tf.reduce_sum(shares, axis=-1, keepdims=True)
    )
    width = POSITIONS_PER_ITEM
    padded = tf.pad(share, [[0, 0], [0, 0], [0, width]])
    weights, positions = tf.math.top_k(padded, width)
    found = weights > 0.0
    return tf.where(found, positions, -1), tf.where(found, weights, 0.0)
