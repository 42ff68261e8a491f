"""hnswlib and faiss on the same vectors: maximum inner product, 2 threads."""

import time
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.retrieval.graph import K

_EF_SEARCH = (64, 256, 1024)
_NUM_PROBES = (16, 64, 256)


class Peer(NamedTuple):
    """One setting of a library, ready for queries.

    Attributes:
        name: library and setting.
        search: takes float32 `[B, D]`, gives int `[B, 10]`.
        build_seconds: wall time.
        num_bytes: of the index as the library writes it.
    """

    name: str
    search: Callable[[np.ndarray], np.ndarray]
    build_seconds: float
    num_bytes: int


def iterate_hnswlib(vectors: np.ndarray, threads: int) -> Iterator[Peer]:
    """Builds one graph (M = 16) and yields it with growing `ef`."""
    import hnswlib

    begin = time.perf_counter()
    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(
        max_elements=len(vectors), M=16, ef_construction=100, random_seed=0
    )
    index.set_num_threads(threads)
    index.add_items(vectors)
    seconds = time.perf_counter() - begin
    num_bytes = index.index_file_size()
    for effort in _EF_SEARCH:

        def search(queries: np.ndarray, effort: int = effort) -> np.ndarray:
            index.set_ef(effort)
            return index.knn_query(queries, k=K)[0].astype(np.int64)

        yield Peer(f"hnswlib_ef_{effort}", search, seconds, num_bytes)


def iterate_faiss(
    vectors: np.ndarray, num_partitions: int, threads: int
) -> Iterator[Peer]:
    """Builds one IVF index of floats and yields it with growing `nprobe`."""
    import faiss

    faiss.omp_set_num_threads(threads)
    begin = time.perf_counter()
    dim = vectors.shape[1]
    coarse = faiss.IndexFlatIP(dim)
    index = faiss.IndexIVFFlat(
        coarse, dim, num_partitions, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors[:: max(1, len(vectors) // (64 * num_partitions))])
    index.add(vectors)
    seconds = time.perf_counter() - begin
    num_bytes = vectors.nbytes + 8 * len(vectors) + 4 * dim * num_partitions
    for probes in _NUM_PROBES:

        def search(queries: np.ndarray, probes: int = probes) -> np.ndarray:
            index.nprobe = probes
            return index.search(queries, K)[1]

        yield Peer(f"faiss_ivf_{probes}", search, seconds, num_bytes)
