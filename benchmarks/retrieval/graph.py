"""An index as one function, saved and loaded like an export."""

import tempfile
import time
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from trainer.config import IndexConfig
from trainer.index.brute_force_index import BruteForceIndex
from trainer.index.ivf_index import IvfIndex

K = 10  # places of a slate


@dataclass(frozen=True, eq=False)
class LoadedIndex:
    """An index to query.

    Attributes:
        module: what holds the variables; `module.search` takes float32
            `[B, D]` and gives int32 `[B, 10]`.
        build_seconds: wall time from vectors to index.
        build_cpu_seconds: CPU time from vectors to index.
        num_bytes: of all variables.
    """

    module: tf.Module
    build_seconds: float
    build_cpu_seconds: float
    num_bytes: int


class _SearchModule(tf.Module):
    """What is saved."""

    def __init__(self, index, dim: int):
        super().__init__()
        self.index = index
        self.search = tf.function(
            self._search, input_signature=[tf.TensorSpec([None, dim])]
        )

    def _search(self, queries):
        return self.index.search(queries, K)[1]


def build_loaded_index(
    vectors: np.ndarray, query_moment: np.ndarray, config: IndexConfig
) -> LoadedIndex:
    """Builds an index, saves it and loads it again.

    Args:
        vectors: float32 `[N, D]`.
        query_moment: float `[D, D]`, of queries that are not measured later.
        config: the kind of index.
    """
    begin, begin_cpu = time.perf_counter(), time.process_time()
    if config.kind == "ivf":
        index = IvfIndex(vectors, query_moment, config)
    else:
        index = BruteForceIndex(vectors)
    seconds = time.perf_counter() - begin
    cpu_seconds = time.process_time() - begin_cpu
    num_bytes = sum(
        variable.dtype.size * int(np.prod(variable.shape))
        for variable in index.variables
    )
    module = _SearchModule(index, vectors.shape[1])
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder)
        loaded = tf.saved_model.load(folder)
    return LoadedIndex(loaded, seconds, cpu_seconds, num_bytes)
