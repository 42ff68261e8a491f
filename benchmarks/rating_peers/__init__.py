"""Predictors of ratings to compare with."""

from benchmarks.rating_peers.moving_factors import MovingFactors
from benchmarks.rating_peers.moving_knn import MovingKnn
from benchmarks.rating_peers.running_bias import RunningBias
from benchmarks.rating_peers.surprise_model import SurpriseModel

__all__ = ["MovingFactors", "MovingKnn", "RunningBias", "SurpriseModel"]
