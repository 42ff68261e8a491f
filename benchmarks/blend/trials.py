"""Fits the linear models and the weights of one setting, and judges them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.blend.held_out import HeldOut
from trainer.config import TrainerConfig

if TYPE_CHECKING:
    from trainer.config import LinearConfig
    from trainer.inputs.item_table import ItemTable
    from trainer.scoring.linear.linear_scores import LinearScores
    from trainer.scoring.linear.sequences import Sequences

    # What the models learn from, and their settings, to the models.
    Fitted = dict[tuple[str, LinearConfig], list[LinearScores]]

# Ways to learn the weights of the blend.
CROSS_FITTED = "eval split, linear models cross-fitted"  # as training does
OF_TRAIN = "eval split, linear models of the train split"
OF_THE_JUDGE = "the judging queries themselves"  # the highest likelihood
EVEN = "none: all ones"


@dataclass(frozen=True, eq=False)
class Split:
    """All that one seed knows.

    Attributes:
        items: the catalogue, train and eval split counted.
        train: windows of the train split.
        recent: windows of the eval split.
        eval_queries: by towers that did not learn it.
        judge: by towers that learnt train and eval.
        fitted: linear models that are fitted already; no seed changes them.
    """

    items: "ItemTable"
    train: "Sequences"
    recent: "Sequences"
    eval_queries: HeldOut
    judge: HeldOut
    fitted: "Fitted"

    def fit(
        self, name: str, sequences: "Sequences", config: TrainerConfig
    ) -> "list[LinearScores]":
        """Fits linear models, unless they are.

        Args:
            name: tells sequences apart.
            sequences: what to learn from.
            config: all settings.
        """
        from trainer.scoring.scorer_fitting import fit_linear_models

        key = (name, config.linear)
        if key not in self.fitted:
            self.fitted[key] = fit_linear_models(sequences, config.linear)
        return self.fitted[key]


def try_setting(
    split: Split, config: TrainerConfig, ways: Sequence[str]
) -> dict[str, np.ndarray]:
    """Judges one setting of the linear models.

    Args:
        split: what is known.
        config: all settings.
        ways: how to learn the weights.

    Returns:
        For each way the NDCG@10 of each judging query, float64 `[Q]`.
    """
    shipped = split.fit("all", split.train.join(split.recent), config)
    return {
        way: _judge(split, config, shipped, _learn(way, split, config, shipped))
        for way in ways
    }


def _learn(way, split, config, shipped):
    """Learns the weights; float64 `[F]`."""
    from trainer.scoring.catalogue_scorer import learn_weights
    from trainer.scoring.scorer_fitting import leave_users_out

    if way == EVEN:
        return np.ones(1 + len(shipped))
    if way == OF_THE_JUDGE:
        return learn_weights([shipped], split.judge.iterate_batches(), config)
    if way == OF_TRAIN:
        folds = [split.fit("train", split.train, config)]
    else:
        folds = [
            split.fit(f"all but fold {nth}", known, config)
            for nth, known in enumerate(
                leave_users_out(split.train, split.recent)
            )
        ]
    if shipped and not all(folds):
        raise ValueError(
            "Each fold of the users must have events enough for the linear"
            f" models. Received: {list(map(len, folds))} models. Lower"
            f" `min_count`, which is {config.linear.min_count}."
        )
    return learn_weights(folds, split.eval_queries.iterate_batches(), config)


def _judge(split, config, linear, weights):
    from trainer.scoring.catalogue_scorer import CatalogueScorer
    from trainer.scoring.catalogue_scorer import penalise_popularity
    from trainer.scoring.content_prior import ContentPrior
    from trainer.scoring.ranks import compute_rank
    from trainer.scoring.scorer_fitting import score_recent_popularity

    scorer = CatalogueScorer(
        linear,
        weights,
        penalise_popularity(split.items.counts, config.retrieval),
        score_recent_popularity(split.train.join(split.recent)),
        ContentPrior(split.items, config.towers.content_prior),
    )
    ranks = np.concatenate(
        [
            compute_rank(
                scorer(batch["tower"], batch["rows"]),
                batch["label"],
                batch["met"],
            ).numpy()
            for batch in split.judge.iterate_batches()
        ]
    )
    return np.where(ranks <= 10, 1.0 / np.log2(ranks + 1.0), 0.0)
