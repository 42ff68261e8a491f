"""Which items of the catalogue a request allows.

`serving/may_show.py` has the same rules outside the graph; both are tested with
the same table of cases.
"""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from trainer.index.restriction import Restriction
from trainer.inputs.item_table import ItemTable
from trainer.inputs.windows import RowLookup
from trainer.scoring.ranks import EXCLUDED
from trainer.scoring.ranks import exclude_rows


class CandidateFilter(tf.Module):
    """Finds the items that a request allows, by price and category."""

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
        self._categories = RowLookup(list(items.categories) or [""])

    def __call__(
        self, scores: tf.Tensor, request: Mapping[str, tf.Tensor], met
    ) -> tf.Tensor:
        """Lowers the scores of forbidden items below every other score.

        Args:
            scores: float32 `[B, N]`.
            request: `allowed_categories` string `[B, C]`, `min_price` and
                `max_price` float32 `[B]`.
            met: int32 `[B, X]`, excluded rows, as of `find_excluded`.

        Returns:
            float32 `[B, N]`.
        """
        is_free, wanted = self._find_wanted(request)
        matched = tf.matmul(wanted, self._member, transpose_b=True)
        allowed = is_free | (matched > 0.0)
        allowed &= _is_in_range(request, self._prices[tf.newaxis])
        scores = tf.where(allowed, scores, EXCLUDED)
        return exclude_rows(scores, met)

    def bind(self, request: Mapping[str, tf.Tensor]) -> Restriction:
        """Builds the restriction of a batch of requests.

        Args:
            request: as in `__call__`.

        Returns:
            A restriction of catalogue rows; N = no item.
        """
        is_free, wanted = self._find_wanted(request)
        is_bounded = ~tf.math.is_nan(
            tf.stack([request["min_price"], request["max_price"]])
        )

        def allows(rows, at):
            rows = tf.minimum(rows, self._prices.shape[0] - 1)
            matched = tf.linalg.matvec(
                tf.gather(self._member, rows), tf.gather(wanted, at)
            )
            allowed = tf.gather(is_free, at) | (matched > 0.0)
            asked = {
                name: tf.gather(request[name], at)
                for name in ("min_price", "max_price")
            }
            prices = tf.gather(self._prices, rows)
            return allowed & _is_in_range(asked, prices)

        is_any = ~tf.reduce_all(is_free) | tf.reduce_any(is_bounded)
        return Restriction(is_any, allows)

    def _find_wanted(self, request):
        """Who takes any category bool `[B, 1]`, and which float `[B, G]`."""
        names = request["allowed_categories"]
        # An unknown name matches nothing, nor does "", even if the catalogue
        # has a category of that name.
        ids = tf.where(names == "", -1, self._categories(names))
        wanted = tf.one_hot(ids, self._num_categories)  # [B, C, G]
        wanted = tf.reduce_max(tf.pad(wanted, [[0, 0], [0, 1], [0, 0]]), axis=1)
        return tf.reduce_all(names == "", axis=1, keepdims=True), wanted


def find_excluded(
    request: Mapping[str, tf.Tensor], rows: RowLookup
) -> tf.Tensor:
    """Finds the items that a request excludes by id.

    Args:
        request: `excluded_item_id` string `[B, X]`, `item_id` string `[B, L]`
            and `exclude_history` bool `[B]`.
        rows: of the catalogue.

    Returns:
        int32 `[B, X + L]`, N = none.
    """
    excluded = rows(request["excluded_item_id"])
    history = tf.where(
        request["exclude_history"][:, tf.newaxis],
        rows(request["item_id"]),
        rows.num_items,
    )
    return tf.concat([excluded, history], axis=1)


def _is_in_range(request, prices):
    """Compares prices `[B, X]` with each row's bounds; NaN = no bound."""
    low = request["min_price"][:, tf.newaxis]
    high = request["max_price"][:, tf.newaxis]
    # An item without a price is in no price range.
    return (tf.math.is_nan(low) | (prices >= low)) & (
        tf.math.is_nan(high) | (prices <= high)
    )
