"""The ranking task: probability of a positive event, and expected value."""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from schemas import events
from trainer.config import RankingConfig
from trainer.tasks.task import Evaluation
from trainer.tasks.task import Task

# The mean is taken here: a distribution strategy allows no other reduction.
_SUM = tf.keras.losses.Reduction.SUM


class RankingTask(Task):
    """DCN-v2 over query and candidate; one logit, one expected value.

    Source:
        Wang et al., DCN V2, WWW 2021, doi:10.1145/3442381.3450078.
    """

    outputs = {"probability": ("float32", 2), "rating": ("float32", 2)}
    evaluations = (
        Evaluation(
            output="rating",
            metrics=("rmse",),
            label=events.LABEL_VALUE,
            weight=events.LABEL_VALUE_WEIGHT,
        ),
        Evaluation(
            output="probability",
            metrics=("auc",),
            label=events.LABEL_POSITIVE,
        ),
    )

    def __init__(self, config: RankingConfig):
        super().__init__(name="ranking_task")
        self.weight = config.loss_weight
        self._cross = [
            tfrs.layers.dcn.Cross(
                projection_dim=config.hidden_dim // 2,
                kernel_initializer="glorot_uniform",
            )
            for _ in range(config.num_cross_layers)
        ]
        self._hidden = tf.keras.layers.Dense(
            config.hidden_dim, activation="relu", name="hidden"
        )
        self._output = tf.keras.layers.Dense(2, name="output")
        self._positive_task = tfrs.tasks.Ranking(
            loss=tf.keras.losses.BinaryCrossentropy(
                from_logits=True, reduction=_SUM
            )
        )
        self._value_task = tfrs.tasks.Ranking(
            loss=tf.keras.losses.MeanSquaredError(reduction=_SUM)
        )

    def call(self, queries, candidates):
        """Scores pairs.

        Args:
            queries: float32 `[..., D]`.
            candidates: float32 `[..., D]`, same leading dimensions.

        Returns:
            logit of a positive event, float32 `[...]`, and its expected
            value in units of the scaled value, float32 `[...]`.
        """
        pairs = tf.concat([queries, candidates, queries * candidates], -1)
        leading = tf.shape(pairs)[:-1]
        flat = tf.reshape(pairs, [-1, pairs.shape[-1]])
        crossed = flat
        for layer in self._cross:
            crossed = layer(flat, crossed)
        output = self._output(self._hidden(crossed))
        logit, value = tf.unstack(tf.cast(output, tf.float32), axis=-1)
        return tf.reshape(logit, leading), tf.reshape(value, leading)

    @classmethod
    def build_task(cls, items, config):
        return cls(config.ranking)

    def compute_loss(self, targets):
        candidates = tf.gather(targets.items, targets.rows)
        outputs = self(targets.queries, candidates)
        return self.compare(
            outputs, targets.positive, targets.value, targets.has_value
        )

    def judge(self, queries, candidates, is_known, value_scale):
        width = tf.shape(candidates)[1]
        repeated = tf.repeat(queries[:, tf.newaxis], width, axis=1)
        logit, value = self(repeated, candidates)
        return {
            "probability": tf.where(is_known, tf.sigmoid(logit), 0.0),
            "rating": value * value_scale.scale + value_scale.offset,
        }

    def compare(self, outputs, positive, value, has_value):
        """Adds both losses; pairs without a value count only for the first.

        Args:
            outputs: logit and expected value, float32 `[P]` each.
            positive: float32 `[P]`, 0 or 1.
            value: float32 `[P]`, scaled.
            has_value: float32 `[P]`, 1 where there is a value.

        Returns:
            float32 scalar.
        """
        logit, expected = outputs
        positive_loss = self._positive_task(
            labels=positive[:, tf.newaxis],
            predictions=logit[:, tf.newaxis],
            compute_metrics=False,
        )
        value_loss = self._value_task(
            labels=value[:, tf.newaxis],
            predictions=expected[:, tf.newaxis],
            sample_weight=has_value,
            compute_metrics=False,
        )
        num_pairs = tf.cast(tf.shape(positive)[0], tf.float32)
        return (positive_loss + value_loss) / tf.maximum(num_pairs, 1.0)
