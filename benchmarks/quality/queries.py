"""The queries: user, history and targets."""

import hashlib
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.interactions import Interactions


@dataclass(frozen=True)
class Queries:
    """Queries and their targets.

    Attributes:
        users: int64 `[Q]`.
        offsets: int64 `[Q + 1]`: query q's history is
            `history[offsets[q] : offsets[q + 1]]`.
        history: int64, items, oldest first.
        rows: int64, of each item of `history` the event it comes from, a
            position in the interactions that were split.
        target_offsets: int64 `[Q + 1]`, likewise of `targets`.
        targets: int64, the relevant items; at least one a query.
        is_candidate: bool `[I]`, the items that are ranked.
        groups: str `[Q]`, queries to report on by themselves; "" = none.
        repeats: whether a slate may show what the history holds, as the
            dataset's configuration says.
    """

    users: np.ndarray
    offsets: np.ndarray
    history: np.ndarray
    rows: np.ndarray
    target_offsets: np.ndarray
    targets: np.ndarray
    is_candidate: np.ndarray
    groups: np.ndarray
    repeats: bool = False

    def __len__(self) -> int:
        return len(self.users)

    def get_history(self, query: int) -> np.ndarray:
        """Returns the items of one query's history, oldest first."""
        return self.history[self.offsets[query] : self.offsets[query + 1]]

    def get_rows(self, query: int) -> np.ndarray:
        """Returns the events of one query's history, oldest first."""
        return self.rows[self.offsets[query] : self.offsets[query + 1]]

    def get_targets(self, query: int) -> np.ndarray:
        """Returns the relevant items of one query."""
        begin, end = self.target_offsets[query : query + 2]
        return self.targets[begin:end]

    def take(self, positions: Iterable[int]) -> "Queries":
        """Returns some of the queries, in the order given."""
        positions = np.array(list(positions), np.int64)
        rows = [self.get_rows(query) for query in positions]
        history = [self.get_history(query) for query in positions]
        targets = [self.get_targets(query) for query in positions]
        return Queries(
            users=self.users[positions],
            offsets=_end_to_end(rows),
            history=_join(history),
            rows=_join(rows),
            target_offsets=_end_to_end(targets),
            targets=_join(targets),
            is_candidate=self.is_candidate,
            groups=self.groups[positions],
            repeats=self.repeats,
        )

    def compute_met_share(self) -> float:
        """Computes the share of targets that the history holds already."""
        num_met = sum(
            int(np.isin(self.get_targets(q), self.get_history(q)).sum())
            for q in range(len(self))
        )
        return num_met / max(len(self.targets), 1)


def build_queries(
    interactions: Interactions,
    rows: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    is_candidate: np.ndarray,
    groups: Sequence[str] | None = None,
) -> Queries:
    """Packs queries.

    Args:
        interactions: the data of the rows.
        rows: for each query the events of its history, oldest first.
        targets: for each query the events to be predicted, same user.
        is_candidate: bool `[I]`.
        groups: a name for each query; None = no groups.
    """
    events = _join(rows)
    answers = _join(targets)
    offsets = _end_to_end(targets)
    return Queries(
        users=interactions.users[answers[offsets[:-1]]],
        offsets=_end_to_end(rows),
        history=interactions.items[events],
        rows=events,
        target_offsets=offsets,
        targets=interactions.items[answers],
        is_candidate=is_candidate,
        groups=np.array([""] * len(rows) if groups is None else groups, str),
    )


def hash_held_out(interactions: Interactions, queries: Queries) -> str:
    """Tells one choice of held-out events from another.

    Returns:
        The first 16 hex digits of the SHA-256 of all pairs "user,item",
        sorted as text, a line each.
    """
    users = np.repeat(queries.users, np.diff(queries.target_offsets))
    pairs = zip(
        interactions.user_ids[users],
        interactions.item_ids[queries.targets],
        strict=True,
    )
    lines = sorted(f"{user},{item}\n" for user, item in pairs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def _join(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _end_to_end(parts: Sequence[np.ndarray]) -> np.ndarray:
    lengths = [len(part) for part in parts]
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
