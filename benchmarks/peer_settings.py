"""The peers by name, and the settings each one chooses from."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.peers import Ease
from benchmarks.peers import ItemKnn
from benchmarks.peers import Popularity
from benchmarks.peers import RecentPopularity
from benchmarks.ranking_protocol import Peer

_HALF_LIVES = (2.0, 3.0, 5.0, 10.0, 20.0)  # events
_L2 = (100.0, 200.0, 400.0)
_NEIGHBOURS = (50, 100, 200, 400)
_DAYS = (30, 90, 365, 1095)


@dataclass(frozen=True)
class PeerSettings:
    """One peer in all its settings.

    Attributes:
        build: returns peers that are not fitted, one a setting.
        half_lives: recency decays to choose from, None = none.
        needs_real_times: whether it compares times of different people.
    """

    build: Callable[[], list[Peer]]
    half_lives: tuple[float | None, ...] = (None,)
    needs_real_times: bool = False


def _build_item_knns() -> list[Peer]:
    return [
        ItemKnn(num_neighbors, weighting)
        for weighting in ("tfidf", "cosine")
        for num_neighbors in _NEIGHBOURS
    ]


def _build_eases() -> list[Peer]:
    return [Ease(l2) for l2 in _L2]


PEERS = {
    "popularity": PeerSettings(lambda: [Popularity()]),
    "recent_popularity": PeerSettings(
        lambda: [RecentPopularity(days) for days in _DAYS],
        needs_real_times=True,
    ),
    "item_knn": PeerSettings(_build_item_knns),
    "item_knn_decay": PeerSettings(_build_item_knns, _HALF_LIVES),
    "ease": PeerSettings(_build_eases),
    "ease_decay": PeerSettings(_build_eases, _HALF_LIVES),
}
