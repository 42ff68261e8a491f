"""Ranks in the whole catalogue, without excluded items."""

import numpy as np
import tensorflow as tf

EXCLUDED = -1e30  # below every score a model gives


def put_non_finite_last(scores: tf.Tensor) -> tf.Tensor:
    """Treats what is no number, or infinite, as an item to leave out.

    Every comparison with NaN is false, so that "how many score at least as
    much" is none: a model that diverged would look perfect.

    Args:
        scores: float32, any shape.

    Returns:
        The same scores, `EXCLUDED` where they are not finite.
    """
    return tf.where(tf.math.is_finite(scores), scores, EXCLUDED)


def mark_finite(
    answers: dict[str, tf.Tensor], scores: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Says which queries got nothing but finite numbers.

    Args:
        answers: float32 `[B]` each, by name.
        scores: float32 `[B, N]`, what the answers come from.

    Returns:
        The same names, with 0 in place of what is not finite: TFMA stops at
        a NaN. And `finite` float32 `[B]`, 0 where there was such a value.
    """
    whole = tf.concat([scores, tf.stack([*answers.values()], axis=1)], axis=1)
    finite = tf.reduce_all(tf.math.is_finite(whole), axis=1)
    settled = {
        name: tf.where(tf.math.is_finite(one), one, 0.0)
        for name, one in answers.items()
    }
    return settled | {"finite": tf.cast(finite, tf.float32)}


def check_finite(vectors: np.ndarray) -> None:
    """Refuses a catalogue that no search can order.

    Args:
        vectors: float32 `[N, D]`, of the candidate tower.

    Raises:
        FloatingPointError: the vector of an item is not finite.
    """
    broken = np.count_nonzero(~np.isfinite(vectors).all(axis=1))
    if broken:
        raise FloatingPointError(
            "Vectors of the catalogue must be finite. Received:"
            f" {broken:,} of {len(vectors):,} items whose vector is not."
            " Lower `trainer.optimizer.learning_rate`, or look for item texts"
            " that the backbone cannot encode."
        )


def exclude_rows(scores: tf.Tensor, met: tf.Tensor) -> tf.Tensor:
    """Lowers the scores of excluded items below every other score.

    Args:
        scores: float32 `[B, N]`.
        met: int32 `[B, X]`, rows that are no candidates; N = padding.

    Returns:
        float32 `[B, N]`.
    """
    # One more column takes what the padding names.
    padded = tf.pad(scores, [[0, 0], [0, 1]])
    batch = tf.broadcast_to(
        tf.range(tf.shape(met)[0])[:, tf.newaxis], tf.shape(met)
    )
    padded = tf.tensor_scatter_nd_update(
        padded,
        tf.stack([batch, met], axis=-1),
        tf.fill(tf.shape(met), EXCLUDED),
    )
    return padded[:, :-1]


def hold_rows(rows: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
    """Finds which rows a list holds, with linear memory.

    Args:
        rows: int32 `[B, X]`, not negative, in any order.
        wanted: int32 `[B, R]`, not negative.

    Returns:
        bool `[B, R]`.
    """
    # One that nobody wants: an empty list has something to compare with.
    held = tf.sort(tf.pad(rows, [[0, 0], [1, 0]], constant_values=-1), axis=1)
    # `tf.searchsorted` would be this, but refuses to find nothing.
    at = tf.raw_ops.LowerBound(sorted_inputs=held, values=wanted)
    at = tf.minimum(at, tf.shape(held)[1] - 1)
    return tf.gather(held, at, batch_dims=1) == wanted


def compute_rank(
    scores: tf.Tensor, label: tf.Tensor, met: tf.Tensor
) -> tf.Tensor:
    """Ranks one item per row among all that were not met before.

    An item met before is none a slate would show: where it comes next, the
    query is a miss. Ties count against the true item: a model that scores all
    items alike must not look good. A score that is not finite ranks last,
    whichever item has it.

    Args:
        scores: float32 `[B, N]`.
        label: int32 `[B]`, row of the true item; N = not in the catalogue.
        met: int32 `[B, X]`, rows that are no candidates; N = padding.

    Returns:
        float32 `[B]`, 1-based; N + 1 where the item is not in the catalogue,
        is no candidate, or has a score that is not finite.
    """
    num_items = tf.shape(scores)[1]
    known = label < num_items
    row = tf.where(known, label, 0)
    scores = exclude_rows(put_non_finite_last(scores), met)
    own = tf.gather(scores, row, batch_dims=1)[:, tf.newaxis]
    is_ranked = known & (own[:, 0] > EXCLUDED / 2)
    itself = tf.one_hot(row, num_items, on_value=True, off_value=False)
    ahead = (scores >= own) & tf.logical_not(itself)
    rank = 1.0 + tf.reduce_sum(tf.cast(ahead, tf.float32), axis=1)
    return tf.where(is_ranked, rank, tf.cast(num_items + 1, tf.float32))


def judge(
    scores: tf.Tensor, label: tf.Tensor, history: tf.Tensor, repeats: bool
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Ranks one item per row among what a slate might show.

    Args:
        scores: float32 `[B, N]`.
        label: int32 `[B]`, row of the item that came next; N = not in the
            catalogue.
        history: int32 `[B, X]`, rows met before; N = padding.
        repeats: whether what was met competes all the same.

    Returns:
        float32 `[B]` each: `rank` as of `compute_rank`; `num_candidates`, how
        many items compete; `candidate`, 1 where the label is one of them;
        `met`, 1 where the label had been met before. And float32 `[B, N]`,
        the scores, with what is no candidate below all others.
    """
    num_items = tf.shape(scores)[1]
    marked = exclude_rows(tf.zeros_like(scores), history) < 0.0
    is_known = label < num_items
    row = tf.where(is_known, label, 0)
    is_met = is_known & tf.gather(marked, row, batch_dims=1)
    excluded = history[:, :0] if repeats else history
    allowed = exclude_rows(put_non_finite_last(scores), excluded)
    num_left = tf.reduce_sum(tf.cast(~marked, tf.float32), axis=1)
    whole = tf.ones_like(num_left) * tf.cast(num_items, tf.float32)
    judged = {
        "rank": compute_rank(scores, label, excluded),
        "num_candidates": whole if repeats else num_left,
        "candidate": is_known if repeats else is_known & ~is_met,
        "met": is_met,
    }
    floats = {name: tf.cast(one, tf.float32) for name, one in judged.items()}
    return floats, allowed
