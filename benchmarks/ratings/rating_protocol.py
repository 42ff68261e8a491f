"""Evaluates predicted ratings, split by time, with growing histories."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.queries import build_queries
from benchmarks.quality.ranking_protocol import compute_standard_error
from benchmarks.quality.splits import find_first_test_event


@dataclass(frozen=True)
class RatingQueries:
    """Ratings to predict.

    Attributes:
        queries: who rates which item, and the history; one target a query.
        values: float32 of each of the queries' history items.
        ratings: float32 `[Q]`, the answers.
        is_warm: bool `[Q]`, whether the user has events in training.
    """

    queries: Queries
    values: np.ndarray
    ratings: np.ndarray
    is_warm: np.ndarray

    def get_values(self, query: int) -> np.ndarray:
        """Returns the ratings of one query's history, oldest first."""
        begin, end = self.queries.offsets[query : query + 2]
        return self.values[begin:end]


@dataclass(frozen=True, kw_only=True)
class RatingReport:
    """Root of the mean squared error; `_se` as in RankingReport."""

    rmse: float
    rmse_se: float
    rmse_warm_users: float
    rmse_warm_users_se: float
    num_queries: int
    num_warm_queries: int


class RatingPeer(Protocol):
    """A predictor to compare with; a dataclass whose fields are settings."""

    def fit(self, train: Interactions) -> None:
        """Learns from the training part."""

    def predict(
        self, user: int, items: np.ndarray, values: np.ndarray, item: int
    ) -> float:
        """Predicts one rating.

        Args:
            user: position of the user.
            items: int64, what the user has rated up to now.
            values: float32, the ratings of `items`.
            item: position of the item to be rated.
        """


def split_ratings(
    interactions: Interactions,
) -> tuple[Interactions, RatingQueries]:
    """Holds out the ratings of the last 10% of events.

    The history of a query is all earlier ratings of the user, the test part
    included; the trained model stays as it is.
    """
    first_test = find_first_test_event(interactions)
    train = interactions.select(np.arange(first_test))
    rows_of_user = {}
    histories = []
    for row, user in enumerate(interactions.users.tolist()):
        met = rows_of_user.setdefault(user, [])
        if row >= first_test:
            histories.append(np.array(met, np.int64))
        met.append(row)
    asked = np.arange(first_test, len(interactions.items))
    is_candidate = np.zeros(len(interactions.item_ids), bool)
    is_candidate[train.items] = True
    queries = build_queries(
        interactions, histories, asked[:, None], is_candidate
    )
    return train, RatingQueries(
        queries,
        interactions.values[queries.rows],
        interactions.values[asked],
        np.isin(queries.users, train.users),
    )


def predict_all(peer: RatingPeer, asked: RatingQueries) -> np.ndarray:
    """Predicts every rating with a fitted peer, float64 `[Q]`."""
    queries = asked.queries
    return np.array(
        [
            peer.predict(
                queries.users[query],
                queries.get_history(query),
                asked.get_values(query),
                queries.targets[query],
            )
            for query in range(len(queries))
        ]
    )


def square_errors(
    predicted: np.ndarray, asked: RatingQueries, train: Interactions
) -> np.ndarray:
    """Compares predictions with ratings.

    Args:
        predicted: float `[Q]`; brought within the ratings of training.
        asked: the queries in the same order.
        train: the training part; its ratings give the range.

    Returns:
        float64 `[Q]`, the squared errors.
    """
    predicted = np.clip(predicted, train.values.min(), train.values.max())
    return (predicted.astype(np.float64) - asked.ratings) ** 2


def evaluate_ratings(errors: np.ndarray, asked: RatingQueries) -> RatingReport:
    """Averages the squared errors `[Q]` of all queries."""
    warm = asked.is_warm
    rmse, rmse_se = _summarize(errors, asked.queries.users)
    warm_rmse, warm_se = _summarize(errors[warm], asked.queries.users[warm])
    return RatingReport(
        rmse=rmse,
        rmse_se=rmse_se,
        rmse_warm_users=warm_rmse,
        rmse_warm_users_se=warm_se,
        num_queries=len(errors),
        num_warm_queries=int(warm.sum()),
    )


def compute_rmse_ratio(
    ours: np.ndarray, theirs: np.ndarray, asked: RatingQueries
) -> tuple[float, float]:
    """Computes one RMSE over another, query by query.

    Args:
        ours: float `[Q]`, squared errors.
        theirs: likewise; the denominator.
        asked: the queries in the same order.

    Returns:
        The ratio, and its standard error by linearisation: that a rating is
        hard to predict makes it hard for both.
    """
    ratio = ours.mean() / theirs.mean()
    residual = (ours - ratio * theirs) / theirs.mean()
    error = compute_standard_error(residual, asked.queries.users)
    return float(np.sqrt(ratio)), float(error / (2 * np.sqrt(ratio)))


def tune_ratings(
    peers: Iterable[RatingPeer], train: Interactions
) -> RatingPeer:
    """Chooses settings by the last 10% of the training part.

    Args:
        peers: one per setting, not fitted; one is fitted at a time.
        train: the training part.

    Returns:
        The best peer, fitted to all of `train`.

    Raises:
        ValueError: `peers` is empty.
    """
    inner, asked = split_ratings(train)
    tried = []
    for peer in peers:
        settings = dataclasses.replace(peer)  # without what is learnt
        peer.fit(inner)
        errors = square_errors(predict_all(peer, asked), asked, inner)
        tried.append((errors.mean(), settings))
    if not tried:
        raise ValueError("`peers` must hold at least one. Received: none.")
    _, best = min(tried, key=lambda one: one[0])
    best.fit(train)
    return best


def _summarize(errors: np.ndarray, users: np.ndarray) -> tuple[float, float]:
    if not len(errors):
        return float("nan"), float("nan")
    rmse = float(np.sqrt(errors.mean()))
    # The error of a root is that of the mean over twice the root.
    return rmse, compute_standard_error(errors, users) / (2 * rmse)
