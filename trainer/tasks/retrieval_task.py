"""The retrieval task: find the next item among all items."""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from schemas import events
from trainer.config import RetrievalConfig
from trainer.scoring.ranks import compute_rank
from trainer.tasks.task import Evaluation
from trainer.tasks.task import Task


class RetrievalTask(Task):
    """Sampled softmax over mixed negatives, at every position of the window.

    The negatives of a query are the positives of all other queries of the
    step and items drawn evenly from the catalogue. Popular items turn up
    among them more often than rare ones, which `tfrs.tasks.Retrieval`
    corrects by log Q; accidental hits leave the logits. A step that draws as
    many items as the catalogue holds takes each exactly once. Negatives may
    also be the whole catalogue, which is cheaper than that for small ones.

    Source:
        Yang et al., Mixed Negative Sampling, WWW 2020,
        doi:10.1145/3366424.3386195; log Q: Yi et al., RecSys 2019,
        doi:10.1145/3298689.3346996.
    """

    evaluations = (
        Evaluation(
            output="rank", metrics=("recall_at_10", "ndcg_at_10", "mrr")
        ),
        Evaluation(output="liked_rank", metrics=("liked_ndcg_at_10",)),
        Evaluation(
            output="exposure",
            metrics=tuple(f"exposure_{name}" for name in events.ITEM_BUCKETS),
        ),
    )

    def __init__(self, counts, config: RetrievalConfig):
        """Creates the task.

        Args:
            counts: int64 `[N]`, target events of each item in training.
            config: the task's settings.
        """
        super().__init__(name="retrieval_task")
        self._config = config
        self._num_items = len(counts)
        self.update_counts(counts)
        self._task = tfrs.tasks.Retrieval(
            temperature=config.temperature,
            remove_accidental_hits=True,
            loss=tf.keras.losses.CategoricalCrossentropy(
                from_logits=True, reduction=tf.keras.losses.Reduction.SUM
            ),
        )
        self._metrics_by_name = {
            name: tf.keras.metrics.Mean(name)
            for name in ("ndcg_at_10", "recall_at_10", "mrr")
        }

    @classmethod
    def build_task(cls, items, config):
        return cls(items.counts, config.retrieval)

    def update_counts(self, counts):
        share = counts / max(1, counts.sum())
        self._share = tf.constant(share, tf.float32)

    def compute_loss(self, targets):
        return self(targets.queries, targets.rows, targets.items)

    def measure(self, scored):
        """Ranks the label of each window in the whole catalogue."""
        rank = compute_rank(scored["tower"], scored["label"], scored["met"])
        hit = tf.cast(rank <= 10.0, tf.float32)
        gain = hit * tf.math.log(2.0) / tf.math.log(rank + 1.0)
        metrics = self._metrics_by_name
        metrics["recall_at_10"].update_state(hit)
        metrics["ndcg_at_10"].update_state(gain)
        metrics["mrr"].update_state(1.0 / rank)
        return {name: metric.result() for name, metric in metrics.items()}

    def call(self, queries, rows, item_vectors):
        """Computes the mean loss per query.

        Args:
            queries: float32 `[Q, D]`.
            rows: int32 `[Q]`, the catalogue row of each query's next item.
            item_vectors: float32 `[N, D]`, the whole catalogue.

        Returns:
            float32 scalar.
        """
        if self._config.negatives == "catalogue":
            return self._compare_with_all(queries, rows, item_vectors)
        sampled = self._sample()
        candidates = tf.concat([rows, sampled], axis=0)
        num_queries = tf.cast(tf.shape(rows)[0], tf.float32)
        num_sampled = tf.cast(tf.shape(sampled)[0], tf.float32)
        expected = (
            num_queries * tf.gather(self._share, candidates)
            + num_sampled / self._num_items
        )
        probability = tf.pow(
            expected / (num_queries + num_sampled),
            self._config.log_q_strength,
        )
        loss = self._task(
            queries,
            tf.gather(item_vectors, candidates),
            candidate_sampling_probability=probability,
            candidate_ids=candidates,
            compute_metrics=False,
        )
        return loss / tf.maximum(num_queries, 1.0)

    def _compare_with_all(self, queries, rows, item_vectors):
        """Computes the full softmax: no sample, so nothing to correct."""
        scores = tf.matmul(queries, item_vectors, transpose_b=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            rows, scores / self._config.temperature
        )
        num_queries = tf.cast(tf.shape(rows)[0], tf.float32)
        return tf.reduce_sum(losses) / tf.maximum(num_queries, 1.0)

    def _sample(self):
        """Draws catalogue rows without replacement, int32 `[S]`."""
        size = min(self._config.num_sampled, self._num_items)
        return tf.random.shuffle(tf.range(self._num_items))[:size]
