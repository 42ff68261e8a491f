"""The gateway's latency, throughput and durability, beside the model server.

    python -m benchmarks.gateway [--json] [--model DIR] [--seconds N]
        [--rounds N] [--connections N]

One run on one machine: the model server, the gateway and the load are separate
processes that share the cores; nothing is pinned. The gateway holds the latest
events of the users of MovieLens latest-small and gets requests by user id; the
model server gets requests for the same slates over gRPC.

`requests_per_second_over_model_server` and `p99_ms` are at --connections;
`freshness_ms` is the time from the acknowledgement of an event to an answered
slate that leaves its item out, the median over people.
"""

import argparse
import http.client
import json
import logging
import statistics
import tempfile
import time
import uuid
from pathlib import Path

from benchmarks.gateway import kills as gateway_kills
from benchmarks.gateway_bandit import run_simulation
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_small
from benchmarks.serving.__main__ import find_export
from benchmarks.serving.processes import ServingProcess
from benchmarks.serving.requests import build_requests
from benchmarks.serving.requests import name_items
from benchmarks.serving.requests import write_requests
from pipeline.commands.gateway_inputs import write_catalogue
from schemas import signatures

_MODELS = Path("runs/movielens-small/serving") / signatures.MODEL_NAME
_MAX_WINDOW = 50  # events that both are asked with
_EVENTS_A_CALL = 1000
_NUM_FRESH = 50  # people whose freshness is measured
_K = 10


class GatewayBenchmark:
    """One run; files go below one folder."""

    def __init__(self, export: Path, folder: Path):
        self._folder = folder
        self._export = export
        self._data = load_small()
        self._ids = name_items(self._data, export)
        self._log = folder / "processes.log"
        self._requests = folder / "requests"
        self._bodies = folder / "bodies"
        write_requests(
            self._requests, build_requests(self._data, _MAX_WINDOW, self._ids)
        )
        self._events = _list_events(self._data, self._ids)
        self._users = list(dict.fromkeys(e["user_id"] for e in self._events))
        bodies = [json.dumps({"user_id": u, "k": _K}) for u in self._users]
        self._bodies.write_text("\n".join(bodies))

    def start_model_server(self) -> ServingProcess:
        """The embedded server on the export's folder."""
        flags = (
            "--port={port}",
            f"--model_name={signatures.MODEL_NAME}",
            f"--model_base_path={self._export.parent}",
        )
        return ServingProcess("serving.model_server", flags, self._log)

    def start_gateway(self, address: str) -> ServingProcess:
        """A gateway with an empty state."""
        items = self._folder / "items.jsonl"
        write_catalogue(self._export, items)
        config = self._folder / "gateway.yaml"
        settings = {
            "catalogue": str(items),
            "upstream": {"address": address},
            "storage": {
                "state": f"sqlite:///{self._folder / 'state.sqlite'}",
                "log": str(self._folder / "log"),
            },
            "limits": {"requests_per_second": 1_000_000},
        }
        config.write_text(json.dumps(settings))  # JSON is YAML
        flags = ("--config", str(config), "--port", "{port}")
        return ServingProcess("serving.gateway", flags, self._log)

    def put_events(self, address: str) -> float:
        """Sends the users' events; returns events per second."""
        started = time.perf_counter()
        for first in range(0, len(self._events), _EVENTS_A_CALL):
            batch = self._events[first : first + _EVENTS_A_CALL]
            _call(address, "POST", "/v1/events", {"events": batch})
        return len(self._events) / (time.perf_counter() - started)

    def measure_rounds(
        self, model: ServingProcess, gateway: ServingProcess, options
    ) -> list[dict]:
        """Measures model server and gateway in turn, at the same pace."""
        rounds = []
        for nth in range(options.rounds):
            logging.info("Measuring, round %d of %d", nth + 1, options.rounds)
            alone = model.put_under_load(
                self._requests, options.connections, options.seconds
            )
            whole = gateway.put_under_load(
                self._bodies,
                options.connections,
                options.seconds,
                "benchmarks.gateway.load",
            )
            rounds.append({"model_server": alone, "gateway": whole})
        return rounds

    def measure_freshness(self, address: str) -> list[float]:
        """Milliseconds from an acknowledged event to a slate without it."""
        times = []
        for user_id in self._users[:_NUM_FRESH]:
            asked = {"user_id": user_id, "k": _K}
            slate = _call(address, "POST", "/v1/recommendations", asked)
            taken = slate["items"][0]["item_id"]
            event = {"user_id": user_id, "item_id": taken, "value": 5.0}
            event["event_type"] = "rate"
            _call(address, "POST", "/v1/events", {"events": [event]})
            started = time.perf_counter()
            while taken in [item["item_id"] for item in slate["items"]]:
                slate = _call(address, "POST", "/v1/recommendations", asked)
            times.append(1e3 * (time.perf_counter() - started))
        return times


