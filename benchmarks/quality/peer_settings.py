"""The peers by name, and the settings each one chooses from."""

import importlib.util
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.quality import peers
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.ranking_protocol import Peer

_HALF_LIVES = (1.5, 2.0, 3.0, 5.0, 10.0, 20.0)  # events
_L2 = (100.0, 200.0, 400.0, 800.0)


@dataclass(frozen=True, kw_only=True)
class PeerSettings:
    """One peer in all its settings.

    Attributes:
        build: makes peers that are not fitted, one a setting.
        half_lives: recency decays to choose from, None = none.
        needs_real_times: whether it compares times of different people.
        package: what must be installed beside the development tools;
            `make peers` installs it.
    """

    build: Callable[[Dataset], list[Peer]]
    half_lives: tuple[float | None, ...] = (None,)
    needs_real_times: bool = False
    package: str | None = None

    def find_obstacle(self, dataset: Dataset) -> str | None:
        """Returns why the peer cannot run; None = it can."""
        if self.needs_real_times and not dataset.has_real_times:
            return "the dataset has no times that compare people"
        if self.package and not importlib.util.find_spec(self.package):
            return (
                f"the package `{self.package}` is not installed; `make peers`"
                " installs it"
            )
        return None


def _build_item_knns(dataset: Dataset) -> list[Peer]:
    settings = itertools.product((50, 100, 200, 400), ("tfidf", "cosine"))
    return [peers.ItemKnn(*one) for one in settings]


def _build_eases(dataset: Dataset) -> list[Peer]:
    return [peers.Ease(l2) for l2 in _L2]


def _build_alses(dataset: Dataset) -> list[Peer]:
    settings = itertools.product((64, 128), (1.0, 10.0, 30.0), (1.0, 5.0))
    return [peers.ImplicitAls(*one) for one in settings]


def _build_bprs(dataset: Dataset) -> list[Peer]:
    settings = itertools.product((64,), (0.02, 0.05), (0.003, 0.01, 0.03))
    return [peers.ImplicitBpr(*one) for one in settings]


def _build_sasrecs(dataset: Dataset) -> list[Peer]:
    settings = itertools.product((64,), (2,), (0.2, 0.5))
    return [peers.SasRec(*one, num_epochs=60) for one in settings]


def _list_genres(dataset: Dataset) -> list[str]:
    return [" ".join(item.genres) for item in dataset.list_texts()]


def _list_texts(dataset: Dataset) -> list[str]:
    """Title with the year, and genres."""
    return [
        f"{item.title} {' '.join(item.genres)}" for item in dataset.list_texts()
    ]


def _list_years(dataset: Dataset) -> list[float]:
    return [
        float(item.released[:4]) if item.released else math.nan
        for item in dataset.list_texts()
    ]


PEERS = {
    "popularity": PeerSettings(build=lambda _: [peers.Popularity()]),
    "recent_popularity": PeerSettings(
        build=lambda _: [
            peers.RecentPopularity(days) for days in (30, 90, 365, 1095)
        ],
        needs_real_times=True,
    ),
    "item_knn": PeerSettings(build=_build_item_knns),
    "item_knn_decay": PeerSettings(
        build=_build_item_knns, half_lives=_HALF_LIVES
    ),
    "ease": PeerSettings(build=_build_eases),
    "ease_decay": PeerSettings(build=_build_eases, half_lives=_HALF_LIVES),
    "als": PeerSettings(build=_build_alses, package="implicit"),
    "bpr": PeerSettings(build=_build_bprs, package="implicit"),
    "sasrec": PeerSettings(build=_build_sasrecs),
}

# Cold items have no events: only content can rank them.
CONTENT_PEERS = {
    "random": PeerSettings(build=lambda _: [peers.RandomOrder()]),
    "tfidf_genres": PeerSettings(
        build=lambda dataset: [peers.TextSimilarity(_list_genres(dataset))]
    ),
    "tfidf_text": PeerSettings(
        build=lambda dataset: [peers.TextSimilarity(_list_texts(dataset))]
    ),
    "tfidf_text_decay": PeerSettings(
        build=lambda dataset: [peers.TextSimilarity(_list_texts(dataset))],
        half_lives=(5.0, 20.0, 50.0, 100.0),
    ),
    "popularity_from_content": PeerSettings(
        build=lambda dataset: [
            peers.PopularityFromContent(
                _list_texts(dataset), _list_years(dataset), ridge
            )
            for ridge in (0.3, 1.0, 3.0, 10.0, 30.0)
        ]
    ),
    "als_from_text": PeerSettings(
        build=lambda dataset: [
            peers.FactorsFromText(_list_texts(dataset), ridge)
            for ridge in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
        ],
        package="implicit",
    ),
}
