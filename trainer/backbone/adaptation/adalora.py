"""AdaLoRA: low-rank corrections with ranks chosen by importance."""

import math

import keras
import tensorflow as tf

from trainer.backbone.adaptation.adapted_model import AdaptedModel
from trainer.backbone.modules.transformer_blocks import copy_backbone
from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import wrap_call
from trainer.backbone.text_backbone import TextBackbone
from trainer.config import AdaptationConfig

_EXTRA = 1.5  # ranks at the start, over the final number
_WARM_UP = 0.15  # share of the steps before pruning begins
_COOL_DOWN = 0.35  # share of the steps after pruning ends
_NUM_CUTS = 20  # pruning steps, at most
_SMOOTHING = 0.85  # of sensitivity and of its uncertainty


class AdaLoraModel(AdaptedModel):
    """A copy of a backbone whose dense layers learn P diag(lambda) Q each.

    All dense layers of all blocks begin with half as many ranks again as the
    budget allows on average. After a warm-up, every few steps the least
    important triplets (column of P, lambda, row of Q) of the whole model get a
    lambda of zero, more and more of them until the budget is met: some matrices
    keep many ranks, others none. The importance of a triplet is the sensitivity
    of the loss to it, smoothed over steps and multiplied by its uncertainty. A
    triplet may return: a lambda that is zero still learns.

    Source:
        Zhang et al., ICLR 2023, arXiv:2303.10512; sensitivity and
        uncertainty as of their equations 9 to 11, budget as of appendix A.
        P and Q start orthonormal rather than Gaussian, so that the penalty
        starts at zero; it is averaged over matrices.
    """

    def __init__(
        self, backbone: TextBackbone, config: AdaptationConfig, seed: int
    ):
        copy = copy_backbone(backbone.model, seed)
        self._layers = _find_dense_layers(copy)
        rank = math.ceil(_EXTRA * config.adalora_rank)
        self._corrections = [
            _Correction(layer, rank, seed + 2 * index)
            for index, layer in enumerate(self._layers)
        ]
        super().__init__(
            copy, [v for one in self._corrections for v in one.variables]
        )
        self._penalty = config.adalora_penalty
        self._num_steps = config.num_steps
        self._interval = max(1, config.num_steps // _NUM_CUTS)
        self._budget = config.adalora_rank * len(self._corrections)
        self._begin = sum(one.rank for one in self._corrections)
        self._step = tf.Variable(0, trainable=False, dtype=tf.int64)
        self._means = _zeros_like(self.trainable_variables)
        self._deviations = _zeros_like(self.trainable_variables)

    @property
    def ranks(self) -> dict[str, int]:
        """Ranks that each matrix has left, by the path of its layer."""
        return {
            layer.path: int(tf.math.count_nonzero(one.weights))
            for layer, one in zip(self._layers, self._corrections, strict=True)
        }

    def compute_penalty(self) -> tf.Tensor:
        """How far P and Q are from orthonormal; float32 `[]`."""
        total = tf.add_n([one.compute_penalty() for one in self._corrections])
        return self._penalty * total / len(self._corrections)

    def end_step(self, gradients: list[tf.Tensor]) -> None:
        """Updates the importance of triplets, and prunes by it."""
        parts = zip(
            self.trainable_variables,
            gradients,
            self._means,
            self._deviations,
            strict=True,
        )
        scores = [_update_importance(*part) for part in parts]
        triplets = [
            # Each triplet has a column of P and a row of Q.
            tf.reduce_mean(scores[at], axis=0)
            + scores[at + 1]
            + tf.reduce_mean(scores[at + 2], axis=1)
            for at in range(0, len(scores), 3)
        ]
        self._step.assign_add(1)
        left = self._compute_budget()
        ordered = tf.sort(tf.concat(triplets, 0), direction="DESCENDING")
        threshold = ordered[left - 1]
        is_time = (self._step % self._interval == 0) | (
            self._step == self._num_steps
        )
        is_pruning = is_time & (left < self._begin)
        for one, importance in zip(self._corrections, triplets, strict=True):
            stays = (importance >= threshold) | ~is_pruning
            one.weights.assign(tf.where(stays, one.weights, 0.0))

    def merge(self, backbone: TextBackbone) -> None:
        """Adds the corrections to the kernels of the original."""
        originals = _find_dense_layers(backbone.model)
        for layer, one in zip(originals, self._corrections, strict=True):
            layer.kernel.assign(layer.kernel + one.compute())

    def _compute_budget(self):
        """Ranks that may stay after this step; int32 `[]`."""
        begin = _WARM_UP * self._num_steps
        length = (1.0 - _WARM_UP - _COOL_DOWN) * self._num_steps
        done = (tf.cast(self._step, tf.float32) - begin) / length
        open_share = (1.0 - tf.clip_by_value(done, 0.0, 1.0)) ** 3
        left = self._budget + (self._begin - self._budget) * open_share
        return tf.cast(tf.math.ceil(left), tf.int32)


class _Correction:
    """The correction of one dense layer's kernel."""

    def __init__(self, layer, rank, seed):
        self._kernel = layer.kernel
        shape = tuple(self._kernel.shape)
        num_input_axes = _count_input_axes(layer)
        rows = math.prod(shape[:num_input_axes])
        columns = math.prod(shape[num_input_axes:])
        self.rank = min(rank, rows, columns)
        start = keras.initializers.Orthogonal
        self._left = tf.Variable(start(seed=seed)((rows, self.rank)))
        self.weights = tf.Variable(tf.zeros([self.rank]))
        self._right = tf.Variable(start(seed=seed + 1)((self.rank, columns)))
        self.variables = [self._left, self.weights, self._right]
        wrap_call(layer, self._call_layer)

    def compute(self):
        """The correction in the shape of the kernel, float32."""
        product = tf.matmul(self._left * self.weights, self._right)
        return tf.reshape(product, self._kernel.shape)

    def compute_penalty(self):
        """Squared distance of P'P and QQ' from the identity."""
        unit = tf.eye(self.rank)
        left = tf.matmul(self._left, self._left, transpose_a=True)
        right = tf.matmul(self._right, self._right, transpose_b=True)
        return tf.reduce_sum((left - unit) ** 2 + (right - unit) ** 2)

    def _call_layer(self, call, *args, **kwargs):
        kernel = self._kernel.value + tf.cast(
            self.compute(), self._kernel.dtype
        )
        with keras.StatelessScope(
            [(self._kernel, kernel)], initialize_variables=False
        ):
            return call(*args, **kwargs)


def _find_dense_layers(model):
    """Dense layers of all blocks, always in the same order."""
    return [
        layer
        for block in find_blocks(model)
        for layer in block._flatten_layers()
        if isinstance(layer, keras.layers.Dense | keras.layers.EinsumDense)
    ]


def _count_input_axes(layer):
    """How many leading axes of a kernel are summed over."""
    if isinstance(layer, keras.layers.Dense):
        return 1
    inputs, output = layer.equation.split("->")
    kernel = inputs.split(",")[1]
    return sum(axis not in output for axis in kernel)


def _zeros_like(variables):
    return [tf.Variable(tf.zeros_like(v), trainable=False) for v in variables]


def _update_importance(variable, gradient, mean, deviation):
    """Smooths |w dL/dw| and its uncertainty; returns their product."""
    sensitivity = tf.abs(variable * gradient)
    mean.assign(_SMOOTHING * mean + (1.0 - _SMOOTHING) * sensitivity)
    moved = tf.abs(sensitivity - mean)
    deviation.assign(_SMOOTHING * deviation + (1.0 - _SMOOTHING) * moved)
    return mean * deviation