def run_benchmark(options: argparse.Namespace) -> dict:
    """Measures everything; see the module for the keys."""
    with tempfile.TemporaryDirectory() as folder:
        bench = GatewayBenchmark(find_export(options.model), Path(folder))
        with (
            bench.start_model_server() as model,
            bench.start_gateway(model.address) as gateway,
        ):
            rate = bench.put_events(gateway.address)
            rounds = bench.measure_rounds(model, gateway, options)
            fresh = bench.measure_freshness(gateway.address)
    logging.info("Killing a process that records events 100 times")
    kills = gateway_kills.measure()
    logging.info("Simulating the bandit")
    simulated = run_simulation()
    return {
        "requests_per_second_over_model_server": statistics.median(
            one["gateway"]["requests_per_second"]
            / one["model_server"]["requests_per_second"]
            for one in rounds
        ),
        "p99_ms": statistics.median(one["gateway"]["p99_ms"] for one in rounds),
        **kills,
        "bandit_gain_over_fixed": simulated["bandit_gain_over_fixed"],
        "freshness_ms": statistics.median(fresh),
        "freshness_ms_worst": max(fresh),
        "events_per_second_in_calls_of_1000": rate,
        "rounds": rounds,
        "simulation": simulated,
    }


def _list_events(data: Dataset, ids) -> list[dict]:
    """The latest events of all users, as the gateway's requests."""
    found, rows_of = data.interactions, {}
    for row, user in enumerate(found.users.tolist()):
        rows_of.setdefault(user, []).append(row)
    return [
        {
            "event_id": uuid.uuid4().hex,
            "user_id": f"user-{user}",
            "item_id": str(ids[found.items[row]]),
            "event_type": "rate",
            "timestamp": float(found.timestamps[row]),
            "value": float(found.values[row]),
        }
        for user, rows in rows_of.items()
        for row in rows[-_MAX_WINDOW:]
    ]


def _call(address: str, method: str, path: str, body: dict) -> dict:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request(
            method,
            path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(
                f"{method} {path} must be answered. Received: "
                f"{response.status} {answer[:500]!r}"
            )
        return json.loads(answer)
    finally:
        connection.close()


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--model", type=Path, default=_MODELS)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    measured = run_benchmark(options)
    if options.json:
        print(json.dumps(measured, indent=2))
        return
    for key, value in measured.items():
        if isinstance(value, int | float):
            print(f"{key}: {value:.4g}")
    for nth, one in enumerate(measured["rounds"], 1):
        for name, figures in one.items():
            print(
                f"round {nth} {name}: "
                f"{figures['requests_per_second']:.0f} requests/s, p50 "
                f"{figures['p50_ms']:.1f} ms, p99 {figures['p99_ms']:.1f} ms,"
                f" CPU {figures['server_cpu_ms']:.2f} ms a request,"
                f" errors {figures['errors']}"
            )


if __name__ == "__main__":
    main()
