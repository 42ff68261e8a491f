"""Teaches the backbone from behaviour which texts belong together."""

import itertools
import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import keras_hub
import numpy as np
import tensorflow as tf

from trainer.config import AdaptationConfig
from trainer.lora import LoraModel
from trainer.text_backbone import TextBackbone

_LOGGER = logging.getLogger(__name__)
_NUM_LOGGED = 10  # lines a training writes to the log


class AdaptedModel(Protocol):
    """What a method of adaptation offers to the training loop.

    Attributes:
        model: the backbone to compute with while training.
        trainable_variables: what learns.
    """

    model: keras_hub.models.Backbone
    trainable_variables: list[tf.Variable]

    def merge(self) -> None:
        """Puts what was learned into the backbone that was handed in."""


# A further method is a further line here and in `AdaptationConfig.method`.
_METHODS: dict[
    str,
    Callable[[keras_hub.models.Backbone, AdaptationConfig, int], AdaptedModel],
] = {
    "lora": lambda model, config, seed: LoraModel(
        model, config.lora_rank, seed
    ),
}


@dataclass(frozen=True, kw_only=True)
class AdaptationReport:
    """What an adaptation did.

    Attributes:
        method: its name in the config.
        num_trainable_parameters: 0 for a frozen backbone.
        losses: contrastive loss of each step, in nats.
    """

    method: str
    num_trainable_parameters: int
    losses: tuple[float, ...]


def adapt_backbone(
    backbone: TextBackbone,
    pairs: Sequence[tuple[str, str]],
    config: AdaptationConfig,
    seed: int,
    writer: tf.summary.SummaryWriter | None = None,
    on_step: Callable[[int, float], None] | None = None,
) -> AdaptationReport:
    """Trains the backbone in place so that paired texts come close.

    Args:
        backbone: changed only when the training has come to its end.
        pairs: (anchor text, positive text), in any order.
        config: method and its settings.
        seed: of the batches, the dropout and the start of new weights.
        writer: takes the loss of each step as `adaptation/loss`.
        on_step: called with (steps done, loss) after each step.

    Returns:
        What was done. `frozen` does nothing and needs no pairs.

    Raises:
        ValueError: fewer than two pairs, or a backbone that the method cannot
            adapt.
    """
    if config.method == "frozen":
        return AdaptationReport(
            method=config.method, num_trainable_parameters=0, losses=()
        )
    if len(pairs) < 2:
        raise ValueError(
            "Adaptation must have at least 2 text pairs, for each is the"
            f" other's negative. Received: {len(pairs)} pairs. Set"
            " `adaptation.method` to 'frozen' when there is too little"
            " behaviour to learn from."
        )
    adapted = _METHODS[config.method](backbone.model, config, seed)
    variables = adapted.trainable_variables
    count = sum(int(np.prod(variable.shape)) for variable in variables)
    _LOGGER.info(
        "Adaptation %s: %d parameters learn from %d text pairs.",
        config.method,
        count,
        len(pairs),
    )
    train_step = _build_train_step(backbone, adapted, config)
    losses = []
    for batch in _draw_batches(pairs, config, seed):
        losses.append(float(train_step(*map(tf.constant, batch))))
        _report_step(len(losses), losses[-1], config, writer)
        if on_step:
            on_step(len(losses), losses[-1])
    adapted.merge()
    return AdaptationReport(
        method=config.method,
        num_trainable_parameters=count,
        losses=tuple(losses),
    )


def build_text_pairs(
    windows_item_ids: Sequence[Sequence[str]],
    text_by_item: Mapping[str, str],
    num_pairs: int,
    seed: int,
) -> list[tuple[str, str]]:
    """Draws pairs of items that a user met one after the other.

    Args:
        windows_item_ids: item ids of each window, oldest first.
        text_by_item: text of each item of the catalogue; items without one
            are passed over.
        num_pairs: at most as many.
        seed: of the draw.

    Returns:
        (earlier text, later text), never the same text twice in a pair.
    """
    found = []
    for window in windows_item_ids:
        texts = [text_by_item[item] for item in window if item in text_by_item]
        found += [
            pair for pair in itertools.pairwise(texts) if pair[0] != pair[1]
        ]
    if len(found) <= num_pairs:
        return found
    chosen = np.random.default_rng(seed).choice(
        len(found), num_pairs, replace=False
    )
    return [found[index] for index in chosen]


def compute_contrastive_loss(
    similarity: tf.Tensor, is_accidental_hit: tf.Tensor, temperature: float
) -> tf.Tensor:
    """Computes InfoNCE from anchors to positives.

    Args:
        similarity: float32 `[B, B]`, cosine of anchor (row) and positive
            (column); the pairs are on the diagonal.
        is_accidental_hit: bool `[B, B]`, true for columns that are no
            negatives of their row; the diagonal is ignored.
        temperature: divides the similarity.

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
        similarity / temperature,
    )
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.range(count), logits=logits
        )
    )


def _build_train_step(
    backbone: TextBackbone, adapted: AdaptedModel, config: AdaptationConfig
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    optimizer = tf.keras.optimizers.AdamW(
        config.learning_rate, weight_decay=0.01, clipnorm=1.0
    )
    variables = adapted.trainable_variables
    optimizer.build(variables)
    texts = tf.TensorSpec([None], tf.string)

    @tf.function(input_signature=[texts, texts])
    def train_step(anchors, positives):
        tokens = backbone.tokenize(tf.concat([anchors, positives], axis=0))
        same_positive = positives[:, tf.newaxis] == positives
        same_anchor = anchors[:, tf.newaxis] == anchors
        crossed = anchors[:, tf.newaxis] == positives
        with tf.GradientTape() as tape:
            vectors = backbone.compute_vectors(
                *tokens, training=True, model=adapted.model
            )
            rows, columns = tf.split(vectors, 2)
            similarity = tf.matmul(rows, columns, transpose_b=True)
            forth = compute_contrastive_loss(
                similarity, crossed | same_positive, config.temperature
            )
            back = compute_contrastive_loss(
                tf.transpose(similarity),
                tf.transpose(crossed) | same_anchor,
                config.temperature,
            )
            loss = (forth + back) / 2.0
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    return train_step


def _draw_batches(
    pairs: Sequence[tuple[str, str]], config: AdaptationConfig, seed: int
) -> Iterator[tuple[list[str], list[str]]]:
    """Yields `num_steps` batches; each pass over the pairs is shuffled."""
    size = min(config.batch_size, len(pairs))
    random = np.random.default_rng(seed)
    waiting: list[int] = []
    for _ in range(config.num_steps):
        if len(waiting) < size:
            waiting = random.permutation(len(pairs)).tolist()
        drawn = [pairs[waiting.pop()] for _ in range(size)]
        yield [anchor for anchor, _ in drawn], [text for _, text in drawn]


def _report_step(
    step: int,
    loss: float,
    config: AdaptationConfig,
    writer: tf.summary.SummaryWriter | None,
) -> None:
    if writer:
        with writer.as_default(step=step):
            tf.summary.scalar("adaptation/loss", loss)
    every = max(config.num_steps // _NUM_LOGGED, 1)
    if step % every == 0 or step == config.num_steps:
        _LOGGER.info(
            "Adaptation step %d of %d: loss %.4f", step, config.num_steps, loss
        )
