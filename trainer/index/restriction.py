"""The allowed items of the queries of a batch."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from trainer.scoring.ranks import EXCLUDED


class Restriction(NamedTuple):
    """The restriction of a batch, evaluated only if a request forbids anything.

    Attributes:
        is_any: bool, whether any query of the batch may not get everything.
        allows: called with rows int32 `[Q, X]` of the catalogue and int32
            `[Q]`, which queries of the batch ask; returns bool `[Q, X]`.
    """

    is_any: tf.Tensor
    allows: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

    def apply(
        self,
        scores: tf.Tensor,
        find_rows: Callable[[], tf.Tensor],
        at: tf.Tensor,
    ) -> tf.Tensor:
        """Lowers the scores of forbidden items below every other score.

        Args:
            scores: float32 `[Q, X]`.
            find_rows: gives what they are of, int32 `[Q, X]`; called only
                where anything is forbidden.
            at: int32 `[Q]`, which queries of the batch they are of.
        """

        def check():
            is_allowed = self.allows(find_rows(), at)
            return tf.where(is_allowed, scores, EXCLUDED)

        return tf.cond(self.is_any, check, lambda: scores)
