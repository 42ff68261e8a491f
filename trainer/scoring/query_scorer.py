"""Scores the catalogue for encoded requests."""

from collections.abc import Callable

import tensorflow as tf

from trainer.needs.need_scorer import NeedScorer
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.catalogue_scorer import has_no_history
from trainer.towers.query_tower import EncodedQuery


class QueryScorer(tf.Module):
    """The blend for the history, and what a need makes of it.

    Attributes:
        catalogue: scores without a need.
        needs: adds what is said.
    """

    def __init__(self, catalogue: CatalogueScorer, needs: NeedScorer):
        """Joins both."""
        super().__init__(name="query_scorer")
        self.catalogue = catalogue
        self.needs = needs

    def __call__(
        self,
        query: EncodedQuery,
        score_all: Callable[[tf.Tensor], tf.Tensor],
    ) -> tf.Tensor:
        """Scores all items.

        Args:
            query: the encoded requests.
            score_all: multiplies queries `[B, D]` with all items, `[B, N]`.

        Returns:
            float32 `[B, N]`.
        """
        scores = self.catalogue(score_all(query.queries), query.rows)
        need = query.need
        if need is None:
            return scores

        def add_need():
            is_new = has_no_history(query.rows, self.needs.num_items)
            return self.needs(scores, need, score_all(need.queries), is_new)

        return tf.cond(has_need(query), add_need, lambda: scores)

    def extend(self, query: EncodedQuery) -> tf.Tensor:
        """Builds vectors whose product with items' compares with the scores.

        For items that are not in the catalogue: their vectors are those of the
        towers, then those of their texts.

        Returns:
            float32 `[B, D + T]`.
        """
        queries = self.catalogue.tower_weight * query.queries
        need = query.need
        is_new = has_no_history(query.rows, self.needs.num_items)
        weights = self.needs.choose_weights(need, is_new)[..., tf.newaxis]
        both = tf.concat(
            [
                weights[:, 0] * queries + weights[:, 1] * need.queries,
                weights[:, 2] * need.vectors,
            ],
            axis=1,
        )
        alone = tf.concat([queries, tf.zeros_like(need.vectors)], axis=1)
        return tf.where((need.text != "")[:, tf.newaxis], both, alone)


def has_need(query: EncodedQuery) -> tf.Tensor:
    """Whether any request of the batch says something; bool `[]`."""
    if query.need is None:
        return tf.constant(False)
    return tf.reduce_any(query.need.text != "")
