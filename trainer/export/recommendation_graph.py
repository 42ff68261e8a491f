"""What a request runs through: retrieve, filter, rank, explain."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from schemas import events
from schemas.popularity import assign_item_buckets
from schemas.signatures import POSITIONS_PER_ITEM
from trainer.index.restriction import Restriction
from trainer.inputs.item_table import ItemTable
from trainer.scoring.ranks import EXCLUDED
from trainer.scoring.ranks import exclude_rows

_NUM_EXPOSED = 10  # places of a slate that people see


class EncodedQuery(NamedTuple):
    """A batch of requests after the query tower.

    Attributes:
        queries: float32 `[B, D]`.
        attention: float32 `[B, H, L + 1]`, of the query state to the learned
            beginning and to each event; sums to one.
        values: float32 `[B, H, L + 1, D]`, what each of them adds under it.
        newest: float32 `[B, D]`, what the newest event changed in the query;
            zeros where there is none.
        num_events: int32 `[B]`, the places before it are events.
        rows: int32 `[B, L]`, the window's catalogue rows; N = unknown.
    """

    queries: tf.Tensor
    attention: tf.Tensor
    values: tf.Tensor
    newest: tf.Tensor
    num_events: tf.Tensor
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
        is_free, wanted = self._find_wanted(request)
        matched = tf.matmul(wanted, self._member, transpose_b=True)
        allowed = is_free | (matched > 0.0)
        allowed &= _is_in_range(request, self._prices[tf.newaxis])
        scores = tf.where(allowed, scores, EXCLUDED)
        return exclude_rows(scores, met)

    def bind(self, request: Mapping[str, tf.Tensor]) -> Restriction:
        """Binds what requests forbid, for some of the items.

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
        wanted = tf.one_hot(
            self.category_ids(names), self._num_categories
        )  # [B, C, G]; an unknown name matches nothing
        wanted = tf.reduce_max(tf.pad(wanted, [[0, 0], [0, 1], [0, 0]]), axis=1)
        return tf.reduce_all(names == "", axis=1, keepdims=True), wanted


def _is_in_range(request, prices):
    """Compares prices `[B, X]` with each row's bounds; NaN = no bound."""
    low = request["min_price"][:, tf.newaxis]
    high = request["max_price"][:, tf.newaxis]
    # An item without a price is not known to be in any price range.
    return (tf.math.is_nan(low) | (prices >= low)) & (
        tf.math.is_nan(high) | (prices <= high)
    )


class Exposure(tf.Module):
    """Says how popular the items are that the first places would show."""

    def __init__(self, counts: np.ndarray):
        """Cuts the catalogue by train events, int64 `[N]`."""
        super().__init__(name="exposure")
        self._buckets = tf.Variable(
            assign_item_buckets(counts), trainable=False
        )

    def __call__(self, scores: tf.Tensor) -> tf.Tensor:
        """Measures the ten best of each row.

        Args:
            scores: float32 `[B, N]`, after filtering.

        Returns:
            float32 `[B, 4]`, shares in the order of `events.ITEM_BUCKETS`;
            all 0 where nothing may be shown.
        """
        width = tf.minimum(_NUM_EXPOSED, tf.shape(scores)[1])
        top, rows = tf.math.top_k(scores, width)
        shown = tf.cast(top > EXCLUDED / 2, tf.float32)
        places = tf.one_hot(
            tf.gather(self._buckets, rows), len(events.ITEM_BUCKETS)
        )
        held = tf.reduce_sum(places * shown[..., tf.newaxis], axis=1)
        return tf.math.divide_no_nan(
            held, tf.reduce_sum(shown, axis=1, keepdims=True)
        )


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


def attribute(query: EncodedQuery, candidates: tf.Tensor) -> tf.Tensor:
    """Estimates what each score would lose without each event.

    Of the newest event this is known: the query tower's state before it.
    Any other event is left out of the last attention block, where the others
    share its attention: cheap, and blind to what it said to other events.

    Args:
        query: the encoded requests.
        candidates: float32 `[B, K, D]`.

    Returns:
        float32 `[B, K, L]`; negative where the score would rise, 0 where
        there is no event. `leave_one_out.py` computes it exactly.
    """
    weight = query.attention[..., tf.newaxis]  # [B, H, L + 1, 1]
    context = tf.reduce_sum(weight * query.values, axis=2, keepdims=True)
    # Without event l the context is (context - w v) / (1 - w).
    lost = weight / tf.maximum(1.0 - weight, 1e-6) * (query.values - context)
    lost = tf.reduce_sum(lost, axis=1)[:, 1:]
    position = tf.range(tf.shape(lost)[1])[tf.newaxis]
    count = query.num_events[:, tf.newaxis]
    is_newest = (position == count - 1)[..., tf.newaxis]
    lost = tf.where(is_newest, query.newest[:, tf.newaxis], lost)
    lost = tf.where((position < count)[..., tf.newaxis], lost, 0.0)
    return tf.matmul(candidates, lost, transpose_b=True)


def to_shares(drops: tf.Tensor) -> tf.Tensor:
    """Turns losses of score into shares of all that raised it.

    Args:
        drops: float32 `[..., L]`, what a score loses without each event.

    Returns:
        float32 `[..., L]`, summing to one; events that lowered the score
        have no share. All zeros where no event raised it.
    """
    raised = tf.nn.relu(drops)
    return tf.math.divide_no_nan(
        raised, tf.reduce_sum(raised, axis=-1, keepdims=True)
    )


def choose_reasons(drops: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the events of the window that carried each candidate.

    Args:
        drops: float32 `[B, K, L]`, as of `attribute`.

    Returns:
        positions int32 `[B, K, 3]`, largest share first, -1 = none, and
        their shares of the whole window, float32 `[B, K, 3]`.
    """
    width = POSITIONS_PER_ITEM
    padded = tf.pad(to_shares(drops), [[0, 0], [0, 0], [0, width]])
    weights, positions = tf.math.top_k(padded, width)
    found = weights > 0.0
    return tf.where(found, positions, -1), tf.where(found, weights, 0.0)
