"""Fits everything that stands beside the towers in the order of a slate."""

import numpy as np

from trainer.config import TrainerConfig
from trainer.inputs.item_table import ItemTable
from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.training_data import EVAL_BATCH
from trainer.inputs.training_data import TrainingData
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.catalogue_scorer import learn_weights
from trainer.scoring.catalogue_scorer import penalise_popularity
from trainer.scoring.content_prior import ContentPrior
from trainer.scoring.linear.fit import fit_linear_models
from trainer.scoring.linear.recent_popularity import score_recent_popularity
from trainer.scoring.linear.sequences import collect_sequences
from trainer.towers.recommender import Recommender


def fit_scorer(
    model: Recommender,
    items: ItemTable,
    data: TrainingData,
    config: TrainerConfig,
) -> CatalogueScorer:
    """Fits the linear models, the weights of all scores, and the priors.

    The weights are learnt on queries that no model has seen; then the linear
    models learn from them as well.

    Args:
        model: the towers, not yet trained on `data.recent`.
        items: the catalogue.
        data: what to learn from.
        config: all settings.
    """
    sequences = collect_sequences(data.windows, items.num_items)
    linear = fit_linear_models(sequences, config.linear)
    moments = []

    def score(queries):
        scored = model.score_catalogue(queries)
        moments.append(_measure_moment(scored["query"].numpy()))
        return scored

    weights = learn_weights(linear, map(score, data.queries), config)
    if data.recent:
        batches = iterate_batches(data.recent, EVAL_BATCH, items.num_items)
        newest = collect_sequences(batches, items.num_items)
        sequences = sequences.join(newest)
        if linear:
            linear = fit_linear_models(sequences, config.linear)
    return CatalogueScorer(
        linear,
        weights,
        penalise_popularity(items.counts, config.retrieval),
        score_recent_popularity(sequences),
        ContentPrior(items, config.towers.content_prior),
        np.mean(moments, axis=0) if moments else None,
    )


def _measure_moment(queries):
    """The mean outer product of queries with themselves; `[D, D]`."""
    queries = queries.astype(np.float64)
    return queries.T @ queries / len(queries)
