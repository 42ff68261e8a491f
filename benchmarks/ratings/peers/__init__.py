"""Predictors of ratings to compare with."""

from benchmarks.ratings.peers.moving_factors import MovingFactors
from benchmarks.ratings.peers.moving_knn import MovingKnn
from benchmarks.ratings.peers.running_bias import RunningBias
from benchmarks.ratings.peers.surprise_model import SurpriseModel

__all__ = ["MovingFactors", "MovingKnn", "RunningBias", "SurpriseModel"]
