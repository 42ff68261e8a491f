"""Keeps a number of connections busy: the client of the benchmark.

    python -m benchmarks.serving.load ADDRESS FILE CONNECTIONS SECONDS WARM_UP

Each connection has its own channel and thread, which sends the next request as
soon as it has the answer to the last. Requests are bytes from FILE and answers
stay bytes, so that the client needs little of the two cores. Prints one JSON
object.
"""

import collections
import contextlib
import itertools
import json
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import grpc
import numpy as np

from benchmarks.serving.requests import read_requests

PREDICT = "/tensorflow.serving.PredictionService/Predict"
_DEADLINE = 30.0  # seconds


# Sends one request and waits; returns the error, None = no error.
Ask = Callable[[bytes], str | None]


@contextlib.contextmanager
def open_grpc(address: str) -> Iterator[Ask]:
    """Opens a channel and returns a function that calls `Predict`."""
    options = [
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_receive_message_length", -1),
    ]
    with grpc.insecure_channel(address, options) as channel:
        call = channel.unary_unary(PREDICT)

        def ask(request: bytes) -> str | None:
            try:
                call(request, timeout=_DEADLINE)
            except grpc.RpcError as error:
                return f"{error.code().name}: {error.details()}"
            return None

        yield ask


class _Connection:
    """One connection with its thread; latencies in seconds."""

    def __init__(self, opened: AbstractContextManager[Ask], requests, first):
        self._opened = opened
        self._requests = itertools.cycle(requests[first:] + requests[:first])
        self.latencies: list[float] = []
        self.num_answers = 0  # with those of the warm-up
        self.errors: collections.Counter[str] = collections.Counter()

    def ask(self, begin: float, end: float) -> None:
        """Sends requests until `end`; those before `begin` do not count."""
        clock = time.perf_counter
        with self._opened as ask:
            for request in self._requests:
                started = clock()
                if started >= end:
                    break
                error = ask(request)
                if error is not None:
                    self.errors[error] += 1
                    continue
                self.num_answers += 1
                if started >= begin:
                    self.latencies.append(clock() - started)


def put_under_load(
    address: str,
    requests: list[bytes],
    num_connections: int,
    seconds: float,
    warm_up: float,
    open_connection: Callable[[str], AbstractContextManager[Ask]] = open_grpc,
) -> dict:
    """Sends requests from all connections at once.

    Returns:
        `requests`, `requests_per_second`, `p50_ms`, `p95_ms`, `p99_ms` and
        `client_cpu_ms` a request; with the warm-up `answers` and `errors`, by
        text.
    """
    stride = len(requests) // num_connections
    connections = [
        _Connection(open_connection(address), requests, nth * stride)
        for nth in range(num_connections)
    ]
    begin = time.perf_counter() + warm_up
    threads = [
        threading.Thread(target=c.ask, args=(begin, begin + seconds))
        for c in connections
    ]
    for thread in threads:
        thread.start()
    time.sleep(max(begin - time.perf_counter(), 0.0))
    cpu = time.process_time()
    for thread in threads:
        thread.join()
    cpu = time.process_time() - cpu
    latencies = np.array([t for c in connections for t in c.latencies])
    errors = sum((c.errors for c in connections), collections.Counter())
    if not len(latencies):
        raise RuntimeError(f"Some requests must be answered. Got: {errors}")
    p50, p95, p99 = 1e3 * np.percentile(latencies, (50, 95, 99))
    return {
        "requests": len(latencies),
        "requests_per_second": len(latencies) / seconds,
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "client_cpu_ms": 1e3 * cpu / len(latencies),
        "answers": sum(c.num_answers for c in connections),
        "errors": dict(errors),
    }


if __name__ == "__main__":
    _address, _file, *_numbers = sys.argv[1:]
    _measured = put_under_load(
        _address,
        list(read_requests(Path(_file))),
        int(_numbers[0]),
        float(_numbers[1]),
        float(_numbers[2]),
    )
    print(json.dumps(_measured))
