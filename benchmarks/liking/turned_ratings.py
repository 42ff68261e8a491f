"""One rating, turned from the best to the worst."""

import dataclasses

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.datasets import Dataset
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.queries import build_queries
from schemas.rating_scale import RatingScale

_NUM_SESSIONS = 100
_NUM_NEAREST = 20


@dataclasses.dataclass(frozen=True)
class TurnedRatings:
    """Sessions of one event: each item rated best, then each rated worst.

    Attributes:
        dataset: with the events of the sessions behind its own.
        queries: 2 S, without targets that mean anything.
        items: int64 `[S]`, the most rated ones.
        nearest: int64 `[S, 20]`, rated by the same people, nearest first.
    """

    dataset: Dataset
    queries: Queries
    items: np.ndarray
    nearest: np.ndarray


def turn_ratings(
    dataset: Dataset, train: Interactions, scale: RatingScale
) -> TurnedRatings:
    """Builds the sessions.

    Args:
        dataset: the data.
        train: what may be learnt from; says which items are rated most.
        scale: its ends are the best and the worst rating.
    """
    data = dataset.interactions
    counts = np.bincount(train.items, minlength=len(data.item_ids))
    items = np.argsort(-counts, kind="stable")[:_NUM_SESSIONS]
    values = np.repeat([scale.highest, scale.lowest], len(items))
    added = np.tile(items, 2)
    moment = data.timestamps.max() + 1
    extended = dataclasses.replace(
        data,
        users=np.concatenate([data.users, np.zeros(len(added), np.int64)]),
        items=np.concatenate([data.items, added]),
        timestamps=np.concatenate(
            [data.timestamps, np.full(len(added), moment)]
        ),
        values=np.concatenate([data.values, values]).astype(np.float32),
    )
    rows = [np.array([len(data.items) + n]) for n in range(len(added))]
    queries = build_queries(extended, rows, rows, counts > 0)
    return TurnedRatings(
        dataclasses.replace(dataset, interactions=extended),
        queries,
        items,
        _find_nearest(train, items),
    )


def compute_overlap(slates: np.ndarray) -> float:
    """Counts what the slates of both ratings have in common.

    Args:
        slates: int `[2 S, 10]`, -1 = nothing.

    Returns:
        Mean number of items; 10 = the rating makes no difference.
    """
    best, worst = np.split(slates, 2)
    common = [
        len(np.intersect1d(one[one >= 0], other))
        for one, other in zip(best, worst, strict=True)
    ]
    return float(np.mean(common))


def compute_fall(scores: np.ndarray, turned: TurnedRatings) -> float:
    """Measures how far the nearest items fall when the rating turns.

    Args:
        scores: float `[2 S, I]`.
        turned: the sessions.

    Returns:
        Mean change of their rank among all items as a share of these: 0.1 =
        a tenth of the catalogue further down.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(scores.shape[1])[None], axis=1)
    best, worst = (
        np.take_along_axis(part, turned.nearest, axis=1)
        for part in np.split(ranks, 2)
    )
    return float((worst - best).mean() / scores.shape[1])


def _find_nearest(train, items):
    """Cosine of who rated what; int64 `[S, 20]`."""
    by_user = sp.csr_array(
        (np.ones(len(train.items)), (train.users, train.items)),
        (len(train.user_ids), len(train.item_ids)),
    )
    both = (by_user[:, items].T @ by_user).toarray()
    lengths = np.sqrt(by_user.sum(axis=0))
    cosine = both / np.maximum(lengths, 1.0)
    cosine[np.arange(len(items)), items] = -1.0
    return np.argsort(-cosine, axis=1, kind="stable")[:, :_NUM_NEAREST]
