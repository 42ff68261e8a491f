"""The protocols: splits, tuning and configurations."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.datasets import Dataset
from benchmarks.quality.queries import Queries
from benchmarks.quality.splits import find_first_test_event
from benchmarks.quality.splits import split_cold_items
from benchmarks.quality.splits import split_leave_last
from benchmarks.quality.splits import split_new_users
from benchmarks.quality.splits import split_next_item
from benchmarks.quality.trained_pipeline import CONFIGS
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.tuning import Split
from benchmarks.quality.tuning import split_last_training_events
from pipeline.config import load_config

_EVAL_SHARE = 0.1  # of the events, in time, before those of `next_item`


@dataclass(frozen=True, kw_only=True)
class RankingProtocol:
    """A split of the interactions, and the settings of both sides.

    Attributes:
        split: gives the training part and the queries.
        tuning_split: divides the training part to choose peers' settings.
        configs: dataset name to a file in configs/.
        hides_test_events: whether the pipeline's events file lacks the test
            part; else the pipeline's own test split holds it.
        only_candidates: whether slates may hold only the candidates.
        by_content: whether only content can rank the candidates.
    """

    split: Split
    tuning_split: Split = split_last_training_events
    configs: dict[str, str]
    hides_test_events: bool = False
    only_candidates: bool = False
    by_content: bool = False


def _split_cold_again(train):
    return split_cold_items(train, seed=43)


def _split_new_again(train):
    return split_new_users(train, seed=43)


PROTOCOLS = {
    "leave_last": RankingProtocol(
        split=split_leave_last,
        configs={
            "movielens-small": "movielens-small-leave-last.yaml",
            "movies-1m": "movies-1m-leave-last.yaml",
        },
    ),
    "next_item": RankingProtocol(
        split=split_next_item,
        configs={"movielens-small": "movielens-small.yaml"},
    ),
    # Without a test part in time, the pipeline need only stop by something:
    # leave-last takes 2 events a user from training for it, no time span.
    "cold_items": RankingProtocol(
        split=split_cold_items,
        tuning_split=_split_cold_again,
        configs={"movielens-small": "movielens-small-leave-last.yaml"},
        hides_test_events=True,
        only_candidates=True,
        by_content=True,
    ),
    "new_users": RankingProtocol(
        split=split_new_users,
        tuning_split=_split_new_again,
        configs={"movielens-small": "movielens-small-leave-last.yaml"},
        hides_test_events=True,
    ),
}


def take_test_part_away(name: str, dataset: Dataset) -> Dataset:
    """Leaves the training part, by which settings may be chosen.

    Args:
        name: one of PROTOCOLS.
        dataset: with the test part.
    """
    train, _ = PROTOCOLS[name].split(dataset.interactions)
    return dataclasses.replace(dataset, interactions=train)


def set_up(
    name: str, dataset_name: str, dataset: Dataset
) -> tuple[Experiment, Queries]:
    """Divides a dataset by a protocol.

    Args:
        name: one of PROTOCOLS.
        dataset_name: one of the protocol's `configs`.
        dataset: the data to split.

    Returns:
        The training data of our side, and the queries.
    """
    protocol = PROTOCOLS[name]
    data = dataset.interactions
    train, queries = protocol.split(data)
    cut_points = None
    if name == "next_item":
        test = find_first_test_event(data)
        stop = test - int(len(data.items) * _EVAL_SHARE)
        cut_points = tuple(data.timestamps[np.array([stop, test])].tolist())
    experiment = Experiment(
        dataset=dataset,
        events=train if protocol.hides_test_events else data,
        train=train,
        config=protocol.configs[dataset_name],
        cut_points=cut_points,
    )
    repeats = load_config(CONFIGS / experiment.config).dataset.repeats
    return experiment, dataclasses.replace(queries, repeats=repeats)
