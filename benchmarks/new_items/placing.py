"""Ways to give new items a share of the slates' last places, or of places."""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import select_top_items

# Slates with their weights, which sum to 1: chance decides between them.
Mixture = list[tuple[float, np.ndarray]]

_HALVINGS = 20  # in the search for a bonus


@dataclass(frozen=True)
class Quota:
    """The last place of so many slates, drawn at random, whatever is there.

    Attributes:
        slates: int64 `[Q, 10]`, of known items.
        picks: int64 `[Q]`, the new item of each query.
    """

    slates: np.ndarray
    picks: np.ndarray

    def place(self, share: float, asked: np.ndarray) -> Mixture:
        """Gives the place to a share of the slates.

        Args:
            share: in [0, 1].
            asked: bool `[Q]`, the queries that settings are chosen by.
        """
        full = replace_last(self.slates, self.picks)
        return [(1.0 - share, self.slates), (share, full)]


@dataclass(frozen=True)
class Confident:
    """The last place of the slates whose new item is the surest.

    Attributes:
        slates: int64 `[Q, 10]`, of known items.
        scores: float `[Q, I]`, comparable between queries; -inf = not new.
    """

    slates: np.ndarray
    scores: np.ndarray

    def place(self, share: float, asked: np.ndarray) -> Mixture:
        """As `Quota.place`; the threshold is that of the queries asked."""
        best = self.scores.max(axis=1)
        if share == 0.0:
            return [(1.0, self.slates)]
        is_sure = best >= np.quantile(best[asked], 1.0 - share)
        full = replace_last(self.slates, self.scores.argmax(axis=1))
        return [(1.0, np.where(is_sure[:, None], full, self.slates))]


@dataclass(frozen=True)
class Boost:
    """A bonus on the score of every new item.

    Attributes:
        queries: what is asked.
        scores: float `[Q, I]`.
        is_new: bool `[I]`.
    """

    queries: Queries
    scores: np.ndarray
    is_new: np.ndarray

    def place(self, share: float, asked: np.ndarray) -> Mixture:
        """As `Quota.place`: so many places a slate go to new items, or fewer.

        The bonus is the largest with which that holds for the queries asked.
        """
        low, high = -self._find_range(), self._find_range()
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            slates = self._add(middle, np.flatnonzero(asked))
            num_new = (self.is_new[slates] & (slates >= 0)).sum(axis=1).mean()
            low, high = (low, middle) if num_new > share else (middle, high)
        return [(1.0, self._add(low, np.arange(len(asked))))]

    def _find_range(self) -> float:
        """A bonus with which nothing else counts."""
        return float(np.ptp(self.scores)) + 1.0

    def _add(self, bonus: float, rows: np.ndarray) -> np.ndarray:
        boosted = self.scores[rows] + np.float32(bonus) * self.is_new
        return select_top_items(boosted, self.queries.take(rows))


def replace_last(slates: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """Puts an item into the last place of each slate."""
    return np.concatenate([slates[:, :-1], picks[:, None]], axis=1)


def standardise(scores: np.ndarray, is_new: np.ndarray) -> np.ndarray:
    """Standardises the scores of each query's new items.

    Args:
        scores: float `[Q, I]`.
        is_new: bool `[I]`.

    Returns:
        float64 `[Q, I]`, -inf for the other items.
    """
    new = scores[:, is_new].astype(np.float64)
    spread = np.maximum(new.std(axis=1, keepdims=True), 1e-9)
    standard = np.full(scores.shape, -np.inf)
    standard[:, is_new] = (new - new.mean(axis=1, keepdims=True)) / spread
    return standard
