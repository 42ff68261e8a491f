"""What the content of items promises of those that nobody has met."""

import numpy as np
import tensorflow as tf

from trainer.inputs.item_table import TEXT_SCALE
from trainer.inputs.item_table import ItemTable
from trainer.scoring.ranks import EXCLUDED

_NUM_KNOTS = 17  # of the curve over the times of creation
_SHRINKAGE = 10.0  # squared weights against squared errors of a root count


class ContentPrior(tf.Module):
    """Orders the items that nobody has met by what their content promises.

    The towers compare an item's content with one history. They say little
    about how many people will want it at all, which decides most of what
    happens to a new item. Here a regression says it.

    An untried item gets `strength` standard deviations of the query's scores
    of untried items for each standard deviation of the promise. Then the
    scores that these items had are given out in the new order. So they swap
    places with one another only: how many of them a slate holds, and where
    every other item stands, stays as it was.

    Input: scores, float32 `[B, N]`.
    Output: float32 `[B, N]`.

    Attributes:
        rows: int `[U]`, the untried items.
        lifts: float `[U]`, what each is promised, in standard deviations.
        is_used: whether any promise differs from another.
    """

    def __init__(self, items: ItemTable, strength: float):
        """Learns from the items that training met.

        Args:
            items: the catalogue.
            strength: weight of the promise beside the scores, from 0 on.
        """
        super().__init__(name="content_prior")
        rows = np.flatnonzero(items.counts == 0)
        lifts = np.zeros(len(rows))
        if len(rows) < items.num_items:
            lifts = _standardise(predict_popularity(items)[rows])
        self.rows, self.lifts = rows, strength * lifts
        self.is_used = bool(self.lifts.any())
        source = np.arange(items.num_items)
        source[rows] = items.num_items + np.arange(len(rows))
        self._rows = _constant(rows, tf.int32)
        self._lifts = _constant(self.lifts, tf.float32)
        self._source = _constant(source, tf.int32)

    def __call__(self, scores: tf.Tensor) -> tf.Tensor:
        """Puts the scores of untried items into the order of the promise."""
        if not self.is_used:
            return scores
        own = tf.gather(scores, self._rows, axis=1)
        spread = tf.math.reduce_std(own, axis=1, keepdims=True)
        dealt = reorder(own, self._lifts, spread)
        return tf.gather(
            tf.concat([scores, dealt], axis=1), self._source, axis=1
        )


def reorder(
    scores: tf.Tensor,
    lifts: tf.Tensor,
    spread: tf.Tensor,
    takes_part: tf.Tensor | None = None,
) -> tf.Tensor:
    """Lets items swap their scores by what they are promised.

    The best score goes to whose score and promise are the highest together.

    Args:
        scores: float32 `[B, U]`, above `EXCLUDED`.
        lifts: float32 `[B, U]` or `[U]`, as of `ContentPrior`.
        spread: float32 `[B, 1]`, what a lift of one is worth.
        takes_part: bool `[B, U]`; the others keep their scores. None = all.

    Returns:
        float32 `[B, U]`.
    """
    own, wanted = scores, scores + spread * lifts
    if takes_part is not None:
        own = tf.where(takes_part, own, EXCLUDED)
        wanted = tf.where(takes_part, wanted, EXCLUDED)
    order = tf.argsort(wanted, direction="DESCENDING", stable=True)
    place = tf.argsort(order)  # of each item in that order
    dealt = tf.gather(tf.sort(own, direction="DESCENDING"), place, batch_dims=1)
    if takes_part is None:
        return dealt
    return tf.where(takes_part, dealt, scores)


def predict_popularity(items: ItemTable) -> np.ndarray:
    """Predicts how often each item is met, from content alone.

    A ridge regression on the text vector and the time of creation. Its
    target is the root of the count: counts vary like their size, their roots
    all vary alike, so that no few hits decide the fit.

    Args:
        items: the catalogue, at least one item of it trained.

    Returns:
        float64 `[N]`, the predicted root of the count.

    Raises:
        ValueError: no item has been met in training.
    """
    trained = items.counts > 0
    if not trained.any():
        raise ValueError(
            "At least one item must occur in the train split. Received:"
            f" {items.num_items} items, none of which does."
        )
    target = np.sqrt(items.counts[trained])
    features = _build_features(items, trained)
    known = features[trained]
    gram = known.T @ known + _SHRINKAGE * np.eye(known.shape[1])
    mean = target.mean()
    weights = np.linalg.solve(gram, known.T @ (target - mean))
    return features @ weights + mean


def _build_features(items, trained):
    """Centred text vectors and a curve over time; float64 `[N, F]`."""
    text = items.text_vectors.astype(np.float64)
    text = TEXT_SCALE * (text - text[trained].mean(axis=0))
    return np.concatenate([text, _bend(items.created_at, trained)], axis=1)


def _bend(times, trained):
    """Spreads times over hat functions on their quantiles.

    Returns:
        float64 `[N, up to 17]`, rows that sum to one; zeros where the time
        is not known.
    """
    is_known = ~np.isnan(times)
    if not is_known[trained].any():
        return np.zeros([len(times), 0])
    knots = np.unique(
        np.quantile(
            times[trained & is_known], np.linspace(0.0, 1.0, _NUM_KNOTS)
        )
    )
    hats = [
        np.interp(times[is_known], knots, hat) for hat in np.eye(len(knots))
    ]
    spread = np.zeros([len(times), len(knots)])
    spread[is_known] = np.stack(hats, axis=1)
    return spread


def _standardise(values):
    """Mean 0, deviation 1; zeros where all are the same."""
    deviation = values.std() if len(values) else 0.0
    if deviation < 1e-9:
        return np.zeros(len(values))
    return (values - values.mean()) / deviation


def _constant(value, dtype):
    """Keeps an array as a variable, outside the 2 GB limit of a graph."""
    return tf.Variable(tf.cast(value, dtype), trainable=False)
