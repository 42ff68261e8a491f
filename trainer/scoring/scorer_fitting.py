"""Fits the linear models, the blend and the priors."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from trainer.config import LinearConfig
from trainer.config import TrainerConfig
from trainer.inputs.item_table import ItemTable
from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.training_data import EVAL_BATCH
from trainer.inputs.training_data import TrainingData
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.catalogue_scorer import learn_weights
from trainer.scoring.catalogue_scorer import penalise_popularity
from trainer.scoring.content_prior import ContentPrior
from trainer.scoring.linear.co_occurrence import fit_co_occurrence
from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.linear.sequences import choose_items
from trainer.scoring.linear.sequences import collect_sequences
from trainer.scoring.linear.transitions import fit_transitions
from trainer.towers.recommender import Recommender

NUM_FOLDS = 2  # of the users; each costs a fit of the linear models
_OLDER_SHARE = 2 / 3  # of the windows that are too old to count
_SMOOTHING = 20.0  # events of any time, beside the newest


class FittedScorers(NamedTuple):
    """The scorer that is served, and one to learn more with.

    Attributes:
        served: knows all that there is.
        held_out: does not know the eval split of the users whose number is a
            multiple of `NUM_FOLDS`.
        train: windows of the train split.
    """

    served: CatalogueScorer
    held_out: CatalogueScorer
    train: Sequences


def fit_scorers(
    model: Recommender,
    items: ItemTable,
    data: TrainingData,
    config: TrainerConfig,
) -> FittedScorers:
    """Fits the linear models, the weights of all scores, and the priors.

    The weights are learnt on queries of the eval split, which no model has
    seen: the towers not at all, the linear models not that of this user
    (cross-fitting). Linear models that know the eval split of other users say
    more than those that end with the train split, and are nearer to those that
    are served: `docs/quality.md` has the measured difference.

    Where the objective is to be liked, histories have no dislikes, and only
    queries count whose label was liked. The linear models learn from every
    event all the same.

    Args:
        model: the towers, not yet trained on `data.recent`.
        items: the catalogue.
        data: what to learn from.
        config: all settings.
    """
    train = collect_sequences(data.windows, items.num_items)
    folds, newest = [train], None
    if data.recent:
        batches = iterate_batches(data.recent, EVAL_BATCH, items.num_items)
        newest = collect_sequences(batches, items.num_items)
        folds = leave_users_out(train, newest)
    held_out = fit_held_out(folds, config.linear)
    linear, sequences = held_out[0], train
    if newest is not None:
        sequences = train.join(newest)
        if linear:
            linear = fit_linear_models(sequences, config.linear)
    moments = []

    def score(queries):
        scored = model.score_catalogue(queries)
        moments.append(_measure_moment(scored["query"].numpy()))
        return scored

    weights = learn_weights(held_out, map(score, data.queries), config)
    prior = ContentPrior(items, config.towers.content_prior)
    penalties = penalise_popularity(items.counts, config.retrieval)
    moment = np.mean(moments, axis=0) if moments else None

    def build(linear, sequences):
        popularity = score_recent_popularity(sequences)
        return CatalogueScorer(
            linear, weights, penalties, popularity, prior, moment
        )

    return FittedScorers(
        served=build(linear, sequences),
        held_out=build(held_out[0], train),
        train=train,
    )


def _measure_moment(queries):
    """The mean outer product of queries with themselves; `[D, D]`."""
    queries = queries.astype(np.float64)
    return queries.T @ queries / len(queries)


def leave_users_out(train: Sequences, newest: Sequences) -> Iterator[Sequences]:
    """Divides the users into folds, for cross-fitting.

    Args:
        train: windows of the train split.
        newest: windows of the eval split.

    Yields:
        For fold k, all windows but those of the eval split whose user's
        number leaves the remainder k.
    """
    fold = newest.users % NUM_FOLDS
    for nth in range(NUM_FOLDS):
        yield train.join(newest.select(fold != nth))


def fit_held_out(
    folds: Iterable[Sequences], config: LinearConfig
) -> list[list[LinearScores]]:
    """Fits the linear models of each fold, for `learn_weights`.

    Args:
        folds: windows to learn from.
        config: the models' settings.

    Returns:
        The models of each fold; one fold without models where any of them has
        too few events for one: then there is nothing to weigh them by.
    """
    fitted = [fit_linear_models(fold, config) for fold in folds]
    return fitted if all(fitted) else [[]]


def fit_linear_models(
    sequences: Sequences, config: LinearConfig
) -> list[LinearScores]:
    """Fits the linear models of the config.

    Args:
        sequences: windows to learn from.
        config: the models' settings.

    Returns:
        The models, ready for the graph; none where no item occurs often
        enough, or where they are turned off.
    """
    item_rows = choose_items(
        sequences.count_targets(), config.min_count, config.max_items
    )
    if not len(item_rows):
        return []
    return [
        LinearScores(fit(sequences, item_rows, config))
        for fit in (fit_co_occurrence, fit_transitions)
    ]


def score_recent_popularity(sequences: Sequences) -> np.ndarray:
    """Scores items by their share of the newest events.

    Args:
        sequences: the windows; the newest third of them counts, and a little
            of the older ones for items that it lacks.

    Returns:
        float32 `[N]`, natural logarithm of the estimated chance over that of
        an item drawn evenly: 0 = no more likely than any.
    """
    oldest = np.quantile(sequences.ended_at, _OLDER_SHARE)
    recent = sequences.select(sequences.ended_at >= oldest).count_targets()
    counts = sequences.count_targets() + 1.0
    chance = recent + _SMOOTHING * counts / counts.sum()
    share = chance / chance.sum()
    return np.log(share * sequences.num_items).astype(np.float32)
