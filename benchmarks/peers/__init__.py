"""Recommenders to compare with, in numpy and scipy."""

from benchmarks.peers.ease import Ease
from benchmarks.peers.item_knn import ItemKnn
from benchmarks.peers.popularity import Popularity
from benchmarks.peers.recent_popularity import RecentPopularity

__all__ = ["Ease", "ItemKnn", "Popularity", "RecentPopularity"]
