"""Measures how long TensorFlow takes within one request."""

import time
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from serving.model_server.versions.loaded_model import LoadedModel


class TimedModel:
    """Wraps a model for one request and measures its run."""

    __slots__ = ("_model", "microseconds", "signatures")

    def __init__(self, model: LoadedModel):
        self._model = model
        self.signatures = model.signatures
        self.microseconds: float | None = None  # None = nothing was run

    def run(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        timeout_seconds: float | None = None,
    ) -> list[np.ndarray]:
        """Runs the model; see `LoadedModel.run`."""
        started = time.perf_counter()
        values = self._model.run(feeds, fetches, timeout_seconds)
        self.microseconds = (time.perf_counter() - started) * 1e6
        return values
