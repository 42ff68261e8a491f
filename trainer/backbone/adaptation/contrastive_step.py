"""One update of a backbone with in-batch negatives."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.backbone.adaptation.adapted_model import AdaptedModel
from trainer.backbone.adaptation.text_pairs import TextPair
from trainer.backbone.modules import ScenarioAdapters
from trainer.backbone.modules.transformer_blocks import get_seed_states
from trainer.backbone.text_backbone import TextBackbone

_TEXTS = tf.TensorSpec([None], tf.string)
_VECTORS = tf.TensorSpec([None, None], tf.float32)


class ContrastiveStep:
    """Trains on a batch of pairs, at once or in parts.

    In parts, the update is that of the whole batch: negatives come from the
    whole batch, so parts cannot have separate losses. All parts are encoded
    without gradients first; the loss gives the gradient of each vector; then
    each part is encoded again, with the same dropout, and passes its share of
    that gradient on.

    Texts are drawn as often as items have events. Without a correction the
    backbone would learn to demote popular items, and would not learn which
    texts many people like, which new items need.

    Source:
        Gao et al., RepL4NLP 2021, arXiv:2101.06983 (gradient caching); Yi et
        al., RecSys 2019, doi:10.1145/3298689.3346996 (log Q).
    """

    def __init__(
        self,
        backbone: TextBackbone,
        adapted: AdaptedModel,
        scenario_adapters: ScenarioAdapters | None,
        optimizer: tf.keras.optimizers.Optimizer,
        temperature: float,
        pairs: Sequence[TextPair],
    ):
        """Prepares updates by batches drawn evenly from `pairs`."""
        self._backbone = backbone
        self._adapted = adapted
        self._scenario_adapters = scenario_adapters
        self._optimizer = optimizer
        self._temperature = temperature
        self._anchor_log_q = _tabulate_log_q(pair.anchor for pair in pairs)
        self._positive_log_q = _tabulate_log_q(pair.positive for pair in pairs)
        self.variables = list(adapted.trainable_variables)
        if scenario_adapters:
            self.variables += scenario_adapters.variables
        self._states = get_seed_states(adapted.model)
        self._sums: list[tf.Variable] = []
        optimizer.build(self.variables)
        self._train_whole = _compile(self._train_whole_batch, [_TEXTS] * 3)
        self._encode_part = _compile(self._encode, [_TEXTS] * 3)
        self._compute_vector_gradients = _compile(
            self._differentiate_loss, [_TEXTS, _TEXTS, _VECTORS]
        )
        self._add_part = _compile(
            self._add_gradients, [_TEXTS] * 3 + [_VECTORS]
        )
        self._apply_sums = _compile(self._apply_gradient_sums, [])

    def __call__(self, pairs: Sequence[TextPair], num_parts: int) -> float:
        """Updates the variables once.

        Args:
            pairs: the batch.
            num_parts: into how many parts it is cut; 1 = it is not.

        Returns:
            The loss before the update, in nats.
        """
        columns = [list(column) for column in zip(*pairs, strict=True)]
        if num_parts == 1:
            return float(self._train_whole(*map(tf.constant, columns)))
        size = -(-len(pairs) // num_parts)
        parts = [
            [tf.constant(column[start : start + size]) for column in columns]
            for start in range(0, len(pairs), size)
        ]
        return self._train_in_parts(columns, parts)

    def _train_in_parts(self, columns, parts):
        before, vectors = [], []
        for part in parts:
            before.append([tf.identity(state.value) for state in self._states])
            vectors.append(self._encode_part(*part))
        # `_encode` returns the anchors of a part, then its positives.
        halves = [tf.split(part, 2) for part in vectors]
        joined = tf.concat(
            [half for pair in zip(*halves, strict=True) for half in pair],
            axis=0,
        )
        loss, gradients = self._compute_vector_gradients(
            tf.constant(columns[0]), tf.constant(columns[1]), joined
        )
        anchors, positives = tf.split(gradients, 2)
        sizes = [len(half) for half, _ in halves]
        if not self._sums:
            self._sums = [
                tf.Variable(tf.zeros_like(one)) for one in self.variables
            ]
        for total in self._sums:
            total.assign(tf.zeros_like(total))
        for part, states, *share in zip(
            parts,
            before,
            tf.split(anchors, sizes),
            tf.split(positives, sizes),
            strict=True,
        ):
            for state, value in zip(self._states, states, strict=True):
                state.assign(value)
            self._add_part(*part, tf.concat(share, axis=0))
        return float(loss + self._apply_sums())

    def _train_whole_batch(self, anchors, positives, scenarios):
        with tf.GradientTape() as tape:
            vectors = self._encode(anchors, positives, scenarios)
            loss = self._compute_loss(anchors, positives, vectors)
            loss += self._adapted.compute_penalty()
        self._apply(tape.gradient(loss, self.variables))
        return loss

    def _encode(self, anchors, positives, scenarios):
        """Unit vectors, float32 `[2 B, T]`: anchors first."""
        tokens = self._backbone.tokenize(tf.concat([anchors, positives], 0))
        vectors = self._backbone.compute_vectors(
            *tokens,
            # A model without trainable variables needs no dropout.
            training=bool(self._adapted.trainable_variables),
            model=self._adapted.model,
        )
        if self._scenario_adapters:
            rows, columns = tf.split(vectors, 2)
            rows = self._scenario_adapters.apply(rows, scenarios)
            vectors = tf.concat([rows, columns], axis=0)
        return vectors

    def _compute_loss(self, anchors, positives, vectors):
        rows, columns = tf.split(vectors, 2)
        similarity = tf.matmul(rows, columns, transpose_b=True)
        crossed = anchors[:, tf.newaxis] == positives
        forth = compute_contrastive_loss(
            similarity,
            crossed | (positives[:, tf.newaxis] == positives),
            self._temperature,
            self._positive_log_q.lookup(positives),
        )
        back = compute_contrastive_loss(
            tf.transpose(similarity),
            tf.transpose(crossed) | (anchors[:, tf.newaxis] == anchors),
            self._temperature,
            self._anchor_log_q.lookup(anchors),
        )
        return (forth + back) / 2.0

    def _differentiate_loss(self, anchors, positives, vectors):
        with tf.GradientTape() as tape:
            tape.watch(vectors)
            loss = self._compute_loss(anchors, positives, vectors)
        return loss, tape.gradient(loss, vectors)

    def _add_gradients(self, anchors, positives, scenarios, weights):
        with tf.GradientTape() as tape:
            vectors = self._encode(anchors, positives, scenarios)
            share = tf.reduce_sum(vectors * weights)
        gradients = tape.gradient(share, self.variables)
        for total, gradient in zip(self._sums, gradients, strict=True):
            if gradient is not None:
                total.assign_add(tf.convert_to_tensor(gradient))

    def _apply_gradient_sums(self):
        with tf.GradientTape() as tape:
            penalty = self._adapted.compute_penalty()
        added = tape.gradient(
            penalty, self.variables, unconnected_gradients="zero"
        )
        self._apply(
            [total + one for total, one in zip(self._sums, added, strict=True)]
        )
        return penalty

    def _apply(self, gradients):
        self._optimizer.apply_gradients(
            zip(gradients, self.variables, strict=True)
        )
        count = len(self._adapted.trainable_variables)
        self._adapted.end_step(gradients[:count])


def _compile(function, signature):
    # AutoGraph cannot read all wrappers of a block, and is not needed.
    return tf.function(function, input_signature=signature, autograph=False)


def _tabulate_log_q(texts: Iterable[str]) -> tf.lookup.StaticHashTable:
    """Maps each text to the logarithm of its share of all."""
    counts = Counter(texts)
    shares = np.array(list(counts.values()), np.float32) / counts.total()
    initializer = tf.lookup.KeyValueTensorInitializer(
        tf.constant(list(counts)), tf.constant(np.log(shares))
    )
    return tf.lookup.StaticHashTable(initializer, default_value=0.0)


def compute_contrastive_loss(
    similarity: tf.Tensor,
    is_accidental_hit: tf.Tensor,
    temperature: float,
    log_q: tf.Tensor,
) -> tf.Tensor:
    """Computes InfoNCE from anchors to positives.

    Args:
        similarity: float32 `[B, B]`, cosine of anchor (row) and positive
            (column); the pairs are on the diagonal.
        is_accidental_hit: bool `[B, B]`, true for columns that are no
            negatives of their row; the diagonal is ignored.
        temperature: divides the similarity.
        log_q: float32 `[B]`, natural logarithm of the chance that a column
            is drawn; a constant changes nothing.

    Returns:
        float32 `[]`, mean over rows, in nats.

    Source:
        van den Oord et al., 2018, arXiv:1807.03748, equation 4.
    """
    count = tf.shape(similarity)[0]
    is_pair = tf.eye(count, dtype=tf.bool)
    logits = tf.where(
        is_accidental_hit & ~is_pair,
        similarity.dtype.min,
        similarity / temperature - log_q,
    )
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.range(count), logits=logits
        )
    )
