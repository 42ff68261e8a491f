"""Chooses a peer's settings without a look at the test part."""

import dataclasses
from collections.abc import Callable
from collections.abc import Iterable

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import Peer
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_leave_last

Split = Callable[[Interactions], tuple[Interactions, Queries]]


def split_last_training_events(
    train: Interactions,
) -> tuple[Interactions, Queries]:
    """Asks for the last training event of each user with 5 or more."""
    return split_leave_last(train, min_events=5)


def tune(
    peers: Iterable[Peer],
    train: Interactions,
    half_lives: Iterable[float | None] = (None,),
    split: Split = split_last_training_events,
) -> tuple[Peer, float | None]:
    """Chooses settings by NDCG@10 within the training part.

    Args:
        peers: one per setting, not fitted; dataclasses of settings.
        train: the training part.
        half_lives: decays to try with each, None = none.
        split: divides the training part into what is learnt and what is
            asked while choosing.

    Returns:
        The best peer, fitted to all of `train`, and its half-life. A single
        setting is not tried, only fitted.

    Raises:
        ValueError: `peers` is empty.
    """
    peers = list(peers)
    half_lives = tuple(half_lives)
    if not peers:
        raise ValueError("`peers` must hold at least one. Received: none.")
    best = (0.0, peers[0], half_lives[0])
    if len(peers) * len(half_lives) > 1:
        inner, queries = split(train)
        tried = []
        for peer in peers:
            trial = dataclasses.replace(peer)  # what it learns is large
            trial.fit(inner)
            for half_life in half_lives:
                slates = recommend(trial, queries, half_life)
                ndcg = evaluate(slates, queries).ndcg_at_10
                tried.append((ndcg, peer, half_life))
        best = max(tried, key=lambda one: one[0])
    _, peer, half_life = best
    peer.fit(train)
    return peer, half_life
