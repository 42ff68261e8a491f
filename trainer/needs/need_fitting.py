"""Learns how much each way of reading a need counts."""

import logging
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from trainer.backbone.text_backbone import TextBackbone
from trainer.config import TrainerConfig
from trainer.needs.made_needs import MadeNeeds
from trainer.needs.need_scorer import NeedScorer
from trainer.needs.said_need import encode_needs
from trainer.scoring.blend import fit_blend
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.ranks import exclude_rows
from trainer.scoring.scorer_fitting import NUM_FOLDS
from trainer.towers.recommender import Recommender

_LOGGER = logging.getLogger(__name__)
_MAX_QUERIES = 512  # of each kind of users
_MIN_QUERIES = 50  # fewer teach nothing
_MAX_CANDIDATES = 16_384  # beside what came next; a sample beyond
# Between what MovieLens teaches of users with and without a history: the score
# without a need, towers, text, words.
_UNLEARNT = (1.0, 0.001, 10.0, 3.0)


class _Asked(NamedTuple):
    """Queries before anybody says anything.

    Attributes:
        scores: float32 `[Q, N]`.
        label: int32 `[Q]`, what came next.
        met: int32 `[Q, X]`, what is no candidate; N = padding.
    """

    scores: tf.Tensor
    label: tf.Tensor
    met: tf.Tensor


@dataclass(frozen=True)
class NeedTrainer:
    """Learns the weights by needs that are made for queries.

    A made need has words of the catalogue. People say what they want in other
    words, too, of which only the language model knows what they mean: the words
    of half of the needs do not count.

    Attributes:
        model: the towers.
        scorer: the score without a need, of models that did not see the
            queries.
        backbone: encodes the needs.
        made: makes the needs.
        config: its objective says whether queries count whose item was not
            liked, its seed draws candidates in large catalogues.
    """

    model: Recommender
    scorer: CatalogueScorer
    backbone: TextBackbone
    made: MadeNeeds
    config: TrainerConfig

    def fit(
        self, needs: NeedScorer, batches: Iterable[Mapping[str, tf.Tensor]]
    ) -> None:
        """Sets the weights to those that best find what came next.

        Args:
            needs: gets the weights.
            batches: held-out queries; a need is made for each.
        """
        # Beside a history, what people meet next to an item would only say
        # again what the history says, and better.
        weights = (
            self._learn(needs, [self._ask_as_nobody()], self.made.mix),
            self._learn(needs, map(self._ask, batches), self.made.quote),
        )
        needs.assign_weights(*weights)
        _LOGGER.info(
            "Needs are weighed by %s, long ones by %s, without a history; by"
            " %s, long ones by %s, with one: the score without a need, towers,"
            " text, words.",
            *np.concatenate(weights).round(3),
        )

    def _learn(self, needs, asked, make):
        """Learns the weights of one kind of users.

        Returns:
            float64 `[2, 4]`, of needs as they are made, and of long ones.
        """
        short, long = [], []
        count = 0
        for batch in asked:
            rows = batch.label.numpy()
            short.append(self._compare(batch, needs, make(rows)))
            long.append(self._compare(batch, needs, self.made.describe(rows)))
            count += len(rows)
            if count >= _MAX_QUERIES:
                break
        weights = _fit(short, np.array(_UNLEARNT))
        return np.stack([weights, _fit(long, weights)])

    def _ask(self, batch):
        """Scores held-out queries without a need."""
        scored = self.model.score_catalogue(batch)
        usable = self._find_usable(scored)
        scored = {n: tf.boolean_mask(of, usable) for n, of in scored.items()}
        return _Asked(
            self.scorer(scored["tower"], scored["rows"]),
            scored["label"],
            scored["met"],
        )

    def _ask_as_nobody(self):
        """Scores for people without a history, who may want any item."""
        label = tf.constant(self.made.draw_items(_MAX_QUERIES), tf.int32)
        nobody = tf.fill([1, 1], self.model.num_items)
        scores = self.scorer(tf.zeros([1, self.model.num_items]), nobody)
        scores = tf.repeat(scores, tf.size(label), axis=0)
        return _Asked(scores, label, tf.zeros([tf.size(label), 0], tf.int32))

    def _compare(self, asked, needs, texts):
        """Scores items by needs.

        Returns:
            Features float32 `[Q, C, 4]` and bool `[Q, C]`, which candidates do
            not compete; what came next is the last candidate. Queries without a
            need are left out.
        """
        is_told = np.array([text != "" for text in texts], bool)
        asked = _Asked(*(tf.boolean_mask(of, is_told) for of in asked))
        need = self._encode([text for text in texts if text])
        items = self.model.encode_items()
        tower = tf.matmul(need.queries, items, transpose_b=True)
        columns, label = self._draw_columns(), asked.label[:, tf.newaxis]

        def take(scores):
            own = tf.gather(scores, label, batch_dims=1)
            return tf.concat([tf.gather(scores, columns, axis=1), own], axis=1)

        is_label = tf.pad(columns[tf.newaxis] == label, [[0, 0], [0, 1]])
        met = exclude_rows(tf.zeros_like(tower), asked.met) < 0.0
        *others, words = needs.compare(need, tower)
        says_it_otherwise = tf.range(tf.shape(words)[0]) // 2 % 2 == 0
        words = tf.where(says_it_otherwise[:, tf.newaxis], 0.0, words)
        parts = [asked.scores, *others, words]
        features = tf.stack([take(part) for part in parts], axis=2)
        return features.numpy(), (take(met) | is_label).numpy()

    def _find_usable(self, scored):
        """Bool `[B]`: what came next is known, new to the user, and liked.

        And of a user whom the scorer does not know, see `fit_scorers`.
        """
        label, num_items = scored["label"], self.model.num_items
        usable = (label < num_items) & (scored["user"] % NUM_FOLDS == 0)
        is_met = tf.reduce_any(label[:, tf.newaxis] == scored["met"], axis=1)
        if self.config.objective == "like":
            usable &= scored["liked"]
        return usable & ~is_met

    def _encode(self, texts):
        texts = tf.constant(texts, tf.string, shape=[len(texts)])
        scenario = tf.fill(tf.shape(texts), "")
        return encode_needs(
            texts, scenario, self.backbone, self.model.encode_need
        )

    def _draw_columns(self):
        """The items that compete with what came next, int32 `[C - 1]`."""
        columns = np.arange(self.model.num_items, dtype=np.int32)
        if len(columns) > _MAX_CANDIDATES:
            drawn = np.random.default_rng(self.config.seed).permutation(columns)
            columns = np.sort(drawn[:_MAX_CANDIDATES])
        return tf.constant(columns)


def _fit(compared, unlearnt):
    """Weights float64 `[4]` of the scores that find the last candidate."""
    if sum(len(features) for features, _ in compared) < _MIN_QUERIES:
        return unlearnt
    features, excluded = map(np.concatenate, zip(*compared, strict=True))
    labels = np.full(len(features), features.shape[1] - 1)
    return fit_blend(list(np.moveaxis(features, 2, 0)), labels, excluded)
