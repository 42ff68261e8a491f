"""One score per item from the towers and the linear models."""

import logging
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.config import RetrievalConfig
from trainer.config import TrainerConfig
from trainer.scoring.blend import fit_blend
from trainer.scoring.content_prior import ContentPrior
from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.ranks import exclude_rows

_LOGGER = logging.getLogger(__name__)
_MAX_CANDIDATES = 16_384  # the weights are learnt on a sample beyond


class CatalogueScorer(tf.Module):
    """Blends the dot product of the towers with the linear models.

    The score of an item is the sum of

    - the product of the extended query and the extended item: the towers'
      vectors, the penalty for popularity, and the popularity for users without
      history (`extend_queries`, `extend_items`),
    - the scores of the linear models, if they know the item (`score_linear`),

    and then the items without events are reordered by the `prior`. All searches
    use these parts, so that they give the same score.

    Attributes:
        weights: float32 `[F]`, of the towers and of each linear model.
        linear_rows: int32 `[M]`, sorted: the items that linear models score.
        prior: orders the items without events, if given.
        query_moment: float `[D, D]`, the mean outer product of the towers'
            queries with themselves; None = not measured.
    """

    def __init__(
        self,
        linear: Sequence[LinearScores],
        weights: np.ndarray,
        penalties: np.ndarray,
        newcomers: np.ndarray,
        prior: ContentPrior | None = None,
        query_moment: np.ndarray | None = None,
    ):
        """Creates the scorer.

        Args:
            linear: F - 1 linear models.
            weights: float `[F]`, of the towers and of each linear model.
            penalties: float32 `[N]`, subtracted from each item's score.
            newcomers: float32 `[N]`, added for users without history.
            prior: orders the items without events; None = the blend does.
            query_moment: float `[D, D]`, see the attribute.
        """
        super().__init__(name="catalogue_scorer")
        self._linear = list(linear)
        self.weights = tf.Variable(weights.astype(np.float32), trainable=False)
        terms = np.column_stack([-penalties, newcomers]).astype(np.float32)
        self._item_terms = tf.Variable(terms, trainable=False)
        self.prior = prior
        self.query_moment = query_moment
        known = [model.item_rows for model in self._linear]
        self.linear_rows = np.unique(
            np.concatenate([np.zeros(0, np.int32), *known])
        )
        self._columns = [
            _find_columns(self.linear_rows, model_rows) for model_rows in known
        ]
        every = np.arange(len(terms), dtype=np.int32)
        self._places = tf.Variable(
            _find_columns(every, self.linear_rows), trainable=False
        )

    @property
    def tower_weight(self) -> tf.Tensor:
        """float32 `[]`, what the towers' dot product counts."""
        return self.weights[0]

    def __call__(self, dots: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Scores the catalogue.

        Args:
            dots: float32 `[B, N]`, the products of both towers' vectors.
            rows: int32 `[B, L]`, the history, oldest first; N = padding.

        Returns:
            float32 `[B, N]`.
        """
        scores = self.tower_weight * dots + tf.matmul(
            self._describe_queries(rows), self._item_terms, transpose_b=True
        )
        if self._linear:
            linear = tf.pad(self.score_linear(rows), [[0, 0], [0, 1]])
            scores += tf.gather(linear, self._places, axis=1)
        return self.prior(scores) if self.prior else scores

    def extend_items(self, vectors: np.ndarray) -> np.ndarray:
        """Appends the other terms of the score to each item's vector.

        Args:
            vectors: float32 `[N, D]`, the encoded catalogue.

        Returns:
            float32 `[N, D + E]`.
        """
        return np.column_stack([vectors, self._item_terms.numpy()])

    def extend_queries(self, queries: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Weighs queries and appends the factors of the items' terms.

        Args:
            queries: float32 `[B, D]`.
            rows: int32 `[B, L]`, the history.

        Returns:
            float32 `[B, D + E]`.
        """
        return tf.concat(
            [self.tower_weight * queries, self._describe_queries(rows)], axis=1
        )

    def _describe_queries(self, rows):
        """The queries' factors of penalty and popularity; float32 `[B, 2]`."""
        is_new = has_no_history(rows, self._item_terms.shape[0])
        is_new = tf.cast(is_new, tf.float32)
        return tf.stack([tf.ones_like(is_new), is_new], axis=1)

    def score_linear(self, rows: tf.Tensor) -> tf.Tensor:
        """Computes the linear models' part of the scores of `linear_rows`.

        Args:
            rows: int32 `[B, L]`, the history.

        Returns:
            float32 `[B, M]`.
        """
        total = tf.zeros([tf.shape(rows)[0], len(self.linear_rows)])
        for nth, linear in enumerate(self._linear):
            scores = tf.pad(linear.score_known(rows), [[0, 0], [0, 1]])
            scores = tf.gather(scores, self._columns[nth], axis=1)
            total += self.weights[nth + 1] * _temper(scores)
        return total

    def gather_linear(self, rows: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
        """Computes the linear models' part of the scores of some items.

        Args:
            rows: int32 `[B, L]`, the history.
            items: int32 `[B, K]`.

        Returns:
            float32 `[B, K]`.
        """
        if not self._linear:
            return tf.zeros(tf.shape(items))
        linear = tf.pad(self.score_linear(rows), [[0, 0], [0, 1]])
        places = tf.gather(self._places, items)
        return tf.gather(linear, places, batch_dims=1)

    def attribute(self, rows: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """Splits the linear part of the candidates' scores by event.

        Args:
            rows: int32 `[B, L]`, the history.
            candidates: int32 `[B, K]`.

        Returns:
            float32 `[B, K, L]`, in units of the score; events that lowered it
            count as 0.
        """
        batch, width = tf.shape(candidates)[0], tf.shape(candidates)[1]
        total = tf.zeros([batch, width, tf.shape(rows)[1]])
        for nth, linear in enumerate(self._linear, start=1):
            share = tf.nn.relu(linear.attribute(rows, candidates))
            whole = tf.reduce_sum(share, axis=-1, keepdims=True)
            total += self.weights[nth] * tf.math.divide_no_nan(
                share, tf.sqrt(whole)
            )
        return total


def _find_columns(rows, known):
    """Where each of `rows` is in `known`, both sorted; the end if nowhere."""
    place = np.searchsorted(known, rows).astype(np.int32)
    if not len(known):
        return place
    inside = np.minimum(place, len(known) - 1)
    return np.where(known[inside] == rows, place, np.int32(len(known)))


def _temper(scores):
    """Transforms linear scores towards the scale of the towers' scores.

    A linear score estimates a chance, a tower's score is a logarithm of one:
    the square root lies between the two.
    """
    return tf.sqrt(tf.nn.relu(scores))


def has_no_history(rows: tf.Tensor, num_items: tf.Tensor) -> tf.Tensor:
    """Finds the queries without any known item.

    Args:
        rows: int32 `[B, L]`, the history; N = padding or unknown.
        num_items: N.

    Returns:
        bool `[B]`.
    """
    return tf.reduce_all(rows >= num_items, axis=1)


def learn_weights(
    folds: Sequence[Sequence[LinearScores]],
    batches: Iterable[Mapping[str, tf.Tensor]],
    config: TrainerConfig,
) -> np.ndarray:
    """Learns the weights of the towers and of each linear model.

    Args:
        folds: F - 1 models for each of K folds of users; those of fold k did
            not see the queries of users whose number leaves the remainder k
            when divided by K.
        batches: `Recommender.score_catalogue` of held-out queries.
        config: its seed draws the candidates in large catalogues; its
            objective says whether queries count whose label was not liked.

    Returns:
        float64 `[F]`, weights as of `fit_blend`.
    """
    parts = [
        _read_features(_select_fold(batch, nth, len(folds)), linear, config)
        for batch in batches
        for nth, linear in enumerate(folds)
    ]
    features, labels, excluded = zip(*parts, strict=True)
    features = [np.concatenate(f) for f in zip(*features, strict=True)]
    weights = fit_blend(
        features, np.concatenate(labels), np.concatenate(excluded)
    )
    _LOGGER.info("Scores are weighed by %s: towers first.", weights.round(3))
    return weights


def penalise_popularity(
    counts: np.ndarray, config: RetrievalConfig
) -> np.ndarray:
    """Computes the popularity penalty of each item.

    Args:
        counts: int `[N]`, events of each item in training.
        config: its `popularity_penalty` is the cost per natural logarithm.

    Returns:
        float32 `[N]`, 0 for items without events.
    """
    return (config.popularity_penalty * np.log1p(counts)).astype(np.float32)


def _select_fold(batch, nth, num_folds):
    """The queries of users whose number leaves the remainder `nth`."""
    wanted = batch["user"] % num_folds == nth
    return {name: tf.boolean_mask(of, wanted) for name, of in batch.items()}


def _read_features(batch, linear, config):
    """Scores one batch; queries without a usable label are left out.

    Returns:
        What `fit_blend` reads: F matrices float32 `[Q, C]`, labels int64
        `[Q]`, excluded bool `[Q, C]`.
    """
    num_items = int(batch["tower"].shape[1])
    columns = np.arange(num_items)
    if num_items > _MAX_CANDIDATES:
        drawn = np.random.default_rng(config.seed).permutation(num_items)
        columns = np.sort(drawn[:_MAX_CANDIDATES])
    label = batch["label"].numpy()
    place = np.minimum(np.searchsorted(columns, label), len(columns) - 1)
    met = exclude_rows(tf.zeros_like(batch["tower"]), batch["met"]) < 0.0
    excluded = met.numpy()[:, columns]
    usable = columns[place] == label
    usable &= ~excluded[np.arange(len(label)), place]
    if config.objective == "like":
        usable &= batch["liked"].numpy()
    scores = [batch["tower"]]
    scores += [_temper(model(batch["rows"])) for model in linear]
    features = [score.numpy()[usable][:, columns] for score in scores]
    return features, place[usable], excluded[usable]
