"""Recommenders to compare with."""

from benchmarks.quality.peers.ease import Ease
from benchmarks.quality.peers.factors_from_text import FactorsFromText
from benchmarks.quality.peers.implicit_als import ImplicitAls
from benchmarks.quality.peers.implicit_bpr import ImplicitBpr
from benchmarks.quality.peers.item_knn import ItemKnn
from benchmarks.quality.peers.popularity import Popularity
from benchmarks.quality.peers.popularity import RandomOrder
from benchmarks.quality.peers.popularity import RecentPopularity
from benchmarks.quality.peers.popularity_from_content import (
    PopularityFromContent,
)
from benchmarks.quality.peers.sasrec import SasRec
from benchmarks.quality.peers.text_similarity import TextSimilarity

__all__ = [
    "Ease",
    "FactorsFromText",
    "ImplicitAls",
    "ImplicitBpr",
    "ItemKnn",
    "Popularity",
    "PopularityFromContent",
    "RandomOrder",
    "RecentPopularity",
    "SasRec",
    "TextSimilarity",
]
