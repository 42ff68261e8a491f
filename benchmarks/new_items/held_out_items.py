"""Items that training never meets, and people who met some of them."""

import hashlib
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.queries import build_queries

_NEW_SHARE = 0.1  # of the items
_VALIDATION_SHARE = 0.5  # of the people


@dataclass(frozen=True)
class HeldOutItems:
    """One draw of new items, and one query a person about all items.

    Attributes:
        is_new: bool `[I]`.
        events: all events on the other items.
        train: `events` without each person's last one.
        known: the queries, with that last event as target.
        new: the same queries, with all that the person did to new items as
            targets.
        is_validation: bool `[Q]`, the queries that settings are chosen by.
    """

    is_new: np.ndarray
    events: Interactions
    train: Interactions
    known: Queries
    new: Queries
    is_validation: np.ndarray


def hold_out_items(interactions: Interactions, seed: int) -> HeldOutItems:
    """Removes a tenth of the items, and asks about all.

    Args:
        interactions: in order of time.
        seed: of the draw of the items; the people are divided alike for all.

    Returns:
        The queries are those of people with two events on known items, or
        more, and one on a new item.
    """
    is_new = _draw(interactions.item_ids, f"item {seed}", _NEW_SHARE)
    is_new_event = is_new[interactions.items]
    order = np.argsort(interactions.users, kind="stable")
    starts = np.flatnonzero(np.diff(interactions.users[order])) + 1
    is_last = np.zeros(len(order), bool)
    histories, lasts, met = [], [], []
    for rows in np.split(order, starts):
        known, new = rows[~is_new_event[rows]], rows[is_new_event[rows]]
        if len(known) > 1:
            is_last[known[-1]] = True
        if len(known) > 1 and len(new):
            histories.append(known[:-1])
            lasts.append(known[-1:])
            met.append(new)
    is_candidate = np.ones(len(is_new), bool)
    known = build_queries(interactions, histories, lasts, is_candidate)
    return HeldOutItems(
        is_new=is_new,
        events=interactions.select(~is_new_event),
        train=interactions.select(~is_new_event & ~is_last),
        known=known,
        new=build_queries(interactions, histories, met, is_candidate),
        is_validation=_draw(
            interactions.user_ids[known.users], "person", _VALIDATION_SHARE
        ),
    )


def _draw(ids: np.ndarray, salt: str, share: float) -> np.ndarray:
    """Draws about a share of ids; the others do not change the lot of one."""
    digests = [hashlib.sha256(f"{salt} {one}".encode()).digest() for one in ids]
    lots = [int.from_bytes(one[:8], "big") / 2**64 for one in digests]
    return np.array(lots) < share
