"""A popularity prior from content, for items without events."""

import numpy as np
import tensorflow as tf

from trainer.inputs.item_table import TEXT_SCALE
from trainer.inputs.item_table import ItemTable
from trainer.scoring.ranks import EXCLUDED

_NUM_KNOTS = 17  # of the curve over the times of creation
_SHRINKAGE = 10.0  # squared weights against squared errors of a root count


class ContentPrior(tf.Module):
    """Orders the items without events by the popularity predicted from content.

    The towers compare an item's content with one history. They say little about
    how popular a new item will be, which matters most for it. Here a regression
    predicts that.

    An untried item (without events) gains `strength` standard deviations of the
    query's scores of untried items for each standard deviation of the
    prediction. Then the scores of these items are assigned in the new order. So
    they only swap places with one another: the number of them in a slate, and
    the places of all other items, do not change.

    Input: scores, float32 `[B, N]`.
    Output: float32 `[B, N]`.

    Attributes:
        rows: int `[U]`, the untried items.
        lifts: float `[U]`, the prediction for each, in standard deviations.
        is_used: whether predictions differ.
    """

    def __init__(self, items: ItemTable, strength: float):
        """Fits the regression to the items with events.

        Args:
            items: the catalogue.
            strength: weight of the prediction beside the scores, at least 0.
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
        """Reassigns the scores of untried items in the new order."""
        if not self.is_used:
            return scores
        own = tf.gather(scores, self._rows, axis=1)
        spread = tf.math.reduce_std(own, axis=1, keepdims=True)
        reordered = reorder(own, self._lifts, spread)
        return tf.gather(
            tf.concat([scores, reordered], axis=1), self._source, axis=1
        )


def reorder(
    scores: tf.Tensor,
    lifts: tf.Tensor,
    spread: tf.Tensor,
    takes_part: tf.Tensor | None = None,
) -> tf.Tensor:
    """Reassigns scores of items by score and prediction.

    The best score goes to the item with the highest sum of score and
    prediction.

    Args:
        scores: float32 `[B, U]`, above `EXCLUDED`.
        lifts: float32 `[B, U]` or `[U]`, as of `ContentPrior`.
        spread: float32 `[B, 1]`, the value of a lift of one.
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
    reordered = tf.gather(
        tf.sort(own, direction="DESCENDING"), place, batch_dims=1
    )
    if takes_part is None:
        return reordered
    return tf.where(takes_part, reordered, scores)


def predict_popularity(items: ItemTable) -> np.ndarray:
    """Predicts the number of events of each item from content alone.

    A ridge regression on the text vector and the time of creation. Its target
    is the root of the count: the variance of a count grows with its size, that
    of the root is constant, so that a few popular items do not dominate the
    fit.

    Args:
        items: the catalogue, at least one item of it trained.

    Returns:
        float64 `[N]`, the predicted root of the count.

    Raises:
        ValueError: no item has events in training.
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
