"""The bare SavedModel call: an upper bound for any server's speed.

    python -m benchmarks.serving.in_process DIRECTORY FILE SECONDS OP_THREADS

DIRECTORY is a version. Inputs are decoded and outputs stay arrays; the call is
the fastest way from Python into the session. An op runs in OP_THREADS, 0 = as
many as TensorFlow chooses. Prints one JSON object.
"""

import itertools
import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.serving.requests import read_requests
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import predict_pb2
from serving.tensors import decode_tensor

NUM_THREADS = (1, 2, 4)


class _Caller:
    """Calls one signature with the inputs of the requests."""

    def __init__(self, model: LoadedModel, requests: list[bytes]):
        parsed = [predict_pb2.PredictRequest.FromString(r) for r in requests]
        signature = model.signatures[parsed[0].model_spec.signature_name]
        self._model = model
        self._fetches = [one.name for one in signature.outputs.values()]
        self._feeds = [
            {
                signature.inputs[name].name: decode_tensor(proto)
                for name, proto in request.inputs.items()
            }
            for request in parsed
        ]

    def call(self, first: int, end: float, latencies: list[float]) -> None:
        """Calls until `end`."""
        for feeds in itertools.cycle(self._feeds[first:] + self._feeds[:first]):
            started = time.perf_counter()
            if started >= end:
                return
            self._model.run(feeds, self._fetches)
            latencies.append(time.perf_counter() - started)

    def measure(self, num_threads: int, seconds: float) -> dict:
        """Calls from some threads at once."""
        latencies: list[list[float]] = [[] for _ in range(num_threads)]
        stride = len(self._feeds) // num_threads
        end = time.perf_counter() + seconds
        threads = [
            threading.Thread(target=self.call, args=(nth * stride, end, own))
            for nth, own in enumerate(latencies)
        ]
        cpu = time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cpu = time.process_time() - cpu
        done = np.concatenate(latencies)
        p50, p95, p99 = 1e3 * np.percentile(done, (50, 95, 99))
        return {
            "requests_per_second": len(done) / seconds,
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "cpu_ms": 1e3 * cpu / len(done),
        }


def measure_in_process(
    path: Path, requests: list[bytes], seconds: float, num_op_threads: int
) -> dict[int, dict]:
    """Measures by number of threads, after a warm-up of as many seconds."""
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=num_op_threads
    )
    caller = _Caller(LoadedModel(path, session_config=config), requests)
    caller.measure(2, seconds)
    return {n: caller.measure(n, seconds) for n in NUM_THREADS}


if __name__ == "__main__":
    _measured = measure_in_process(
        Path(sys.argv[1]),
        list(read_requests(Path(sys.argv[2]))),
        float(sys.argv[3]),
        int(sys.argv[4]),
    )
    print(json.dumps(_measured))
