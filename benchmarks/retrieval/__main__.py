"""Speed and recall of the in-graph index.

    python -m benchmarks.retrieval [--items 10000,100000,1000000]
        [--root DIR] [--json]

Vectors are the catalogue of the newest pushed version of a finished run (of
an index of kind `brute_force`), multiplied to the size asked
(see `multiply_vectors`). Queries are what `encode_query` of the same model
gives for the windows of the test split; half of them are used to build the
index, the other half is measured. Every kind of index is built by the code of
the exporter, saved, loaded and called through its SavedModel. hnswlib and faiss
run in the same process, on the same vectors, with as many threads. Queries per
second are the median over batches of 1 and of 16; the speed-up is over brute
force in the graph. Recall is against its answers.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
from benchmarks.retrieval.multiplied_vectors import load_item_vectors
from benchmarks.retrieval.multiplied_vectors import multiply_vectors
from pipeline.commands.cli import open_folder
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_served_version

_BATCHES = (1, 16)
_NUM_ASKED = 400
_MIN_BATCHES = 8
_SECONDS = 4.0  # of measuring, per kind and batch size
_THREADS = len(os.sched_getaffinity(0))


def load_queries(model_path: Path, examples_path: Path) -> np.ndarray:
    """Encodes the windows of the test split; float32 `[Q, D]`."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

    from pipeline.runs.user_history import iterate_queries
    from schemas import signatures
    from serving.query_tensors import build_query_inputs

    queries = list(iterate_queries(examples_path, "test"))
    loaded = tf.saved_model.load(str(model_path))
    encode = loaded.signatures[signatures.ENCODE_QUERY]
    wanted = encode.structured_input_signature[1]
    encoded = []
    for first in range(0, len(queries), 64):
        inputs = build_query_inputs(queries[first : first + 64])
        answer = encode(
            **{
                name: tf.constant(value)
                for name, value in inputs.items()
                if name in wanted
            }
        )
        encoded.append(answer["query_embedding"].numpy())
    return np.concatenate(encoded)


def compute_recall(found: np.ndarray, truth: np.ndarray) -> float:
    """Mean share of the true rows `[Q, K]` among those found `[Q, K]`."""
    hits = [
        len(set(row) & set(true)) / len(true)
        for row, true in zip(found.tolist(), truth.tolist(), strict=True)
    ]
    return float(np.mean(hits))


def measure_speed(
    search: Callable[[np.ndarray], np.ndarray],
    queries: np.ndarray,
    batch_size: int,
    seconds: float = _SECONDS,
) -> float:
    """Queries per second, by the median time of a batch."""
    search(queries[:batch_size])
    times = []
    while len(times) < _MIN_BATCHES or sum(times) < seconds:
        first = len(times) * batch_size % (len(queries) - batch_size + 1)
        begin = time.perf_counter()
        search(queries[first : first + batch_size])
        times.append(time.perf_counter() - begin)
    return batch_size / float(np.median(times))


def measure(
    search: Callable[[np.ndarray], np.ndarray],
    queries: np.ndarray,
    truth: np.ndarray,
) -> dict:
    """Recall and queries per second of one index."""
    found = np.concatenate(
        [
            search(queries[first : first + 16])
            for first in range(0, len(queries), 16)
        ]
    )
    speeds = {
        f"queries_per_second_batch_{size}": measure_speed(search, queries, size)
        for size in _BATCHES
    }
    return {"recall_at_10": compute_recall(found, truth), **speeds}


def compare(
    vectors: np.ndarray, queries: np.ndarray, moment: np.ndarray
) -> dict[str, dict]:
    """Measures every kind of index and every peer on one set of vectors.

    Args:
        vectors: float32 `[N, D]`.
        queries: float32 `[Q, D]`, asked.
        moment: float `[D, D]`, of other queries.
    """
    from benchmarks.retrieval.graph import build_loaded_index
    from benchmarks.retrieval.peers import iterate_faiss
    from benchmarks.retrieval.peers import iterate_hnswlib

    report, truth = {}, None
    for name, config in _list_kinds(len(vectors)).items():
        index = build_loaded_index(vectors, moment, config)

        def search(asked: np.ndarray, module=index.module) -> np.ndarray:
            return module.search(asked).numpy()

        if truth is None:
            truth = np.concatenate(
                [
                    search(queries[i : i + 16])
                    for i in range(0, len(queries), 16)
                ]
            )
        report[name] = measure(search, queries, truth) | {
            "build_seconds": index.build_seconds,
            "build_cpu_seconds": index.build_cpu_seconds,
            "memory_over_raw": index.num_bytes / vectors.nbytes,
        }
        _add_speedup(report, name)
    partitions = _choose_num_partitions(len(vectors))
    for peers in (
        iterate_faiss(vectors, partitions, _THREADS),
        iterate_hnswlib(vectors, _THREADS),
    ):
        for peer in peers:
            report[peer.name] = measure(peer.search, queries, truth) | {
                "build_seconds": peer.build_seconds,
                "memory_over_raw": peer.num_bytes / vectors.nbytes,
            }
            _add_speedup(report, peer.name)
    return report


def _add_speedup(report, name):
    own, base = report[name], report["brute_force"]
    for size in _BATCHES:
        key = f"queries_per_second_batch_{size}"
        own[f"speedup_over_brute_force_batch_{size}"] = own[key] / base[key]
    own["speedup_over_brute_force"] = own["speedup_over_brute_force_batch_1"]
    print(
        f"{name:<20} recall@10 {own['recall_at_10']:.3f}"
        f"  queries/s {own['queries_per_second_batch_1']:9.1f} alone"
        f" {own['queries_per_second_batch_16']:9.1f} in batches of 16"
        f"  speed-up {own['speedup_over_brute_force_batch_1']:6.1f}"
        f" {own['speedup_over_brute_force_batch_16']:6.1f}"
        f"  build {own['build_seconds']:6.1f} s"
        f"  memory {own['memory_over_raw']:.2f}",
        flush=True,
    )


def _choose_num_partitions(num_items):
    """About two roots of the catalogue, a power of two."""
    return 2 ** round(math.log2(2.0 * math.sqrt(num_items)))


def _list_kinds(num_items):
    """The kinds, with as many probes as 0.95 of a million takes each."""
    from trainer.config import IndexConfig

    size = _choose_num_partitions(num_items)
    return {
        "brute_force": IndexConfig(),
        "ivf": IndexConfig(
            kind="ivf",
            num_partitions=size,
            num_probes=max(24, size * 7 // 256),
        ),
        "ivf_int8": IndexConfig(
            kind="ivf",
            num_partitions=size,
            num_probes=max(24, size // 32),
            quantisation="int8",
        ),
    }


def main() -> None:
    """Prints a table, and with --json one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, help="default: used last")
    parser.add_argument("--items", default="10000,100000,1000000")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = open_folder(options.root)
    model_path = find_served_version(folder)
    vectors = load_item_vectors(model_path)
    queries = load_queries(model_path, find_examples(folder))
    mixed = np.random.default_rng(0).permutation(len(queries))
    seen, asked = np.array_split(queries[mixed], 2)
    moment = seen.T.astype(np.float64) @ seen / len(seen)
    report = {}
    for size in options.items.split(","):
        made = multiply_vectors(vectors, int(size))
        print(f"{len(made)} items of {made.shape[1]}, {_THREADS} threads")
        report[size] = compare(made, asked[:_NUM_ASKED], moment)
    if options.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
