"""Recommenders to compare with."""

from benchmarks.peers.ease import Ease
from benchmarks.peers.factors_from_text import FactorsFromText
from benchmarks.peers.implicit_als import ImplicitAls
from benchmarks.peers.implicit_bpr import ImplicitBpr
from benchmarks.peers.item_knn import ItemKnn
from benchmarks.peers.popularity import Popularity
from benchmarks.peers.random_order import RandomOrder
from benchmarks.peers.recent_popularity import RecentPopularity
from benchmarks.peers.sasrec import SasRec
from benchmarks.peers.text_similarity import TextSimilarity

__all__ = [
    "Ease",
    "FactorsFromText",
    "ImplicitAls",
    "ImplicitBpr",
    "ItemKnn",
    "Popularity",
    "RandomOrder",
    "RecentPopularity",
    "SasRec",
    "TextSimilarity",
]
