"""Speed of the model server, compared with the bare call and bare gRPC.

    python -m benchmarks.serving [--json] [--model DIR] [--seconds N]
        [--rounds N] [--swaps N] [--batching FILE]

Everything is measured in one run on one machine: a demo's model gets requests
for slates of 10 items with the latest events of the users of MovieLens
latest-small. Bare call, gRPC echo, server and load are processes that share the
cores. So the server's figures include the client's cost (`client_cpu_ms`).

The bare call is measured as TensorFlow runs it by default, and with each op in
one thread, as the server does; the better one counts. `p50_overhead_ms` is what
the server adds, at one connection, to the bare call in one thread plus the
echo. `throughput_over_in_process` compares 16 connections with the best that
threads in one process reach. The speed of a shared machine changes by the
minute: results are the medians of several rounds.
"""

import argparse
import contextlib
import json
import logging
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import grpc

from benchmarks.quality.datasets import load_small
from benchmarks.serving.load import PREDICT
from benchmarks.serving.processes import ServingProcess
from benchmarks.serving.processes import run_to_json
from benchmarks.serving.requests import build_requests
from benchmarks.serving.requests import name_items
from benchmarks.serving.requests import read_requests
from benchmarks.serving.requests import write_requests
from benchmarks.serving.swaps import VersionPusher
from benchmarks.serving.swaps import swap_often
from benchmarks.serving.swaps import swap_under_load
from schemas import signatures
from serving.version_directory import list_versions

CONNECTIONS = (1, 4, 16)
_MODELS = Path("runs/movielens-small/serving") / signatures.MODEL_NAME
_MAX_WINDOW = 50  # of the demo's configuration
_BATCHING = """
max_batch_size { value: 32 }
batch_timeout_micros { value: 0 }
max_enqueued_batches { value: 100 }
num_batch_threads { value: 1 }
pad_variable_length_inputs: true
"""
_SERVER = "serving.model_server"


def find_export(path: Path) -> Path:
    """Returns a version directory: `path`, or the newest one in it.

    Raises:
        FileNotFoundError: there is none.
    """
    if (path / "saved_model.pb").is_file():
        return path
    versions = list_versions(path) if path.is_dir() else {}
    if not versions:
        raise FileNotFoundError(
            "--model must name an export or a folder of exports; `make demo` "
            f"makes one. Received: {path}"
        )
    return versions[max(versions)]


class ServingBenchmark:
    """One run; files go below one folder."""

    def __init__(self, export: Path, folder: Path, seconds: float):
        self._export = folder / "export"  # to be linked, so not a link itself
        shutil.copytree(export, self._export)
        self._folder = folder
        self._seconds = seconds
        self._requests = folder / "requests"
        self._log = folder / "server.log"
        self._num_bases = 0
        data = load_small()
        asked = build_requests(data, _MAX_WINDOW, name_items(data, export))
        write_requests(self._requests, asked)

    @contextlib.contextmanager
    def serve(self, *flags: str) -> Iterator[tuple]:
        """Starts a server on a base path with version 1.

        Yields:
            The `ServingProcess` and the base path's `VersionPusher`.
        """
        self._num_bases += 1
        base_path = self._folder / f"models-{self._num_bases}"
        pusher = VersionPusher(self._export, base_path)
        arguments = [
            "--port={port}",
            f"--model_name={signatures.MODEL_NAME}",
            f"--model_base_path={base_path}",
            "--file_system_poll_wait_seconds=1",
            "--max_num_load_retries=0",
            *flags,
        ]
        with ServingProcess(_SERVER, arguments, self._log) as server:
            yield server, pusher

    def measure_in_process(self) -> dict:
        """Measures the bare call, by threads of an op (0 = any) and callers."""
        files = (str(self._export), str(self._requests))
        return {
            num_op_threads: run_to_json(
                "benchmarks.serving.in_process",
                *(*files, str(self._seconds), str(num_op_threads)),
            )
            for num_op_threads in (0, 1)
        }

    def measure_echo(self) -> dict:
        """Measures bare gRPC, with a recorded answer of the server."""
        answer = self._folder / "answer"
        with self.serve() as (server, _):
            answer.write_bytes(self._ask_once(server.address))
        with ServingProcess(
            "benchmarks.serving.echo", ["{port}", str(answer)], self._log
        ) as echo:
            return self._load(echo)

    def measure_server(self, *flags: str) -> dict:
        """Measures the server, by number of connections."""
        with self.serve(*flags) as (server, _):
            return self._load(server)

    def measure_swaps(self, num_swaps: int, seconds: float) -> dict:
        """Measures a minute of load with pushes, then many swaps."""
        with self.serve() as (server, pusher):
            loaded = swap_under_load(server, pusher, self._requests, 4, seconds)
        with self.serve() as (server, pusher):
            often = swap_often(server, pusher, self._requests, num_swaps)
        return {"under_load": loaded, "often": often}

    def write_batching_parameters(self, path: Path | None) -> list[str]:
        """Returns the flags for batching."""
        if path is None:
            path = self._folder / "batching.config"
            path.write_text(_BATCHING)
        return [
            "--enable_batching",
            f"--batching_parameters_file={path}",
            # As many threads as requests may wait: a waiting thread costs
            # nothing.
            "--grpc_max_threads=64",
        ]

    def _load(self, process: ServingProcess) -> dict:
        return {
            n: process.put_under_load(self._requests, n, self._seconds)
            for n in CONNECTIONS
        }

    def _ask_once(self, address: str) -> bytes:
        request = next(read_requests(self._requests))
        with grpc.insecure_channel(address) as channel:
            return channel.unary_unary(PREDICT)(request, timeout=60)


