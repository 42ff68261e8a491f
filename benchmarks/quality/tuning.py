"""Chooses a peer's settings without the test part."""

import dataclasses
import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import Peer
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_leave_last

Split = Callable[[Interactions], tuple[Interactions, Queries]]

_EPOCHS_APART = 3  # between two looks at a peer that learns by epochs
_PATIENCE = 2  # looks without a better figure, then it learns no more


def split_last_training_events(
    train: Interactions,
) -> tuple[Interactions, Queries]:
    """Holds out the last training event of each user with 5 or more."""
    return split_leave_last(train, min_events=5)


def tune(
    peers: Iterable[Peer],
    train: Interactions,
    half_lives: Iterable[float | None] = (None,),
    split: Split = split_last_training_events,
) -> tuple[Peer, float | None]:
    """Chooses settings by NDCG@10 within the training part.

    Args:
        peers: one per setting, not fitted; dataclasses of settings. Of
            those that learn by epochs (`fit_epochs`), `num_epochs` is the
            most, and is chosen, too.
        train: the training part.
        half_lives: decays to try with each, None = none.
        split: divides the training part into training and queries for tuning.

    Returns:
        The best peer, fitted to all of `train`, and its half-life. A single
        setting is fitted without tuning.

    Raises:
        ValueError: `peers` is empty.
    """
    peers = list(peers)
    half_lives = tuple(half_lives)
    if not peers:
        raise ValueError("`peers` must hold at least one. Received: none.")
    best = (0.0, peers[0], half_lives[0])
    if len(peers) * len(half_lives) > 1 or hasattr(peers[0], "fit_epochs"):
        inner, queries = split(train)
        tried = []
        for peer in peers:
            best_of_peer, looks_since = 0.0, 0
            for setting, trial in _fit_trials(peer, inner):
                for half_life in half_lives:
                    slates = recommend(trial, queries, half_life)
                    ndcg = evaluate(slates, queries).ndcg_at_10
                    tried.append((ndcg, setting, half_life))
                looks_since += 1
                newest = max(one[0] for one in tried[-len(half_lives) :])
                if newest > best_of_peer:
                    best_of_peer, looks_since = newest, 0
                if looks_since == _PATIENCE:
                    break
            logging.info("%.4f: %s", best_of_peer, str(peer)[:200])
        best = max(tried, key=lambda one: one[0])
    _, peer, half_life = best
    peer.fit(train)
    return peer, half_life


def _fit_trials(peer: Peer, inner: Interactions) -> Iterator[tuple[Peer, Peer]]:
    """Yields a setting, not fitted, and the peer fitted with it."""
    trial = dataclasses.replace(peer)  # its fitted state is large
    if not hasattr(trial, "fit_epochs"):
        trial.fit(inner)
        yield peer, trial
        return
    for num_epochs in trial.fit_epochs(inner):
        if num_epochs % _EPOCHS_APART == 0:
            yield dataclasses.replace(peer, num_epochs=num_epochs), trial
