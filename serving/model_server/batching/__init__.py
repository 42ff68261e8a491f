"""Merges concurrent requests into batches, as TF Serving's batching does."""

from serving.model_server.batching.batch_scheduler import BatchScheduler
from serving.model_server.batching.batched_model import BatchedModel
from serving.model_server.batching.batching_parameters import BatchingParameters
from serving.model_server.batching.batching_parameters import (
    parse_batching_parameters,
)
from serving.model_server.batching.batching_parameters import (
    read_model_parameters,
)

__all__ = [
    "BatchScheduler",
    "BatchedModel",
    "BatchingParameters",
    "parse_batching_parameters",
    "read_model_parameters",
]