def run_benchmark(
    export: Path,
    seconds: float = 4.0,
    num_rounds: int = 3,
    swap_seconds: float = 60.0,
    num_swaps: int = 50,
    batching: Path | None = None,
) -> dict:
    """Measures everything.

    Args:
        export: a version directory.
        seconds: of each measurement.
        num_rounds: how often each is made.
        swap_seconds: of the load under which versions are pushed.
        num_swaps: of the measurement of memory.
        batching: a text proto `BatchingParameters`; None = our own.

    Returns:
        The keys that are compared with their bars, then all figures.
    """
    with tempfile.TemporaryDirectory() as folder:
        bench = ServingBenchmark(export, Path(folder), seconds)
        flags = bench.write_batching_parameters(batching)
        rounds = []
        for nth in range(num_rounds):
            logging.info("Measuring, round %d of %d", nth + 1, num_rounds)
            figures = {
                "in_process": bench.measure_in_process(),
                "server": bench.measure_server(),
                "server_batching": bench.measure_server(*flags),
                "echo": bench.measure_echo(),
            }
            rounds.append(compare(figures) | figures)
        logging.info("Swapping versions: at least a minute, and %d", num_swaps)
        swaps = bench.measure_swaps(num_swaps, swap_seconds)
    return take_medians(rounds) | {
        "failed_requests_during_swaps": swaps["under_load"]["failed_requests"],
        "memory_growth_over_50_swaps": swaps["often"]["growth"],
        "swaps": swaps,
        "rounds": [compare(figures) for figures in rounds],
    }


def compare(figures: dict) -> dict[str, float]:
    """Compares the server with the bare call and with gRPC, of one round."""
    in_process, server = figures["in_process"], figures["server"]
    bare = [one for ways in in_process.values() for one in ways.values()]
    best = max(one["requests_per_second"] for one in bare)
    bare_p50 = min(ways["1"]["p50_ms"] for ways in in_process.values())
    echo_p50 = figures["echo"][1]["p50_ms"]
    unbatched = server[16]["requests_per_second"]
    batched = figures["server_batching"][16]["requests_per_second"]
    return {
        "p50_overhead_ms": server[1]["p50_ms"] - bare_p50 - echo_p50,
        "throughput_over_in_process": unbatched / best,
        "batching_gain": batched / unbatched,
    }


def take_medians(rounds: Sequence[dict]) -> dict:
    """Takes the median of each number over rounds; errors are joined."""
    medians: dict = {}
    for key, first in rounds[0].items():
        values = [one[key] for one in rounds]
        if key == "errors":
            medians[key] = dict(sum(map(Counter, values), Counter()))
        elif isinstance(first, dict):
            medians[key] = take_medians(values)
        else:
            medians[key] = statistics.median(values)
    return medians


def _print_table(measured: dict) -> None:
    head = ("req/s", "p50", "p95", "p99", "server", "client", "errors")
    print(f"{'':24}" + "".join(f"{one:>9}" for one in head))
    print(f"{'':24}" + "".join(f"{one:>9}" for one in ("", *["ms"] * 5, "")))
    keys = ("p50_ms", "p95_ms", "p99_ms", "server_cpu_ms", "client_cpu_ms")
    rows = {
        f"op in {num_op_threads or 'any'}, {n} threads": one
        for num_op_threads, ways in measured["in_process"].items()
        for n, one in ways.items()
    }
    for name in ("echo", "server", "server_batching"):
        for n, one in measured[name].items():
            rows[f"{name.replace('_', ' ')}, {n} connections"] = one
    for name, one in rows.items():
        one = {"server_cpu_ms": one.get("cpu_ms", 0.0)} | one
        row = "".join(f"{one.get(key, 0.0):9.2f}" for key in keys)
        errors = sum(one.get("errors", {}).values())
        print(
            name.ljust(30)[:30]
            + f"{one['requests_per_second']:6.0f}{row}{errors:9d}"
        )
    for key, value in measured.items():
        if isinstance(value, float | int):
            print(f"{key}: {value:.3f}")
    for nth, one in enumerate(measured["rounds"], 1):
        told = ", ".join(f"{key} {value:.2f}" for key, value in one.items())
        print(f"round {nth}: {told}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--model", type=Path, default=_MODELS)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--swaps", type=int, default=50)
    parser.add_argument("--batching", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    measured = run_benchmark(
        find_export(options.model),
        options.seconds,
        options.rounds,
        num_swaps=options.swaps,
        batching=options.batching,
    )
    if options.json:
        print(json.dumps(measured, indent=2))
    else:
        _print_table(measured)


if __name__ == "__main__":
    main()
