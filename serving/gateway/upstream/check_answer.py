"""Refuses answers of a model that callers of the gateway must not get."""

import dataclasses
import math

from serving.gateway.records.event import MAX_ID_LENGTH
from serving.query import Explanation
from serving.query import KindShares
from serving.query import Slate

_MOST = 1.0 + 1e-4  # of a share, with rounding


def check_slate(slate: Slate, k: int, num_events: int) -> Slate:
    """Refuses what nobody could be shown; more than was asked for goes.

    Args:
        slate: as read.
        k: items asked for.
        num_events: of the query.

    Raises:
        RuntimeError: an id is too long, or a reason is none.
    """
    items = slate.items[:k]
    for item in items:
        if len(item.item_id) > MAX_ID_LENGTH:
            raise RuntimeError(
                f"Item ids must have at most {MAX_ID_LENGTH} characters. "
                f"Received: {len(item.item_id)}."
            )
        for position, weight in item.reasons:
            if position >= num_events or not math.isfinite(weight):
                raise RuntimeError(
                    f"Reasons must weigh one of {num_events} events. "
                    f"Received: {weight} of event {position}."
                )
        _check_shares(item.shares)
    return dataclasses.replace(slate, items=items)


def _check_shares(shares: KindShares) -> None:
    told = dataclasses.astuple(shares)
    if not all(0.0 <= share <= _MOST for share in told):
        raise RuntimeError(
            f"Shares of reasons must be from 0 to 1. Received: {shares}."
        )


def check_explanation(one: Explanation) -> None:
    """Refuses numbers that JSON does not have.

    Raises:
        RuntimeError: one is not finite, or a share is none.
    """
    _check_shares(one.shares)
    numbers = [
        one.score,
        one.score_without_history,
        one.score_without_need,
        one.place,
        one.place_without_history,
        one.place_without_need,
        *one.history_weights,
        *one.source_shares.values(),
    ]
    if not all(map(math.isfinite, numbers)):
        raise RuntimeError(
            f"An explanation must hold finite numbers. Received: {numbers}."
        )
